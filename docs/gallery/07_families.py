"""
Schedules made by a rule
========================

A family closes the bases of a case in an order and at a pace; no file is needed. Planned, before any
run.
"""

from sim import Scenario
from sim.show import schedules

case = Scenario.load("corridor")
plans = [case.schedule(name) for name in ("phased:3", "periphery-first", "capital-last")]
figure = schedules.figure(case, plans)
