from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import army, relief, small, unit, world_of

from sim.agents import state_force as sf
from sim.ensemble import Ensemble
from sim.week import week


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


@given(st.floats(0, 1), st.floats(0, 0.7), st.floats(0, 1), st.floats(0, 0.15), st.floats(0, 60))
def test_effort_is_a_share_that_falls_with_crowding_out_and_arrears(
    will: float, crowding: float, presence: float, weight: float, arrears: float
) -> None:
    effort = sf.work_effort(will, crowding, presence, weight, arrears)
    assert 0.0 <= effort <= will + 1e-12
    assert sf.work_effort(will, crowding, 1.0, weight, arrears) <= effort + 1e-12
    assert sf.work_effort(will, crowding, presence, weight, arrears + 10) <= effort + 1e-12


def test_the_mission_crowds_out_the_state() -> None:
    big = (unit("Alpha post", "alpha", strength=5000),)

    def presence(units: tuple[object, ...], crowding_out: float) -> float:
        values = {"crowding_out": crowding_out}
        return float(
            runs(units=units, parameters=values, armed_groups=(), without=("mentoring",))["state_presence"][
                :, 5:, 0
            ].mean()
        )

    crowded, free, alone = presence(big, 0.7), presence(big, 0.0), presence((), 0.7)
    assert crowded < 0.6 * free
    assert alone == pytest.approx(free, rel=0.05)


def test_unpaid_units_work_less_and_abuse_more() -> None:
    never = {"pay_chance": 0.05, "arrears_weight": 0.1, "abuse_arrears": 0.2}
    always = {**never, "pay_chance": 0.3}
    assert runs(parameters=never)["state_presence"].mean() < runs(parameters=always)["state_presence"].mean()
    assert runs(parameters=never)["abuses"].mean() > 1.5 * runs(parameters=always)["abuses"].mean()


def test_discipline_and_oversight_restrain_abuse() -> None:
    def abuses(discipline: float, **more: object) -> float:
        forces = tuple(f.model_copy(update={"discipline": discipline}) for f in small().state_forces)
        return float(runs(state_forces=forces, **more)["abuses"].mean())

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


def test_units_move_into_gaps_late_or_never() -> None:
    # a threat in beta, three units in gamma
    forces = tuple(army(f"reg {i}", "gamma", will=1.0) for i in range(3))
    case = small(100, state_forces=forces)
    world = world_of(case)
    moved = None
    for number in range(100):
        world.districts[1].known_threat = 10.0
        world.districts[1].state_patrols = 0.0
        week(world, number)
        if moved is None and (world.state_forces["district"] == 1).any():
            moved = number
    assert moved is not None
    assert moved >= 2
    unwilling = small(100, state_forces=tuple(f.model_copy(update={"will": 0.0}) for f in forces))
    world = world_of(unwilling)
    for number in range(100):
        world.districts[1].known_threat = 10.0
        week(world, number)
    assert (world.state_forces["district"] == 2).all()


def test_police_stay_where_they_are() -> None:
    forces = (army("Police", "gamma", force="police", will=1.0),)
    world = world_of(small(60, state_forces=forces))
    for number in range(60):
        world.districts[1].known_threat = 10.0
        week(world, number)
    assert world.state_forces["district"][0] == 2


def test_the_gap_counts_what_the_mission_covers_only_if_the_state_leaves_it_the_work() -> None:
    world = world_of(small())
    week(world, 0)
    world.districts[0].known_threat = 1.0
    world.districts[0].un_presence = 1.0
    covered = sf.gap(world, 0)
    world.parameters[0].crowding_out = 0.0
    assert sf.gap(world, 0) > covered


def test_more_posts_are_nearer() -> None:
    world = world_of(small())
    world.state_forces[0].personnel = 100
    one = sf.way_to_post(world, 0, 6.0)
    world.state_forces[0].personnel = 900
    assert one == pytest.approx(6.0)
    assert sf.way_to_post(world, 0, 6.0) == pytest.approx(2.0)


def test_answers_fall_with_distance_and_with_effort() -> None:
    world = world_of(small())
    week(world, 0)
    near = sf.state_act_chance(world, 0, 0.0)
    assert 0 < sf.state_act_chance(world, 0, 5.0) < near <= 1
    world.state_forces[0].effort = 0.0
    assert sf.state_act_chance(world, 0, 0.0) == 0.0


def test_the_army_takes_ground_from_groups_and_police_do_not() -> None:
    def clashes(force: str) -> float:
        forces = tuple(f.model_copy(update={"force": force, "will": 1.0}) for f in small().state_forces)
        records = runs(
            state_forces=forces, parameters={"offensive_rate": 0.6, "contest_cost": 1.0, "contest_step": 0.05}
        )
        return float(records["clashes"].mean())

    assert clashes("army") > clashes("police")


def test_abuse_chance_is_capped_and_geometric_has_its_mean() -> None:
    world = world_of(small())
    week(world, 0)
    world.state_forces[0].personnel = 10**7
    assert sf.abuse_chance(world, 0) == 1.0
    u = (np.arange(20_000) + 0.5) / 20_000
    x = np.array([sf.geometric(v, 0.45) for v in u])
    assert x.mean() == pytest.approx(0.45, rel=0.02)
    assert sf.geometric(0.5, 0.0) == 0


def test_monitors_who_see_restrain_a_little() -> None:
    eyes = tuple(
        relief(f"{d} m", d, kind="monitor", staff=500, acceptance=1.0) for d in ("alpha", "beta", "gamma")
    )
    seen = runs(n=30, humanitarians=eyes, units=(), armed_groups=())["abuses"].mean()
    unseen = runs(n=30, humanitarians=(), units=(), armed_groups=())["abuses"].mean()
    assert seen < unseen
