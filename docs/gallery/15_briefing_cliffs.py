"""
Protection around closures, all at once
=======================================

The mean over all closures of a schedule, by who protects, against the matched worlds. The same figures
come out in French: ``language("fr")``.
"""

from sim.brief import figures
from sim.brief.facts import Facts
from sim.brief.language import language
from sim.study.load import load

result = load("results/corridor")
figure = figures.cliffs(Facts.of(result), result, language("en"))
