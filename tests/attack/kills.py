"""Kill `drawdown compare` at random moments, and see that nothing is lost.

    python tests/attack/kills.py [--kills 100] [--seed 1] [--replicates 60] [--short]

Each round starts a comparison into a folder of its own, often over an earlier result, stops it at a random
moment (SIGKILL, SIGINT or SIGTERM; in half of the rounds not before it has begun to write the result), looks
at what is there, and gives the same command again until it ends. What must hold, else the script ends
non-zero and says what did not:

- after the stop the folder holds the earlier result untouched, a whole new one, or nothing
- SIGINT and SIGTERM end with exit code 130, or 0 if the command was through, and without a traceback; the
  signal itself may end only an interpreter that has not come to the command's first line
- the command given again ends well, with every table bit for bit as without a stop
- nothing else is left beside the folder

The command of every twelfth round is started as a user starts it. Others are forked from this process,
which has imported all and loaded the compiled model: that saves ten seconds each. They hear no signal before
they have come to the command.

Not collected by pytest: it takes minutes. `.ci/run attack` runs a short version.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import NoReturn

from sim import compare
from sim.cli import main

SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
TABLES = (
    "summary.csv", "vacuums.csv", "cliffs.csv", "massacres.csv", "vacuum_summary.csv", "cliff_summary.csv",
    "totals.nc", "trajectories.nc", "summary.txt",
)  # fmt: skip

BOOT = 0.5
"""Seconds within which an interpreter comes to the command's first line, on a busy machine."""


class Command:
    """`drawdown compare` in a process of its own, its errors in a file."""

    def __init__(self, out: Path, replicates: int, figures: bool, anew: bool = False) -> None:
        """Start it; `anew`: as a user does, else forked from this process."""
        words = ["compare", "corridor", "--schedules", "hasty", "--replicates", str(replicates)]
        words += ["--threads", "2", "--out", str(out), *([] if figures else ["--no-figures"])]
        self.file = out.with_name(f"{out.name}.errors")
        self.code: int | None = None
        self.begun = time.monotonic()
        sys.stdout.flush()
        if not anew:
            signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS[1:])
        self.pid = os.fork()
        if self.pid:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS[1:])
        else:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            if anew:
                os.execv(sys.executable, [sys.executable, "-m", "sim.cli", *words])
            self._run(words)

    @staticmethod
    def _run(words: list[str]) -> NoReturn:
        sys.argv = ["drawdown", *words]
        for number in SIGNALS[1:]:
            signal.signal(number, lambda *_: os._exit(130))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS[1:])
        code: object = 1
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)

    def ended(self) -> bool:
        """Return whether it has ended, with `code`: negative the signal that ended it."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def send(self, how: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if not self.ended():
            os.kill(self.pid, how)

    def errors(self) -> str:
        """Wait for its end, ten minutes at most; returns what it wrote to standard error."""
        until = time.monotonic() + 600
        while not self.ended():
            if time.monotonic() > until:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.02)
        text = self.file.read_text(errors="replace") if self.file.exists() else ""
        self.file.unlink(missing_ok=True)
        return text


def bits(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every table of a result."""
    return {name: (folder / name).read_bytes() for name in TABLES}


def wait_until_writing(out: Path, process: Command) -> None:
    """Return once the result is being written, or the command has ended."""
    while not process.ended():
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
    anew: bool,
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
    process = Command(out, replicates, writing and chance.random() < 0.3, anew)
    if writing:
        wait_until_writing(out, process)
        time.sleep(chance.uniform(0.0, 0.15))
    else:
        time.sleep(chance.uniform(0.06, length))
    how_long = time.monotonic() - process.begun
    process.send(how)
    errors, ended = process.errors(), process.code
    if how != signal.SIGKILL:
        boot = anew and how_long < BOOT
        assert ended in (0, 130) or (boot and ended == -how), f"exit code {ended} after {how.name}:\n{errors}"
        assert "Traceback" not in errors or (boot and "KeyboardInterrupt" in errors), errors
    if out.exists():
        now = bits(out)
        assert now in (before, expected), f"half a result after {how.name}"
    elif before is not None:  # only a kill between the two renames of systems without an exchange
        raise AssertionError(f"the earlier result is gone after {how.name}")
    process = Command(out, replicates, False)
    errors = process.errors()
    assert process.code == 0, errors
    assert bits(out) == expected, f"other tables after {how.name}"
    left = sorted(p.name for p in folder.iterdir())
    assert left == ["r"], f"left over after {how.name}: {left}"
    through = " (through)" if ended == 0 else ""
    return f"{how.name} {'while writing' if writing else 'while running'}{through}"


def attack() -> int:
    """Run the rounds and print counts; returns 1 if any went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replicates", type=int, default=60)
    parser.add_argument("--short", action="store_true", help="a dozen kills")
    args = parser.parse_args()
    if args.short:
        args.kills = 12
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells make what runs behind deaf to it
    chance = random.Random(args.seed)
    counts: Counter[str] = Counter()
    wrong = 0
    compare("corridor", ["hasty"], replicates=10)  # compiles the model, or loads it
    with tempfile.TemporaryDirectory(prefix="drawdown-kills-") as temporary:
        whole = Path(temporary) / "whole"
        earlier = Path(temporary) / "earlier"  # another result, that must not be harmed
        for folder, replicates in ((earlier, 10), (whole, args.replicates)):
            begun = time.monotonic()
            process = Command(folder, replicates, False)
            errors = process.errors()
            assert process.code == 0, errors
            length = time.monotonic() - begun
        expected = bits(whole)
        for number in range(args.kills):
            anew = number % 12 == 11
            try:
                what = one(
                    Path(temporary) / "round", chance, earlier, expected,
                    length + 10 * anew, args.replicates, anew,
                )  # fmt: skip
                counts[what] += 1
            except AssertionError as error:
                wrong += 1
                print(f"round {number}: {error}", flush=True)
            if number % 10 == 9:
                print(f"{number + 1} stops, {wrong} wrong", flush=True)
    for what, count in sorted(counts.items()):
        print(f"{count:>5}  {what}")
    print(f"{sum(counts.values())} stops, nothing lost; {wrong} wrong (seed {args.seed})")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(attack())
