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


@pytest.mark.parametrize(
    ("page", "case", "schedule", "form"),
    [
        ("docs/guide.md", "drc-monusco", "full-exit", "mean {more}, 95 % interval {low} to {high}"),
        ("docs/guide.md", "drc-monusco", "full-exit", "Nine worlds in ten lie between {least} and {most}"),
        ("docs/guide.md", "drc-monusco", "full-exit", "worse in {worlds} of {runs} runs"),
        (
            "docs/reading-a-result.md",
            "corridor",
            "hasty",
            "{runs} runs of `hasty` have {more} ({low} to {high})",
        ),
    ],
)
def test_numbers_quoted_on_the_way_agree(
    root: Path, cases: pd.DataFrame, page: str, case: str, schedule: str, form: str
) -> None:
    r = cases[(cases["case"] == case) & (cases["schedule"] == schedule)].iloc[0]
    values = {
        "more": r["killed_more"], "low": r["killed_low"], "high": r["killed_high"],
        "least": r["p5"], "most": r["p95"],
    }  # fmt: skip
    said = form.format(
        **{name: f"{value:+,.0f}" for name, value in values.items()},
        worlds=f"{r['runs_more']:.0f}",
        runs=f"{r['runs']:.0f}",
    )
    assert said in " ".join((root / page).read_text(encoding="utf-8").split())


@pytest.mark.parametrize("page", ["experiments/what-drives-the-cliff.md", "experiments/drc-first-look.md"])
def test_pages_with_other_runs_say_which_number_answers_the_question(root: Path, page: str) -> None:
    assert "cases/summary.csv" in (root / page).read_text(encoding="utf-8")
