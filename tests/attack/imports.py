"""Mutates what people import, thousands of times, and counts what comes of it; not part of the test suite.

    python tests/attack/imports.py [--runs 2000] [--seed 1] [--short]

Each run spoils one of the files of a made-up country (its bytes, or a value in it), runs an import, and
expects one of two ends: it is done and the case loads, or it is refused with an error that names a file or
option, and the case's folder is what it was. Anything else is a fault, and is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import random
import shutil
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from maps import EVENTS, MAP, PEOPLE, PERIOD, SITES, country, geojson, run

from sim import Scenario

VALUES = (
    "", "NA", "nan", "inf", "-1", "1e999", "0", "5,5", "1,200", "1.200", "=1+1", "MÃ©naka", "é" * 200, "\0",
    "#tag", "2014-13-45", "30 April 2014", "\ud800", "20.5", "x" * 200_000, '"', "None", "true", "1_0", "٣",
)  # fmt: skip
JUNK: tuple[object, ...] = (
    None, True, [], {}, "x", -1, 1e308, float("nan"), float("inf"), [[]], [[[]]],
    {"type": "Polygon"}, "=1", 10**400,
)  # fmt: skip


def spoiled_bytes(raw: bytes, chance: random.Random) -> bytes:
    """Return bytes with some of them changed, lost, doubled or cut off."""
    for _ in range(chance.randint(1, 4)):
        i = chance.randrange(len(raw) + 1)
        j = min(len(raw), i + chance.randint(0, 30))
        raw = chance.choice(
            (
                raw[:i] + chance.randbytes(chance.randint(0, 4)) + raw[j:],
                raw[:i] + raw[i:j] + raw[i:],
                raw[:j],
                raw[:i]
                + chance.choice((b"\0", b"\r", b'"', b"\n", b",", b"\xff", b"\xef\xbb\xbf"))
                + raw[i:],
            )
        )
    return raw or b"x"


def spoiled_table(raw: bytes, chance: random.Random) -> bytes:
    """Return a table with some cells replaced, or rows and columns moved or doubled."""
    rows = [line.split(",") for line in raw.decode().splitlines()]
    for _ in range(chance.randint(1, 3)):
        row = chance.choice(rows)
        what = chance.random()
        if what < 0.7 and row:
            row[chance.randrange(len(row))] = chance.choice(VALUES)
        elif what < 0.8:
            rows.insert(chance.randrange(len(rows)), list(row))
        elif what < 0.9 and len(rows) > 2:
            rows.remove(row)
        else:
            chance.shuffle(rows[0])
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass") + b"\n"


def spoiled_map(raw: bytes, chance: random.Random) -> bytes:
    """Return a map with some of its values replaced by junk."""
    data = json.loads(raw)
    for _ in range(chance.randint(1, 3)):
        here, key = data, "features"
        while isinstance(here[key], (dict, list)) and here[key] and chance.random() < 0.85:
            here = here[key]
            key = chance.choice(list(here) if isinstance(here, dict) else range(len(here)))
        here[key] = (
            chance.choice(JUNK)
            if chance.random() < 0.8
            else here[chance.choice(list(here))]
            if isinstance(here, dict)
            else None
        )
    return json.dumps(data).encode("utf-8", "surrogatepass")


def content(folder: Path) -> dict[str, bytes]:
    """Return what is in a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


Spoil = Callable[[bytes, random.Random], bytes]


def attack(runs: int, seed: int) -> int:
    """Run the attack; returns how many faults there were."""
    warnings.simplefilter("error")
    base = Path(tempfile.mkdtemp(prefix="attack-"))
    os.chdir(base)
    good = {
        "map.geojson": geojson(country()).encode(),
        "people.csv": ("pcode,population\n" + "".join(f"{c},{n}\n" for c, n in PEOPLE.items())).encode(),
        "sites.csv": SITES.encode(),
        "events.csv": EVENTS.encode(),
    }
    commands = {
        "map.geojson": ("districts", "pays", *MAP, *PERIOD, "--force"),
        "people.csv": ("districts", "pays", *MAP, *PERIOD, "--force"),
        "sites.csv": ("bases", "pays", "--mission", "UNX", "--geopko", "sites.csv", "--force"),
        "events.csv": ("violence", "pays", "--ged", "events.csv", "--country", "Pays", "--force"),
    }
    for name, raw in good.items():
        Path(name).write_bytes(raw)
    assert run(*commands["map.geojson"])[0] == 0
    shutil.copytree("scenarios", "kept")
    counts: Counter[str] = Counter()
    for number in range(runs):
        chance = random.Random(f"{seed}-{number}")
        name = chance.choice(list(good))
        by_value: Spoil = spoiled_map if name.endswith("json") else spoiled_table
        spoil = spoiled_bytes if chance.random() < 0.4 else by_value
        raw = spoil(good[name], chance)
        if chance.random() < 0.1:
            raw = gzip.compress(raw)
            raw = spoiled_bytes(raw, chance) if chance.random() < 0.5 else raw
        Path(name).write_bytes(raw)
        before = content(Path("scenarios"))
        try:
            with contextlib.redirect_stderr(None):
                code, out = run(*commands[name])
            if code == 0:
                Scenario.load("scenarios/pays")
                counts[f"{name}: done"] += 1
            elif code == 2 and out.startswith("error: ") and content(Path("scenarios")) == before:
                counts[f"{name}: refused"] += 1
            else:
                raise AssertionError(f"exit code {code}: {out[:300]}")
        except Exception:
            counts[f"{name}: FAULT"] += 1
            Path(f"fault-{number}-{name}").write_bytes(raw)
            print(f"run {number}, {base}/fault-{number}-{name}\n{traceback.format_exc(limit=-4)}", flush=True)
        Path(name).write_bytes(good[name])
        if content(Path("scenarios")) != before:
            shutil.rmtree("scenarios")
            shutil.copytree("kept", "scenarios")
        if number % 100 == 99:
            print(f"{number + 1}: {dict(sorted(counts.items()))}", flush=True)
    for what, n in sorted(counts.items()):
        print(f"{n:6d}  {what}")
    faults = sum(n for what, n in counts.items() if what.endswith("FAULT"))
    print(f"{runs} runs with seed {seed}: {faults} faults")
    if not faults:
        shutil.rmtree(base)
    return faults


def main() -> None:
    """Run the attack; ends non-zero if there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="fifty runs")
    options = parser.parse_args()
    raise SystemExit(attack(50 if options.short else options.runs, options.seed) > 0)


if __name__ == "__main__":
    main()
