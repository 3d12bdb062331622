"""Make the example briefings of docs/examples, HTML and PDF, of three cases.

    python experiments/examples.py [--replicates 200] [--results FOLDER] [CASE ...]

Compares all schedules of each case (default all three), or takes the result that FOLDER/CASE holds already,
and writes docs/examples/CASE-LANG.html and .pdf. Some four minutes on two cores.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from sim import Scenario, compare
from sim.brief import content, html, typeset
from sim.brief.language import CODES
from sim.study.load import load

OUT = Path(__file__).resolve().parent.parent / "docs" / "examples"
CASES = {"drc-monusco": CODES, "liberia-unmil": CODES, "south-sudan-unmiss-2025": ("en",)}
"""Languages of each."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("cases", nargs="*", default=list(CASES), metavar="CASE")
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--results", type=Path, help="where results of `drawdown compare` lie, by case")
    given = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    for name in given.cases:
        with tempfile.TemporaryDirectory() as folder:
            there = given.results / name if given.results else Path(folder) / name
            if not (there / "provenance.json").is_file():
                compare(Scenario.load(name), replicates=given.replicates).save(there)
            made = content.brief(load(there))
        for code in CASES.get(name, CODES):
            (OUT / f"{name}-{code}.html").write_text(html.html(made, code), encoding="utf-8")
            (OUT / f"{name}-{code}.pdf").write_bytes(typeset.pdf(made, code))
            print(f"Written to {OUT / f'{name}-{code}'}.html and .pdf.")


if __name__ == "__main__":
    main()
