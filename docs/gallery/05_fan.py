"""
How harm grows: a fan
=====================

Killed by month under one schedule, with single runs in it, and how all killed so far part from the
matched worlds.
"""

from sim.show import figures
from sim.study.load import load

result = load("results/corridor")
figure = figures.fan(result, "hasty")
