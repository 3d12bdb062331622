"""Make every page that holds numbers of the model anew, after a change of its rules: one command, resumable.

    python experiments/everything.py --list                       what there is, and what is of other rules
    python experiments/everything.py [--data FOLDER] [--jobs 2]   make what is of other rules
    python experiments/everything.py cases matched                make these, whatever their rules

Rules are known by their digest (`sim.responses.rules_digest`); made.json says with which each page was made.
A page is made by its own script, in a process of its own; its output goes to results/everything/NAME.log.
Stopped, the same command goes on with what is left. What fails is told at the end, and the rest is made. Run
it in a copy of the checkout that nobody edits meanwhile: some pages notice a change of code and begin anew.

--data: the folder of extracts of public records (ged/, districts/, displacement/) that replay, scores and
the validation's record need; without it they are left out. Texts about numbers are written by hand: read
CHANGELOG.md, the READMEs of cases, the first look and the pages of docs/ against the new tables afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sim.responses import rules_digest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MADE = HERE / "made.json"
LETTERS = 8
PYTHON = sys.executable
DRAWDOWN = f"{PYTHON} -m sim.cli"
DATA = "DATA"
"""Stands for the folder of extracts in a command."""


@dataclass(frozen=True)
class Page:
    """What a script makes: its name, commands, minutes of one core, and the pages that must come first."""

    name: str
    commands: tuple[str, ...]
    minutes: int
    after: tuple[str, ...] = ()


def script(path: str) -> str:
    """Return the command of a script of experiments/."""
    return f"{PYTHON} experiments/{path}"


UNMISS = "south-sudan-unmiss-2025"
SEVEN = "Yei,Akobo,Aweil,Pariang,Torit,Bunj,Koch"
PAGES = (
    Page("golden", (f"{PYTHON} -m pytest -n 0 tests/test_golden.py --update-golden",), 2),
    Page(
        "tables",
        tuple(
            f"{PYTHON} -m sim.show.tables docs/{name}.md"
            for name in ("ODD", "reading-a-result", "model-card", "TRACE", "glossary")
        ),
        1,
    ),
    Page("cases", (script("cases.py"), script(f"cases.py --replicates 200 {UNMISS}")), 30),
    Page("what-a-base-does", (script("what_a_base_does.py"),), 2),
    Page("what-a-war-looks-like", (script("what_a_war_looks_like.py"),), 2),
    Page("a-government-that-acts", (script("a_government_that_acts.py"),), 4),
    Page("matched", (script("matched.py"),), 12),
    Page("responses", (script("responses/responses.py"),), 30),
    Page("validation", (script("validation/validation.py"),), 8),
    Page("tried", (script("validation/tried.py"),), 5),
    Page("replay", (script(f"replay/replay.py {DATA}"),), 5),
    Page("scores", (script(f"scores/scores.py {DATA}"),), 2),
    Page("plausible", (script("plausible/plausible.py --times 0.04"),), 30),
    Page("one-at-a-time", (script("drc_first_look.py"),), 60),
    Page("parameters", (script("parameter_tiers.py"),), 2, after=("one-at-a-time",)),
    Page("what-drives-the-cliff", (script("what_drives_the_cliff.py"),), 60),
    Page("intervals", (script("intervals.py"),), 7),
    Page("deterrence", (script("deterrence/levelled.py"),), 25),
    Page("studies", (script("six_studies.py"),), 90, after=("parameters",)),
    Page("sequences", (script("sequences/trial.py"),), 12),
    Page(
        "unmiss",
        (
            f"{DRAWDOWN} compare {UNMISS} --replicates 200 --seed 1 --parameters default",
            f"{DRAWDOWN} sweep unmiss-2025",
            f"{DRAWDOWN} analyse unmiss-2025",
            script("unmiss-2025/judge.py --expectations 100"),
            f"{DRAWDOWN} sequences {UNMISS} --within contingency-plan --bases {SEVEN} --alone",
            f"{DRAWDOWN} sequences {UNMISS} --within contingency-plan --bases {SEVEN} --worlds 10",
        ),
        70,
        after=("plausible",),
    ),
    Page("briefings", (script("examples.py"),), 8, after=("plausible",)),
    Page("explorers", (script("explorer_examples.py"),), 30, after=("plausible",)),
)
"""In the order in which they are begun."""


def made() -> dict[str, str]:
    """Return the digest of the rules with which each page was made, by its name."""
    return dict(json.loads(MADE.read_text(encoding="utf-8"))) if MADE.exists() else {}


def mark(name: str, rules: str) -> None:
    """Keep that a page was made with these rules."""
    told = json.dumps(dict(sorted((made() | {name: rules}).items())), indent=1) + "\n"
    part = MADE.with_suffix(".part")
    part.write_text(told, encoding="utf-8")
    part.replace(MADE)


def listing(rules: str) -> str:
    """Return every page with its state, as a table."""
    there = made()
    lines = [f"Rules {rules}.", "", f"{'page':<26}{'made with':<12}{'minutes of one core':>20}"]
    for page in PAGES:
        state = there.get(page.name, "-")
        lines.append(f"{page.name:<26}{'these rules' if state == rules else state:<12}{page.minutes:>20}")
    left = sum(page.minutes for page in PAGES if there.get(page.name) != rules)
    return "\n".join([*lines, "", f"Of other rules: {left} minutes of one core to make."])


def make(page: Page, data: str, rules: str) -> str:
    """Make a page; returns what went wrong, empty if nothing did."""
    folder = ROOT / "results" / "everything"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{page.name}.log"
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    began = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        for command in page.commands:
            words = [data if word == DATA else word for word in command.split()]
            done = subprocess.run(
                words,
                cwd=ROOT,
                stdout=output,
                stderr=output,
                env={**os.environ, "PYTHONPATH": paths},
                check=False,
            )
            if done.returncode:
                return f"{page.name}: {command} ended with {done.returncode}; see {log.relative_to(ROOT)}"
    mark(page.name, rules)
    print(f"{page.name}: made in {(time.monotonic() - began) / 60:.1f} minutes", flush=True)
    return ""


def main() -> None:
    """Make what is asked for, and say what failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    parser.add_argument("--list", action="store_true", help="say what is of other rules, and make nothing")
    parser.add_argument("--data", help="folder of extracts of public records")
    parser.add_argument("--jobs", type=int, default=1, help="pages that are made at once")
    options = parser.parse_args()
    rules = rules_digest()[:LETTERS]
    by_name = {page.name: page for page in PAGES}
    if wrong := [name for name in options.pages if name not in by_name]:
        parser.error(f"there is no page {wrong[0]!r}; there are {', '.join(by_name)}")
    if options.list:
        print(listing(rules))
        return
    there = made()
    wanted = [p for p in PAGES if (p.name in options.pages if options.pages else there.get(p.name) != rules)]
    left_out = [p.name for p in wanted if not options.data and any(DATA in c.split() for c in p.commands)]
    wanted = [p for p in wanted if p.name not in left_out]
    if left_out:
        print(f"Left out, as they need --data: {', '.join(left_out)}.", flush=True)
    failed: list[str] = []
    while wanted:
        names = {p.name for p in wanted}
        ready = [p for p in wanted if not names & set(p.after)]
        with ThreadPoolExecutor(options.jobs) as pool:
            found = list(pool.map(lambda p: make(p, options.data or "", rules), ready))
        failed += filter(None, found)
        wanted = [p for p in wanted if p not in ready]
    for told in failed:
        print(told, file=sys.stderr)
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
