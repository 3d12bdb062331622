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
# # What we do not know
#
# Four kinds of not knowing, and which of them an interval holds: chance, parameters, rules, and what is
# in no rule at all.

# %%
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown

from sim import Scenario, compare
from sim.parameters import PARAMETERS
from sim.study import draws
from sim.study.evidence import evidence

REPLICATES = 60

case = Scenario.load("corridor")


def more(result, schedule="hasty"):
    """Return the killed of each world beyond those of its matched world, sorted."""
    killed = result.totals.sel(metric="killed")
    return np.sort((killed.sel(schedule=schedule) - killed.sel(schedule="none")).values)


def shown(rows, title):
    """Draw quantile dots, a row for each named array: twenty dots, each worth a twentieth of the worlds."""
    axes = plt.figure(figsize=(7.5, 0.9 + 0.6 * len(rows)), layout="constrained").subplots()
    for y, values in enumerate(rows.values()):
        axes.plot(np.quantile(values, (np.arange(20) + 0.5) / 20), [y] * 20, "o", alpha=0.6)
        axes.plot(values.mean(), y, "|", color="black", ms=22)
    axes.axvline(0, color="0.6", lw=0.8)
    axes.set_xscale("symlog", linthresh=100)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_title(title, fontsize=9, loc="left")
    axes.spines[["top", "right"]].set_visible(False)


# %% [markdown]
# ## 1 Chance
#
# With one set of parameters worlds still differ: who is strong at the start, which faction goes to war,
# whether a patrol passes in time.

# %%
as_it_is = compare(case, ["hasty"], replicates=REPLICATES, seed=1)
shown(
    {"chance alone": more(as_it_is)},
    "More killed under 'hasty' than in the same world under 'none'; line: mean",
)

# %% [markdown]
# More runs pin down the *mean* of these dots, and leave the dots where they are. That interval is the
# narrowest of all numbers, and it says nothing of whether the parameters are right.
#
# ## 2 Parameters
#
# How many of them does a source give the size of?

# %%
pd.Series(Counter(p.certainty for p in PARAMETERS.values()), name="parameters").sort_values(
    ascending=False
).to_frame()

# %% [markdown]
# *Plausible worlds* are draws of parameters under which the simulated record looks enough like the real
# one (history matching and approximate Bayesian computation over several cases). Each matched world gets
# another draw, the same under every schedule:

# %%
print(draws.stale() or draws.rough() or "The draws belong to these rules.")
plausible = compare(case, ["hasty"], replicates=REPLICATES, seed=1, parameters="plausible")
shown(
    {"chance alone": more(as_it_is), "chance and parameters": more(plausible)},
    "More killed under 'hasty' than in the same world under 'none'; line: mean",
)

# %%
a, b = (r.difference("killed", "hasty") for r in (as_it_is, plausible))
Markdown(
    f"Nine worlds in ten: {a.low:+,.0f} to {a.high:+,.0f} by chance alone, {b.low:+,.0f} to {b.high:+,.0f} "
    f"with plausible parameters: **{(b.high - b.low) / (a.high - a.low):.1f} times as wide**. More killed in "
    f"{a.higher} and in {b.higher} of {REPLICATES} worlds."
)

# %% [markdown]
# And with which parameters does the difference go? The page says it where it is beyond chance:

# %%
for line in plausible.sentences()[:3]:
    print("-", line, "\n")

# %% [markdown]
# ## 3 Rules
#
# Where the literature disagrees there are rival forms of a rule. No interval above holds this.

# %%
rivals = {
    "as it is": as_it_is,
    "who wins a fight: Lanchester": compare(
        case.with_rules(contest="lanchester"), ["hasty"], replicates=REPLICATES // 2, seed=1
    ),
    "whom groups target: expected cost": compare(
        case.with_rules(target="expected-cost"), ["hasty"], replicates=REPLICATES // 2, seed=1
    ),
    "no campaigns": compare(case.without("campaigns"), ["hasty"], replicates=REPLICATES // 2, seed=1),
}
shown({name: more(r) for name, r in rivals.items()}, "The same comparison under rival rules")

# %% [markdown]
# ## 4 What is in no rule
#
# Coups, invasions, peace agreements, money that runs out in a capital. They have no dots. Nor have the
# tables of a case that somebody estimated:

# %%
known = evidence(Scenario.load("drc-monusco"))
print(f"Eastern DRC: {known.weak_rows} of {known.rows} rows of its tables are estimated or remembered.")
print(f"All cases: {known.guesses} of {known.parameters} parameters are guesses.")
print(f"Confidence, by the rule of sim/study/evidence.py: {known.rating}.")

# %% [markdown]
# ## What to say
#
# - The number in how many *plausible* worlds it is worse, before any mean.
# - That the mean's interval holds chance alone, where it does.
# - Under which rival rules the answer was tried, and whether it held.
# - What is in no rule, in a sentence. [What is missing](../docs/mechanisms.md) and [the model
#   card](../docs/model-card.md) have the list.
