"""What a user writes: a case's folder, and the drawdown schedules to compare."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    """Import what somebody asks for when it is first used: a case needs all rules, an error none."""
    if name in __all__:
        for module in ("errors", "schema", "case"):
            found = vars(import_module(f"sim.scenario.{module}"))
            if name in found:
                return found[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
