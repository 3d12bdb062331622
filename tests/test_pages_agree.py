"""One question has one number: pages that give an excess give that of experiments/cases/summary.csv."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def cases(root: Path) -> pd.DataFrame:
    frame = pd.read_csv(root / "experiments" / "cases" / "summary.csv")
    return frame[frame["schedule"] != "none"]


def test_readmes_of_cases_agree(root: Path, cases: pd.DataFrame) -> None:
    for r in cases.itertuples():
        text = (root / "scenarios" / r.case / "README.md").read_text(encoding="utf-8")
        text = text.partition("## What the model shows")[2]
        row = next(line for line in text.splitlines() if line.startswith(f"| `{r.schedule}` |"))
        assert f"{r.killed_more:+,.0f} ({r.killed_low:+,.0f} to {r.killed_high:+,.0f})" in row, r.case
        assert f"{r.runs_more:.0f} of {r.runs:.0f}" in row, r.case


def test_the_page_over_all_cases_agrees(root: Path, cases: pd.DataFrame) -> None:
    text = (root / "docs" / "cases.md").read_text(encoding="utf-8")
    for name, own in cases.groupby("case"):
        row = next(line for line in text.splitlines() if f"scenarios/{name}/README.md) |" in line)
        main = next(m for m in ("actual", "hasty", "contingency-plan") if m in set(own["schedule"]))
        r = own[own["schedule"] == main].iloc[0]
        assert f"{r.killed_more:+,.0f} ({r.killed_low:+,.0f} to {r.killed_high:+,.0f})" in row, name


def test_the_first_look_agrees(root: Path, cases: pd.DataFrame) -> None:
    text = (root / "experiments" / "drc-first-look.md").read_text(encoding="utf-8")
    for r in cases[cases["case"] == "drc-monusco"].itertuples():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{r.schedule}` |"))
        assert (
            f"| {r.killed_more:+,.0f} | {r.killed_low:+,.0f} to {r.killed_high:+,.0f} | {r.runs_more:.0f}"
            in row
        )


@pytest.mark.parametrize("page", ["experiments/what-drives-the-cliff.md", "experiments/drc-first-look.md"])
def test_pages_with_other_runs_say_which_number_answers_the_question(root: Path, page: str) -> None:
    assert "cases/summary.csv" in (root / page).read_text(encoding="utf-8")
