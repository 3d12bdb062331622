"""What shows only across worlds: verdicts rest on the checks they name, and hosts differ as they say."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim import Scenario
from sim.cli import app
from sim.parameters import PARAMETERS
from sim.show import validation
from sim.study.validate import EDGE, FAILS, HOLDS, UNKNOWN, Check
from sim.study.worlds import HOSTS, PATTERNS, Across, host, validate_worlds


@pytest.fixture(scope="module")
def across() -> Across:
    """Return a small validation of two worlds."""
    corridor = Scenario.load("corridor")
    header = corridor.header.model_copy(update={"parameters": {"attack_rate": 0.6}})
    own = replace(corridor, header=header)
    return validate_worlds([corridor, own.without("attacks")], replicates=3, seed=2)


def test_worlds_are_held_to_one_parameter_set(across: Across) -> None:
    assert all(not world.case.header.parameters for world in across.worlds)
    corridor = Scenario.load("corridor")
    default = PARAMETERS["attack_rate"].default
    own = replace(corridor, header=corridor.header.model_copy(update={"parameters": {"attack_rate": 0.6}}))
    assert own.parameter_values()["attack_rate"] == 0.6 != default
    assert own.with_defaults().parameter_values()["attack_rate"] == default
    assert own.with_defaults().with_parameters(attack_rate=1.0).parameter_values()["attack_rate"] == 1.0


def test_hosts_are_one_country_that_differs_in_its_state_only() -> None:
    cases = {name: host(name)[0] for name in HOSTS}
    assert len({(c.districts, c.armed_groups, c.units) for c in cases.values()}) == 1
    will = {name: sum(f.will for f in c.state_forces) for name, c in cases.items()}
    assert will["hostile"] < will["weak"] < will["able"]
    with pytest.raises(ValueError, match="choose one of able"):
        host("friendly")


def test_every_pattern_has_a_verdict_that_rests_on_its_checks(across: Across) -> None:
    for number in PATTERNS:
        verdict, checks = across.verdict(number)
        assert all(c.number.rstrip("abc") == str(number) for c in checks)
        told = {c.verdict for c in checks} - {UNKNOWN}
        if verdict == HOLDS:
            assert told == {HOLDS}
        elif verdict == "in part":
            assert HOLDS in told
            assert len(told) > 1
        elif verdict == FAILS:
            assert FAILS in told
            assert HOLDS not in told
        else:
            assert verdict in (EDGE, UNKNOWN)


def test_a_failing_check_cannot_be_outvoted(across: Across) -> None:
    first = across.worlds[0]
    bad = Check("12", "x", (2.0, 3.0), "", "", np.array([9.0, 9.1, 9.2]))
    spoiled = replace(first, checks=(*(c for c in first.checks if c.number != "12"), bad))
    assert replace(across, worlds=(spoiled, *across.worlds[1:])).verdict(12)[0] == FAILS


def test_the_page_shows_every_check_in_every_world(across: Across) -> None:
    page = validation.page_across(across, "x.png")
    for check in (*across.worlds[0].checks, *across.checks):
        assert f"| {check.number} | {check.title}" in page
    assert "nan" not in page
    assert len(validation.figure_across(across).axes) == 2
    assert set(across.frame()["world"]) == {"corridor", "across"}
    assert all(math.isfinite(v.mean()) for v in across.hosts.values())


def test_the_printed_table_shows_every_pattern_in_80_columns(across: Across) -> None:
    lines = validation.printed_across(across).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines[2:] if not line.startswith(" ")] == [
        str(n) for n in range(1, 14)
    ]


def test_the_command_writes_one_page_for_several_worlds(tmp_path: Path) -> None:
    folder = tmp_path / "v"
    out = CliRunner().invoke(
        app, ["validate", "corridor", "corridor", "--replicates", "2", "--out", str(folder)]
    )
    assert out.exit_code == 0, out.output
    assert sorted(p.name for p in folder.iterdir()) == [f"validation.{e}" for e in ("csv", "md", "png")]
    both = CliRunner().invoke(app, ["validate", "corridor", "drc-monusco", "--schedule", "actual"])
    assert both.exit_code == 2
