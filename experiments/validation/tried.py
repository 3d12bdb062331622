"""What was tried for the checks that fail: the table of tried.md.

    python experiments/validation/tried.py

Each setting changes parameters within their declared ranges, or switches a mechanism off, in the case of
eastern DRC, and measures the checks that fail there beside those that the change could spoil. Patterns 9
and 10 are not among them: nothing is ever tuned to these. Some three minutes.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.progress import track

from sim import Scenario
from sim.study.validate import validate

HERE = Path(__file__).resolve().parent
CHECKS = ("1a", "1c", "2a", "2b", "7", "13a", "F", "G", "H1", "I")
TRIED: tuple[tuple[str, dict[str, float], tuple[str, ...]], ...] = (
    ("defaults", {}, ()),
    ("grudges die sooner", {"grudge_memory": 1.5}, ()),
    ("grudges last", {"grudge_memory": 8.0}, ()),
    ("no reprisals", {}, ("reprisals",)),
    ("no learning", {}, ("learning",)),
    ("groups forget sooner", {"belief_kept": 0.85}, ()),
    ("no looting", {}, ("looting",)),
    ("no losses of control", {}, ("contests", "offensives")),
    ("nobody recruits, deserts or forms", {}, ("recruitment", "desertion", "onset", "remobilisation")),
    ("all of the last four", {"belief_kept": 0.85},
     ("looting", "contests", "offensives", "recruitment", "desertion", "onset", "remobilisation")),
    ("fewer flee an attack", {"uprooted_share": 0.1}, ()),
    ("nobody flees out of fear", {"panic_rate": 0.001, "panic_threshold": 0.6}, ()),
    ("attacks end later", {"violence_stop": 0.23}, ()),
    ("attacks end later, and begin smaller", {"violence_stop": 0.23, "violence_scale": 0.6}, ()),
)  # fmt: skip


def main(replicates: int = 12) -> None:
    """Measure every setting, and write the table."""
    case = Scenario.load("drc-monusco")
    rows = []
    for name, values, without in track(TRIED, description="settings"):
        changed = case.with_parameters(**values).without(*without)
        found = {c.number: c for c in validate(changed, replicates=replicates).checks}
        row: dict[str, object] = {"setting": name}
        for number in CHECKS:
            check = found[number]
            row |= {number: check.mean, f"{number} verdict": check.verdict}
        rows.append(row)
    table = pd.DataFrame(rows)
    table.to_csv(HERE / "tried.csv", index=False, float_format="%.4g", lineterminator="\n")
    marks = {"holds": "+", "fails": "-", "cannot be told": "~", "cannot be measured": " "}
    for row in rows:
        cells = [f"{row[n]:.3g} {marks[str(row[f'{n} verdict'])]}" for n in CHECKS]
        print("| " + " | ".join([str(row["setting"]), *cells]) + " |")


if __name__ == "__main__":
    main()
