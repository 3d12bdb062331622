"""
Near or far, and by whom
========================

The difference split by how far from the closed base, and by who killed; means with their intervals. The
same figures come out in French: ``language("fr")``.
"""

from sim.brief import figures
from sim.brief.facts import Facts
from sim.brief.language import language
from sim.study.load import load

result = load("results/corridor")
figure = figures.parts(Facts.of(result), result, language("en"))
