"""What a user writes: a case's folder, and the drawdown schedules to compare."""

from sim.scenario.case import COUNTERFACTUAL, Scenario, available, find
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import NO_DRAWDOWN, Action, Schedule

__all__ = [
    "COUNTERFACTUAL",
    "NO_DRAWDOWN",
    "Action",
    "Scenario",
    "ScenarioError",
    "Schedule",
    "available",
    "find",
]
