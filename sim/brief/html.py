"""A briefing as one HTML file: no request leaves it, and nothing in it needs a script."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from sim.brief.content import Block, Brief, Data, Figure, Section, Table, Text, csv
from sim.brief.language import Language, language
from sim.brief.slots import Slot, Title, say, shown

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
SKIP = say("Skip to the content")
CONTENTS = say("Contents")
ANNEX = say("Annex")
ALL_DATA = say("All data of this briefing, to download")
DATA = say("Data: {file}")
PAPERS = {"a4": "A4", "letter": "letter"}
MANY = 7
"""Rows of the first page's table from which it is printed smaller, to stay one page."""
STYLE = Path(__file__).with_name("briefing.css")


def html(made: Brief, code: str = "en", paper: str = "a4") -> str:
    """Return a briefing as one HTML file, in a language, printing on a paper."""
    lang = language(code)
    title = f"{made.title.show(lang)} – {made.kind.show(lang)}"
    contents = "".join(
        f'<li><a href="#{s.name}">{_text(s.title, lang)}</a></li>' for s in (*made.first, *made.annex)
    )
    first = "".join(_section(s, lang) for s in made.first)
    foot = escape(shown(made.foot, lang))
    annex = "".join(_section(s, lang) for s in made.annex)
    many = ' class="many"' if _longest(made) > MANY else ""
    annex_title = _text(ANNEX, lang)
    at_figures = {b.data.name for s in (*made.first, *made.annex) for b in s.blocks if isinstance(b, Figure)}
    data = "".join(f"<li>{_download(d, lang, here=d.name not in at_figures)}</li>" for d in made.data)
    style = STYLE.read_text(encoding="utf-8").replace("PAPER", PAPERS[paper])
    parts = [
        "<!doctype html>",
        f'<html lang="{code}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{style}</style></head><body>",
        f'<a class="skip" href="#main">{_text(SKIP, lang)}</a>',
        f'<header><p class="kind">{_text(made.kind, lang)}</p>',
        f"<h1>{_text(made.title, lang)}</h1>",
        f'<p class="question">{_text(made.question, lang)}</p></header>',
        f'<main id="main"{many}><div class="first">{first}<p class="foot">{foot}</p></div>',
        f'<nav aria-labelledby="contents"><h2 id="contents">{_text(CONTENTS, lang)}</h2>',
        f"<ol>{contents}</ol></nav>",
        f'<div class="annex" role="region" aria-label="{annex_title}">{annex}</div></main>',
        f'<footer><details class="data" open><summary>{_text(ALL_DATA, lang)}</summary>',
        f"<ul>{data}</ul></details></footer></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _longest(made: Brief) -> int:
    """Return how many rows the longest table of the first page has."""
    tables = [b for s in made.first for b in s.blocks if isinstance(b, Table)]
    return max((len(t.rows) for t in tables), default=0)


def _text(slot: Slot, lang: Language) -> str:
    """Return a piece of text, marked as English where the catalogue has no translation of it."""
    text = _plain(slot.show(lang))
    if isinstance(slot, Title) and not lang.knows(slot.text):
        return f'<span lang="en">{text}</span>'
    return text


def _plain(text: str) -> str:
    """Return text, what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _section(section: Section, lang: Language) -> str:
    blocks = "".join(_block(b, lang) for b in section.blocks)
    kind = ' class="box"' if section.boxed else ""
    return (
        f'<section id="{section.name}" aria-labelledby="{section.name}-h"{kind}>'
        f'<h2 id="{section.name}-h">{_text(section.title, lang)}</h2>{blocks}</section>\n'
    )


def _block(block: Block, lang: Language) -> str:
    if isinstance(block, Text):
        if not block.sentences:
            return ""
        if block.points:
            return "<ul>" + "".join(f"<li>{_text(s, lang)}</li>" for s in block.sentences) + "</ul>"
        return "<p>" + " ".join(_text(s, lang) for s in block.sentences) + "</p>"
    return _table(block, lang) if isinstance(block, Table) else _figure(block, lang)


def _figure(block: Figure, lang: Language) -> str:
    name = f"fig-{block.name}"
    picture = block.svg(lang)
    marks = (
        f'<svg role="img" aria-labelledby="{name}-t {name}-d"',
        f'<title id="{name}-t">{_text(block.title, lang)}</title>'
        f'<desc id="{name}-d">{escape(shown(block.alt, lang))}</desc>',
    )
    head, _, rest = picture.partition(">")
    picture = f"{head.replace('<svg', marks[0], 1)}>{marks[1]}{rest}"
    return (
        f'<figure aria-labelledby="{name}-c">'
        f'<figcaption id="{name}-c">{_text(block.title, lang)}.</figcaption>'
        f'<div class="wide" tabindex="0" role="group" aria-labelledby="{name}-c">{picture}</div>'
        f'<p class="read">{escape(shown(block.read, lang))} {_download(block.data, lang)}</p></figure>\n'
    )


def _download(data: Data, lang: Language, here: bool = True) -> str:
    """Return a link to download data; `here`: or to the figure that has it already."""
    words = escape(lang.say(DATA.template).format(file=f"{data.name}.csv"))
    if not here:
        return f'<a href="#fig-{data.name}-c">{words}</a>'
    content = base64.b64encode(b"\xef\xbb\xbf" + csv(data, lang).encode()).decode()
    return f'<a download="{data.name}.csv" href="data:text/csv;charset=utf-8;base64,{content}">{words}</a>'


def _table(block: Table, lang: Language) -> str:
    groups = [(key, len(list(own))) for key, own in groupby(block.columns, key=lambda c: c.group)]
    head = ""
    if any(key is not None for key, _ in groups):
        cells = "".join(
            f'<th scope="colgroup" colspan="{n}">{_text(key, lang)}</th>'
            if key is not None
            else "<td></td>" * n
            for key, n in groups
        )
        head = f"<tr>{cells}</tr>"
    titles = "".join(f'<th scope="col"{_words(c.number)}>{_text(c.title, lang)}</th>' for c in block.columns)
    rows = "".join(f"<tr>{_cells(row, block, lang)}</tr>" for row in block.rows)
    note = f'<p class="note">{escape(shown(block.note, lang))}</p>' if block.note else ""
    return (
        f'<div class="wide" tabindex="0" role="group" aria-labelledby="tab-{block.name}">'
        f'<table><caption id="tab-{block.name}">{_text(block.title, lang)}</caption>'
        f"<thead>{head}<tr>{titles}</tr></thead><tbody>{rows}</tbody></table></div>{note}\n"
    )


def _words(number: bool) -> str:
    return "" if number else ' class="words"'


def _cells(row: Sequence[Slot], block: Table, lang: Language) -> str:
    first, *rest = row
    cells = f'<th scope="row">{_text(first, lang)}</th>'
    return cells + "".join(
        f"<td{_words(c.number)}>{_text(cell, lang)}</td>"
        for cell, c in zip(rest, block.columns[1:], strict=True)
    )
