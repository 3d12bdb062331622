"""Compare ways to close peacekeeping bases: an agent-based simulation of drawdowns.

>>> from sim import Scenario, compare
>>> case = Scenario.load("drc-monusco")
>>> result = compare(case, replicates=50)
>>> result.summary
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from sim.model import DrawdownModel
    from sim.scenario import Action, Scenario, ScenarioError, Schedule
    from sim.study.compare import compare
    from sim.study.comparison import Comparison

__all__ = ["Action", "Comparison", "DrawdownModel", "Scenario", "ScenarioError", "Schedule", "compare"]


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first used, so that the command can be stopped from its start."""
    if name in ("Action", "Scenario", "ScenarioError", "Schedule"):
        from sim import scenario

        return getattr(scenario, name)
    if name in ("compare", "Comparison"):
        from sim.study import compare as study

        return getattr(study, name)
    if name == "DrawdownModel":
        from sim.model import DrawdownModel

        return DrawdownModel
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
