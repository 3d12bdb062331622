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
# # The cliff
#
# What a base takes with it when it closes, who makes that good, and what it does to people. Ten minutes,
# in the *Corridor*, an invented country of eleven districts along two roads. Nothing in it is a forecast,
# and no place in it is real.

# %%
from IPython.display import Markdown

from sim import Scenario, compare
from sim.show import figures

REPLICATES = 60

case = Scenario.load("corridor")
case

# %% [markdown]
# ## Two worlds that differ in one thing
#
# `hasty` closes everything at once and tells nobody. Beside it always runs `none`, in which every base
# stays: *the same world*, with the same strengths at the start and the same chance events. Until the
# first closure the two are equal to the last bit. So whatever differs after it, the closures did.

# %%
result = compare(case, ["hasty", "border-first"], replicates=REPLICATES, seed=1)
figures.timeline(result)

# %% [markdown]
# ## The cliff
#
# *Protection* is the chance that an attack on civilians is met by somebody: by peacekeepers (blue) or,
# where they do not come, by state forces (brown). The dashed line is the matched world in which the base
# stays. The gap between the line and the colours is what the closure took: the **physical security
# cliff**.

# %%
figures.cliff(result, "hasty")

# %% [markdown]
# Two numbers describe a cliff. Its **depth** is how much protection the district lacks over the first
# thirteen weeks, beyond the matched world. Its **width** is how many weeks pass until four fifths of that
# are made good, if they ever are. The last columns say in how many worlds they were, and by whom.

# %%
table = result.cliff_summary[result.cliff_summary["schedule"] == "hasty"].set_index("base")
columns = ["mean_depth", "closures", "refilled", "refilled_by_un", "refilled_by_state", "mean_width"]
table[columns].sort_values("mean_depth", ascending=False).round(2)

# %% [markdown]
# The deepest cliff is not always the worst one. In the capital the mission adds much to the chance that
# an attack is met, but few are tried there. At the far end of the road a small post is all that there is.
#
# ## From protection to harm
#
# No rule says that violence rises where a base has closed. Groups learn: they see whether patrols come,
# and find out by attacking whether anybody answers. So harm follows protection late, and not everywhere.

# %%
figures.fan(result, "hasty")

# %% [markdown]
# Above, killed by month: middle line, bands for half and for nine in ten of the worlds, a few single
# ones. Below, the difference from the matched worlds, added up. It widens slowly: a closure is no
# explosion.
#
# Where does it happen?

# %%
figures.district_maps(result)

# %% [markdown]
# ## Is that much, or is it luck?
#
# Each dot below stands for equally many matched worlds. In some of them the closures cost many lives, in
# most of them fewer, in a few the number is negative: somebody who would have been killed where the base
# stays was elsewhere.

# %%
figures.differences(result)

# %%
d = result.difference("killed", "hasty")
Markdown(
    f"Under `hasty` more are killed in **{d.higher} of {d.runs}** worlds. In nine worlds in ten the "
    f"difference lies between {d.low:+,.0f} and {d.high:+,.0f}; its mean is {d.mean:+,.0f}. The mean of the "
    f"worst twentieth is {d.worst:+,.0f}: the average describes hardly any world."
)

# %% [markdown]
# ## What it hangs on
#
# Nearly everything that peacekeepers do in this model they do by coming when somebody calls. Take that
# away from *both* worlds and see what is left of the difference:

# %%
deaf = compare(case.without("un-answers"), ["hasty"], replicates=REPLICATES // 2, seed=1)
with_, without = result.difference("killed", "hasty"), deaf.difference("killed", "hasty")
Markdown(
    f"Mean excess with answers to alerts: **{with_.mean:+,.0f}**; in worlds in which no peacekeeper ever "
    f"answers one: **{without.mean:+,.0f}**."
)

# %% [markdown]
# `drawdown mechanisms` lists all that can be switched off. Next: [two plans
# compared](2_two_plans_compared.py).
