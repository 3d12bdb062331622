"""What documents show and the code declares or prints, made anew, so that it cannot drift.

    python -m sim.show.tables docs/ODD.md docs/reading-a-result.md

rewrites the generated parts of the file; a test fails if they are out of date.
"""

from __future__ import annotations

import sys
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


GENERATED = {
    "state": state_tables,
    "parameters": parameter_tables,
    "week": order_of_a_week,
    "example": example_page,
    "glossary": glossary,
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
