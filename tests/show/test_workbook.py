"""A result as a workbook: every column has a unit and a meaning, and the numbers are those of the tables."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from worlds import camps

from sim import measures, workbook
from sim.show import workbook as shown
from sim.study.compare import compare
from sim.study.comparison import Comparison


@pytest.fixture(scope="module")
def result() -> Comparison:
    return compare(camps(40), ["exit"], replicates=3, threads=1)


def test_every_column_is_described_and_no_description_is_left_over(result: Comparison) -> None:
    used = set()
    for name, frame in shown.tables(result).items():
        for column in map(str, frame.columns):
            _, meaning = shown.described(name, column)
            assert meaning
            used.add(column.removeprefix("mean_"))
    known = {column.removesuffix("_a_year_per_100000").removesuffix("_a_year") for column in used} | used
    assert set(shown.UNITS) - known <= {"draw"}
    assert list(shown.tables(result)) == list(shown.SHEETS)


def test_what_is_killed_means_another_thing_in_another_sheet() -> None:
    assert shown.described("runs", "killed") == ("persons", measures.METRIC["killed"].label)
    assert "meanwhile" in shown.described("vacuums", "killed")[1]
    assert shown.described("summary", "difference_mean_a_year")[0] == "unit of the metric a year"
    with pytest.raises(KeyError, match="no_such_column"):
        shown.described("summary", "no_such_column")


def test_the_numbers_are_those_of_the_result(result: Comparison) -> None:
    book = workbook.read(io.BytesIO(workbook.write(shown.sheets(result), "t")))
    assert list(book) == ["about", "metrics", *shown.SHEETS]
    (_, head), *rows = book["runs"]
    killed = [float(cells[head.index("killed [persons]")]) for _, cells in rows]
    assert killed == result.totals.sel(metric="killed").values.reshape(-1).tolist()
    (_, head), *rows = book["summary"]
    assert len(rows) == len(result.summary)
    means = [float(cells[head.index("total_mean [unit of the metric]")]) for _, cells in rows]
    assert np.array_equal(means, result.summary["total_mean"])
    assert str(result.seed) in str(book["about"])


def test_a_long_table_is_cut_and_that_is_said(result: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST", 5)
    book = workbook.read(io.BytesIO(workbook.write(shown.sheets(result), "t")))
    assert len(book["weeks"]) == 6
    weeks = len(result.names) * result.scenario.weeks
    assert f"the first 5 of {weeks:,d} rows" in str(book["about"])


def test_what_is_no_number_is_an_empty_cell() -> None:
    assert shown._cell(float("nan")) is None
    assert shown._cell(np.inf) is None
    assert shown._cell(pd.NaT) is None
    assert shown._cell(np.datetime64("2030-01-07")) == pd.Timestamp("2030-01-07").date()
    assert shown._cell(np.int64(3)) == 3
    assert shown._cell(np.True_) == 1
