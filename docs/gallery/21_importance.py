"""
What matters in a study
=======================

How much each uncertain number says about the harm of the worst schedule. A bar in the grey could be
noise.
"""

from sim.show.experiments import Analysis
from sim.show.figures import experiments
from sim.study.experiments.store import read

figure = experiments.importance(Analysis.of(read("results/corridor-pace")))
