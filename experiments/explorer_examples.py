"""Make the explorers of two cases, as examples.

    python experiments/explorer_examples.py [FOLDER]

writes drc-monusco-explorer.html and liberia-unmil-explorer.html to docs/examples, or to FOLDER: some
eight minutes of processor time. A run that was stopped goes on where it ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sim.cli import app

CASES = {
    "drc-monusco": "actual,full-exit,quiet-first,hot-first,fast",
    "liberia-unmil": "actual,after-elections,border-first,handover-exit,ebola-exit,police-with-troops",
}
"""Schedules of each; the first two are shown first."""


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "docs" / "examples"
    for case, schedules in CASES.items():
        out = folder / f"{case}-explorer.html"
        app(["explore", case, "--schedules", schedules, "--out", str(out)], standalone_mode=False)


if __name__ == "__main__":
    main()
