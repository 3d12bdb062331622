"""Whatever has become of a result, `drawdown explain` tells its story or names what is wrong with it."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner
from worlds import close, plan, small

from sim import compare
from sim.cli import app
from sim.show import explain
from sim.study import retrace
from sim.study.retrace import RetraceError


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sound result that has vacuums and massacres."""
    case = small(60).with_schedule(plan("all", *(close(b, 15) for b in ("Alpha post", "Beta post"))))
    case = case.with_parameters(attack_rate=1.5, attack_hurdle=0.2)
    folder = tmp_path_factory.mktemp("damage") / "r"
    return compare(case, ["all"], replicates=3, seed=4).save(folder, figures=False)


def column(name: str, value: str) -> Callable[[str], str]:
    """Return what puts a value into the first row of a column."""

    def change(text: str) -> str:
        head, first, *rest = text.splitlines()
        cells = first.split(",")
        cells[head.split(",").index(name)] = value
        return "\n".join([head, ",".join(cells), *rest]) + "\n"

    return change


def without_column(name: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        at = text.splitlines()[0].split(",").index(name)
        return "".join(
            ",".join(c for i, c in enumerate(line.split(",")) if i != at) + "\n" for line in text.splitlines()
        )

    return change


def told(**changes: object) -> Callable[[str], str]:
    """Return what changes the provenance."""
    return lambda text: json.dumps({**json.loads(text), **changes})


def lacking(key: str) -> Callable[[str], str]:
    return lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != key})


DAMAGES: dict[str, tuple[str, Callable[[str], str | bytes] | None, str]] = {
    "no table": ("massacres.csv", None, "has no massacres.csv"),
    "empty table": ("massacres.csv", lambda _: "", "is damaged"),
    "header alone": ("massacres.csv", lambda t: t.splitlines()[0] + "\n", "has no row 1; it has none"),
    "cut in a row": ("massacres.csv", lambda t: t[: t.index("\n") + 6], "row 1"),
    "binary": ("massacres.csv", lambda _: bytes(range(256)) * 9, "is damaged"),
    "not text": ("massacres.csv", lambda t: t.encode("utf-16"), "is damaged"),
    "an open quote": ("massacres.csv", lambda t: t.replace("\n", '\n"', 1), "massacres.csv"),
    "more cells": ("massacres.csv", lambda t: t.replace("\n", "\n9,9,9,", 1), "massacres.csv"),
    "no column killed": ("massacres.csv", without_column("killed"), "lacks columns"),
    "no column week": ("massacres.csv", without_column("week"), "lacks columns"),
    "killed in words": ("massacres.csv", column("killed", "many"), "'many' is not a whole number"),
    "killed broken": ("massacres.csv", column("killed", "3.5"), "'3.5' is not a whole number"),
    "killed infinite": ("massacres.csv", column("killed", "inf"), "'inf' is not a whole number"),
    "killed below zero": ("massacres.csv", column("killed", "-4"), "'-4' is not a whole number"),
    "killed huge": ("massacres.csv", column("killed", "9" * 400), "is not a whole number"),
    "nobody killed": ("massacres.csv", column("killed", "0"), "names nobody killed"),
    "others killed": ("massacres.csv", column("killed", "7777"), "does not give row 1"),
    "replicate missing": ("massacres.csv", column("replicate", ""), "'' is not a whole number"),
    "replicate too high": ("massacres.csv", column("replicate", "3"), "the result has 0 to 2"),
    "no such district": ("massacres.csv", column("district", "Atlantis"), "district 'Atlantis', which its"),
    "no such schedule": ("massacres.csv", column("schedule", "slow"), "schedule 'slow', which the result"),
    "before the run": ("massacres.csv", column("week", "1999-01-04"), "outside of the run"),
    "after the run": ("massacres.csv", column("week", "2999-01-04"), "outside of the run"),
    "no date": ("massacres.csv", column("week", "Tuesday"), "'Tuesday' is not a date"),
    "a vacuum without end": ("vacuums.csv", column("weeks", "100000"), "outside of the run"),
    "a vacuum of no length": ("vacuums.csv", column("weeks", "0"), "outside of the run"),
    "another vacuum": ("vacuums.csv", column("weeks", "1"), "does not give row 1"),
    "no provenance": ("provenance.json", None, "has no provenance.json"),
    "provenance cut": ("provenance.json", lambda t: t[:200], "provenance.json is damaged"),
    "provenance a list": ("provenance.json", lambda _: "[1, 2]", "holds no provenance"),
    "provenance a number": ("provenance.json", lambda _: "1e999", "holds no provenance"),
    "provenance nested": ("provenance.json", lambda _: "[" * 100_000, "provenance.json is damaged"),
    "long digits": (
        "provenance.json",
        lambda _: '{"seed": ' + "9" * 5000 + "}",
        "provenance.json is damaged",
    ),
    "no seed": ("provenance.json", lacking("seed"), "seed"),
    "no schedules": ("provenance.json", lacking("schedules"), "schedules"),
    "no parameters": ("provenance.json", lacking("parameters"), "parameters"),
    "seed in words": ("provenance.json", told(seed="one"), "seed"),
    "seed huge": ("provenance.json", told(seed=10**30), "seed"),
    "replicates huge": ("provenance.json", told(replicates=10**40), "replicates"),
    "schedules a number": ("provenance.json", told(schedules=3), "schedules"),
    "schedules empty": ("provenance.json", told(schedules=[]), "schedules"),
    "a schedule of words": ("provenance.json", told(schedules=["all"]), "schedules"),
    "a schedule of another case": (
        "provenance.json",
        lambda t: t.replace("Alpha post", "Elsewhere"),
        "'Elsewhere' is not a base",
    ),
    "parameter unknown": ("provenance.json", told(parameters={"magic": 1.0}), "no parameter 'magic'"),
    "parameter huge": ("provenance.json", told(parameters={"met_cost": 1e300}), "outside its range"),
    "mechanism unknown": ("provenance.json", told(without=["magic"]), "magic"),
    "rule unknown": ("provenance.json", told(rules={"contest": "chess"}), "rules"),
    "another seed": ("provenance.json", told(seed=5), "does not give row 1"),
    "no scenario": ("scenario.json", None, "are not those the result was made from"),
    "scenario cut": ("scenario.json", lambda t: t[:300], "scenario.json cannot be read"),
    "scenario a list": ("scenario.json", lambda _: "[]", "scenario.json cannot be read"),
    "another scenario": ("scenario.json", lambda t: t.replace("Alpha", "Omega"), "scenario"),
}


def spoil(sound: Path, to: Path, file: str, change: Callable[[str], str | bytes] | None) -> Path:
    """Return a copy of a result in which a file is changed, or gone."""
    shutil.copytree(sound, to)
    if change is None:
        (to / file).unlink()
        return to
    content = change((sound / file).read_text(encoding="utf-8"))
    (to / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    return to


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_result_is_named_and_never_a_traceback(sound: Path, tmp_path: Path, damage: str) -> None:
    file, change, what = DAMAGES[damage]
    folder = spoil(sound, tmp_path / "r", file, change)
    option = "--vacuum" if file == "vacuums.csv" else "--massacre"
    out = CliRunner().invoke(app, ["explain", str(folder), option, "1"])
    assert out.exit_code == 2, out.output
    said = " ".join(out.output.split())
    assert what in said
    assert str(folder) in said
    assert "compare" in said or "restore" in said or "has no row" in said


def test_a_sound_result_is_explained(sound: Path) -> None:
    for words in (["--massacre", "1"], ["--vacuum", "1"], []):
        out = CliRunner().invoke(app, ["explain", str(sound), *words])
        assert out.exit_code == 0, out.output


def garbled(data: bytes, chance: random.Random) -> bytes:
    """Return bytes with something done to them: cut, doubled, swapped, replaced."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        a = chance.randrange(max(len(changed), 1))
        b = min(len(changed), a + chance.choice((1, 1, 3, 20, 200)))
        kind = chance.randrange(5)
        if kind == 0:
            del changed[a:b]
        elif kind == 1:
            changed[a:a] = changed[a:b]
        elif kind == 2:
            changed[a:b] = bytes(chance.randrange(256) for _ in range(b - a))
        elif kind == 3:
            changed[a:b] = chance.choice((b'"', b",", b"\n", b"-1", b"1e308", b"nan", b"null", b"\0", b"[]"))
        else:
            del changed[a:]
    return bytes(changed)


@pytest.mark.parametrize("file", ["massacres.csv", "vacuums.csv", "provenance.json", "scenario.json"])
def test_garbled_files_are_explained_or_refused(sound: Path, tmp_path: Path, file: str) -> None:
    folder = tmp_path / "r"
    shutil.copytree(sound, folder)
    data = (sound / file).read_bytes()
    chance = random.Random(file)
    name = "vacuums" if file == "vacuums.csv" else "massacres"
    refused: list[str] = []
    for _ in range(60):
        (folder / file).write_bytes(garbled(data, chance))
        try:
            run, row = retrace.find(folder, name, 1)
            assert (explain.vacuum if name == "vacuums" else explain.massacre)(run, row, 1)
            explain.listing(retrace.table(folder, "vacuums"), retrace.table(folder, "massacres"))
        except RetraceError as error:
            refused.append(str(error))
    assert len(refused) > 10
    assert all(str(folder) in said for said in refused)
