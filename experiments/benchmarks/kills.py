"""Kill a sweep at random moments, and see whether anything gets lost.

    python experiments/benchmarks/kills.py [--kills 20]

Runs a small sweep once undisturbed. Then starts it again and again in another folder, and each time kills
(signal 9) either the parent or one of its workers at a random moment, until so many kills are done; lets it
finish; and compares the two tables byte for byte. Prints what was killed, and when. Says "nothing lost" or
fails.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

TEXT = """
name = "kills"
title = "Kills"
question = "Is anything lost?"
expected = "Nothing."
why = "A part is whole or not there."
scenarios = ["corridor"]
replicates = 5
outcomes = ["killed", "fled"]
levers = {schedules = ["none", "border-first", "hasty"]}
uncertainties = {parameters = ["met_cost", "decisiveness"]}
design = {kind = "latin-hypercube", points = 120}
keep = {weekly = ["attacks"], replicates = 1}
"""
SWEEP = """
import sys
from sim.study.experiments import plan
plan.CHUNK //= 4
from sim import sweep
sweep(sys.argv[1], sys.argv[2])
"""


def start(file: Path, out: Path) -> psutil.Popen:
    return psutil.Popen([sys.executable, "-c", SWEEP, str(file), str(out)], stderr=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    wanted = parser.parse_args().kills
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        file = place / "experiment.toml"
        file.write_text(TEXT)
        begun = time.monotonic()
        assert start(file, place / "whole").wait() == 0
        usual = time.monotonic() - begun
        print(f"undisturbed: {usual:.0f} s", flush=True)
        done = 0
        while done < wanted:
            process = start(file, place / "killed")
            while process.poll() is None and done < wanted:
                time.sleep(chance.uniform(0.3, 0.9) * usual)
                workers = process.children() if process.is_running() else []
                victim = chance.choice([process, *workers])
                if not victim.is_running() or process.poll() is not None:
                    break
                parts = len(list((place / "killed" / "parts").glob("[0-9a-f]*.parquet")))
                print(
                    f"kill {done + 1}: {'parent' if victim == process else 'worker'}, {parts} parts",
                    flush=True,
                )
                victim.kill()
                done += 1
                if victim == process:
                    break
            process.wait()
            if (place / "killed" / "runs.parquet").exists():
                print("complete; begun anew", flush=True)
                compare(place)
                subprocess.run(["rm", "-r", str(place / "killed")], check=True)
        assert start(file, place / "killed").wait() == 0
        compare(place)
    print(f"{done} kills, nothing lost: the tables are the same to the last byte")


def compare(place: Path) -> None:
    for name in ("runs.parquet", "weekly.parquet"):
        assert (place / "killed" / name).read_bytes() == (place / "whole" / name).read_bytes(), name


if __name__ == "__main__":
    main()
