"""
What each base is worth
=======================

By the tables of a case alone, before any run: how visible a base's patrols are in its district, and how
often it stops an attack of which it hears.
"""

import matplotlib.pyplot as plt

from sim import Scenario
from sim.study.protection import of_bases

bases = of_bases(Scenario.load("drc-monusco"))

figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
axes.scatter(
    [b.presence for b in bases], [b.answer for b in bases], s=[b.troops / 10 for b in bases], alpha=0.6
)
for b in bases:
    if b.troops > 800:
        axes.annotate(b.base, (b.presence, b.answer), fontsize=7)
axes.set(xlabel="presence, 0-1", ylabel="chance to stop an attack of which it hears, 0-1")
axes.set_title("Bases in eastern DRC; area: troops", loc="left", fontsize=9)
