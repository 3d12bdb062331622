"""
When bases close, and what is left
==================================

A row a base: under which schedule it closes when. Below, the troops that each schedule leaves.
"""

from sim.show import figures
from sim.study.load import load

result = load("results/corridor")
figure = figures.timeline(result)
