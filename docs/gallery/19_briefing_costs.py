"""
What it costs beside what it does
=================================

Reimbursements saved against more killed, a point a schedule. The same figures come out in French:
``language("fr")``.
"""

from sim.brief import figures
from sim.brief.facts import Facts
from sim.brief.language import language
from sim.study.load import load

result = load("results/corridor")
figure = figures.costs(Facts.of(result), result, language("en"))
