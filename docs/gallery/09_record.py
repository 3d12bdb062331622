"""
What the record shows of it
===========================

Each dot is a matched world: what the closures truly added, and what of that an observer wrote down. On
the line all would be recorded.
"""

import matplotlib.pyplot as plt
import numpy as np

from sim.study.load import load

result = load("results/corridor")

more = result.totals.sel(schedule="hasty") - result.totals.sel(schedule="none")
true, recorded = (more.sel(metric=m) for m in ("killed", "recorded_killed"))

figure, axes = plt.subplots(figsize=(4.5, 4.2), layout="constrained")
axes.plot(true, recorded, "o", alpha=0.6)
ends = np.array([min(0, true.min()), true.max()])
axes.plot(ends, ends, color="0.6", lw=0.8)
axes.set(xlabel="more killed than if every base stays", ylabel="more killed on record")
