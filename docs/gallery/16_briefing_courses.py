"""
When the difference begins
==========================

How the difference in all killed so far grows: half and nine in ten of the worlds. The same figures come
out in French: ``language("fr")``.
"""

from sim.brief import figures
from sim.brief.facts import Facts
from sim.brief.language import language
from sim.study.load import load

result = load("results/corridor")
figure = figures.courses(Facts.of(result), result, language("en"))
