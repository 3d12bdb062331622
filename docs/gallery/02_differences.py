"""
Who is worse off: quantile dots
===============================

Each dot stands for equally many matched worlds: civilians killed under a schedule, minus the same world
in which every base stays. Right of zero the schedule cost lives.
"""

from sim.show import figures
from sim.study.load import load

result = load("results/corridor")
figure = figures.differences(result)
