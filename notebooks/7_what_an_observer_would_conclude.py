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
# # What an observer would conclude
#
# After real closures there is no matched world. There is a record, and an estimator: did recorded
# violence rise where bases closed, more than where they stayed? Here the truth is known, so the estimator
# can be judged. And so can the record, because whoever counts leaves with the base.

# %%
from datetime import timedelta

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown

from sim import Action, Scenario, Schedule, measures
from sim.ensemble import Ensemble
from sim.intervals import mean_interval
from sim.study.patterns import closure_changes

REPLICATES = 100
YEAR = 52

case = Scenario.load("corridor")

# %% [markdown]
# ## Four bases close, the others stay
#
# A year and a half in, at intervals of four weeks. The districts in which bases stay serve the observer
# as controls.

# %%
bases = ["Frontier", "Ridge", "Plateau", "Lakeside"]
days = [case.header.start + timedelta(weeks=78 + 4 * i) for i in range(len(bases))]
plan = Schedule(
    name="four-close",
    title="Four bases close",
    actions=tuple(Action(do="close", base=base, on=day) for base, day in zip(bases, days, strict=True)),
)
closing = measures.closures(case, plan)[["district", "week"]].to_numpy()

closed = Ensemble(case, plan).run(seed=1, first=0, count=REPLICATES).records
stayed = Ensemble(case, "none").run(seed=1, first=0, count=REPLICATES).records
closed.shape  # worlds, weeks, districts

# %% [markdown]
# ## The observer, and the truth
#
# The observer's estimator is the one that has been used on real closures: log(1 + recorded deaths) in the
# year after, less the year before, less the same in districts whose bases stay (difference in
# differences). The truth is log(1 + deaths) in the year after, less the same in the matched world.

# %%


def observed(records, deaths, closing):
    """Return the observer's estimate in each world: mean over closures."""
    counts = measures.summed(records, deaths)
    found = []
    for r in range(len(records)):
        own, control = closure_changes(counts[r], closing, records[r]["un_troops"] > 0, YEAR)
        found.append((own - control).mean())
    return np.array(found)


def true(records, matched, closing):
    """Return the true change in each world, by the same measure."""
    a, b = (measures.summed(x, measures.KILLED) for x in (records, matched))
    changes = [
        np.log1p(a[:, week : week + YEAR, d].sum(axis=1)) - np.log1p(b[:, week : week + YEAR, d].sum(axis=1))
        for d, week in closing
    ]
    return np.mean(changes, axis=0)


def shown(rows, title):
    """Draw twenty quantile dots for each named array, its mean, and the interval of that."""
    axes = plt.figure(figsize=(8, 0.9 + 0.6 * len(rows)), layout="constrained").subplots()
    for y, values in enumerate(rows.values()):
        axes.plot(np.quantile(values, (np.arange(20) + 0.5) / 20), [y] * 20, "o", alpha=0.5)
        axes.plot(mean_interval(values), [y, y], color="black", lw=2)
        axes.plot(values.mean(), y, "|", color="black", ms=16)
    axes.axvline(0, color="0.6", lw=0.8)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xlabel("change in log(1 + deaths); black: mean and its 95 % interval")
    axes.spines[["top", "right"]].set_visible(False)


truth = true(closed, stayed, closing)
by_record = observed(closed, measures.RECORDED, closing)
by_all = observed(closed, measures.KILLED, closing)
shown(
    {"truth": truth, "observer, had all deaths been recorded": by_all, "observer, by the record": by_record},
    "The same closures in the same worlds",
)

# %% [markdown]
# Three rows, three things to see. How far the dots of an observer spread: *one* real history is one of
# these dots. How far the black line of the second row is from the first: that is the estimator. How far
# the third is from the second: that is the record.

# %%
share = {
    name: measures.summed(x, measures.RECORDED).sum() / measures.summed(x, measures.KILLED).sum()
    for name, x in (("bases stay", stayed), ("four close", closed))
}
recorded, killed = (
    measures.summed(closed, m).sum() - measures.summed(stayed, m).sum()
    for m in (measures.RECORDED, measures.KILLED)
)
misled = np.mean((truth > 0) & (by_record < 0))
Markdown(
    f"On record: {share['bases stay']:.0%} of all killed where bases stay, {share['four close']:.0%} where "
    f"four close, and {recorded / killed:.0%} of what the closures added. In {misled:.0%} of the worlds harm "
    "truly rose, and the observer would report a fall."
)

# %% [markdown]
# ## Placebo 1: nothing closes
#
# The same estimator, the same places and dates, in worlds in which every base stays. A sound estimator
# says zero on average.

# %%
placebo = observed(stayed, measures.RECORDED, closing)
shown(
    {"observer, by the record": by_record, "placebo: nothing closed": placebo},
    "What the observer sees where there is nothing to see",
)

# %%
low, high = mean_interval(placebo)
least, most = np.quantile(placebo, [0.05, 0.95])
by_chance = max(np.mean(placebo >= truth.mean()), 1 / REPLICATES)
Markdown(
    f"The placebo's mean is {placebo.mean():+.2f} ({low:+.2f} to {high:+.2f}), and nine of its dots in ten "
    f"lie between {least:+.2f} and {most:+.2f}. With no closure at all one history in {1 / by_chance:.0f} "
    f"gives an estimate as large as the true mean ({truth.mean():+.2f})."
)

# %% [markdown]
# ## Placebo 2: bases close where it is quiet
#
# Missions prefer to close quiet bases. So choose for each of the four districts the end of its quietest
# year on record, and pretend that the base closed then. Nothing closes; what is measured is what choosing
# does.

# %%
counts = measures.summed(stayed, measures.RECORDED)
last = case.weeks - YEAR
quiet = []
for r in range(REPLICATES):
    before = np.array([counts[r, week - YEAR : week].sum(axis=0) for week in range(YEAR, last)])
    quietest = YEAR + before[:, closing[:, 0]].argmin(axis=0)
    own = np.column_stack([closing[:, 0], quietest])
    quiet.append(observed(stayed[r : r + 1], measures.RECORDED, own)[0])
chosen = np.array(quiet)
shown(
    {"placebo: dates as planned": placebo, "placebo: chosen for being quiet": chosen},
    "Nothing closes in either",
)

# %%
low, high = mean_interval(chosen)
verdict = (
    "which cannot be told from zero with so many worlds"
    if low <= 0 <= high
    else "though nothing closed: what is quiet today is seldom as quiet a year later, or has been so for long"
)
Markdown(f"Mean {chosen.mean():+.2f} ({low:+.2f} to {high:+.2f}), {verdict}.")

# %% [markdown]
# ## What to take from it
#
# - A study of real closures that finds nothing has not shown that they do nothing: see how wide one
#   observer's dots are.
# - A record that falls quiet after a closure is what one would see *in either case*.
# - Compare by the same number of deaths, and try the estimator where nothing happened, before believing
#   it where something did.
#
# The same is done for five worlds, with the closures that a mission would choose, on
# [the validation page](../experiments/validation/validation.md).
