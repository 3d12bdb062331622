"""A briefing as one HTML file: no request leaves it, and nothing in it needs a script."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape
from itertools import groupby

from sim.brief.content import Block, Brief, Data, Figure, Section, Table, Text, csv
from sim.brief.language import Language, language
from sim.brief.slots import Slot, Title, say, shown

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
SKIP = say("Skip to the content")
CONTENTS = say("Contents")
ANNEX = say("Annex")
FIGURE = say("Figure")
ALL_DATA = say("All data of this briefing, to download")
DATA = say("Data: {file}")
PAPERS = {"a4": "A4", "letter": "letter"}
STYLE = """
:root{color-scheme:light;--ink:#16202a;--soft:#4a5560;--line:#c9d0d6;--box:#eef4fa;--blue:#0b5394}
*{box-sizing:border-box}
body{margin:0;color:var(--ink);background:#fff;font:1rem/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main,header,footer{max-width:56rem;margin:0 auto;padding:0 1.1rem}
header{padding-top:1.4rem}
.kind{margin:0;color:var(--soft);font-size:.9rem}
h1{font-size:1.65rem;line-height:1.25;margin:.2rem 0 .5rem}
h2{font-size:1.2rem;line-height:1.3;margin:1.9rem 0 .5rem;padding-top:.3rem}
.question{font-size:1.06rem;margin:.2rem 0 1rem}
.box{background:var(--box);border-left:.32rem solid var(--blue);padding:.55rem 1rem .55rem 1.1rem;margin:0 0 .8rem}
.box h2{margin:.1rem 0 .2rem;font-size:1.05rem;padding:0}
ul{padding-left:1.15rem;margin:.4rem 0}li{margin:.28rem 0}
figure{margin:1.1rem 0}
figcaption,caption{text-align:left;font-weight:600;font-size:.95rem;margin-bottom:.35rem}
.read,.note{font-size:.88rem;color:var(--soft);margin:.3rem 0}
.wide{overflow-x:auto}
.wide svg{display:block;width:100%;min-width:34rem;height:auto}
.wide svg *{stroke-linejoin:round;stroke-linecap:butt}
table{border-collapse:collapse;font-size:.86rem;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.22rem .45rem;text-align:right;vertical-align:bottom;border-bottom:1px solid var(--line)}
th[scope=row],.words{text-align:left}
th[scope=row]{min-width:8rem}
th[scope=row]{font-weight:600}
thead th{font-weight:600;color:var(--soft)}
thead th[colspan]{text-align:center;border-bottom:1px solid var(--ink);color:var(--ink)}
a{color:var(--blue)}
a:focus-visible,summary:focus-visible,.wide:focus-visible{outline:3px solid #b35900;outline-offset:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:#fff;padding:.4rem}
nav ol{columns:2 16rem;font-size:.92rem;padding-left:1.3rem}
.foot{font-size:.82rem;color:var(--soft);border-top:1px solid var(--line);padding-top:.4rem;margin-top:1rem}
details{font-size:.88rem;margin:.3rem 0}
.data li{margin:.1rem 0}
footer{padding-bottom:2rem}
@media print{
@page{size:PAPER;margin:13mm 15mm}
body{font-size:8.4pt;line-height:1.33}
main,header,footer{max-width:none;padding:0}
header{padding:0}h1{font-size:14.5pt;margin:0 0 2pt}h2{font-size:10.6pt;margin:8pt 0 2pt;break-after:avoid}
.question{font-size:9.2pt;margin:0 0 4pt}.box{padding:3pt 7pt;margin:0 0 3pt}.box h2{font-size:9.6pt}
ul{margin:1pt 0}li{margin:1pt 0}
figure{margin:4pt 0;break-inside:avoid}figcaption,caption{font-size:8.6pt;margin-bottom:1pt}
.read,.note{font-size:7.6pt;margin:1pt 0}
.wide{overflow:visible}.wide svg{min-width:0}
table{font-size:7.2pt}th,td{padding:1pt 2.4pt}th[scope=row]{min-width:0}thead,tr{break-inside:avoid}
.annex{break-before:page}
nav,.skip,details{display:none}
.foot{font-size:7.2pt;margin-top:3pt;padding-top:2pt}
a{color:inherit;text-decoration:none}
}
"""


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
    annex_title = _text(ANNEX, lang)
    data = "".join(f"<li>{_download(d, lang)}</li>" for d in made.data)
    parts = [
        "<!doctype html>",
        f'<html lang="{code}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE.replace('PAPER', PAPERS[paper])}</style></head><body>",
        f'<a class="skip" href="#main">{_text(SKIP, lang)}</a>',
        f'<header><p class="kind">{_text(made.kind, lang)}</p>',
        f"<h1>{_text(made.title, lang)}</h1>",
        f'<p class="question">{_text(made.question, lang)}</p></header>',
        f'<main id="main">{first}<p class="foot">{foot}</p>',
        f'<nav aria-labelledby="contents"><h2 id="contents">{_text(CONTENTS, lang)}</h2><ol>{contents}</ol></nav>',
        f'<div class="annex" role="region" aria-label="{annex_title}">{annex}</div></main>',
        f'<footer><details class="data" open><summary>{_text(ALL_DATA, lang)}</summary>',
        f"<ul>{data}</ul></details></footer></body></html>",
    ]
    return "\n".join(parts) + "\n"


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
        f'<figure aria-labelledby="{name}-c"><figcaption id="{name}-c">{_text(block.title, lang)}.</figcaption>'
        f'<div class="wide" tabindex="0" role="group" aria-label="{_text(FIGURE, lang)}">{picture}</div>'
        f'<p class="read">{escape(shown(block.read, lang))} {_download(block.data, lang)}</p></figure>\n'
    )


def _download(data: Data, lang: Language) -> str:
    content = base64.b64encode(b"\xef\xbb\xbf" + csv(data, lang).encode()).decode()
    words = escape(lang.say(DATA.template).format(file=f"{data.name}.csv"))
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
