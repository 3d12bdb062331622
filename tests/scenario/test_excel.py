"""A case as a workbook: read back equal, and every mistake told by sheet and cell."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner
from worlds import camps, scenarios

from sim import Scenario, workbook
from sim.cli import app
from sim.scenario import excel, toml
from sim.scenario.errors import ScenarioError
from sim.scenario.header import Header
from sim.scenario.importing.mistakes import Mistakes
from sim.scenario.read import read_toml
from sim.scenario.schema import Acceleration, Action, Gate, Schedule, Slippage, Trigger
from sim.workbook import Sheet

RUN = CliRunner()
Cells = dict[str, list[list[object]]]
"""Sheets as lists of rows, the head first."""


@pytest.fixture
def corridor(root: Path) -> Scenario:
    return Scenario.load(root / "scenarios" / "corridor")


@pytest.fixture
def here(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with the shipped cases to be found."""
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def changed(case: Scenario, change: Callable[[Cells], object], to: Path) -> Path:
    """Write the workbook of a case with its cells changed."""
    sheets = excel.sheets(case)
    cells: Cells = {s.name: [[c.title for c in s.columns], *map(list, s.rows)] for s in sheets}
    change(cells)
    made = []
    for name, (head, *rows) in cells.items():
        columns = [workbook.Column(title=str(title)) for title in head]
        made.append(Sheet(name, columns, [[*row, *[None] * (len(head) - len(row))] for row in rows]))  # type: ignore[list-item]
    file = to / "case.xlsx"
    file.write_bytes(workbook.write(made, "t"))
    return file


def put(sheet: str, row: int, column: str, value: object) -> Callable[[Cells], object]:
    """Return a change that puts a value into a cell, by the number of its row as Excel shows it."""

    def change(cells: Cells) -> None:
        cells[sheet][row - 1][cells[sheet][0].index(column)] = value

    return change


def test_every_shipped_case_is_read_back_equal(root: Path, tmp_path: Path) -> None:
    cases = sorted((root / "scenarios").iterdir())
    assert len(cases) >= 11
    for folder in cases:
        case = Scenario.load(folder)
        file = tmp_path / f"{case.name}.xlsx"
        file.write_bytes(excel.export(case))
        back = excel.read(file)
        assert excel.difference(case, back) == ""
        assert excel.files(back, case) == ({}, []), "nothing is to be written"


@settings(max_examples=25)
@given(scenarios(), st.data())
def test_any_case_is_read_back_equal(case: Scenario, data: st.DataObject) -> None:
    note = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" '=é"), max_size=40)
    rows = tuple(d.model_copy(update={"note": data.draw(note).strip()}) for d in case.districts)
    excel.export(replace(case, districts=rows))  # reads it back, and refuses what differs


def test_difference_finds_a_change_anywhere(corridor: Scenario) -> None:
    first = corridor.units[0].model_copy(update={"strength": 701})
    plan = corridor.schedules["hasty"]
    longer = plan.model_copy(update={"title": "Slower"})
    for other, word in (
        (replace(corridor, header=corridor.header.model_copy(update={"title": "x"})), "scenario.toml: title"),
        (replace(corridor, units=(first, *corridor.units[1:])), "units.csv: 1 row changed"),
        (replace(corridor, units=corridor.units[1:]), "units.csv: 1 row gone"),
        (replace(corridor, units=corridor.units[::-1]), "units.csv: rows in another order"),
        (replace(corridor, schedules={**corridor.schedules, "hasty": longer}), "schedules/hasty.toml"),
        (replace(corridor, schedules={"hasty": plan}), "schedules/"),
    ):
        assert word in excel.difference(corridor, other)
    assert excel.difference(corridor, corridor) == ""


def test_the_toml_that_is_written_reads_back_equal(root: Path, tmp_path: Path) -> None:
    whole = Schedule(
        name="whole",
        title='A "title" \\ of 1',
        about="line\nline",
        actions=(
            Action(do="announce", on=date(2031, 1, 6), base="B é"),
            Action(do="close", on=date(2031, 2, 6), base="B é", gate="g", note='two\nlines "quoted"'),
            Action(do="reduce", on=date(2031, 2, 6), base="C", to=0),
        ),
        gates=(Gate(name="g", benchmark="recorded-violence", at_most=1e-5, longest_delay=8),),
        triggers=(Trigger(when="armed-groups", at_least=1e6, do="pause", for_weeks=3),),
        slippage=Slippage(mean_weeks=2.5),
        acceleration=Acceleration(chance=0.1, weeks=12),
    )
    file = tmp_path / "whole.toml"
    file.write_text(toml.document(whole), encoding="utf-8")
    assert read_toml(file, Schedule)[0] == whole
    for folder in (root / "scenarios").iterdir():
        header, _ = read_toml(folder / "scenario.toml", Header)
        file.write_text(toml.document(header), encoding="utf-8")
        again, _ = read_toml(file, Header)
        assert (again, again.model_fields_set) == (header, header.model_fields_set)


MISTAKES = {
    "a number": (
        put("districts", 3, "population", "12a"),
        "sheet 'districts', cell H3 (population): '12a' is not",
    ),
    "a bound": (put("units", 2, "strength", 99_999), "sheet 'units', cell F2 (strength)"),
    "a choice": (put("units", 5, "posture", "statik"), "sheet 'units', cell E5 (posture)"),
    "a needed cell": (put("routes", 4, "origin", None), "sheet 'routes', cell A4 (origin)"),
    "a place": (
        put("routes", 4, "origin", "harbor"),
        "cell A4 (origin): 'harbor' is not a district; did you mean 'harbour'?",
    ),
    "a row as a whole": (
        put("districts", 2, "population_low", 9e6),
        "sheet 'districts', row 2: population must be ordered",
    ),
    "a name twice": (
        put("units", 4, "unit", "Headquarters"),
        "cell A4 (unit): 'Headquarters' is already the unit of row 2",
    ),
    "a head": (
        put("units", 1, "posture", "postur"),
        "sheet 'units', cell E1: 'postur' is not known here; did you mean 'posture'?",
    ),
    "a key's value": (
        put("scenario", 4, "value", "soon"),
        "sheet 'scenario', cell B4 (value): 'soon' is a text",
    ),
    "a key": (
        put("scenario", 4, "key", "strat"),
        "sheet 'scenario', cell A4 (key): 'strat' is no key of a scenario",
    ),
    "a share among the keys": (put("scenario", 8, "value", 7), "sheet 'scenario', cell B8 (value): 7"),
    "a mechanism": (
        lambda cells: next(r for r in cells["scenario"] if r[0] == "without").__setitem__(1, "deterence"),
        "there is no mechanism 'deterence'; did you mean 'deterrence'?",
    ),
    "a parameter's value": (put("parameters", 2, "value", -5), "sheet 'parameters', cell B2 (value)"),
    "a parameter's name": (
        lambda cells: cells["parameters"].append(["met_csot", 1]),
        "(parameter): there is no parameter 'met_csot'; did you mean 'met_cost'?",
    ),
    "a schedule's name": (
        put("actions", 3, "schedule", "border-frist"),
        "sheet 'actions', cell A3 (schedule): 'border-frist' is no name on sheet 'schedules'; did",
    ),
    "an action's base": (
        put("actions", 3, "base", "Forrest"),
        "sheet 'actions', cell D3 (base): 'Forrest' is not a base; did you mean 'Forest'?",
    ),
    "an action's day": (
        put("actions", 3, "on", date(2050, 1, 1)),
        "sheet 'actions', cell C3 (on): 2050-01-01 is outside the run",
    ),
    "an action's kind": (put("actions", 3, "do", "clos"), "sheet 'actions', cell B3 (do)"),
    "the counterfactual": (
        put("schedules", 2, "name", "none"),
        "sheet 'schedules', cell A2 (name): 'none' is the built-in",
    ),
    "a cell under no head": (
        lambda cells: (cells["routes"][0].append(""), cells["routes"][2].append("x")),
        "sheet 'routes', cell I3: stands under no head",
    ),
    "a sheet that is missing": (lambda cells: cells.pop("units"), "sheet 'units': is missing"),
    "a sheet misspelt": (
        lambda cells: cells.update(sitez=cells.pop("sites")),
        "sheet 'sitez': is not known here; did you mean 'sites'?",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_by_sheet_and_cell(
    mistake: str, corridor: Scenario, root: Path, tmp_path: Path
) -> None:
    change, words = MISTAKES[mistake]
    file = changed(corridor, change, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError) as told:
        excel.read(file)
    assert words in str(told.value), str(told.value)
    assert str(file) in str(told.value)


def test_mistakes_in_cells_are_told_together(corridor: Scenario, tmp_path: Path) -> None:
    def change(cells: Cells) -> None:
        put("districts", 3, "population", "12a")(cells)
        put("districts", 4, "crime", -1)(cells)
        put("actions", 2, "do", "clos")(cells)

    with pytest.raises(Mistakes) as told:
        excel.read(changed(corridor, change, tmp_path))
    assert len(told.value.errors) == 3
    assert "cell H3 (population)" in str(told.value)
    assert "sheet 'actions', cell B2 (do)" in str(told.value)


def test_what_spreadsheets_do_to_cells_is_understood(corridor: Scenario, tmp_path: Path) -> None:
    """Days as text, whole numbers as floats, rows left empty, an own sheet, a number as a name."""

    def change(cells: Cells) -> None:
        put("scenario", 4, "value", "2030-01-07")(cells)
        put("units", 2, "strength", "700")(cells)
        put("units", 2, "note", 2016)(cells)
        cells["routes"].insert(3, [None] * len(cells["routes"][0]))
        cells["my sums"] = [["a"], [1]]

    file = changed(corridor, change, tmp_path)
    read = excel.read(file)
    assert read.units[0].note == "2016"
    assert excel.difference(replace(read, units=corridor.units), corridor) == ""
    assert excel.strangers(file) == ["my sums"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no Excel workbook"),
        (b"id,name\n", "is no Excel workbook"),
        (b"PK\x03\x04 not a zip", "damaged zip archive or workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(content)
    with pytest.raises(ScenarioError, match=words):
        excel.read(file)


def test_a_torn_workbook_is_refused(corridor: Scenario, tmp_path: Path) -> None:
    content = excel.export(corridor)
    file = tmp_path / "x.xlsx"
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part[: len(part) // 2] if name == "xl/worksheets/sheet4.xml" else part)
    with pytest.raises(ScenarioError, match="cannot be read"):
        excel.read(file)


def test_a_case_goes_out_is_changed_and_comes_back(here: Path) -> None:
    out = RUN.invoke(app, ["excel", "export", "corridor"])
    assert out.exit_code == 0, out.output
    first = RUN.invoke(app, ["excel", "import", "corridor.xlsx", "mine"])
    assert first.exit_code == 0, first.output
    folder = here / "scenarios" / "mine"
    shipped = Scenario.load("corridor")
    assert excel.difference(Scenario.load(folder), shipped) == ""
    (folder / "README.md").write_text("mine")
    units = folder / "units.csv"
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p != units}

    twice = RUN.invoke(app, ["excel", "import", "corridor.xlsx", "mine"])
    assert twice.exit_code == 2
    assert "--force" in twice.output
    same = RUN.invoke(app, ["excel", "import", "corridor.xlsx", "mine", "--force"])
    assert "nothing was written" in same.output.replace("\n", " ")

    file = changed(Scenario.load(folder), put("units", 2, "strength", 650), here)
    done = RUN.invoke(app, ["excel", "import", str(file), "mine", "--force"])
    assert done.exit_code == 0, done.output
    assert "units.csv: 1 row changed" in done.output
    assert Scenario.load(folder).units[0].strength == 650
    assert {p: p.read_bytes() for p in before} == before, "other files stay as they are"


def test_schedules_come_and_go_by_their_files(corridor: Scenario, here: Path) -> None:
    folder = here / "scenarios" / "mine"
    shutil.copytree(corridor.folder, folder)  # type: ignore[arg-type]
    (folder / "schedules" / "hasty.toml").rename(folder / "schedules" / "z.toml")

    def change(cells: Cells) -> None:
        cells["schedules"][1:] = [row for row in cells["schedules"][1:] if row[0] in ("hasty", "regroup")]
        cells["actions"][1:] = [row for row in cells["actions"][1:] if row[0] in ("hasty", "regroup")]
        put("schedules", 3, "title", "Out, and quickly")(cells)
        cells["schedules"].append(["later", "Later"])
        cells["actions"].append(["later", "end-mission", date(2033, 1, 3)])

    file = changed(Scenario.load(folder), change, here)
    done = RUN.invoke(app, ["excel", "import", str(file), "mine", "--force"])
    assert done.exit_code == 0, done.output
    assert {p.name for p in (folder / "schedules").iterdir()} == {"z.toml", "regroup.toml", "later.toml"}
    made = Scenario.load(folder).schedules
    assert made["hasty"].title == "Out, and quickly"
    assert made["later"].actions[0].do == "end-mission"


def test_a_mistake_changes_nothing(corridor: Scenario, here: Path) -> None:
    folder = here / "scenarios" / "mine"
    shutil.copytree(corridor.folder, folder)  # type: ignore[arg-type]
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    file = changed(corridor, put("units", 2, "strength", -1), here)
    for name in ("mine", "other"):
        out = RUN.invoke(app, ["excel", "import", str(file), name, "--force"])
        assert out.exit_code == 2
        assert "sheet 'units', cell F2 (strength)" in out.output.replace("\n", " ")
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert [p.name for p in (here / "scenarios").iterdir()] == ["mine"]


def test_outlines_stay_in_the_folder_and_the_workbook_says_so(here: Path) -> None:
    case = camps(8)
    ring = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0))
    with_outlines = replace(case, outlines={case.districts[0].id: (ring,)})  # type: ignore[dict-item]
    about = {str(row[0]): str(row[1]) for row in excel.sheets(with_outlines)[0].rows}
    assert "outlines.geojson" in about["not in it"]
    assert "not in it" not in {row[0] for row in excel.sheets(case)[0].rows}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["export", "nowhere"], "nowhere"),
        (["export", "corridor", "--out", "x.csv"], ".xlsx"),
        (["export", "corridor", "--out", "."], "is a folder"),
        (["import", "no.xlsx"], "no.xlsx"),
        (["results", "nowhere"], "nowhere"),
    ],
)
def test_the_commands_name_mistakes_and_write_nothing(given: list[str], words: str, here: Path) -> None:
    out = RUN.invoke(app, ["excel", *given])
    assert out.exit_code == 2
    assert words in out.output.replace("\n", " ")
    assert not list(here.iterdir())
