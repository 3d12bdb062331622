"""The response page: how the answer moves with troops, places, order, host and time, on matched worlds.

    python experiments/responses/responses.py [--quick] [--rows dose host ...] [--cases corridor ...]

Each row varies one thing, measures what comes of it and holds it against what should be. Writes
responses.csv (every number), responses.md (the page), a picture a row, and sim/responses.json, the summary
that `drawdown validate` shows. Rows whose rules, tables and settings are those of the numbers that are kept
are not run anew, unless with more runs (--again: run them all the same; needed if changes.py, matched.py or
sim/study/dispersion.py change). before.csv holds the table to beat: --as-before copies the numbers there
are into it.
Reasons for what is red or open stand in reasons.toml, by row, and are written by hand.

--quick takes four runs a world and writes to a folder of its own. Times: see responses.md.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import inspect
import json
import math
import os
import shutil
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matched import INF, SEED, Point, Work
from pictures import picture
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rows import RESPONSES, Response

from sim import Scenario, responses

HERE = Path(__file__).resolve().parent
QUICK, FEWEST = 4, 8
"""Replicates of `--quick`, and those that are run at least without it."""
COLUMNS = (
    "row", "case", "measure", "level", "value", "low", "high", "unit", "runs", "bound_low", "bound_high",
    "verdict", "model", "digest", "asked", "seconds",
)  # fmt: skip
KEY = ["row", "case", "measure", "level"]
COMMAND = "python experiments/responses/responses.py"


def digest(row: Response, case: Scenario) -> str:
    """Return what the numbers of a row in a case depend on, in a few letters.

    The rules, the case's tables, its parameter values, the seed, and the text of the row.
    """
    parts = (
        responses.rules_digest(), case.digest, sorted(case.parameter_values().items()), SEED,
        ast.dump(ast.parse(inspect.getsource(row.measure))),
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def read(path: Path) -> pd.DataFrame:
    """Return a table of points, empty if there is none."""
    if not path.exists():
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.read_csv(path, dtype={"level": str, "unit": str, "verdict": str, "digest": str, "model": str})
    return table.fillna({"unit": "", "verdict": ""})


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table of points, in the order of the rows and their cases."""
    order = {
        (row.name, case): 100 * n + c for n, row in enumerate(RESPONSES) for c, case in enumerate(row.cases)
    }
    place = [order[key] for key in zip(table["row"], table["case"], strict=True)]
    table = table.assign(place=place).sort_values("place", kind="stable").drop(columns="place")
    part = path.with_suffix(".part")
    table.to_csv(part, index=False, float_format="%.5g", lineterminator="\n")
    part.replace(path)


def rows_of(row: Response, points: Sequence[Point], made: Mapping[str, object]) -> pd.DataFrame:
    """Return points as rows of the table."""
    return pd.DataFrame(
        [
            {
                "row": row.name,
                **{
                    k: getattr(p, k)
                    for k in ("case", "measure", "level", "value", "low", "high", "unit", "runs")
                },
                "bound_low": p.bound[0] if p.bound else math.nan,
                "bound_high": p.bound[1] if p.bound else math.nan,
                "verdict": p.verdict,
                **made,
            }
            for p in points
        ],
        columns=list(COLUMNS),
    )


# -- the page ----------------------------------------------------------------------------------------


def verdict(table: pd.DataFrame) -> str:
    """Return the verdict on a row: red if any check is, else open if any is, else green."""
    found = set(table["verdict"])
    return next((v for v in ("red", "open", "green") if v in found), "not measured")


def count(table: pd.DataFrame) -> str:
    """Say how many checks are green, red and open."""
    n = table["verdict"].value_counts()
    return ", ".join(f"{n[v]} {v}" for v in ("green", "red", "open") if n.get(v))


def number(value: float) -> str:
    """Return a number as it is read: three digits that count, at most two behind the point."""
    if not math.isfinite(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def estimate(point: Mapping[str, float]) -> str:
    """Return a value with its interval."""
    if math.isnan(point["low"]):
        return number(point["value"])
    return f"{number(point['value'])} ({number(point['low'])} to {number(point['high'])})"


def bound(low: float, high: float) -> str:
    """Say a bound."""
    if low == high:
        return f"{low:g}"
    if high == INF:
        return f"above {low:g}"
    return f"below {high:g}" if low == -INF else f"{low:g} to {high:g}"


def page(table: pd.DataFrame, before: pd.DataFrame, reasons: Mapping[str, str]) -> str:
    """Return the page."""
    seconds = table.drop_duplicates(["row", "case"])["seconds"].sum()
    labels = ", ".join(dict.fromkeys(table["model"]))
    lines = [
        "# Responses",
        "",
        "How the answer moves with troops, places, order, host and time. Every number is of matched worlds: "
        "replicate r meets the same chance in each. Intervals are 95 %, of paired differences or, for "
        "ratios, by resampling replicates. A check is *green* if its interval lies in the bound, *red* if "
        "outside, *open* across its edge; a row is as its worst check. But for dispersion, whose bounds are "
        "what records show, bounds are judgements of what is absurd and what is not.",
        "",
        f"Made by `{COMMAND}` in {seconds / 60:.0f} minutes of one core; model {labels} (first letters of a "
        "digest of its rules). *Before*: the same row measured on the model to beat "
        f"({', '.join(dict.fromkeys(before['model'])) or 'none kept'}). Every number: "
        "[responses.csv](responses.csv); reasons are kept in [reasons.toml](reasons.toml).",
        "",
        "| response | should be | before | now | checks | reason |",
        "|--|--|--|--|--|--|",
    ]
    for row in RESPONSES:
        now, then = (t[t["row"] == row.name] for t in (table, before))
        if now.empty:
            continue
        lines.append(
            f"| [{row.title}](#{anchor(row)}) | {row.should} | {verdict(then) if len(then) else '-'} | "
            f"**{verdict(now)}** | {count(now)} | {reasons.get(row.name, '')} |"
        )
    for row in RESPONSES:
        now = table[table["row"] == row.name]
        if now.empty:
            continue
        lines += ["", f"## {row.title}", "", f"Should be: {row.should}.", ""]
        if reasons.get(row.name):
            lines += [reasons[row.name], ""]
        lines += [f"![{row.title}: measured values with intervals, by case]({row.name}.png)", ""]
        lines += checks(now, before)
    return "\n".join([*lines, ""])


def anchor(row: Response) -> str:
    """Return the anchor of a row's heading."""
    letters = (c if c.isalnum() else "-" if c in " -" else "" for c in row.title.lower())
    return "".join(letters)


def checks(now: pd.DataFrame, before: pd.DataFrame) -> list[str]:
    """Return the table of a row's checks, those before beside them."""
    then = {tuple(p[k] for k in KEY): p for p in before.to_dict("records")}
    lines = ["| case | measure | level | bound | before | now | verdict |", "|--|--|--|--|--|--|--|"]
    for p in now[now["verdict"] != ""].to_dict("records"):
        old = then.get(tuple(p[k] for k in KEY))
        unit = f", {p['unit']}" if p["unit"] else ""
        cells = (
            p["case"], p["measure"] + unit, p["level"], bound(p["bound_low"], p["bound_high"]),
            f"{estimate(old)} {old['verdict']}" if old else "-", estimate(p), p["verdict"],
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def summary(table: pd.DataFrame, reasons: Mapping[str, str]) -> dict[str, object]:
    """Return what `drawdown validate` shows of the page."""
    rows = []
    for row in RESPONSES:
        now = table[table["row"] == row.name]
        if len(now):
            n = now["verdict"].value_counts()
            counts = {v: int(n.get(v, 0)) for v in ("green", "red", "open")}
            rows.append(
                {"row": row.name, "title": row.title, "should": row.should, "verdict": verdict(now), **counts}
                | ({"reason": reasons[row.name]} if reasons.get(row.name) else {})
            )
    return {"command": COMMAND, "rules": list(dict.fromkeys(table["model"])), "rows": rows}


# -- the command -------------------------------------------------------------------------------------


def measure(options: argparse.Namespace, out: Path) -> pd.DataFrame:
    """Measure what is asked for and not yet known; keep each case of a row as soon as it is done."""
    kept = out / "responses.csv"
    table = read(kept)
    model = responses.rules_digest()[:8]
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:.0f} runs"))
    with Progress(*columns, TimeElapsedColumn()) as bar:
        task = bar.add_task("", total=None)
        work = Work(threads=options.threads, tick=lambda runs: bar.advance(task, runs))
        for row in RESPONSES:
            if options.rows and row.name not in options.rows:
                continue
            runs = QUICK if options.quick else max(FEWEST, round(options.times * row.replicates))
            for name in row.cases:
                if options.cases and name not in options.cases:
                    continue
                case = Scenario.load(name)
                wanted = digest(row, case)
                own = (table["row"] == row.name) & (table["case"] == name)
                same = set(table.loc[own, "digest"]) == {wanted}
                if same and table.loc[own, "asked"].min() >= runs and not options.again:
                    continue
                bar.update(task, description=f"{row.name}, {name}")
                start = time.process_time()
                points = list(row.measure(work, case, runs))
                seconds = round(time.process_time() - start, 1)
                new = rows_of(
                    row, points, {"model": model, "digest": wanted, "asked": runs, "seconds": seconds}
                )
                table = new if table[~own].empty else pd.concat([table[~own], new], ignore_index=True)
                write(table, kept)
                bar.console.print(f"{row.name}, {name}: {count(new)}; {seconds:.0f} s of one core")
    return read(kept)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [row.name for row in RESPONSES]
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} runs a world, to responses/quick/")
    parser.add_argument("--times", type=float, default=1.0, help="so many times the usual runs")
    parser.add_argument("--rows", nargs="+", choices=names, metavar="ROW", help=", ".join(names))
    parser.add_argument("--cases", nargs="+", metavar="CASE", help="only these cases of each row")
    parser.add_argument("--again", action="store_true", help="run what is known too")
    parser.add_argument("--as-before", action="store_true", help="keep the numbers as the table to beat")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    out = HERE / "quick" if options.quick else HERE
    out.mkdir(exist_ok=True)
    table = measure(options, out)
    if table.empty:
        parser.error("nothing was measured: none of the rows has any of these cases")
    if options.as_before:
        shutil.copy(out / "responses.csv", HERE / "before.csv")
    reasons = tomllib.loads((HERE / "reasons.toml").read_text(encoding="utf-8"))
    for row in RESPONSES:
        now = table[table["row"] == row.name]
        if len(now) and (not options.rows or row.name in options.rows):
            metadata = {"Software": None}
            picture(row, now).savefig(out / f"{row.name}.png", dpi=110, metadata=metadata)
    text = page(table, read(HERE / "before.csv"), reasons)
    (out / "responses.md").write_text(text, encoding="utf-8")
    if not options.quick:
        content = json.dumps(summary(table, reasons), indent=1, ensure_ascii=False)
        responses.FILE.write_text(content + "\n", encoding="utf-8")
    for row in RESPONSES:
        now = table[table["row"] == row.name]
        if len(now):
            print(f"{row.name:12} {verdict(now):6} {count(now)}")
    print(f"Written to {out}.")


if __name__ == "__main__":
    main()
