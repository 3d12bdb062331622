"""
Where vacuums open, and for how long
====================================

Every security vacuum of every world: a dot each, from the week it opens, by how long it lasts.
"""

import matplotlib.pyplot as plt

from sim.study.load import load

result = load("results/corridor")

vacuums = result.vacuums[result.vacuums["schedule"] == "hasty"]
places = vacuums["district"].value_counts().index[::-1]

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
for y, place in enumerate(places):
    own = vacuums[vacuums["district"] == place]
    axes.scatter(own["onset"], [y] * len(own), s=own["weeks"], alpha=0.25, lw=0)
axes.set_yticks(range(len(places)), places)
axes.set_title("Vacuums under 'hasty' by the week they open; area: weeks they last", loc="left", fontsize=9)
