"""A scenario to start from: the teaching case under another name, with every column explained."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import get_args

from sim.scenario.actions import ACTIONS
from sim.scenario.case import RECORD, Scenario, find
from sim.scenario.schema import (
    BENCHMARKS,
    TABLES,
    Acceleration,
    Action,
    Certainty,
    Gate,
    Header,
    People,
    RecordRow,
    Row,
    Slippage,
    Trigger,
)

MODEL = "corridor"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class TemplateError(ValueError):
    """A name that a scenario cannot have, or one that is taken."""


def start(name: str, folder: Path) -> Path:
    """Make a scenario `name` in `folder` from the teaching case; returns its folder.

    It is written whole or not at all. Raises `TemplateError` for a name that cannot be or is taken.
    """
    if not NAME.fullmatch(name):
        raise TemplateError(
            f"{name!r} cannot name a scenario; use lower case, digits and hyphens, e.g. my-case"
        )
    target = folder / name
    if target.exists():
        raise TemplateError(f"{target} exists already; choose another name or remove it")
    source = find(MODEL)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder))
    try:
        made = temporary / name
        shutil.copytree(source, made, ignore=shutil.ignore_patterns("README.md", "*.png"))
        header = made / "scenario.toml"
        text = header.read_text(encoding="utf-8")
        text = re.sub(r"^name = .*$", f'name = "{name}"', text, count=1, flags=re.MULTILINE)
        text = re.sub(r"^title = .*$", f'title = "{name}"', text, count=1, flags=re.MULTILINE)
        header.write_text(text, encoding="utf-8")
        (made / "README.md").write_text(_readme(name), encoding="utf-8")
        Scenario.load(made)
        made.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def _readme(name: str) -> str:
    """Return a README that says what to write, and explains every file and column."""
    lines = [
        f"# {name}",
        "",
        "Still the invented teaching case under another name. Replace its rows by your own and say here:",
        "the period, the sources of every table, what is estimated, what is left out, and what the record",
        "says happened.",
        "",
        f"Every row has `source`, `note` and `certainty`: {', '.join(get_args(Certainty))}.",
        "",
        "## scenario.toml",
        "",
        *_columns(Header),
        "",
        "Under `[people]`:",
        "",
        *_columns(People),
    ]
    tables: dict[str, type[Row]] = {**TABLES, RECORD: RecordRow}
    for file, row in tables.items():
        shared = {"source", "certainty", "note"}
        lines += ["", f"## {file}", "", (row.__doc__ or "").split(": ", 1)[-1], "", *_columns(row, shared)]
    lines += ["", "## schedules/NAME.toml", "", "`name`, `title`, `about`, and `[[actions]]` with:", ""]
    lines += [*_columns(Action), "", "What `do` can be, and the keys it needs (in brackets: may have):", ""]
    lines += ["| `do` | keys | |", "|--|--|--|"]
    for do, kind in ACTIONS.items():
        may = [*kind.may, *(["gate"] if kind.gated else [])]
        keys = ", ".join([*(f"`{k}`" for k in kind.needs), *(f"(`{k}`)" for k in may)])
        lines.append(f"| `{do}` | {keys} | {kind.meaning} |")
    lines += ["", "`[[gates]]`, if any: benchmarks at which actions wait.", "", *_columns(Gate), ""]
    lines += ["Benchmarks, as the mission knows them:", "", "| | |", "|--|--|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in BENCHMARKS.items()]
    lines += ["", "`[[triggers]]`, if any: what the mission does when something happens.", ""]
    lines += [*_columns(Trigger), "", "`[slippage]`, if closures come late:", "", *_columns(Slippage), ""]
    lines += ["`[acceleration]`, if the host may demand exit:", "", *_columns(Acceleration), ""]
    return "\n".join(lines)


def _columns(model: type, without: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """Return a table of the fields of a declared row or file."""
    fields = {n: f for n, f in model.model_fields.items() if n not in without}  # type: ignore[attr-defined]
    return ["| | |", "|--|--|", *(f"| `{n}` | {f.description} |" for n, f in fields.items())]
