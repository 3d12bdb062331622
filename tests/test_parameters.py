from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sim import parameters
from sim.declare import Parameter


def test_every_parameter_says_what_it_is() -> None:
    for p in parameters.PARAMETERS.values():
        assert p.low <= p.default <= p.high, p.name
        assert p.low < p.high, p.name
        assert len(p.meaning) > 10, p.name
        assert p.source, p.name
        assert p.unit, p.name
        if p.certainty == "read":
            assert "no source" not in p.source, p.name


def test_no_name_is_declared_twice() -> None:
    names = [p.name for group in parameters.BY_PART.values() for p in group]
    assert len(names) == len(set(names))


def test_every_parameter_is_used_in_the_rules(root: Path) -> None:
    rules = "\n".join(
        path.read_text() for folder in ("agents", "world") for path in (root / "sim" / folder).rglob("*.py")
    )
    rules += (root / "sim" / "build.py").read_text()  # the calendar of votes is made there
    for name in parameters.PARAMETERS:
        found = re.search(rf"(p|parameters\[0\])\.{name}\b|parameter_values\(\)\[\"{name}\"\]", rules)
        assert found, f"{name} is declared but never used"


def test_every_cited_source_is_listed(root: Path) -> None:
    listed = (root / "docs" / "sources.md").read_text()
    for p in parameters.PARAMETERS.values():
        for key in re.findall(r"\b(E\d\w?(?:-\d+)?|S\d)\b", p.source):
            assert re.search(rf"\*\*{re.escape(key)}\*\*", listed), f"{p.name} cites {key}, unlisted"


def test_values_outside_the_range_or_unknown_are_refused() -> None:
    with pytest.raises(parameters.ParameterError, match="did you mean 'met_cost'"):
        parameters.check({"met_costs": 2.0})
    with pytest.raises(parameters.ParameterError, match="outside its range"):
        parameters.check({"met_cost": 99.0})
    with pytest.raises(parameters.ParameterError, match="outside its range"):
        parameters.check({"met_cost": float("nan")})
    record = parameters.record({"met_cost": 3.0})
    assert record[0].met_cost == 3.0
    assert record[0].un_mobilise == parameters.PARAMETERS["un_mobilise"].default


def test_a_default_outside_its_range_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="outside"):
        Parameter("x", 2.0, "1", 0.0, 1.0, "a number", "nowhere")


@pytest.mark.parametrize("value", [True, "1", None, [1.0], np.bool_(1)])
def test_a_value_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(parameters.ParameterError, match=r"^met_cost = .* is not a number"):
        parameters.check({"met_cost": value})
    parameters.check({"met_cost": np.float64(1.0)})
