"""Compare ways to close peacekeeping bases: an agent-based simulation of drawdowns.

>>> from sim import Scenario, compare
>>> case = Scenario.load("drc-monusco")
>>> result = compare(case, replicates=50)
>>> result.summary
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from sim.model import DrawdownModel
    from sim.scenario import Action, Scenario, ScenarioError, Schedule
    from sim.study.compare import compare
    from sim.study.comparison import Comparison
    from sim.study.experiments.experiment import Experiment
    from sim.study.experiments.sweep import run_scenarios, sweep

__all__ = [
    "Action",
    "Comparison",
    "DrawdownModel",
    "Experiment",
    "Scenario",
    "ScenarioError",
    "Schedule",
    "compare",
    "run_scenarios",
    "sweep",
]

_STANDS_IN = {
    "Action": "sim.scenario",
    "Comparison": "sim.study.comparison",
    "DrawdownModel": "sim.model",
    "Experiment": "sim.study.experiments.experiment",
    "Scenario": "sim.scenario",
    "ScenarioError": "sim.scenario",
    "Schedule": "sim.scenario",
    "compare": "sim.study.compare",
    "run_scenarios": "sim.study.experiments.sweep",
    "sweep": "sim.study.experiments.sweep",
}


def __getattr__(name: str) -> Any:
    """Import what somebody asks for when it is first used: Numba, Mesa and pandas take a second or two."""
    if name not in _STANDS_IN:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_STANDS_IN[name]), name)


def __dir__() -> list[str]:
    """Return what there is to import, for those who look or complete names."""
    return [*__all__, "__version__"]
