"""Thousands of spoiled scenarios by hand: what becomes of them, counted.

    python tests/attack/scenarios.py [--first 0] [--count 10000] [--short]

Each number is a seed of its own: the teaching case with one to three spoils (bytes, cells, keys, swapped
or cut files). Counts clean errors, remarks, worlds that can be built, and tracebacks, whose numbers are
printed. Goes on from anywhere: the counts of a range do not hang on the ranges before.
"""

from __future__ import annotations

import argparse
import collections
import random
import shutil
import tempfile
import traceback
from pathlib import Path

from sim import Scenario, ScenarioError
from sim.build import build
from sim.scenario.case import RECORD, TABLES
from sim.study.plausible import remarks

MODEL = Path(__file__).resolve().parents[2] / "scenarios" / "corridor"
# Tables that the teaching case does without, so that they are spoiled too.
ADDED = {
    "places.csv": """\
name,district,latitude,longitude,people_low,people,people_high,urban,certainty
Quay,harbour,0.0,30.0,500000,600000,700000,1,estimate
Landing,harbour,0.02,30.03,265000,300000,380000,0,estimate
""",
    "record.csv": """\
kind,name,code,date,earliest,latest,value,source,certainty,note
population,harbour,,,,,900000,invented,estimate,
mission-total,mission,,2030-06-01,,,4000,invented,estimate,
closure,Harbour,,2032-01-01,2031-12-01,2032-02-01,,invented,estimate,
""",
}
FILES = ("scenario.toml", *TABLES, RECORD, "schedules/border-first.toml", "schedules/regroup.toml")
VALUES = (
    "nan", "inf", "1e400", "-1", "0", "1e308", "0x10", "1_000", "٣", "", " ", "true", "false", "[]", "{}",
    "harbour", "=1+1", "a\x00b", "\x1b[2J", "\u202eabc", "x" * 5000, "2017-02-30", "9999-12-31",
    "0001-01-01", "2030-01-06", "2030-01-07T00:00:00", "scheduled", "none", '"', "'", "\\", "$x_{$", ":fire:",
    "[bold]", "9" * 5000, "a.b.c", "\ud7ff", "ﬀ", "5", "0.5", "100000000", "1e-9",
)  # fmt: skip


def spoil(folder: Path, chance: random.Random) -> str:
    """Spoil one file of a folder; returns what was done."""
    path = folder / chance.choice(FILES)
    raw = path.read_bytes()
    how = chance.choice(("bytes", "cell", "cell", "cell", "cut", "line", "swap", "encoding"))
    if how == "bytes":
        at = chance.randrange(len(raw) + 1)
        raw = raw[:at] + chance.randbytes(chance.randint(1, 8)) + raw[at + chance.randint(0, 4) :]
    elif how == "cell":
        lines = raw.decode("utf-8", "replace").split("\n")
        i = chance.randrange(len(lines))
        mark = "," if path.suffix == ".csv" else "="
        cells = lines[i].split(mark)
        value = chance.choice(VALUES)
        cells[chance.randrange(len(cells))] = value if mark == "," or chance.random() < 0.7 else f' "{value}"'
        lines[i] = mark.join(cells)
        raw = "\n".join(lines).encode("utf-8", "replace")
    elif how == "cut":
        raw = raw[: chance.randrange(len(raw) + 1)]
    elif how == "line":
        lines = raw.split(b"\n")
        i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines.insert(i, lines[j]) if chance.random() < 0.5 else lines.pop(i)
        raw = b"\n".join(lines)
    elif how == "swap":
        raw = (folder / chance.choice(FILES)).read_bytes()
    else:
        raw = raw.decode("utf-8", "replace").encode(
            chance.choice(("utf-16", "utf-8-sig", "latin-1")), "replace"
        )
    path.write_bytes(raw)
    return f"{how} of {path.relative_to(folder)}"


def outcome(number: int, place: Path) -> tuple[str, str]:
    """Return what becomes of one spoiled scenario, and of what went wrong what was done and where."""
    chance = random.Random(number)
    folder = place / "case"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(MODEL, folder)
    for name, text in ADDED.items():
        (folder / name).write_text(text, encoding="utf-8")
    done = [spoil(folder, chance) for _ in range(chance.randint(1, 3))]
    try:
        case = Scenario.load(folder)
        found = remarks(case)
        for plan in (*case.schedules, "none"):
            build(case, plan)
    except ScenarioError as error:
        clean = str(error).isprintable() and str(folder) in str(error)
        return ("clean error", "") if clean else ("error that is not clean", f"{done}: {error}")
    except Exception:  # whatever else comes out is what is looked for
        return "traceback", f"{done}\n{traceback.format_exc()}"
    return ("runs, with remarks" if found else "runs"), ""


def main() -> None:
    """Run a range of numbers and print the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--short", action="store_true", help="two hundred")
    options = parser.parse_args()
    if options.short:
        options.count = 200
    counts: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as place:
        for number in range(options.first, options.first + options.count):
            what, why = outcome(number, Path(place))
            counts[what] += 1
            if why:
                print(f"{number}: {what}: {why}", flush=True)
            if (number + 1 - options.first) % 500 == 0:
                print(f"{number + 1}: {dict(counts)}", flush=True)
    print(f"{options.first} to {options.first + options.count - 1}: {dict(counts)}")
    if counts["traceback"] or counts["error that is not clean"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
