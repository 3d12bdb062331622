"""
A map of a case
===============

Districts as cells around their middles (outlines are drawn where a case has them), coloured by any
value.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm

from sim import Scenario
from sim.show import maps

case = Scenario.load("drc-monusco")
people = np.array([d.population / d.area_km2 for d in case.districts])

figure, axes = plt.subplots(figsize=(5.5, 5.5), layout="constrained")
norm = LogNorm(people.min(), people.max())
drawn = maps.draw(axes, case.districts, people, cmap="YlGnBu", norm=norm, labels=True)
figure.colorbar(drawn, label="people a km2", shrink=0.6)
