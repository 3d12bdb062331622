"""What was tried for checks that fail: the table of tried.md and tried.csv.

    python experiments/validation/tried.py [--case drc-monusco] [--runs 10]

Each setting changes parameters within their declared ranges, or switches mechanisms off, and measures the
checks that fail beside those that the change could spoil. What came of it is said by check in tried.toml, by
hand, and stands on the validation page. Patterns 9 and 10 are not among them: nothing is ever tuned to these.
Some four minutes of one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from rich.progress import track

from sim import Scenario
from sim.responses import rules_digest
from sim.show.validation import MARK
from sim.study.validate import validate

HERE = Path(__file__).resolve().parent
CHECKS = ("L1", "L2", "L3", "L4", "L5", "L10", "L11", "L13", "2a", "2b", "F", "1a", "1c", "7", "8", "12", "I")
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
    ("fewer flee an attack", {"uprooted_share": 0.1}, ()),
    ("nobody flees out of fear", {"panic_rate": 0.001, "panic_threshold": 0.6}, ()),
    ("attacks end later", {"violence_stop": 0.23}, ()),
)


def main() -> None:
    """Measure every setting, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", default="drc-monusco", help="scenario")
    parser.add_argument("--runs", type=int, default=10, help="runs a setting")
    options = parser.parse_args()
    case = Scenario.load(options.case).with_defaults()
    rows = []
    for name, values, without in track(TRIED, description="settings"):
        found = validate(case.with_parameters(**values).without(*without), replicates=options.runs)
        row: dict[str, object] = {"setting": name}
        for key in CHECKS:
            check = found.check(key)
            row |= {key: check.mean, f"{key} verdict": check.verdict}
        rows.append(row)
    table = pd.DataFrame(rows)
    table.to_csv(HERE / "tried.csv", index=False, float_format="%.4g", lineterminator="\n")
    lines = [
        "# What was tried for checks that fail",
        "",
        f"`{case.name}`, {options.runs} runs a setting, model {rules_digest()[:8]}: mean of each check, and "
        "whether it holds (+), fails (-) or cannot be told (~). What came of it is said by check on "
        "[the page](validation.md).",
        "",
        f"| setting | {' | '.join(CHECKS)} |",
        "|--|" + "--|" * len(CHECKS),
    ]
    for row in rows:
        cells = [f"{row[key]:.3g} {MARK[str(row[f'{key} verdict'])]}" for key in CHECKS]
        lines.append(f"| {' | '.join([str(row['setting']), *cells])} |")
    text = "\n".join(lines) + "\n\nMade by `python experiments/validation/tried.py`.\n"
    (HERE / "tried.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
