"""
Where, over the whole run
=========================

A map a schedule: killed beyond every base staying, a year per 100,000 people. The same figures come out
in French: ``language("fr")``.
"""

from sim.brief import figures
from sim.brief.facts import Facts
from sim.brief.language import language
from sim.study.load import load

result = load("results/corridor")
figure = figures.places(Facts.of(result), result, language("en"))
