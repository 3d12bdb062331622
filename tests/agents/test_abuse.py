from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import rates, relief, row, small, unit, world_of

from sim.agents import abuse, community, state_force
from sim.ensemble import Ensemble
from sim.study.eventlog import event_log
from sim.week import week
from sim.world import district
from sim.world.host import HOST

SHARE = st.floats(0, 1)


def runs(
    n: int = 12,
    schedule: str = "none",
    weeks: int = 80,
    parameters: dict[str, float] | None = None,
    without: tuple[str, ...] = (),
    **changes: object,
):
    case = small(weeks, **changes)
    case = type(case)(**{**case.__dict__, "schedules": {}}).with_parameters(**(parameters or {}))
    case = case.without(*without)
    return Ensemble(case, schedule).run(1, 0, n).records


@given(SHARE, SHARE, SHARE)
def test_a_mission_tied_to_the_government_watches_less_and_monitors_as_much(
    un: float, monitors: float, alignment: float
) -> None:
    here = row(district.TABLE, un_presence=un, monitors=monitors)
    assert abuse.watched(here, 0.0) == pytest.approx(1 - (1 - un) * (1 - monitors))
    assert monitors - 1e-12 <= abuse.watched(here, alignment) <= abuse.watched(here, 0.0) + 1e-12
    assert abuse.watched(here, 1.0) == pytest.approx(monitors)


def test_what_makes_a_unit_abuse_civilians() -> None:
    p = rates(abuse_rate=0.2, oversight=0.5, accountability=0.4, vote_abuse=0.5, abuse_arrears=0.05)

    def chance(
        host: dict[str, float] | None = None, here: dict[str, float] | None = None, **unit: float
    ) -> float:
        force = row(state_force.TABLE, **{"personnel": 500, **unit})
        place, government = row(district.TABLE, **(here or {})), row(HOST, **(host or {}))
        return float(abuse.abuse_chance(force, place, government, p))

    assert chance() == pytest.approx(0.2)
    assert chance(personnel=250) == pytest.approx(0.1)
    assert chance(discipline=0.75) == pytest.approx(0.05)
    assert chance(arrears=20.0) == pytest.approx(0.4)
    assert chance(here={"monitors": 1.0}) == pytest.approx(0.1)
    assert chance(here={"un_presence": 1.0}, host={"alignment": 1.0}) == pytest.approx(0.2)
    assert chance(here={"organisation": 1.0}) == pytest.approx(0.12)
    assert chance(host={"vote": 1.0}) == pytest.approx(0.3)
    assert chance(personnel=10**7) == 1.0


def test_a_community_resents_what_was_done_to_it() -> None:
    p = rates(abuse_trust_loss=0.2, abuse_grievance=0.1)
    place = row(community.TABLE, trust_state=0.5, grievance=0.4)
    abuse.resent(place, 3, p)
    assert place.trust_state == pytest.approx(0.4)
    assert place.grievance == pytest.approx(0.46)
    assert place.shock == pytest.approx(p.shock_abuse + 3 * p.shock_death)


def test_the_log_says_how_well_the_rule_took_units_to_be_watched() -> None:
    case = small(60)
    host = case.header.host.model_copy(update={"alignment": 1.0})
    case = small(
        60,
        header=case.header.model_copy(update={"host": host}),
        units=tuple(unit(f"{d} u", d, strength=5000) for d in ("alpha", "beta", "gamma")),
        humanitarians=(),
        schedules={},
    ).with_parameters(abuse_rate=0.5)
    log, _ = event_log(case, "none", seed=1, replicate=0)
    abused = log[log["kind"] == "abuse by state forces"]
    assert len(abused) > 3
    assert (abused["watched"] == 0.0).all()  # by nobody but a mission that looks away


def test_units_that_are_paid_late_work_less_and_abuse_more() -> None:
    def run(arrears: float) -> np.ndarray:
        forces = tuple(f.model_copy(update={"arrears_weeks": arrears}) for f in small().state_forces)
        return runs(state_forces=forces, parameters={"arrears_weight": 0.1, "abuse_arrears": 0.2}, weeks=40)

    late, paid = run(20.0), run(1.0)
    assert late["state_presence"].mean() < paid["state_presence"].mean()
    assert late["abuses"].mean() > 1.5 * paid["abuses"].mean()


def test_the_less_discipline_the_more_an_incident_kills() -> None:
    def deaths(discipline: float) -> float:
        world = world_of(small(armed_groups=(), humanitarians=()))
        week(world, 0)
        unit = world.state_forces[0]
        unit.discipline, unit.personnel = discipline, 10**6  # enough for an incident every week
        people = int(world.communities["residents"].sum())
        world.districts["abuses"] = 0
        for draw in range(1000):
            world.keys[0] = np.uint64(draw + 1)
            abuse.prey(world, 0)
        incidents = int(world.districts["abuses"].sum())
        assert incidents == 1000
        return (people - int(world.communities["residents"].sum())) / incidents

    p = rates()
    for discipline in (0.0, 0.5, 0.9):
        assert deaths(discipline) == pytest.approx(p.abuse_deaths * (1 - discipline), abs=0.1)


def test_discipline_and_oversight_restrain_abuse() -> None:
    def abuses(discipline: float, **more: object) -> float:
        forces = tuple(f.model_copy(update={"discipline": discipline}) for f in small().state_forces)
        return float(runs(state_forces=forces, without=("operations",), **more)["abuses"].mean())

    assert abuses(1.0) == 0.0
    assert abuses(0.0) > abuses(0.5) > 0
    watched = abuses(0.2, units=tuple(unit(f"{d} u", d, strength=20_000) for d in ("alpha", "beta", "gamma")))
    alone = abuses(0.2, units=())
    assert 0.5 * alone < watched < alone  # a little: troops do not stop state forces


def test_predatory_state_harms_and_loses_trust() -> None:
    wolves = tuple(
        f.model_copy(update={"discipline": 0.0, "will": 0.0, "arrears_weeks": 40.0})
        for f in small().state_forces
    )
    case = small(80, state_forces=wolves, armed_groups=())
    model = case.model("none", seed=1).run()
    assert model.world.record["killed_by_state"].sum() > 0
    assert model.world.record["state_presence"][10:].max() == 0.0  # it protects nobody
    trust = [c.trust_state for c in model.communities]
    assert np.mean(trust) < 0.4
    assert np.mean([c.grievance for c in model.communities]) > 0.3


def test_monitors_who_see_restrain_a_little() -> None:
    eyes = tuple(
        relief(f"{d} m", d, kind="monitor", staff=500, acceptance=1.0) for d in ("alpha", "beta", "gamma")
    )
    seen = runs(n=30, humanitarians=eyes, units=(), armed_groups=())["abuses"].mean()
    unseen = runs(n=30, humanitarians=(), units=(), armed_groups=())["abuses"].mean()
    assert seen < unseen


def test_commanders_differ_about_the_same_mean_and_are_the_same_under_every_schedule() -> None:
    p = rates(command_spread=1.0)
    n = 20_000
    lets_pass = np.array([abuse.licence((i + 0.5) / n, p) for i in range(n)])
    assert lets_pass.mean() == pytest.approx(1.0, rel=0.01)
    assert np.log(lets_pass).std() == pytest.approx(1.0, rel=0.01)
    assert abuse.licence(0.3, rates(command_spread=0.0)) == 1.0

    def commanders(schedule: str) -> list[float]:
        model = small(60).with_parameters(command_weeks=26.0).model(schedule)
        seen = []
        for _ in range(60):
            model.step()
            seen += [float(x) for x in model.world.state_forces["licence"]]
        return seen

    under_none = commanders("none")
    assert len(set(under_none)) > 3
    assert commanders("close-alpha") == under_none


def test_a_unit_preys_as_its_commander_lets_it() -> None:
    p = rates(abuse_rate=0.1)
    place, government = row(district.TABLE), row(HOST)
    strict, lax = (row(state_force.TABLE, personnel=500, discipline=0.5, licence=x) for x in (0.5, 2.0))
    chances = [float(abuse.abuse_chance(unit, place, government, p)) for unit in (strict, lax)]
    assert chances == pytest.approx([0.025, 0.1])
