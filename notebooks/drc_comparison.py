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
# # Had MONUSCO closed its bases in another order
#
# MONUSCO closed 21 bases in the Kivus and Ituri between March 2016 and January 2021. This notebook
# compares what follows in simulated worlds if they close as they did, in six months, quiet ones first,
# hot spots first, or if the whole mission leaves: always against the *same* worlds in which the bases
# stay.
#
# These are comparisons between simulated worlds, not forecasts of places. Most of the model's
# parameters are guesses with a range. The last part shows what becomes of a result when one of
# them changes.
#
# Open it in JupyterLab with `pip install 'drawdown[notebook]'`: right-click the file, *Open With*,
# *Notebook*.

# %%
import pandas as pd

from sim import Scenario, compare
from sim.show import figures

REPLICATES = 100

case = Scenario.load("drc-monusco")
case

# %% [markdown]
# ## The schedules
#
# They close the same bases, apart from `full-exit`, which ends the mission at the end of 2017.

# %%
result = compare(case, replicates=REPLICATES, seed=1)
figures.timeline(result)

# %% [markdown]
# ## What the runs say
#
# Every run of a schedule is matched with the run of `none` that has the same number. Until the first
# closure the two are identical; after it they share every chance event. The dots are the
# differences.

# %%
for sentence in result.sentences():
    print("-", sentence, "\n")

# %%
figures.differences(result)

# %% [markdown]
# The orders of closing differ little among themselves, compared with leaving altogether. Where does
# the excess come from?

# %%
figures.district_maps(result)

# %%
killed = result.places.sel(measure="killed").sum("half_year").mean("replicate")
excess = (killed - killed.sel(schedule="none")).drop_sel(schedule="none")
table = excess.to_pandas().T.round(0).astype(int)
table.sort_values("actual", ascending=False).head(8)

# %% [markdown]
# Half of the excess under `actual` lies in Walikale, which is large, hard to reach by road, and lost all
# the bases it had in 2017. Most of the rest lies in Masisi, where groups are strong; it lost three of its
# bases and kept others, so patrols and answers go on, from farther away.
#
# ## What an observer would have seen
#
# The model keeps two books: harm, and the harm that somebody recorded. Observers leave with the bases.

# %%
rows = []
for name in [n for n in result.names if n != "none"]:
    true, recorded = result.difference("killed", name), result.difference("recorded_killed", name)
    rows.append(
        {"schedule": name, "true": true.mean, "recorded": recorded.mean, "share": recorded.mean / true.mean}
    )
pd.DataFrame(rows).set_index("schedule").round({"true": 0, "recorded": 0, "share": 2})

# %% [markdown]
# With no drawdown about half of those killed enter the record. Of the *excess*, only about a third does,
# because it lies where nobody is left to write it down. Who evaluates a drawdown by recorded violence would
# underestimate what it did, in these worlds.
#
# ## The cliff after a closure
#
# For each closure: the protection its district loses (chance that an attack is met, 0-1) beyond what it
# loses in the matched run of `none`; in how many of the runs four fifths of that were made good, and
# after how many weeks.

# %%
cliffs = result.cliffs[result.cliffs["schedule"] == "actual"]
closures = cliffs.groupby(["district", "base"], sort=False)
pd.DataFrame(
    {
        "before": closures["before"].mean().round(2),
        "lost": closures["depth"].mean().round(3),
        "made good in share of runs": closures["width"].agg(lambda w: w.notna().mean()).round(2),
        "median weeks until then": closures["width"].median(),
    }
)

# %% [markdown]
# ## One world
#
# A single run says nothing about what to expect. It shows how the actors get to where they end.

# %%
from sim.show.chronicle import Chronicle

story = Chronicle.of(case.model("actual", seed=1, replicate=3, events=True).run())
print(story.text(25))

# %% [markdown]
# ## How much rests on a guess
#
# `met_cost` says how much being met by peacekeepers or soldiers costs an armed group. No source gives
# its size. Here it is at half, once, and twice its default, on the same worlds.

# %%
rows = []
for met_cost in (1.0, 2.0, 4.0):
    changed = case.with_parameters(met_cost=met_cost)
    other = compare(changed, ["actual", "full-exit"], replicates=REPLICATES // 2)
    for name in ("actual", "full-exit"):
        d = other.difference("killed", name)
        interval = f"{d.mean:+,.0f} ({d.mean_low:+,.0f} to {d.mean_high:+,.0f})"
        rows.append({"met_cost": met_cost, "schedule": name, "excess": interval})
pd.DataFrame(rows).pivot(index="met_cost", columns="schedule", values="excess")

# %% [markdown]
# The sign stays, the size does not. That is how every number here should be read: as what follows from
# these rules and these values, in comparison, and no further.
