from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import workbook
from sim.workbook import Column, Sheet, WorkbookError

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\ufffe\uffff"), max_size=60)
days = st.integers(0, 109_000).map(lambda n: date(1900, 1, 1) + timedelta(days=n))
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**40), 2**40)


def there_and_back(*rows: list[object]) -> list[list[str]]:
    width = max(len(row) for row in rows)
    columns = [Column(title=f"c{k}") for k in range(width)]
    content = workbook.write([Sheet("one", columns, rows)], "t")  # type: ignore[arg-type]
    head, *found = workbook.read(io.BytesIO(content))["one"]
    assert head == (1, [c.title for c in columns])
    return [cells for _, cells in found]


@given(st.lists(texts, min_size=1, max_size=6))
def test_a_text_is_read_as_it_was_written(values: list[str]) -> None:
    (found,) = there_and_back(["x", *values])
    assert found == ["x", *(v.strip() for v in values)]


@given(st.lists(numbers, min_size=1, max_size=6))
def test_a_number_is_read_to_the_last_bit(values: list[float]) -> None:
    (found,) = there_and_back(["x", *values])
    assert [float(cell) for cell in found[1:]] == values


@given(days)
def test_a_day_is_read_as_that_day(day: date) -> None:
    assert there_and_back([day]) == [[day.isoformat()]]


def test_what_begins_like_a_formula_is_a_text() -> None:
    assert there_and_back(["=1+1", "+1", "@x", "-", '=HYPERLINK("http://x")']) == [
        ["=1+1", "+1", "@x", "-", '=HYPERLINK("http://x")']
    ]


def test_the_same_sheets_give_the_same_bytes_and_name_nobody() -> None:
    sheet = Sheet("a", [Column(title="x", meaning="what", choices=("p", "q"))], [["p"]])
    content = workbook.write([sheet], "t")
    assert workbook.write([sheet], "t") == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        core = archive.read("docProps/core.xml").decode()
    assert "<dc:creator></dc:creator>" in core
    assert "2000-01-01" in core


def test_cells_offer_what_may_stand_in_them() -> None:
    first = Sheet("places", [Column(title="id")], [["a"], ["b"]])
    columns = [
        Column(title="kind", choices=("p", "q"), meaning="which"),
        Column(title="place", column=("places", "id")),
        Column(title="share", low=0.0, high=1.0),
    ]
    content = workbook.write([first, Sheet("rows", columns, [["p", "a", 0.5]])], "t")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        page = archive.read("xl/worksheets/sheet2.xml").decode()
        book = archive.read("xl/workbook.xml").decode()
    assert "<formula1>'lists'!$A$1:$A$2</formula1>" in page
    assert f"<formula1>'places'!$A$2:$A${3 + workbook.SPARE}</formula1>" in page
    assert "<formula1>0.0</formula1><formula2>1.0</formula2>" in page
    assert 'name="lists" sheetId="3" state="hidden"' in book


def test_what_does_not_fit_is_refused_with_its_cell() -> None:
    with pytest.raises(WorkbookError, match=r"sheet 'one', cell B2 would have 40,000 characters"):
        there_and_back(["x", "y" * 40_000])


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_letters(column: int, name: str) -> None:
    assert workbook.letter(column) == name
    assert workbook.cell_name(7, column) == f"{name}7"
