"""A briefing as PDF, set by Typst: tagged (PDF/UA-1), with its data attached, the same bytes every time."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

from sim.brief.content import Block, Brief, Data, Figure, Section, Table, Text, csv
from sim.brief.language import Language, language
from sim.brief.slots import say, shown

TEMPLATE = Path(__file__).with_name("briefing.typ")
RUNNING = say("simulated worlds compared; no forecast")
PAPERS = {"a4": "a4", "letter": "us-letter"}


class Missing(ImportError):
    """Typst is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "a PDF needs the typesetter Typst, which is not installed; give: pip install 'drawdown[brief]' "
            "(or, in a checkout, pip install '.[brief]'), or leave --pdf out and print the HTML file"
        )


def check() -> None:
    """Raise `Missing` unless Typst is installed."""
    if find_spec("typst") is None:
        raise Missing


def pdf(made: Brief, code: str = "en", paper: str = "a4") -> bytes:
    """Return a briefing as PDF, in a language, on a paper. Raises `Missing` where Typst is not installed."""
    return typeset(made, code, paper, format="pdf", pdf_standards=["ua-1"])


def typeset(made: Brief, code: str, paper: str, **options: Any) -> Any:
    """Return what Typst makes of a briefing: bytes, or for pictures (format="png") bytes a page."""
    check()
    import typst

    lang = language(code)
    with tempfile.TemporaryDirectory(prefix="drawdown-brief-") as folder:
        root = Path(folder)
        files = _files(made, lang, root)
        content = _content(made, lang, PAPERS[paper], files)
        (root / "content.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (root / "briefing.typ").write_bytes(TEMPLATE.read_bytes())
        return typst.compile(
            str(root / "briefing.typ"),
            root=folder,
            ignore_system_fonts=True,  # those in the wheel are the same everywhere
            timestamp=int(_noon(made)),
            **options,
        )


def _noon(made: Brief) -> float:
    from datetime import UTC, datetime, time

    return datetime.combine(made.made, time(12), UTC).timestamp()


def _files(made: Brief, lang: Language, root: Path) -> list[Data]:
    """Write figures and data to a folder; returns the data."""
    for section in (*made.first, *made.annex):
        for block in section.blocks:
            if isinstance(block, Figure):
                (root / f"{block.name}.svg").write_text(block.svg(lang), encoding="utf-8")
    for data in made.data:
        (root / f"{data.name}.csv").write_bytes(b"\xef\xbb\xbf" + csv(data, lang).encode())
    return list(made.data)


def _content(made: Brief, lang: Language, paper: str, data: Sequence[Data]) -> dict[str, Any]:
    """Return the content as text, for the template."""
    title = made.title.show(lang)
    return {
        "lang": lang.code,
        "paper": paper,
        "year": made.made.year,
        "month": made.made.month,
        "day": made.made.day,
        "title": title,
        "kind": made.kind.show(lang),
        "question": made.question.show(lang),
        "running": f"{title} – {RUNNING.show(lang)}",
        "first": [_section(s, lang) for s in made.first],
        "foot": shown(made.foot, lang),
        "annex": [_section(s, lang) for s in made.annex],
        "data": [{"path": f"{d.name}.csv", "title": f"{d.name}.csv"} for d in data],
    }


def _section(section: Section, lang: Language) -> dict[str, Any]:
    return {
        "title": section.title.show(lang),
        "boxed": section.boxed,
        "blocks": [_block(b, lang) for b in section.blocks if not (isinstance(b, Text) and not b.sentences)],
    }


def _block(block: Block, lang: Language) -> dict[str, Any]:
    if isinstance(block, Text):
        return {
            "kind": "points" if block.points else "text",
            "sentences": [s.show(lang) for s in block.sentences],
        }
    if isinstance(block, Figure):
        return {
            "kind": "figure",
            "title": f"{block.title.show(lang)}.",
            "alt": f"{block.title.show(lang)}. {shown(block.alt, lang)}",
            "read": shown(block.read, lang),
            "file": f"{block.name}.svg",
        }
    return _table(block, lang)


def _table(block: Table, lang: Language) -> dict[str, Any]:
    found = [(key, len(list(own))) for key, own in groupby(block.columns, key=lambda c: c.group)]
    groups = []
    if any(key is not None for key, _ in found):
        for key, n in found:
            if key is None:
                groups += [{"title": "", "span": 1}] * n
            else:
                groups.append({"title": key.show(lang), "span": n})
    return {
        "kind": "table",
        "title": block.title.show(lang),
        "columns": [{"title": c.title.show(lang), "number": c.number} for c in block.columns],
        "groups": groups,
        "rows": [[cell.show(lang) for cell in row] for row in block.rows],
        "note": shown(block.note, lang),
    }
