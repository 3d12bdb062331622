"""A small case with its runs and its page, made once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from worlds import camps

from sim.explore import assumptions, content, runs
from sim.explore.assumptions import Assumption
from sim.explore.content import Content
from sim.explore.runs import Weeks
from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.study.compare import chosen


class Made(NamedTuple):
    """What a page of the small case is made from."""

    case: Scenario
    plans: Sequence[Schedule]
    assumptions: Sequence[Assumption]
    weeks: Sequence[Weeks]
    content: Content


@pytest.fixture(scope="session")
def made() -> Made:
    """Return the small case under two sets of assumptions, 24 worlds each."""
    case = camps(40)
    plans = chosen(case, None)
    tried = assumptions.all_of(case, ["deterrence"], 0)
    weeks = runs.collect(tried, plans, replicates=24, seed=3, threads=2)
    return Made(case, plans, tried, weeks, content.gather(case, plans, tried, weeks, seed=3))
