"""The validation page: patterns and facts from the record, each world by itself.

    python experiments/validation/validation.py [--times 1] [--cases drc-monusco ...]

Writes validation.md (the page), validation.csv (every number) and validation.png. What was tried for checks
that fail stands in tried.toml, by check, and is written by hand; what the record has for a check is in
record.csv (record.py). `drawdown validate` measures the same without what was tried. Some six minutes of one
core; --times 0.2 for a look, with wide intervals, to a folder of its own.
"""

from __future__ import annotations

import argparse
import io
import time
import tomllib
from pathlib import Path

from rich.progress import Progress

from sim import Scenario
from sim.show import validation
from sim.study.worlds import WORLDS, validate_worlds

HERE = Path(__file__).resolve().parent
REPLICATES = 30


def main(arguments: list[str] | None = None) -> None:
    """Measure, and write page, table and picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=float, default=1.0, help=f"how many times {REPLICATES} runs a world")
    parser.add_argument("--cases", nargs="+", default=list(WORLDS), help="scenarios")
    options = parser.parse_args(arguments)
    whole = options.times >= 1.0 and options.cases == list(WORLDS)
    out = HERE if whole else HERE / "quick"
    out.mkdir(exist_ok=True)
    tried = tomllib.loads((HERE / "tried.toml").read_text(encoding="utf-8"))
    replicates = max(2, round(options.times * REPLICATES))
    cases = [Scenario.load(name) for name in options.cases]
    start = time.process_time()
    with Progress() as bar:
        task = bar.add_task("validation")
        result = validate_worlds(
            cases,
            replicates=replicates,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )
    seconds = time.process_time() - start
    made = "" if whole else f" --times {options.times:g} --cases {' '.join(options.cases)}"
    page = validation.page_across(result, "validation.png", tried)
    command = f"python experiments/validation/validation.py{made}"
    page += f"\nMade by `{command}` in {seconds / 60:.1f} minutes of one core.\n"
    (out / "validation.md").write_text(page, encoding="utf-8")
    result.frame().to_csv(out / "validation.csv", index=False, float_format="%.6g", lineterminator="\n")
    png = io.BytesIO()
    validation.figure_across(result).savefig(png, format="png", dpi=130, metadata={"Software": None})
    (out / "validation.png").write_bytes(png.getvalue())
    print(validation.printed_across(result))
    print(f"\n{seconds / 60:.1f} minutes of one core; written to {out}.")


if __name__ == "__main__":
    main()
