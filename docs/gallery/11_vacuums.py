"""
Where vacuums open, and for how long
====================================

Weeks in a security vacuum by district and half-year, mean over the worlds: an armed group is there, and
neither the mission nor the state would deter it.
"""

import matplotlib.pyplot as plt

from sim.study.load import load

result = load("results/corridor")

weeks = result.places.sel(measure="vacuum_weeks", schedule="hasty").mean("replicate")
starts = [str(day)[:7] for day in weeks["half_year"].values]

figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
drawn = axes.imshow(weeks.values.T, cmap="Oranges", vmin=0, vmax=26, aspect="auto")
axes.set_yticks(range(weeks.sizes["district"]), weeks["district"].values)
axes.set_xticks(range(len(starts)), starts)
axes.set_title("Under 'hasty', by half-year from", loc="left", fontsize=9)
figure.colorbar(drawn, label="weeks in a vacuum, of 26")
