# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What matters
#
# The model has hundreds of parameters, and most are guesses. Which of them decide the answer? Ten
# minutes: one at a time, then all at once, and why the two disagree.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

from sim import Scenario, run_scenarios
from sim.influence import table
from sim.intervals import mean_interval
from sim.parameters import PARAMETERS

REPLICATES = 24
POINTS = 48

case = Scenario.load("corridor")

# %% [markdown]
# ## What is known already
#
# Each parameter was tried at both ends of its range in the case of eastern DRC. `level`: civilians killed
# where every base stays; `excess`: how many more if every base closes.

# %%
pd.DataFrame(
    [
        (name, PARAMETERS[name].meaning, PARAMETERS[name].certainty, i.words)
        for name, i in list(table().items())[:8]
    ],
    columns=["parameter", "meaning", "how sure", "from the low to the high end of its range"],
).set_index("parameter")

# %% [markdown]
# That is one case, at one point in time (`drawdown parameters` says if it is older than the rules). So
# measure it where you use it.
#
# ## One at a time
#
# `run_scenarios` takes a dictionary for each setting, as Mesa's `batch_run` does. Runs of one replicate
# are matched under every setting *and* schedule.

# %%
chosen = ["met_cost", "answer_reach", "telephone_chance", "recruit_rate", "attack_hurdle", "return_rate"]
settings = [{}] + [{name: end} for name in chosen for end in (PARAMETERS[name].low, PARAMETERS[name].high)]
runs = run_scenarios(case, settings, schedules=["hasty", "none"], replicates=REPLICATES)
runs.head(3)[["point", "schedule", "replicate", "killed"]]

# %%
wide = runs.pivot(index=["point", "replicate"], columns="schedule", values="killed")
excess = (wide["hasty"] - wide["none"]).unstack("replicate").to_numpy()  # settings x replicates

axes = plt.figure(figsize=(7.5, 3.6), layout="constrained").subplots()
low, high = mean_interval(excess[0])
axes.axvspan(low, high, color="0.9")
for y in range(len(chosen)):
    for end, tint in ((1, "#0072B2"), (2, "#D55E00")):  # rows of the low and of the high end
        values, at = excess[2 * y + end], y - 0.24 + 0.16 * end
        axes.plot(mean_interval(values), [at, at], color=tint, lw=2)
        axes.plot(values.mean(), at, "o", color=tint, ms=5)
axes.axvline(0, color="0.5", lw=0.8)
axes.set_yticks(range(len(chosen)), chosen)
axes.invert_yaxis()
axes.set_xlabel("killed under 'hasty' beyond 'none': mean and its 95 % interval")
axes.set_title("blue: low end of the range, orange: high end; grey: at the defaults", fontsize=9, loc="left")
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Lines that overlap the grey cannot be told from the defaults *with so few runs*. That a parameter
# matters is easily shown; that it does not takes many more runs. And each line answers a question that
# nobody has: what if I were wrong about this one, and right about all others?
#
# ## All at once
#
# Draw all of them together over their ranges, a Latin hypercube, and look at what goes with the excess.

# %%
rng = np.random.default_rng(1)
cube = stats.qmc.LatinHypercube(len(chosen), rng=rng).random(POINTS)
lows, highs = (np.array([getattr(PARAMETERS[n], end) for n in chosen]) for end in ("low", "high"))
points = [dict(zip(chosen, map(float, row), strict=True)) for row in lows + cube * (highs - lows)]
together = run_scenarios(case, points, schedules=["hasty", "none"], replicates=4)
wide = together.pivot(index=["point", "replicate"], columns="schedule", values="killed")
many = (wide["hasty"] - wide["none"]).groupby("point").mean()
stayed = wide["none"].groupby("point").mean()

# %%
panels = plt.figure(figsize=(9, 4.6), layout="constrained").subplots(2, 3, sharey=True).flat
for axes, name in zip(panels, chosen, strict=True):
    x = np.array([p[name] for p in points])
    rho, p = stats.spearmanr(x, many)
    axes.plot(x, many, "o", ms=4, alpha=0.7)
    axes.axhline(0, color="0.6", lw=0.8)
    axes.set_yscale("symlog", linthresh=30)
    axes.set_title(
        f"{name}\nrank correlation {rho:+.2f}" + ("" if p < 0.05 / len(chosen) else " (could be chance)"),
        fontsize=9,
    )
    axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## Signs are steadier than sizes

# %%
spread = np.quantile(many, [0.1, 0.5, 0.9])
share = np.median(many / stayed.clip(lower=1))
print(f"Excess under 'hasty': one draw in ten below {spread[0]:,.0f}, half below {spread[1]:,.0f},")
print(f"one in ten above {spread[2]:,.0f}; in the middle {share:.0%} of those killed under 'none'.")
print(f"More killed than under 'none' in {(many > 0).sum()} of {POINTS} draws.")

# %% [markdown]
# So report the sign, in how many draws it holds, and the parameters that go with the size; not the size.
#
# For a study that varies dozens of parameters, rival rules and switches, is safe against power cuts and
# says what is robust, write one file: [studies](../docs/studies.md). What the record leaves open of the
# parameters is the next notebook.
