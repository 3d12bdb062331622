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
# # Your own case
#
# A case is a folder of plain tables. This notebook makes one, changes it row by row, makes a mistake on
# purpose, and ends with a schedule of your own. It writes into the folder that you are in
# (`scenarios/my-case`).

# %%
import shutil
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from sim import Action, Scenario, ScenarioError, Schedule, compare
from sim.scenario.template import start
from sim.show import figures
from sim.study.plausible import remarks

REPLICATES = 60

home = Path("scenarios")
shutil.rmtree(home / "my-case", ignore_errors=True)  # so that the notebook can be run again
folder = start("my-case", home)
sorted(p.name for p in folder.iterdir())

# %% [markdown]
# The same from a shell is `drawdown new my-case`. It begins as the invented Corridor, so it runs at once;
# the README in it explains every column. From public maps and tables of bases a case is made by `drawdown
# import` (docs/making-a-case.md).
#
# ## Who is where

# %%
case = Scenario.load(folder)
pd.DataFrame(
    [(d.id, d.name, d.population, d.area_km2) for d in case.districts],
    columns=["id", "name", "people", "km2"],
)

# %%
pd.read_csv(folder / "units.csv")[["unit", "base", "district", "kind", "strength"]]

# %% [markdown]
# ## Change a row
#
# Say the base at the Mines is twice as strong in your country.

# %%
units = pd.read_csv(folder / "units.csv", keep_default_na=False, dtype=str)
at_mines = units["base"] == "Mines"
units.loc[at_mines, "strength"] = [str(2 * int(n)) for n in units.loc[at_mines, "strength"]]
units.to_csv(folder / "units.csv", index=False)
stronger = Scenario.load(folder)
(
    sum(u.strength for u in stronger.units if u.base == "Mines"),
    sum(u.strength for u in case.units if u.base == "Mines"),
)

# %% [markdown]
# ## Make a mistake
#
# A district that is not there, a typo in a number: each ends in one sentence that says file, line, value,
# and what to do. Nothing is guessed.

# %%
whole = (folder / "units.csv").read_text(encoding="utf-8")
(folder / "units.csv").write_text(whole.replace(",mines,", ",mine,", 1), encoding="utf-8")
try:
    Scenario.load(folder)
except ScenarioError as error:
    print(error)
finally:
    (folder / "units.csv").write_text(whole, encoding="utf-8")

# %% [markdown]
# What is odd without being wrong comes as a remark (`drawdown check my-case` prints these). Each is
# mended, or defended in the README.

# %%
for remark in remarks(stronger):
    print("-", remark)

# %% [markdown]
# ## A schedule of your own
#
# As a file it is `schedules/NAME.toml`; from Python it is this. Close the Mines after a year, told to
# people thirteen weeks before.

# %%
day = stronger.header.start + timedelta(weeks=52)
mine = Schedule(
    name="mines-close",
    title="The Mines close after a year",
    actions=(Action(do="close", base="Mines", on=day, announced=day - timedelta(weeks=13)),),
)
assert isinstance(mine.actions[0].on, date)
result = compare(stronger, [mine], replicates=REPLICATES, seed=1)
figures.cliff(result, "mines-close")

# %% [markdown]
# ## What did twice the troops change?
#
# The same closure where the base is as strong as the Corridor has it: more to lose, or more to spare?

# %%
weaker = compare(case, [mine], replicates=REPLICATES, seed=1)
pd.DataFrame(
    {
        name: {
            "protection lost, 0-1": r.cliffs["depth"].mean(),
            "killed, more than where it stays": r.difference("killed", "mines-close").mean,
            "more killed in, % of worlds": 100 * r.difference("killed", "mines-close").higher / r.replicates,
        }
        for name, r in (("as it was", weaker), ("twice as strong", result))
    }
).round(2)

# %%
figures.district_maps(result, periods=2)

# %% [markdown]
# Your own case has its own truth to be held against: write what sources say of people, troops and
# closures into `record.csv`, and `drawdown check` compares. Then [deciding](../docs/deciding.md) tells
# how to get from there to a comparison that you can defend.
