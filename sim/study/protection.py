"""What the bases of a case protect at the start, before anything has happened."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sim.scenario.case import Scenario


class Protection(NamedTuple):
    """What one base does for its district by itself, in the dry season, before any alarm."""

    base: str
    district: str
    troops: int
    presence: float
    """0-1: how visible its patrols are in the district (`un_presence` of `sim.world.district`)."""
    answer: float
    """0-1: chance that it acts on an alert that reached it from the district's average inhabitant."""


def of_bases(case: Scenario) -> list[Protection]:
    """Return what each base that is there at the start does for its district.

    By the rules of `sim.agents.peacekeeper.patrol`, from the world as it is built: patrols thin out with
    travel time, and a way to the people weighs on the answer. Bases whose units have no troops free, or
    only a civilian team, are left out.
    """
    from sim.build import build

    if not case.units:
        return []
    world, _ = build(case, "none")
    p = world.parameters[0]
    day = case.header.start + timedelta(days=1)
    plan = case.schedule("none")
    result = []
    for base in case.bases:
        there = case.unit_strengths(plan, base, day)
        units = [u for u in case.units_at(base) if u.unit in there and u.kind != "civilian-team"]
        if not units:
            continue
        row = world.bases["district"][case.bases.index(base)]
        patrols, miss = 0.0, 1.0
        for u in units:
            far = p.mobile_reach if u.posture == "mobile" else 1.0
            near = [
                math.exp(-hours / (p.patrol_reach * far))
                for hours, d in zip(world.hours[0, row], world.near[row], strict=True)
                if d >= 0
            ]
            effort = u.strength / p.company_strength * p.patrols_per_company
            if u.kind == "observers":
                effort *= p.observer_patrols
            consent = case.header.host.consent
            patrols += effort * consent / sum(near)
            if u.kind != "observers":
                ready = p.un_act_chance * u.readiness * consent
                ready *= p.police_answer if u.kind == "formed-police" else 1.0
                way = math.exp(-world.districts["remoteness"][row] / (p.answer_reach * far))
                miss *= 1.0 - min(ready, 1.0) * way
        need = p.patrol_need * world.districts["breadth"][row]
        result.append(
            Protection(
                base, units[0].district, sum(there.values()), 1.0 - math.exp(-patrols / need), 1.0 - miss
            )
        )
    return result
