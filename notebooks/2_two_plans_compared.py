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
# # Two plans compared
#
# A mission in the (invented) Corridor will lose nine bases, one every eight weeks. Headquarters asks:
# begin at the border, or at the coast? Somebody adds: and what if a mobile force takes over? Ten minutes
# from the question to an answer that can be defended, which may be *we cannot tell*.

# %%
import pandas as pd
from IPython.display import Markdown

from sim import Scenario, compare
from sim.show import figures, schedules

REPLICATES = 80

case = Scenario.load("corridor")

# %% [markdown]
# ## 1 What differs between the plans
#
# Before any run, in words. Two plans that differ in five things cannot be told apart by one number.

# %%
for other in ("coast-first", "regroup", "hasty"):
    print(schedules.differences(case, case.schedule("border-first"), case.schedule(other)), "\n")

# %% [markdown]
# ## 2 Say what you expect
#
# Write it down now, with numbers: is *coast-first* worse than *border-first*? In how many of a hundred
# worlds? You will be tempted later to have known it.
#
# ## 3 Run all of them over the same worlds

# %%
plans = ["border-first", "coast-first", "regroup", "hasty"]
result = compare(case, plans, replicates=REPLICATES, seed=1)
figures.timeline(result)

# %%
figures.differences(result)

# %% [markdown]
# Each dot is worth equally many worlds, each against *its own* matched world. Spread within a row is
# luck: which faction went to war when. Differences between rows look small beside it. But the rows are
# matched, too, so compare them pair by pair and not by eye.
#
# ## 4 Which can be told apart?

# %%
rows = []
for a in plans:
    for b in plans:
        if plans.index(a) < plans.index(b):
            d = result.difference("killed", a, against=b)
            interval = f"{d.mean_low:+,.0f} to {d.mean_high:+,.0f}"
            rows.append((f"{a} - {b}", f"{d.higher} of {d.runs}", round(d.mean, 1), interval))
pd.DataFrame(rows, columns=["pair", "more killed in", "mean", "95 % interval of the mean"]).set_index("pair")

# %% [markdown]
# Six pairs were just looked at. With six looks one in twenty is no longer one in twenty, so the printed
# page judges all pairs together (Holm) before it ranks anything:

# %%
Markdown("\n".join(f"- {line}" for line in result.sentences()))

# %% [markdown]
# ## 5 Is there another outcome by which the order turns?
#
# An answer by the killed alone leaves most deaths out.

# %%
outcomes = ["killed", "excess_deaths", "killed_by_criminals", "fled", "vacuum_weeks", "troop_weeks"]
pd.DataFrame(
    {name: {o: round(result.difference(o, name).mean) for o in outcomes} for name in plans}
).T.rename_axis("mean, against none")

# %% [markdown]
# ## 6 What if bases close on a benchmark instead of on a day?
#
# A schedule can also be made by a rule. `phased:3` closes in three steps; `gated` waits at each closure
# until the record is quiet.

# %%
made = compare(case, ["phased:3", "gated:3", "hasty"], replicates=REPLICATES, seed=1)
figures.differences(made)

# %% [markdown]
# A gate looks at the *record*, and the record knows only what somebody wrote down: see [what an observer
# would conclude](7_what_an_observer_would_conclude.py). And a plan that waits closes less in the time
# that is simulated, which is part of its advantage:

# %%
figures.timeline(made)

# %% [markdown]
# ## What to report
#
# 1. Which pairs can be told apart, and in how many worlds. Never a ranking of pairs that cannot.
# 2. What the killed leave out.
# 3. What it hangs on ([what matters](5_what_matters.py)) and what nobody knows ([what we do not
#    know](6_what_we_do_not_know.py)).
#
# Your expectation from step 2: was it right?
