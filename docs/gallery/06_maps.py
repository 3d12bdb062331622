"""
Where, and when
===============

More killed a year per 100,000 people, by district and period. White: the runs cannot tell it from
nothing.
"""

from sim.show import figures
from sim.study.load import load

result = load("results/corridor")
figure = figures.district_maps(result)
