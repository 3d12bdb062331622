"""
The physical security cliff
===========================

The chance that an attack on civilians is met, by whom, around each closure (week 0). Dashed: the matched
world in which the base stays.
"""

from sim.show import figures
from sim.study.load import load

result = load("results/corridor")
figure = figures.cliff(result, "hasty")
