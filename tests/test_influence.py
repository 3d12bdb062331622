"""The tiers of parameters belong to the parameters and the rules as they are."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from sim import Scenario, influence
from sim.parameters import PARAMETERS
from sim.show.parameters import page


@pytest.fixture(scope="module")
def tiers(root: Path) -> dict[str, object]:
    return runpy.run_path(str(root / "experiments" / "parameter_tiers.py"))


def test_every_parameter_has_a_tier_unless_the_file_says_that_it_is_older() -> None:
    assert not set(influence.table()) - set(PARAMETERS)
    missing = set(PARAMETERS) - set(influence.table())
    assert bool(missing) <= bool(influence.older()), (
        "run experiments/drc_first_look.py and then experiments/parameter_tiers.py"
    )


def test_the_tiers_are_those_of_the_rules_as_they_are_or_say_that_they_are_older(
    root: Path, drc: Scenario, tiers: dict[str, object]
) -> None:
    same = tiers["fingerprint"](drc) == influence.made()["fingerprint"]
    assert same != bool(influence.older()), (
        "a rule or a default has changed since the tiers were measured: run experiments/drc_first_look.py, "
        "then experiments/parameter_tiers.py, or say in sim/influence.json since when they are older"
    )
    if not same:
        printed = " ".join(page([*PARAMETERS.values()], first_tier=True).split())
        assert influence.older() in printed
        assert influence.older() in (root / "docs" / "parameters.md").read_text(encoding="utf-8")


def test_the_page_is_that_of_the_file(root: Path, tiers: dict[str, object]) -> None:
    page = (root / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert page == tiers["page"](influence.made(), influence.table())


def test_tiers_have_the_edges_that_they_say() -> None:
    assert [influence.tier(x) for x in (0.0, 0.099, 0.1, 0.299, 0.3, 5.0)] == [3, 3, 2, 2, 1, 1]
    one = influence.Influence((-0.35, 0.0), (0.05, 0.2))
    assert (one.largest, one.tier) == (0.35, 1)
    assert one.words == "level -35% to +0%, excess +5% to +20%"


def test_the_readme_says_how_many_matter(root: Path) -> None:
    counts = [sum(i.tier == t for i in influence.table().values()) for t in (1, 2, 3)]
    readme = " ".join((root / "README.md").read_text(encoding="utf-8").split())
    assert f"Of its {len(PARAMETERS)} parameters {counts[0]} move the answer by 30 % or more" in readme
    assert f"magnified {influence.made()['magnification']['excess']['magnified']:.1f} times" in readme
