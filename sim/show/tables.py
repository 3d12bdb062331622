"""What documents show and the code declares or prints, made anew, so that it cannot drift.

    python -m sim.show.tables docs/*.md

rewrites the generated parts of the files; a test fails if they are out of date.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

from sim.declare import Table
from sim.week import DECLARED, week


def state_tables() -> str:
    """Return the fields of every table as Markdown."""
    return "\n\n".join(_state_table(table) for table in DECLARED.tables.values())


def _state_table(table: Table) -> str:
    lines = [f"**`{table.name}`** {table.meaning}", "", "| field | unit | meaning |", "|--|--|--|"]
    lines += [f"| `{f.name}` | {f.unit} | {f.meaning} |" for f in table.fields]
    return "\n".join(lines)


def parameter_tables() -> str:
    """Return all parameters as Markdown, one table a part of the model."""
    blocks = []
    for part, members in DECLARED.parts.items():
        lines = [
            f"**{part[0].upper()}{part[1:]}**",
            "",
            "| parameter | default | range | unit | meaning | source | how sure |",
            "|--|--:|--|--|--|--|--|",
        ]
        lines += [
            f"| `{p.name}` | {p.default:g} | {p.low:g} to {p.high:g} | {p.unit} | {p.meaning} | {p.source} | "
            f"{p.certainty} |"
            for p in members
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def order_of_a_week() -> str:
    """Return the body of `sim.week.week` as it stands."""
    import inspect

    source = inspect.getsource(getattr(week, "py_func", week))
    body = source[source.index('"""', source.index('"""') + 3) + 3 :]
    lines = [line[4:] for line in body.strip("\n").splitlines()]
    return "```python\n" + "\n".join(lines).strip() + "\n```"


def example_page() -> str:
    """Return the printed page of a small comparison, as docs/reading-a-result.md explains it."""
    from sim import compare
    from sim.show.text import page

    return "```text\n" + page(compare("corridor", ["hasty", "border-first"], replicates=40, seed=1)) + "```"


def glossary() -> str:
    """Return the glossary as Markdown."""
    from sim.show.glossary import markdown

    return markdown()


def terms() -> str:
    """Return the glossary as a directive of the site, so that pages can refer to its words."""
    from sim.show.glossary import TERMS

    entries = "\n\n".join(f"{term}\n  {meaning}" for term, meaning in TERMS.items())
    return f"```{{glossary}}\n{entries}\n```"


def size() -> str:
    """Return how large the model is, and how sure its numbers are, as Markdown; needs a checkout."""
    from sim import Scenario
    from sim.study.evidence import evidence

    sure = Counter(p.certainty for p in DECLARED.parameters.values())
    folders = sorted(file.parent for file in (CHECKOUT / "scenarios").glob("*/scenario.toml"))
    cases = [evidence(Scenario.load(folder)) for folder in folders]
    rows, weak = sum(e.rows for e in cases), sum(e.weak_rows for e in cases)
    return "\n".join(
        (
            f"- **{len(DECLARED.parameters)} parameters**: "
            + ", ".join(f"{count} {certainty}" for certainty, count in sure.most_common())
            + ". *Guess*: no source gives the size. Each has a range (`drawdown parameters --all`).",
            f"- **{len(DECLARED.mechanisms)} switches**, one for each mechanism that can be left out "
            "(`drawdown mechanisms`).",
            f"- **{len(cases)} cases**, one of them invented, with {rows:,} rows of which {weak:,} are "
            "estimated, remembered or invented; each row says which (`certainty`).",
        )
    )


def verdicts() -> str:
    """Return how many checks hold in each world of the validation page, as Markdown; needs a checkout."""
    with (CHECKOUT / "experiments" / "validation" / "validation.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["world"] != "across"]
    judged = ("holds", "fails", "cannot be told", "cannot be measured")
    lines = [
        "| world | hold | fail | cannot be told | cannot be measured | free, or never tuned to: hold | fail "
        "| rest |",
        "|--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for world in dict.fromkeys(row["world"] for row in rows):
        own = [row for row in rows if row["world"] == world]
        every = Counter(row["verdict"] for row in own)
        free = Counter(row["verdict"] for row in own if row["worth"] in FREE)
        rest = free.total() - free["holds"] - free["fails"]
        counts = [*(every[v] for v in judged), free["holds"], free["fails"], rest]
        lines.append(f"| {world} | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(lines)


CHECKOUT = Path(__file__).resolve().parents[2]
FREE = ("free", "never tuned to")
"""What a check is worth by which no parameter was set and which no rule puts in."""
GENERATED = {
    "state": state_tables,
    "parameters": parameter_tables,
    "week": order_of_a_week,
    "example": example_page,
    "glossary": glossary,
    "terms": terms,
    "size": size,
    "verdicts": verdicts,
}


def refreshed(text: str) -> str:
    """Return a document with its generated parts made anew."""
    for name, make in GENERATED.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end of {name} -->"
        head, found, rest = text.partition(begin)
        if found:
            _, _, tail = rest.partition(end)
            text = f"{head}{begin}\n{make()}\n{end}{tail}"
    return text


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
