from __future__ import annotations

import inspect

import pytest

from sim.scenario import schema
from sim.world import codes


def members() -> list[type]:
    return [c for _, c in inspect.getmembers(codes, inspect.isclass) if c.__module__ == codes.__name__]


@pytest.mark.parametrize("code", members(), ids=lambda c: c.__name__)
def test_codes_count_from_0_so_that_they_can_index(code: type) -> None:
    assert [int(member) for member in code] == list(range(len(code)))  # type: ignore[call-overload,arg-type]
    assert code.__doc__


@pytest.mark.parametrize(
    ("code", "row", "column"),
    [
        (codes.UnitKind, schema.Unit, "kind"),
        (codes.Posture, schema.Unit, "posture"),
        (codes.Force, schema.StateForceRow, "force"),
        (codes.SiteKind, schema.Site, "kind"),
    ],
)
def test_files_may_hold_every_word_and_no_other(code: type, row: type, column: str) -> None:
    allowed = row.model_fields[column].annotation.__args__  # type: ignore[attr-defined]
    assert sorted(codes.words(code)) == sorted(allowed)  # type: ignore[arg-type]


def test_words_and_legend_are_spelled_from_the_names() -> None:
    assert codes.words(codes.UnitKind)[1] == "formed-police"
    assert codes.legend(codes.Posture) == "0 static, 1 mobile"
