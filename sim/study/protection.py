"""What the bases of a case protect at the start, before anything has happened."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.world.attack import BAND

if TYPE_CHECKING:
    from sim.scenario.case import Scenario
    from sim.scenario.schema import Unit


class Protection(NamedTuple):
    """What one base does for its district by itself, in the dry season, before any alarm.

    Means over the places of its district, by their people.
    """

    base: str
    district: str
    troops: int
    presence: float
    """0-1: how visible its patrols are (`un_presence` of `sim.world.district`)."""
    answer: float
    """0-1: chance that it stops an attack by 100 fighters of which it hears."""


def of_bases(case: Scenario) -> list[Protection]:
    """Return what each base that is there at the start does for its district.

    By the rules of `sim.agents.peacekeeper.patrol`, from the world as it is built, in plain Python so that
    nothing waits for compilation: patrols and answers thin out on the way to each place. Bases with only a
    civilian team are left out.
    """
    from sim.build import build

    if not case.units:
        return []
    world, _ = build(case, "none")
    p = world.parameters[0]
    day = case.header.start + timedelta(days=1)
    plan = case.schedule("none")
    result = []
    for post, base in enumerate(case.bases):
        there = case.unit_strengths(plan, base, day)
        units = [u for u in case.units_at(base) if u.unit in there and u.kind != "civilian-team"]
        if not units:
            continue
        count = world.posts["count"][post]
        places, hours = world.reach[post, :count], world.way[0, post, :count]
        patrols, miss = np.zeros(count), np.ones(count)
        for u in units:
            far = p.mobile_reach if u.posture == "mobile" else 1.0
            left = np.exp(-hours / (p.patrol_reach * far))
            effort = u.strength / p.company_strength * p.patrols_per_company * case.header.host.consent
            if u.kind == "observers":
                effort *= p.observer_patrols
            patrols += effort * left * left / left.sum()
            miss *= 1.0 - _acts(u, case.header.host.consent, p) * np.exp(-hours / (p.answer_reach * far))
        presence = 1.0 - np.exp(-patrols / (p.place_need * world.communities["breadth"][places]))
        district = world.posts["district"][post]
        own = world.communities["district"] == district
        people = np.where(own, world.communities["residents_best"], 0.0)
        share = people[places] / max(people.sum(), 1.0)  # places beyond its reach have none of it
        result.append(
            Protection(
                base,
                units[0].district,
                sum(there.values()),
                float(share @ presence),
                float(share @ (1.0 - miss)),
            )
        )
    return result


def _acts(unit: Unit, consent: float, p: np.record) -> float:
    """Return the chance (0-1) that a unit stops an attack by 100 fighters at its door."""
    if unit.kind == "observers":
        return 0.0
    ready = p.un_act_chance * unit.readiness * consent
    ready *= p.police_answer if unit.kind == "formed-police" else 1.0
    at_hand = 1.0 - math.exp(-unit.strength / p.company_strength / p.ready_companies)
    party = p.soldier_worth * min(unit.strength, max(p.patrol_least, p.patrol_share * unit.strength))
    against = min(BAND, p.attackers)
    return float(min(ready, 1.0) * at_hand * party / (party + against))
