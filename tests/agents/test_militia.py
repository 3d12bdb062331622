from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import PEOPLES, army, district, rates, row, small, unit, world_of

from sim import Scenario
from sim.agents import militia
from sim.agents.community import TABLE as COMMUNITIES
from sim.ensemble import Ensemble
from sim.world.attack import resistance
from sim.world.district import TABLE as DISTRICTS


def quarrel(weeks: int = 60, tension: float = 0.8, **changes: object) -> Scenario:
    """Return a district in which two peoples quarrel and nobody else is."""
    start: dict[str, object] = {
        "districts": (district("alpha", identities=PEOPLES, tension=tension, communities=5),),
        "routes": (),
        "armed_groups": (),
        "state_forces": (),
        "humanitarians": (),
        "units": (),
        "schedules": {},
    }
    return small(weeks, **{**start, **changes})


def raids(case: Scenario, n: int = 30) -> np.ndarray:
    return Ensemble(case, "none").run(1, 0, n).records["raids"].sum(axis=(1, 2))


def test_communities_attack_each_other_only_where_they_differ_and_quarrel() -> None:
    assert raids(quarrel()).mean() > 1.0
    alone = (district("alpha", identities=(("Farmers", 1.0),), tension=0.8),)
    assert raids(quarrel(districts=alone)).sum() == 0
    assert raids(quarrel(districts=(district("alpha", tension=0.8),))).sum() == 0
    assert raids(quarrel(tension=0.0).without("elections")).sum() == 0


def test_more_tension_more_raids() -> None:
    assert raids(quarrel(tension=0.9)).sum() > 1.5 * raids(quarrel(tension=0.3)).sum()


def test_peacekeepers_police_and_mediators_calm() -> None:
    free = raids(quarrel()).sum()
    for kind in ("infantry", "formed-police", "civilian-team"):
        watched = quarrel(units=(unit("Post", "alpha", kind=kind, strength=2000),))
        assert raids(watched).sum() < 0.8 * free, kind
        assert raids(watched.without("calming", "un-answers")).sum() > 0.8 * free, kind


def test_victims_take_revenge() -> None:
    plain = quarrel(tension=0.3).with_parameters(raid_rate=0.2, raid_revenge=0.0)
    assert raids(plain.with_parameters(raid_revenge=8.0)).sum() > 1.1 * raids(plain).sum()


def test_victims_are_of_another_people_and_people_are_conserved() -> None:
    model = quarrel(weeks=40).with_parameters(raid_rate=0.2).model("none", seed=4, events=True).run()
    log = model.events()
    attacks = log[log["kind"] == "attack of one community on another"]
    assert len(attacks) > 0
    names = model.names["communities"]
    identity = model.world.communities["identity"]
    for attack in attacks.itertuples():
        assert identity[names.index(attack.actor)] != identity[names.index(attack.other)]
    assert model.census() == model.people_at_start
    killed = model.history()["killed_by_militias"].sum()
    assert killed == attacks["killed"].sum() == model.world.ledger[0].civilians_killed


def test_tension_arms_and_revenge_bring_raids_and_others_calm_them() -> None:
    p = rates()

    def likely(season: int = 1, *, armed: int = 0, anger: float = 0.0, **place: float) -> float:
        here = row(DISTRICTS, **({"tension": 0.5} | place))
        return militia.raid_chance(row(COMMUNITIES, militia=armed, anger=anger), here, season, p)

    assert likely() == pytest.approx(0.5 * p.raid_rate * p.raid_unarmed)
    assert likely(tension=0.0) == 0.0
    assert likely(armed=int(p.raid_band)) == pytest.approx(0.5 * p.raid_rate * (1 + p.raid_unarmed) / 2)
    assert likely(anger=1.0) == likely(anger=9.0) == pytest.approx((1 + p.raid_revenge) * likely())
    assert likely(0) == pytest.approx((1 + p.raid_dry) * likely())
    for calming in ("un_presence", "police_presence", "mediation"):
        assert likely(**{calming: 1.0}) == pytest.approx((1 - p.raid_calmed) * likely())


@pytest.mark.parametrize("tension", [0.0, 0.8])
def test_who_is_afraid_and_alone_would_arm(tension: float) -> None:
    p = rates()

    def wanted(**values: float) -> float:
        usual = {"residents": 100_000, "organisation": 0.5, "fear": 0.4}
        return militia.militia_wanted(row(COMMUNITIES, **(usual | values)), tension, p)

    assert wanted() == pytest.approx(100_000 * p.militia_share * max(0.4, tension))
    assert wanted(organisation=1.0) == pytest.approx(2 * wanted())
    assert wanted(trust_state=0.5, trust_un=0.2) == pytest.approx(0.5 * wanted())
    assert wanted(trust_un=1.0) == 0.0


def test_self_defence_needs_fear_and_distrust() -> None:
    def armed(fear: float, trust: float) -> int:
        world = world_of(quarrel(tension=0.0))
        world.communities["fear"] = fear
        world.communities["trust_un"] = world.communities["trust_state"] = trust
        for week in range(200):
            world.clock[0].week = week
            world.keys[0] = week
            militia.arm(world, 0)
        return int(world.communities[0].militia)

    assert armed(0.0, 0.0) == 0
    assert armed(1.0, 1.0) == 0
    people = world_of(quarrel()).communities[0].residents
    full = militia.PARAMETERS[0].default * people  # organisation one half counts once
    assert armed(1.0, 0.0) == pytest.approx(full, rel=0.05)
    assert 0 < armed(0.5, 0.5) < armed(1.0, 0.0)


def test_self_defence_dissolves_when_fear_has_gone() -> None:
    world = world_of(quarrel(tension=0.0))
    world.communities[0].militia = 400
    world.communities["fear"] = 0.0
    for week in range(300):
        world.clock[0].week = week
        world.keys[0] = week
        militia.arm(world, 0)
    assert world.communities[0].militia < 10


def test_a_militia_holds_off_its_share_of_an_attack() -> None:
    assert resistance(0, 100) == 0.0
    assert resistance(100, 100) == 0.5
    assert resistance(1e9, 100) == pytest.approx(1.0)


def test_armed_people_are_attacked_less_and_lose_fewer() -> None:
    case = small(60, units=(), state_forces=()).with_parameters(attack_effort=0.6)
    with_, without = (
        Ensemble(c, "none").run(1, 0, 30).records["killed_by_groups"].sum()
        for c in (case.with_parameters(militia_share=0.03), case.without("self-defence"))
    )
    assert with_ < 0.95 * without


def test_an_election_or_hate_speech_moves_nobody_who_lives_among_their_own() -> None:
    record = Ensemble(small(40), "none").run(1, 0, 2).records
    assert record["tension"][:, :, 2].max() == 0.0
    assert record["tension"][:, :, 0].max() > 0.5


def test_hate_speech_raises_tension_where_media_are_not_free() -> None:
    case = replace(small(60), state_forces=(army("1st", "alpha"),))
    case = case.with_parameters(hate_rate=0.1).without("elections", "communal-violence")
    heard = Ensemble(case, "none").run(1, 0, 4).records["tension"][:, -1, 0]
    silent = Ensemble(case.without("hate-speech"), "none").run(1, 0, 4).records["tension"][:, -1, 0]
    assert (heard >= silent).all()
    assert (heard > silent + 0.1).sum() >= 3  # a group that never has enough does not pay for it
