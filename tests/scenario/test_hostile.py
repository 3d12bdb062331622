"""Malformed and hostile files end in one clear error or in a valid scenario, and nothing is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario, ScenarioError
from sim.build import build
from sim.scenario.schema import TABLES
from sim.start import begin

HOSTILE = (
    "nan", "inf", "-inf", "1e400", "-1", "-0.0", "9" * 5000, "1e308", "0x10", "1_000", "٣", "½",
    "", " ", "\t", "None", "true", "harbour", "Harbour", "=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3",
    "../../etc/passwd", "/etc/passwd", "C:\\windows",
    "a\x00b", "a\x07b", "\u202eabc", "x" * 121, "2017-02-30",
    "9999-12-31", "0001-01-01", "2030-01-07T00:00:00", "scheduled", "none", '"', "'", "\\",
)  # fmt: skip
FILES = ("scenario.toml", *TABLES, "schedules/border-first.toml", "schedules/hasty.toml")
MODEL = Path(__file__).resolve().parents[2] / "scenarios" / "corridor"


HARBOUR = next(d for d in Scenario.load(MODEL).districts if d.id == "harbour")
PLACES = f"""\
name,district,latitude,longitude,people_low,people,people_high,urban,certainty
Quay,harbour,{HARBOUR.latitude},{HARBOUR.longitude},1000,90000,200000,1,invented
Salt,harbour,{HARBOUR.latitude + 0.1},{HARBOUR.longitude},1000,90000,200000,0,invented
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which each example makes the case anew."""
    return tmp_path_factory.mktemp("hostile")


def fresh(work: Path) -> Path:
    """Return an unspoiled copy of the teaching case, with the one file that it can do without."""
    folder = work / "case"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(MODEL, folder)
    (folder / "places.csv").write_text(PLACES, encoding="utf-8")
    return folder


def survives(folder: Path) -> None:
    """Load a case: it ends in one error that names the case's files, or in a world that can be built."""
    before = sorted(str(p) for p in folder.rglob("*"))
    try:
        case = Scenario.load(folder)
    except ScenarioError as error:
        message = str(error)
        assert str(folder) in message
        assert len(message) < 1000
        assert all(c.isprintable() or c == "\n" for c in message), "an error is safe to print"
    else:
        for plan in (*case.schedules, "none"):
            world, _ = build(case, plan)
            begin(world, 1, 0)
    assert sorted(str(p) for p in folder.rglob("*")) == before, "nothing is written"


@settings(max_examples=300)
@given(
    name=st.sampled_from(FILES),
    line=st.integers(0, 40),
    cell=st.integers(0, 16),
    value=st.sampled_from(HOSTILE),
)
def test_a_hostile_value_anywhere(work: Path, name: str, line: int, cell: int, value: str) -> None:
    folder = fresh(work)
    path = folder / name
    lines = path.read_text(encoding="utf-8").splitlines()
    line %= len(lines)
    if name.endswith(".csv"):
        cells = lines[line].split(",")
        cells[cell % len(cells)] = value
        lines[line] = ",".join(cells)
    else:
        key, equals, _ = lines[line].partition("=")
        lines[line] = f'{key}= "{value}"' if equals and cell % 2 else f"{key}{equals} {value}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    survives(folder)


@settings(max_examples=80)
@given(name=st.sampled_from(FILES), at=st.integers(0, 3000), raw=st.binary(min_size=1, max_size=12))
def test_any_bytes_anywhere(work: Path, name: str, at: int, raw: bytes) -> None:
    folder = fresh(work)
    path = folder / name
    whole = path.read_bytes()
    at %= len(whole)
    path.write_bytes(whole[:at] + raw + whole[at:])
    survives(folder)


@settings(max_examples=40)
@given(name=st.sampled_from(FILES), at=st.integers(0, 3000))
def test_files_cut_short(work: Path, name: str, at: int) -> None:
    folder = fresh(work)
    path = folder / name
    whole = path.read_bytes()
    path.write_bytes(whole[: at % len(whole)])
    survives(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_a_folder_or_missing_or_endless(work: Path, name: str) -> None:
    folder = fresh(work)
    path = folder / name
    path.unlink()
    if name == "scenario.toml" or (name in TABLES and not TABLES[name].optional):
        with pytest.raises(ScenarioError):
            Scenario.load(folder)
    path.mkdir()
    with pytest.raises(ScenarioError):
        Scenario.load(folder)
    path.rmdir()
    path.write_bytes(b"x" * 10_000_000)  # one line of ten million characters
    survives(folder)
    path.write_bytes(b"a," * 5_000_000)
    survives(folder)


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks_make_no_difference(work: Path, ending: str, mark: bytes) -> None:
    folder = fresh(work)
    for name in FILES:
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_bytes(mark + text.replace("\n", ending).encode())
    case, plain = Scenario.load(folder), Scenario.load(MODEL)
    assert case.districts == plain.districts
    assert case.units == plain.units
    assert [a.on for a in case.schedules["hasty"].actions] == [a.on for a in plain.schedules["hasty"].actions]


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "a\x07b", "\u202eabc"])
def test_names_that_a_spreadsheet_would_run_or_a_screen_would_turn_are_refused(
    work: Path, value: str
) -> None:
    folder = fresh(work)
    path = folder / "armed_groups.csv"
    path.write_text(path.read_text().replace("Ridge Front,", f"{value},", 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"spreadsheets run as a formula|cannot be printed"):
        Scenario.load(folder)
