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
# # Your own rule
#
# Every actor in the model is a Mesa agent that can be subclassed in plain Python. Here armed groups learn
# a new habit, and the question is not whether it changes the world (it does) but whether it changes what
# a *closure* does.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from sim import Scenario, compare
from sim.agents.armed_group import ArmedGroup, Choice

REPLICATES = 6

case = Scenario.load("corridor")

# %% [markdown]
# ## What a group does in a week
#
# It musters, observes, decides, prepares and acts. `decide` leaves one of six words in `choice`:

# %%
[choice.name for choice in Choice]

# %% [markdown]
# In the model as it is a group weighs what it may gain against the chance to be met, and may still attack
# where that chance is high. **Cautious** groups have a hard limit: above one chance in twenty they do not
# attack, whatever there is to gain.

# %%


class Cautious(ArmedGroup):
    """Attacks only where it gives less than one chance in twenty to being met."""

    limit = 0.05

    def decide(self) -> None:
        super().decide()  # the rule as it stands
        if self.choice == Choice.ATTACK and self.expects_to_be_met() > self.limit:
            self.choice = Choice.LIE_LOW


# %% [markdown]
# ## One world, twice
#
# Both models see the same chance events, so whatever differs the rule did.

# %%
as_it_is = case.model("hasty", seed=1, replicate=0).run()
cautious = case.model("hasty", seed=1, replicate=0, agents=[Cautious]).run()
axes = plt.figure(figsize=(7, 3), layout="constrained").subplots()
for model, name in ((as_it_is, "as it is"), (cautious, "cautious")):
    killed = model.history().groupby("date")["killed_by_groups"].sum()
    axes.plot(killed.cumsum(), label=name)
closes = min(action.on for action in case.schedule("hasty").actions)
axes.axvline(closes, color="0.6", lw=0.8, ls="--")
axes.set_title("Civilians killed by armed groups so far; dashed: bases close", fontsize=9, loc="left")
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# An agent is a view of one row of the world's tables: its attributes read and write the row. What do
# groups believe at the end?

# %%
beliefs = pd.DataFrame(
    [
        (g.name, model_name, g.fighters, g.expects_to_be_met())
        for model, model_name in ((as_it_is, "as it is"), (cautious, "cautious"))
        for g in model.armed_groups
        if g.fighters >= 10
    ],
    columns=["group", "rule", "fighters", "expects to be met"],
)
beliefs.pivot_table(index="group", columns="rule").round(2)

# %% [markdown]
# ## Does it change what closing does?
#
# Give the class to `compare`: the same measures, over Mesa runs. They are many times slower than the
# compiled ensemble, so these are few, and few runs have no interval.

# %%
both = {
    "as it is": compare(case, ["hasty"], replicates=REPLICATES, seed=1),
    "cautious": compare(case, ["hasty"], replicates=REPLICATES, seed=1, agents=[Cautious]),
}
pd.DataFrame(
    {
        name: {
            "killed under none": float(r.totals.sel(schedule="none", metric="killed").mean()),
            "killed under hasty": float(r.totals.sel(schedule="hasty", metric="killed").mean()),
            "more, mean": r.difference("killed", "hasty").mean,
            "more in": f"{r.difference('killed', 'hasty').higher} of {r.replicates}",
        }
        for name, r in both.items()
    }
)

# %% [markdown]
# Each dot is a matched world: to the right of zero the closures cost lives.

# %%
axes = plt.figure(figsize=(7, 1.8), layout="constrained").subplots()
for y, (_, r) in enumerate(both.items()):
    more = r.totals.sel(metric="killed", schedule="hasty") - r.totals.sel(metric="killed", schedule="none")
    axes.plot(more, [y] * r.replicates, "o", alpha=0.7)
axes.axvline(0, color="0.6", lw=0.8)
axes.set_yticks(range(len(both)), list(both))
axes.set_ylim(-0.5, len(both) - 0.5)
axes.set_title(
    "Civilians killed under 'hasty', minus the same world in which bases stay", fontsize=9, loc="left"
)
axes.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Two habits to take along:
#
# - **Compare the differences, not the totals.** A world with other groups is another world under every
#   schedule.
# - **Keep what you override small.** Call `super()`, change one thing, and the rest still learns and
#   remembers as before.
#
# What each agent can override stands in [the ODD](../docs/ODD.md#3-process-overview-and-scheduling). For
# thousands of runs a rule has to be compiled: that is a function of ten lines in `sim/agents/`, see
# [changing the model](../docs/changing-the-model.md).
