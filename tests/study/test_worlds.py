"""Several worlds: each is judged by itself, under one parameter set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim import Scenario
from sim.cli import app
from sim.parameters import PARAMETERS
from sim.show import validation
from sim.study.checks import EDGE, FAILS, FREE, GROUPS, HOLDS, UNKNOWN, Check, Expected
from sim.study.worlds import IN_PART, PATTERNS, Across, pattern_of, validate_worlds, verdict_of


@pytest.fixture(scope="module")
def across() -> Across:
    """Return a small validation of two worlds."""
    corridor = Scenario.load("corridor")
    header = corridor.header.model_copy(update={"parameters": {"attack_rate": 0.6}})
    own = replace(corridor, header=header)
    return validate_worlds([corridor, own.without("attacks")], replicates=3, seed=2)


def check(key: str, *values: float, target: tuple[float, float] = (2.0, 3.0)) -> Check:
    """Return a check with these values."""
    return Check(Expected(key, "x", "x", target, "", "", FREE), np.array(values))


def test_worlds_are_held_to_one_parameter_set(across: Across) -> None:
    assert all(not world.case.header.parameters for world in across.worlds)
    corridor = Scenario.load("corridor")
    default = PARAMETERS["attack_rate"].default
    own = replace(corridor, header=corridor.header.model_copy(update={"parameters": {"attack_rate": 0.6}}))
    assert own.parameter_values()["attack_rate"] == 0.6 != default
    assert own.with_defaults().parameter_values()["attack_rate"] == default
    assert own.with_defaults().with_parameters(attack_rate=1.0).parameter_values()["attack_rate"] == 1.0


def test_checks_belong_to_patterns() -> None:
    keys = {e.key: pattern_of(Check(e)) for group in GROUPS.values() for e in group}
    assert {"1a", "1b", "1c"} == {k for k, pattern in keys.items() if pattern == "1"}
    assert {"12", "12t"} == {k for k, pattern in keys.items() if pattern == "12"}
    assert {k for k, pattern in keys.items() if pattern == ""} == set("ABCEFI") | {
        "H1",
        "H2",
        "3'",
        "13'",
        "13''",
    }
    assert set(keys.values()) - {""} == set(PATTERNS)


def test_a_pattern_holds_where_all_its_checks_do() -> None:
    good, bad = check("1a", 2.4, 2.5, 2.6), check("1b", 9.0, 9.1, 9.2)
    wide, nothing = check("1c", 1.0, 4.0, 2.0), check("1d")
    assert verdict_of([good, nothing]) == HOLDS
    assert verdict_of([good, bad]) == verdict_of([good, wide]) == IN_PART
    assert verdict_of([bad, wide]) == FAILS
    assert verdict_of([wide, nothing]) == EDGE
    assert verdict_of([nothing]) == verdict_of([]) == UNKNOWN


def test_no_world_speaks_for_another(across: Across) -> None:
    first, second = across.worlds
    spoiled = tuple(replace(c, values=np.array([99.0, 99.1, 99.2])) for c in first.checks)
    changed = replace(across, worlds=(replace(first, checks=spoiled), second))
    for key in PATTERNS:
        assert changed.verdict(key, 1) == across.verdict(key, 1)
    assert changed.verdict("12", 0) == FAILS


def test_the_page_shows_every_check_in_every_world_and_what_was_tried(across: Across) -> None:
    failing = next(c for c in across.worlds[0].checks if c.verdict == FAILS)
    page = validation.page_across(across, "x.png", {failing.expected.key: "Prayer was tried."})
    for c in across.worlds[0].checks:
        assert f"| {c.expected.key} | {c.expected.title}" in page
    for key in PATTERNS:
        assert f"| {key} | {PATTERNS[key]} |" in page
    assert "Fails in corridor" in page
    assert "Prayer was tried." in page
    assert "nan" not in page
    assert len(validation.figure_across(across).axes) == 1
    assert set(across.frame()["world"]) == {"corridor"}


def test_the_printed_table_shows_every_pattern_in_80_columns(across: Across) -> None:
    lines = validation.printed_across(across).splitlines()
    assert max(map(len, lines)) <= 80
    shown = [line.split()[0] for line in lines if line and not line.startswith((" ", "-"))]
    assert shown == [word for world in across.worlds for word in (world.case.name, *PATTERNS)]


def test_the_command_writes_one_page_for_several_worlds(tmp_path: Path) -> None:
    folder = tmp_path / "v"
    out = CliRunner().invoke(
        app, ["validate", "corridor", "corridor", "--replicates", "2", "--out", str(folder)]
    )
    assert out.exit_code == 0, out.output
    assert sorted(p.name for p in folder.iterdir()) == [f"validation.{e}" for e in ("csv", "md", "png")]
    both = CliRunner().invoke(app, ["validate", "corridor", "drc-monusco", "--schedule", "actual"])
    assert both.exit_code == 2
