"""
Two plans, world by world
=========================

Matched worlds let two schedules be compared pair by pair: above the line 'hasty' costs more lives than
'border-first' in the same world.
"""

import matplotlib.pyplot as plt
import numpy as np

from sim.study.load import load

result = load("results/corridor")

killed = result.totals.sel(metric="killed") - result.totals.sel(metric="killed", schedule="none")
d = result.difference("killed", "hasty", against="border-first")

figure, axes = plt.subplots(figsize=(4.5, 4.2), layout="constrained")
axes.plot(killed.sel(schedule="border-first"), killed.sel(schedule="hasty"), "o", alpha=0.6)
ends = np.array([killed.min(), killed.max()])
axes.plot(ends, ends, color="0.6", lw=0.8)
axes.set(xlabel="'border-first', more than if all stay", ylabel="'hasty', more than if all stay")
axes.set_title(f"hasty more in {d.higher} of {d.runs} worlds", loc="left", fontsize=9)
