"""Mesa and the ensemble are one science: equal to the last bit, whoever runs them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from worlds import LIVELY, close, plan, scenarios, small

from sim import Scenario
from sim.agents.armed_group import ArmedGroup, Choice
from sim.agents.community import Community
from sim.build import build
from sim.ensemble import Ensemble, simulate
from sim.start import begin
from sim.week import week
from sim.world.people import census
from sim.world.state import World


def same(a: World, b: World) -> list[str]:
    """Return the names of the tables in which two worlds differ, bit by bit."""
    return [
        name
        for name, x, y in zip(World._fields, a, b, strict=True)
        if np.ascontiguousarray(x).tobytes() != np.ascontiguousarray(y).tobytes()
    ]


def both(case: Scenario, schedule: str, seed: int, replicate: int, weeks: int) -> tuple[World, World]:
    """Return the world after some weeks of Mesa and of the ensemble."""
    model = case.model(schedule, seed=seed, replicate=replicate)
    for _ in range(weeks):
        model.step()
    world, _ = build(case, schedule)
    simulate(world, seed, replicate, weeks)
    return model.world, world


@pytest.mark.parametrize(("schedule", "replicate"), [("actual", 0), ("none", 7), ("full-exit", 3)])
def test_mesa_equals_ensemble_on_the_drc_case(drc: Scenario, schedule: str, replicate: int) -> None:
    model = case_run = drc.model(schedule, seed=5, replicate=replicate).run()
    ensemble = Ensemble(drc, schedule)
    runs = ensemble.run(5, replicate, 1)
    assert np.array_equal(np.asarray(model.world.record), np.asarray(runs.records[0]))
    record = ensemble._world._replace(record=model.world.record)
    assert same(case_run.world, record) == []


@settings(max_examples=60)
@given(case=scenarios())
def test_mesa_equals_ensemble_on_generated_cases(case: Scenario) -> None:
    for schedule in ("plan", "none"):
        mesa, ensemble = both(case, schedule, seed=2, replicate=1, weeks=case.weeks)
        assert same(mesa, ensemble) == []


def test_replicates_do_not_depend_on_who_runs_them_or_what_ran_before() -> None:
    case = small()
    together = Ensemble(case, "close-alpha").run(3, 0, 6).records
    one = Ensemble(case, "close-alpha")
    for r in (4, 0, 5, 2):  # another order, one at a time
        assert np.array_equal(one.run(3, r, 1).records[0], together[r])
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda r: Ensemble(case, "close-alpha").run(3, r, 3).records, [0, 3]))
    assert np.array_equal(np.concatenate(parts), together)
    assert not np.array_equal(together[0], together[1])  # replicates differ


OTHER_PROCESS = """
import sys, hashlib
sys.path.insert(0, {tests!r})
import numpy as np
from worlds import small
from sim.build import build
from sim.start import begin
from sim.week import week
world, _ = build(small(), "close-alpha")
begin(world, 3, 2)
for number in range(30):
    week(world, number)
print(hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in world)).hexdigest())
"""


@pytest.mark.parametrize("uncompiled", [False, True])
def test_another_process_gives_the_same_bits_compiled_or_not(uncompiled: bool) -> None:
    world, _ = build(small(), "close-alpha")
    begin(world, 3, 2)
    for number in range(30):
        week(world, number)
    here = hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in world)).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": "17"}
    if uncompiled:
        environment["NUMBA_DISABLE_JIT"] = "1"
    there = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS.format(tests=os.path.dirname(__file__))],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert there == here


@settings(max_examples=40)
@given(case=scenarios())
def test_schedules_share_the_world_until_they_differ(case: Scenario) -> None:
    # 'none' holds the force of the day before the first closure: units that open later are not of it
    case = replace(case, units=tuple(u.model_copy(update={"opens": None}) for u in case.units))
    actions = case.schedules["plan"].actions
    # the government knows of a closure when it is announced
    days = [day for a in actions for day in (a.on, a.announced) if day is not None]
    first = min((case.week_of(day) for day in days), default=case.weeks)
    worlds = []
    for schedule in ("plan", "none"):
        world, _ = build(case, schedule)
        begin(world, 4, 0)
        worlds.append(world)
    for number in range(case.weeks):
        if number >= first:
            break
        for world in worlds:
            week(world, number)
        own = {"schedule", "mission", "bases"}
        assert set(same(*worlds)) <= own  # every field of every row of everything else


def test_schedules_part_when_they_differ_and_share_shocks_elsewhere() -> None:
    case = small(40).with_schedule(plan("late", close("Alpha post", 25)))
    early, late = (Ensemble(case, name).run(1, 0, 20).records for name in ("close-alpha", "late"))
    assert np.array_equal(early[:, :20], late[:, :20])
    assert not np.array_equal(early[:, 20], late[:, 20])
    # the far end of the network goes on alike for a while: no shock was drawn anew
    alike = (early["killed_by_state"][:, 20:23, 2] == late["killed_by_state"][:, 20:23, 2]).mean()
    assert alike > 0.9


@settings(max_examples=40)
@given(case=scenarios())
def test_people_are_conserved_and_the_state_stays_sane(case: Scenario) -> None:
    world, _ = build(case, "plan")
    begin(world, 6, 0)
    people = census(world)
    for number in range(case.weeks):
        week(world, number)
        assert census(world) == people
        check_sane(world)


def test_people_are_conserved_in_the_drc_case(drc: Scenario) -> None:
    world, _ = build(drc, "actual")
    begin(world, 6, 0)
    people = census(world)
    for number in range(drc.weeks):
        week(world, number)
        assert census(world) == people
        if number % 20 == 0:
            check_sane(world)


def check_sane(world: World) -> None:
    """No negative strength, no missing value, nobody in a district that does not exist."""
    places = len(world.districts)
    for name, table in zip(World._fields, world, strict=True):
        columns = [table[c] for c in table.dtype.names] if table.dtype.names else [table]
        for column in columns:
            if column.dtype.kind == "f":
                assert not np.isnan(column).any(), name
    for table in (world.communities, world.armed_groups, world.state_forces, world.peacekeepers):
        assert ((table["district"] >= 0) & (table["district"] < places)).all()
    assert (world.communities["residents"] >= 0).all()
    assert (world.displaced >= 0).all()
    assert (world.displaced.sum(axis=1) == world.communities["displaced"]).all()
    assert (world.armed_groups["fighters"] >= 0).all()
    assert (world.state_forces["personnel"] >= 0).all()
    hosted = np.zeros(places, np.int64)
    for c in range(len(world.communities)):
        for k, n in enumerate(world.near[world.communities["district"][c]]):
            if n >= 0:
                hosted[n] += world.displaced[c, k]
            else:
                assert world.displaced[c, k] == 0
    assert (hosted == world.districts["hosted"]).all()
    sites, inside = world.sites, np.zeros(places, np.int64)
    np.add.at(inside, sites["district"], sites["persons"])
    assert (inside == world.districts["in_sites"]).all()
    assert (sites["persons"] >= 0).all()
    assert (inside <= world.districts["hosted"]).all()
    assert (sites["persons"] <= sites["capacity"]).all()
    for share in ("by_un", "by_state", "guarded", "militarised"):
        assert ((sites[share] >= 0) & (sites[share] <= 1)).all(), share
    troops = world.peacekeepers
    assert ((troops["guarding"] >= 0) & (troops["guarding"] <= troops["strength"])).all()
    assert troops["guarding"].sum() == sites["guards"].sum()
    control = world.districts["state_control"]
    assert ((control >= -1e-12) & (control <= 1 + 1e-9)).all()
    for field in ("un_presence", "state_presence", "un_met", "state_met", "monitors"):
        values = world.districts[field]
        assert ((values >= 0) & (values <= 1)).all(), field
    for field in ("fear", "trust_un", "trust_state", "grievance"):
        values = world.communities[field]
        assert ((values >= 0) & (values <= 1)).all(), field
    assert (world.recorded >= 0).all()
    assert (world.harm >= 0).all()


class Pacifist(ArmedGroup):
    """An armed group that always lies low."""

    def decide(self) -> None:
        self.choice = Choice.LIE_LOW


def test_a_subclass_in_plain_python_runs_in_the_mesa_model() -> None:
    case = small(30).with_parameters(**LIVELY)
    ours = case.model("none", seed=1, agents=[Pacifist]).run()
    theirs = case.model("none", seed=1).run()
    assert all(isinstance(g, Pacifist) for g in ours.armed_groups)
    assert ours.world.record["attacks"].sum() == 0
    assert theirs.world.record["attacks"].sum() > 0
    assert ours.census() == ours.people_at_start


def test_model_refuses_agents_that_extend_nothing_or_the_same() -> None:
    class Other(ArmedGroup):
        pass

    with pytest.raises(ValueError, match="both extend ArmedGroup"):
        small().model(agents=[Pacifist, Other])
    with pytest.raises(ValueError, match="extends none"):
        small().model(agents=[object])  # type: ignore[list-item]


def test_agents_are_views_of_rows() -> None:
    model = small(10).model("close-alpha", seed=2)
    front = model.armed_groups[0]
    assert front.name == "Front"
    assert front.fighters == model.world.armed_groups["fighters"][0]
    front.fighters = 123
    assert model.world.armed_groups["fighters"][0] == 123
    assert front.cell.name == "Alpha"
    front.cell = model.space[1]
    assert front.district == 1
    assert front in model.space[1].agents
    assert front not in model.space[0].agents
    assert front in model.space.agents
    assert {c.name for c in model.space[0].neighborhood} == {"Beta"}
    assert {c.name for c in model.space[0].get_neighborhood(2, include_center=True)} == {
        "Alpha",
        "Beta",
        "Gamma",
    }
    model.step()
    assert model.space[0].un_troops == 150
    assert isinstance(model.communities[0], Community)
    with pytest.raises(AttributeError):
        model.space[0].no_such_field  # noqa: B018


def test_steps_after_the_end_do_nothing() -> None:
    model = small(5).model("none").run()
    before = model.world.record.tobytes()
    model.step()
    assert model.week == 5
    assert not model.running
    assert model.world.record.tobytes() == before
    history = model.history()
    assert len(history) == 5 * 3
    assert history["date"].is_monotonic_increasing


def test_ensemble_reuses_memory_only_of_the_same_size() -> None:
    ensemble = Ensemble(small(10), "none")
    first = ensemble.run(1, 0, 3)
    kept = first.records.copy()
    again = ensemble.run(1, 3, 3, into=first)
    assert again.records is first.records
    assert not np.array_equal(kept, again.records)
    with pytest.raises(ValueError, match="holds 3 replicates, not 2"):
        ensemble.run(1, 0, 2, into=first)
