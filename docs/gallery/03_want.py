"""
The same by another outcome
===========================

Deaths of want instead of the killed. Any metric of ``sim.measures.METRICS`` can be drawn; a ranking by
the killed alone leaves most deaths out.
"""

from sim.show import figures
from sim.study.load import load

result = load("results/corridor")
figure = figures.differences(result, "excess_deaths")
