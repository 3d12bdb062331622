"""Make the explorers of three cases, as examples.

    python experiments/explorer_examples.py [--out FOLDER] [CASE ...]

writes CASE-explorer.html to docs/examples, or to FOLDER: some twenty minutes on two cores for all three. A
run that was stopped goes on where it ended.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli import app

CASES = {
    "drc-monusco": "actual,full-exit,quiet-first,hot-first,fast",
    "liberia-unmil": "actual,after-elections,border-first,handover-exit,ebola-exit,police-with-troops",
    "south-sudan-unmiss-2025": "contingency-plan,government-demand,forced-exit,reaction-force",
}
"""Schedules of each; the first two are shown first."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("cases", nargs="*", default=list(CASES), metavar="CASE")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "docs" / "examples")
    given = parser.parse_args()
    for case in given.cases:
        if case not in CASES:
            parser.error(f"{case!r} is none of {', '.join(CASES)}")
        out = given.out / f"{case}-explorer.html"
        app(["explore", case, "--schedules", CASES[case], "--out", str(out)], standalone_mode=False)


if __name__ == "__main__":
    main()
