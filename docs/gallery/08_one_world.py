"""
One world
=========

What happens in a single run: the killed by whom, the displaced, who controls, and vacuums. It says
nothing of what to expect.
"""

from sim import Scenario
from sim.show import figures

case = Scenario.load("corridor")
model = case.model("hasty", seed=1, replicate=3).run()
figure = figures.run(case, model.schedule, model.world, model.week)
