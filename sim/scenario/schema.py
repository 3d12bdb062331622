"""What a scenario's files may contain, from the modules that say it: tables, header, schedule.

Unknown columns and keys are errors, so that a misspelt one cannot pass unnoticed.
"""

from sim.scenario.fields import SCHEDULED, Certainty, Row, Strict, plain_name
from sim.scenario.header import Header, Host, Money, People, Programme, Rules
from sim.scenario.schedule import (
    BENCHMARKS,
    CONTEXTUAL,
    CORE,
    NO_DRAWDOWN,
    REINFORCED,
    Acceleration,
    Action,
    Gate,
    Schedule,
    Slippage,
    Trigger,
)
from sim.scenario.tables import (
    FURTHER,
    OWN,
    TABLES,
    ArmedGroupRow,
    District,
    HumanitarianRow,
    PlaceRow,
    RecordRow,
    Route,
    Site,
    StateForceRow,
    Unit,
)

__all__ = [
    "BENCHMARKS",
    "CONTEXTUAL",
    "CORE",
    "FURTHER",
    "NO_DRAWDOWN",
    "OWN",
    "REINFORCED",
    "SCHEDULED",
    "TABLES",
    "Acceleration",
    "Action",
    "ArmedGroupRow",
    "Certainty",
    "District",
    "Gate",
    "Header",
    "Host",
    "HumanitarianRow",
    "Money",
    "People",
    "PlaceRow",
    "Programme",
    "RecordRow",
    "Route",
    "Row",
    "Rules",
    "Schedule",
    "Site",
    "Slippage",
    "StateForceRow",
    "Strict",
    "Trigger",
    "Unit",
    "plain_name",
]
