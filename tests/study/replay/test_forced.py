"""Incidents happen as given, and nothing else does; people react by the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim import Scenario
from sim.study.replay.forced import Incident, Replay, emptied

HERE, THERE = "lowlands", "harbour"
GIVEN = (
    Incident(0, HERE, 3),
    Incident(2, HERE, 12),
    Incident(2, HERE, 40),
    Incident(2, THERE, 1),
    *(Incident(4, HERE, 2) for _ in range(60)),
)


@pytest.fixture(scope="module")
def corridor() -> Scenario:
    return Scenario.load("corridor")


@pytest.fixture(scope="module")
def world(corridor: Scenario) -> Replay:
    """Return a replay after six weeks."""
    model = Replay(corridor, GIVEN, seed=1)
    for _ in range(6):
        model.step()
    return model


def test_as_many_are_killed_as_given_where_and_when(world: Replay) -> None:
    killed = world.history().pivot(index="date", columns="district", values="killed_by_groups")
    names = {d.id: d.name for d in world.scenario.districts}
    assert killed[names[HERE]].tolist() == [3, 0, 52, 0, 120, 0]
    assert killed[names[THERE]].tolist() == [0, 0, 1, 0, 0, 0]
    assert killed.to_numpy().sum() == sum(i.killed for i in GIVEN)
    assert world.left_out == 0


def test_nobody_else_kills(world: Replay) -> None:
    record = world.world.record[:6]
    for who in ("state", "militias", "criminals"):
        assert record[f"killed_by_{who}"].sum() == 0
    assert record["clashes"].sum() == 0


def test_people_flee_what_happens_and_not_what_does_not(world: Replay, corridor: Scenario) -> None:
    quiet = Replay(corridor, (), seed=1)
    for _ in range(6):
        quiet.step()
    assert world.world.record[:6]["fled"].sum() > 2 * quiet.world.record[:6]["fled"].sum()
    assert world.stocks[-1][0] + world.stocks[-1][1] > quiet.stocks[-1][0] + quiet.stocks[-1][1]
    assert quiet.world.record[:6]["killed_by_groups"].sum() == 0


def test_what_became_of_warnings_is_kept(world: Replay) -> None:
    assert sum(w.killed for w in world.warnings) == sum(i.killed for i in GIVEN)
    assert all(w.heard for w in world.warnings if w.by_un)
    assert {w.week for w in world.warnings} == {0, 2, 4}


def test_parameters_are_as_they_were(world: Replay, corridor: Scenario) -> None:
    values = emptied(corridor).parameter_values()
    for name in ("violence_scale", "violence_growth", "locality_share"):
        assert world.world.parameters[0][name] == values[name]


def test_a_replay_repeats_itself_and_replicates_differ(corridor: Scenario, world: Replay) -> None:
    again, other = Replay(corridor, GIVEN, seed=1), Replay(corridor, GIVEN, seed=1, replicate=1)
    for model in (again, other):
        for _ in range(6):
            model.step()
    assert again.stocks == world.stocks
    assert other.stocks != world.stocks


def test_impossible_incidents_are_refused(corridor: Scenario) -> None:
    with pytest.raises(ValueError, match="no district 'atlantis'"):
        Replay(corridor, [Incident(0, "atlantis", 3)])
    with pytest.raises(ValueError, match="killed 0"):
        Replay(corridor, [Incident(0, HERE, 0)])


def test_a_case_without_groups_of_its_own_will_do(corridor: Scenario) -> None:
    bare = replace(
        corridor, armed_groups=(), state_forces=(), units=(), humanitarians=(), sites=(), schedules={}
    )
    model = Replay(bare, [Incident(0, HERE, 7)], seed=2)
    model.step()
    assert model.world.record[0]["killed_by_groups"].sum() == 7
