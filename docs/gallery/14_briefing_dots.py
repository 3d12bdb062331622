"""
On the first page of a briefing
===============================

The dots of a briefing: at most as many as fit, with those beyond the axis counted. The same figures come
out in French: ``language("fr")``.
"""

from sim.brief import figures
from sim.brief.facts import Facts
from sim.brief.language import language
from sim.study.load import load

result = load("results/corridor")
figure = figures.dots(Facts.of(result), result, language("en"))
