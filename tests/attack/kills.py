"""Kill `drawdown compare` at random moments, and see that nothing is lost.

    python tests/attack/kills.py [--kills 100] [--seed 1] [--replicates 60] [--short]

Each round starts a comparison into a folder of its own, often over an earlier result, stops it at a random
moment (SIGKILL, SIGINT or SIGTERM; in half of the rounds not before it has begun to write the result), looks
at what is there, and gives the same command again until it ends. What must hold, else the script ends
non-zero and says what did not:

- after the stop the folder holds the earlier result untouched, a whole new one, or nothing
- SIGINT and SIGTERM end with exit code 130 (or 0, if the command was through) and without a traceback
- the command given again ends well, with every table bit for bit as without a stop
- nothing else is left beside the folder

Not collected by pytest: it takes minutes. `.ci/run attack` runs a short version.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
TABLES = (
    "summary.csv", "vacuums.csv", "cliffs.csv", "massacres.csv", "vacuum_summary.csv", "cliff_summary.csv",
    "totals.nc", "trajectories.nc", "summary.txt",
)  # fmt: skip


def start(out: Path, replicates: int, figures: bool) -> subprocess.Popen[str]:
    """Start the comparison in a process of its own."""
    words = ["compare", "corridor", "--schedules", "hasty", "--replicates", str(replicates)]
    words += ["--threads", "2", "--out", str(out), *([] if figures else ["--no-figures"])]
    command = [sys.executable, "-m", "sim.cli", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def bits(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every table of a result."""
    return {name: (folder / name).read_bytes() for name in TABLES}


def wait_until_writing(out: Path, process: subprocess.Popen[str]) -> None:
    """Return once the result is being written, or the command has ended."""
    while process.poll() is None:
        parts = out.with_name(out.name + ".parts")
        if any(out.parent.glob(f".{out.name}-*/result/summary.csv")) and any(parts.glob("*.npz")):
            return
        time.sleep(0.002)


def one(
    folder: Path,
    chance: random.Random,
    earlier: Path,
    expected: dict[str, bytes],
    length: float,
    replicates: int,
) -> str:
    """Stop one comparison and finish it; returns what happened. Raises `AssertionError` if it must not."""
    out = folder / "r"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    over = chance.random() < 0.5
    if over:
        shutil.copytree(earlier, out)
    before = bits(out) if over else None
    how = chance.choice(SIGNALS)
    writing = chance.random() < 0.5
    process = start(out, replicates, writing and chance.random() < 0.3)
    if writing:
        wait_until_writing(out, process)
        time.sleep(chance.uniform(0.0, 0.15))
    else:
        time.sleep(chance.uniform(0.06, length))
    process.send_signal(how)
    errors = process.communicate(timeout=300)[1]
    ended = process.returncode
    if how != signal.SIGKILL:
        assert ended in (0, 130), f"exit code {ended} after {how.name}:\n{errors}"
        assert "Traceback" not in errors, errors
    if out.exists():
        now = bits(out)
        assert now in (before, expected), f"half a result after {how.name}"
    elif before is not None:  # only a kill between the two renames of systems without an exchange
        raise AssertionError(f"the earlier result is gone after {how.name}")
    process = start(out, replicates, False)
    errors = process.communicate(timeout=600)[1]
    assert process.returncode == 0, errors
    assert bits(out) == expected, f"other tables after {how.name}"
    left = sorted(p.name for p in folder.iterdir())
    assert left == ["r"], f"left over after {how.name}: {left}"
    through = " (through)" if ended == 0 else ""
    return f"{how.name} {'while writing' if writing else 'while running'}{through}"


def main() -> int:
    """Run the rounds and print counts; returns the number of those that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replicates", type=int, default=60)
    parser.add_argument("--short", action="store_true", help="a dozen kills")
    args = parser.parse_args()
    if args.short:
        args.kills = 12
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    chance = random.Random(args.seed)
    counts: Counter[str] = Counter()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="drawdown-kills-") as temporary:
        whole = Path(temporary) / "whole"
        earlier = Path(temporary) / "earlier"  # another result, that must not be harmed
        start(earlier, 10, False).communicate()
        process = start(whole, args.replicates, False)
        errors = process.communicate()[1]
        assert process.returncode == 0, errors
        begun = time.monotonic()  # once more, with the model compiled
        start(whole, args.replicates, False).communicate()
        length = time.monotonic() - begun
        expected = bits(whole)
        for number in range(args.kills):
            try:
                counts[
                    one(Path(temporary) / "round", chance, earlier, expected, length, args.replicates)
                ] += 1
            except AssertionError as error:
                wrong += 1
                print(f"round {number}: {error}", flush=True)
    for what, count in sorted(counts.items()):
        print(f"{count:>5}  {what}")
    print(f"{sum(counts.values())} stops, nothing lost; {wrong} wrong (seed {args.seed})")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
