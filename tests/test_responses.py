"""The response page that is shipped: read, told and marked as old when rules change."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import responses
from sim.show import validation


def test_every_row_has_the_verdict_of_its_worst_check() -> None:
    rows = responses.table()
    assert len({r.row for r in rows}) == len(rows) >= 11
    for r in rows:
        worst = "red" if r.red else "open" if r.open else "green"
        assert r.verdict == worst, r.row
        assert r.green + r.red + r.open > 0


def test_counts_leave_out_what_there_is_none_of() -> None:
    row = responses.Response("x", "X", "rises", "red", green=3, red=2, open=0)
    assert row.counts == "3 green, 2 red"


def test_the_section_and_the_printed_table_show_every_row() -> None:
    page, printed = "\n".join(validation.how_it_responds()), validation.printed_responses()
    assert max(map(len, printed.splitlines())) <= 80
    flat = " ".join(printed.split())
    for r in responses.table():
        assert f"| {r.title} | {r.should} | {r.verdict} | {r.counts} |" in page
        assert r.counts in flat
    assert responses.made()["command"] in page
    assert responses.made()["command"] in flat


def test_both_say_if_rules_have_changed_since(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(responses.made(), "rules", [responses.rules_digest()[:8]])
    assert not responses.outdated()
    assert "changed since" not in validation.printed_responses()
    monkeypatch.setitem(responses.made(), "rules", ["0" * 8])
    assert responses.outdated()
    assert "Rules have changed since." in " ".join(validation.printed_responses().split())
    assert "**Rules have changed since.**" in "\n".join(validation.how_it_responds())


def test_the_page_belongs_to_the_summary(root: Path) -> None:
    page = (root / "experiments" / "responses" / "responses.md").read_text(encoding="utf-8")
    for r in responses.table():
        assert f"| **{r.verdict}** | {r.counts} |" in page
        assert f"]({r.row}.png)" in page
        assert (root / "experiments" / "responses" / f"{r.row}.png").is_file()
