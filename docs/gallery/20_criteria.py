"""
Three ways to weigh harm
========================

A study varies what nobody knows. Mean harm, the worst twentieth of worlds, and the largest regret may
disagree; filled: cannot be told from the best.
"""

from sim.show.experiments import Analysis
from sim.show.figures import experiments
from sim.study.experiments.store import read

figure = experiments.criteria(Analysis.of(read("results/corridor-pace")))
