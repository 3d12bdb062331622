from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import army, rates, row, small, unit, world_of

from sim.agents import state_force as sf
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import district
from sim.world.codes import Force, Standing


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


def test_units_move_into_gaps_late_or_never() -> None:
    # a threat in beta, three units in gamma
    forces = tuple(army(f"reg {i}", "gamma", will=1.0) for i in range(3))
    case = small(100, state_forces=forces)
    world = world_of(case)
    moved = None
    for number in range(100):
        world.districts[1].known_to_state = 10.0
        world.districts[1].state_patrols = 0.0
        week(world, number)
        if moved is None and (world.state_forces["district"] == 1).any():
            moved = number
    assert moved is not None
    assert moved >= 2
    unwilling = small(100, state_forces=tuple(f.model_copy(update={"will": 0.0}) for f in forces))
    world = world_of(unwilling)
    for number in range(100):
        world.districts[1].known_to_state = 10.0
        week(world, number)
    assert (world.state_forces["district"] == 2).all()


def test_police_stay_where_they_are() -> None:
    forces = (army("Police", "gamma", force="police", will=1.0),)
    world = world_of(small(60, state_forces=forces))
    for number in range(60):
        world.districts[1].known_to_state = 10.0
        week(world, number)
    assert world.state_forces["district"][0] == 2


def test_the_gap_counts_what_the_mission_covers_only_if_the_state_leaves_it_the_work() -> None:
    here = row(district.TABLE, known_to_state=1.0, un_presence=1.0, state_presence=0.5)
    p = rates(cover_weight=0.4, crowding_out=0.5)
    assert sf.gap(here, p) == pytest.approx(1.0 - 0.4 * (0.5 + 0.5))
    assert sf.gap(here, rates(cover_weight=0.4, crowding_out=0.0)) == pytest.approx(0.8)


def test_more_posts_are_nearer() -> None:
    p = rates(post_size=100.0)
    assert sf.way_to_post(row(sf.TABLE, personnel=100), 6.0, p) == pytest.approx(6.0)
    assert sf.way_to_post(row(sf.TABLE, personnel=900), 6.0, p) == pytest.approx(2.0)
    assert sf.way_to_post(row(sf.TABLE, personnel=900), 6.0, rates(post_size=900.0)) == pytest.approx(6.0)


def test_answers_fall_with_distance_and_with_effort_and_rise_with_capability() -> None:
    p = rates(state_act_chance=0.4, untrained_answer=0.5, protection_answer=1.5)
    able = row(sf.TABLE, effort=1.0, capability=1.0)
    assert sf.act_chance(able, 0.0, p) == pytest.approx(0.4)
    assert sf.act_chance(able, p.state_answer_reach, p) == pytest.approx(0.4 * np.exp(-1.0))
    assert sf.act_chance(row(sf.TABLE, effort=0.5, capability=1.0), 0.0, p) == pytest.approx(0.2)
    assert sf.act_chance(row(sf.TABLE, effort=1.0), 0.0, p) == pytest.approx(0.2)
    special = row(sf.TABLE, effort=1.0, capability=1.0, force=Force.PROTECTION)
    assert sf.act_chance(special, 0.0, p) == pytest.approx(0.6)
    assert sf.act_chance(row(sf.TABLE), 0.0, p) == 0.0


def test_units_of_the_state_spare_groups_that_stand_with_it() -> None:
    p = rates(pro_government_answer=0.2)
    assert [sf.leniency(s, p) for s in Standing] == [
        0.2 if s == Standing.PRO_GOVERNMENT else 1.0 for s in Standing
    ]


def test_mentors_raise_what_units_can_do_and_abuse_costs_their_support() -> None:
    p = rates(mentor_rate=0.02, mentor_ceiling=0.7, mentor_decay=0.01, due_diligence=2.0)

    def after(weeks: int, capability: float = 0.3, **here: float) -> float:
        unit = row(sf.TABLE, capability=capability, own_capability=0.3)
        place = row(district.TABLE, **here)
        for _ in range(weeks):
            sf.learn(unit, place, p)
        return float(unit.capability)

    assert after(500, mentors=1.0) == pytest.approx(0.7, abs=0.01)
    assert after(500, mentors=1.0, known_abuse=5.0) < 0.35
    assert after(500, police_mentors=1.0) == pytest.approx(0.3)  # police do not mentor an army
    assert after(500, capability=0.7) == pytest.approx(0.3, abs=0.01)  # what was learned fades


def test_a_unit_serves_where_it_is_posted() -> None:
    p = rates()
    here = row(district.TABLE, state_miss=1.0)
    unit = row(sf.TABLE, personnel=400, capability=0.5, will=0.8, force=Force.POLICE)
    sf.serve(unit, here, p)
    assert unit.effort == pytest.approx(0.8)
    assert (here.police, here.soldiers, here.state_strength) == (400, 0, 0.0)
    assert here.policing == pytest.approx(400 * 0.5 * 0.8)
    assert here.state_patrols == pytest.approx(4 * p.state_patrols_per_100 * 0.5 * 0.8)
    assert here.state_miss == pytest.approx(1.0 - sf.act_chance(unit, 0.0, p))


@given(st.integers(0, 2**40), st.floats(0, 1))
def test_a_row_is_a_view_compiled_and_plain(personnel: int, will: float) -> None:
    """What a rule writes to a row stands in the table, and both engines write the same bits."""
    learn = getattr(sf.serve, "py_func", sf.serve)
    tables = []
    for serve in (sf.serve, learn):
        units, places = sf.TABLE.empty(2), district.TABLE.empty(2)
        unit, here = units[1], places[1]
        unit.personnel, unit.will, unit.capability, here.un_presence = personnel, will, 0.3, 0.7
        serve(unit, here, rates())
        assert units[1].effort == unit.effort
        assert places[1].state_patrols == here.state_patrols
        assert units[0].effort == places[0].state_patrols == 0.0
        tables.append((units.tobytes(), places.tobytes()))
    assert tables[0] == tables[1]


def test_the_army_takes_ground_from_groups_and_police_do_not() -> None:
    def clashes(force: str) -> float:
        forces = tuple(f.model_copy(update={"force": force, "will": 1.0}) for f in small().state_forces)
        records = runs(
            state_forces=forces, parameters={"offensive_rate": 0.6, "contest_cost": 1.0, "contest_step": 0.05}
        )
        return float(records["clashes"].mean())

    assert clashes("army") > clashes("police")
