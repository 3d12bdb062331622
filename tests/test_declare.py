"""What follows from declarations does follow: starts, weekly resets, the record, inheritance, filling."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from worlds import camps, small, world_of

from sim.agents import armed_group, community, faction
from sim.build import build
from sim.declare import Field, Parameter, Rule, Table
from sim.generate import SOURCE
from sim.registry import collect
from sim.scenario.schema import OWN
from sim.week import DECLARED, clear, week
from sim.world import record
from sim.world.events import KINDS, NAMED


@dataclass
class Given:
    """A row of a case's table."""

    district: str
    carts: int
    kind: str = "mule"


TRADERS = Table(
    "traders",
    "Traders.",
    (
        Field("district", "i8", "row", "where"),
        Field("carts", "i8", "carts", "carts", column="carts"),
        Field("kind", "i8", "-", "what draws them", column="kind", codes=("ox", "mule")),
        Field("heading", "i8", "row", "where to, -1 nowhere", start=-1),
        Field("waits", "f8", "hours", "for how long", start=math.inf),
    ),
)


def test_new_rows_begin_as_declared() -> None:
    rows = TRADERS.empty(2)
    assert rows["heading"].tolist() == [-1, -1]
    assert np.isinf(rows["waits"]).all()
    assert rows["carts"].tolist() == [0, 0]


def test_rows_are_filled_from_the_columns_that_fields_name() -> None:
    rows = TRADERS.filled([Given("b", 4), Given("a", 2, "ox")], {"a": 0, "b": 1}, spare=1)
    assert rows["district"].tolist() == [1, 0, 0]
    assert rows["carts"].tolist() == [4, 2, 0]
    assert rows["kind"].tolist() == [1, 0, 0]
    assert rows["heading"].tolist() == [-1, -1, -1]


def test_every_column_that_a_field_names_is_one_of_the_case() -> None:
    case = camps()
    given: dict[str, object] = {
        "host": case.header.host,
        "programme": case.header.ddr,
        "donors": case.header.money,
        "peacekeepers": case.units[0],
        **{name: getattr(case, name)[0] for name in OWN if name not in ("routes", "units", "places")},
    }
    for table in DECLARED.tables.values():
        for field in table.fields:
            if field.column:
                assert hasattr(given[table.name], field.column), (table.name, field.name)


def test_a_week_begins_with_a_clean_sheet_and_nothing_else_is_touched() -> None:
    world = world_of(small())
    for number in range(6):
        week(world, number)
    for name, table in DECLARED.tables.items():
        rows = getattr(world, name)
        for field in table.fields:
            if field.weekly:
                rows[field.name] = 7
    before = {name: getattr(world, name).copy() for name in DECLARED.tables}
    clear(world)
    cleared = 0
    for name, table in DECLARED.tables.items():
        for field in table.fields:
            now, was = getattr(world, name)[field.name], before[name][field.name]
            if field.weekly:
                assert (now == field.start).all(), (name, field.name)
                cleared += 1
            else:
                assert now.tobytes() == was.tobytes(), (name, field.name)
    assert cleared > 50


def test_what_is_recorded_of_a_district_is_what_it_holds_at_the_end_of_the_week() -> None:
    world = world_of(small(), attack_rate=1.0)
    for number in range(3):
        week(world, number)
    kept = [f.name for f in DECLARED.tables["districts"].fields if f.recorded]
    assert len(kept) > 30
    for name in kept:
        assert np.array_equal(world.record[name][2], world.districts[name].astype("f4")), name
    assert world.record["un_presence"][2].any()
    assert {f.name for f in record.FIELDS} == set(world.record.dtype.names)


def test_a_splinter_takes_over_what_is_declared_as_inherited() -> None:
    world = world_of(small())
    groups = world.armed_groups
    new = len(groups) - 1
    groups[0].rootedness = 0.37
    fighters = int(groups[new].fighters)
    faction.inherit(groups, new, 0)
    inherited = [f.name for f in armed_group.TABLE.fields if f.inherited]
    assert {"district", "standing", "rootedness", "supply"} <= set(inherited)
    for name in inherited:
        assert groups[name][new] == groups[name][0], name
    assert groups[new].fighters == fighters


def test_what_was_written_can_be_read() -> None:
    assert "communities[i].first_attack = -1" in SOURCE["clear"]
    assert set(SOURCE) == {"clear", "copy", "inherit"}


def test_the_registry_finds_every_module_that_declares_something() -> None:
    names = {module.__name__ for module in DECLARED.modules}
    assert {"sim.world.attack", "sim.world.mission.actions", "sim.agents.community"} <= names
    world, _ = build(small(), "none")
    assert set(DECLARED.tables) <= set(world._fields)


def test_two_declarations_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = Parameter("excess_mortality", 1.0, "1", 0.0, 2.0, "again", "no source")
    monkeypatch.setattr(community, "PARAMETERS", (*community.PARAMETERS, twice))
    with pytest.raises(ValueError, match="excess_mortality"):
        collect(DECLARED.modules)


def test_forms_of_a_rule_have_numbers() -> None:
    rule = Rule("toll", "who dies", {"linear": "all alike", "late": "late"})
    assert [rule.number(form) for form in rule.forms] == [0, 1]
    for declared in DECLARED.rules.values():
        other = list(declared.forms)[1]
        case = small().with_rules(**{declared.name: other})
        world, _ = build(case, "none")
        assert world.parameters[0][declared.name] == declared.number(other) == 1


def test_events_have_names_of_their_own_and_tables_that_exist() -> None:
    assert len(NAMED) == len(KINDS)
    for event in KINDS:
        assert {event.actor, event.other} <= {"", *DECLARED.tables}, event.kind
        assert len(event.values) <= 5, event.kind
