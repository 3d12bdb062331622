"""What bases protect at the start is what the rules of the first week make of them."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import small, unit, world_of

from sim import Scenario
from sim.agents import peacekeeper
from sim.arithmetic import exp
from sim.study.protection import Protection, of_bases


def by_the_rules(case: Scenario, base: str) -> tuple[float, float]:
    """Return presence and answer of one base for its district, from its own patrols before any alarm."""
    world = world_of(case)
    for u, row in enumerate(case.units):
        if row.base == base:
            peacekeeper.patrol(world, u)
    post = case.bases.index(base)
    own = world.communities["district"] == world.posts["district"][post]
    places = world.communities[own]
    need = world.parameters[0].place_need
    presence = [1.0 - exp(-c.un_patrols / (need * c.breadth)) for c in places]
    people = places["residents_best"] / places["residents_best"].sum()
    return float(people @ presence), float(people @ (1.0 - places["un_miss"]))


UNITS = (
    unit("foot", "alpha", base="Camp", strength=250, readiness=0.7),
    unit("wheels", "alpha", base="Camp", strength=600, posture="mobile"),
    unit("watch", "alpha", base="Camp", strength=12, kind="observers"),
    unit("police", "beta", kind="formed-police", strength=140, readiness=2.0),
    unit("platoon", "gamma", strength=20),
    unit("team", "gamma", kind="civilian-team", strength=8),
)


def test_every_base_does_what_the_rules_say() -> None:
    case = small(units=UNITS, schedules={})
    host = case.header.host.model_copy(update={"consent": 0.8})
    case = small(units=UNITS, schedules={}, header=case.header.model_copy(update={"host": host}))
    found = of_bases(case)
    assert [p.base for p in found] == ["Camp", "police", "platoon"]  # a team patrols nothing
    assert [p.troops for p in found] == [862, 140, 20]
    for p in found:
        assert (p.presence, p.answer) == pytest.approx(by_the_rules(case, p.base), rel=1e-6), p.base
        assert 0.0 < p.presence < 1.0
        assert 0.0 < p.answer < 1.0


def test_observers_answer_nobody_and_who_comes_later_protects_nobody_yet() -> None:
    case = small(units=(unit("watch", "alpha", kind="observers", strength=30),), schedules={})
    (watch,) = of_bases(case)
    assert watch.presence > 0.0 == watch.answer
    day = case.header.start.replace(year=case.header.start.year + 1)
    later = (*case.units, unit("later", "beta", opens=day))
    assert [p.base for p in of_bases(small(units=later, schedules={}))] == ["watch"]
    assert of_bases(small(units=(), schedules={})) == []


def protected(**changes: object) -> Protection:
    """Return what the post in alpha protects, with changes of its unit."""
    (found,) = of_bases(small(units=(unit("Alpha post", "alpha", **changes),), schedules={}))
    return found


def test_more_troops_protect_more_and_who_stands_beside_the_people_best() -> None:
    answers = [protected(strength=n).answer for n in (5, 50, 500)]
    assert answers == sorted(answers)
    assert answers[0] < 0.02 * answers[2]
    villages = small().districts[0]
    beside = protected(latitude=villages.latitude, longitude=villages.longitude)
    off = protected(latitude=villages.latitude + 1.0, longitude=villages.longitude + 1.0)
    assert off.answer < 0.2 * beside.answer
    assert np.isclose(protected().answer, beside.answer)  # without coordinates it stands in the town
