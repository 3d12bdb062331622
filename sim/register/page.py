"""The register as one HTML file: no request leaves it, and it can be read without its script.

The script sorts, searches and filters. The page's policy names the hashes of script and style and allows
nothing else.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from sim import influence
from sim.markup import policy_hash
from sim.register.content import DOUBT, IMPACT, RISKS, SURE, Entry, Register, risk

HERE = Path(__file__).parent
HEADS = (
    ("risk", "number"),
    ("what", "text"),
    ("name, part, place in the code", "text"),
    ("value, range", ""),
    ("meaning", ""),
    ("source", "text"),
    ("how sure", "number"),
    ("how much it matters", "number"),
    ("try the answer without it", ""),
)
"""Columns of the table, and whether one can sort by them."""
TIERS = (1, 2, 3, None)


def page(register: Register) -> str:
    """Return the page."""
    style = (HERE / "register.css").read_text(encoding="utf-8")
    script = (HERE / "register.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src '{policy_hash(script)}'; style-src '{policy_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    title = f"Assumptions behind {register.case.header.title}"
    heads = "".join(f'<th scope="col"{f" data-sort={how}" if how else ""}>{name}</th>' for name, how in HEADS)
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=False)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">',
        f"<title>{escape(title)}</title><style>{style}</style></head><body>",
        f"<header><h1>{escape(title)}</h1>{_lead(register)}</header><main>",
        _matrix(register),
        _rows(register),
        '<h2 id="all">All assumptions</h2>',
        f'<div id="controls"></div><p id="count" role="status">{len(register.entries)} assumptions, the '
        "riskiest first.</p>",
        '<div class="wide" tabindex="0" role="group" aria-labelledby="all"><table id="register">',
        f"<thead><tr>{heads}</tr></thead><tbody>",
        *(_row(e) for e in register.entries),
        "</tbody></table></div></main>",
        f"<footer>{_foot()}</footer><script>{script}</script></body></html>\n",
    ]
    return "\n".join(parts)


def _lead(register: Register) -> str:
    n = {
        kind: sum(e.kind == kind for e in register.entries)
        for kind in ("parameter", "mechanism", "rival rule")
    }
    worst = sum(e.risk == "very high" for e in register.entries)
    said = [
        f"{n['parameter']} numbers, {n['mechanism']} mechanisms and {n['rival rule']} rival rules of the "
        "model, each with where it comes from, how sure it is, how much it matters, and a command that tries "
        f"the answer without it. {worst} of them matter much and are mostly in doubt.",
        "How much a number matters was measured in the case of MONUSCO in eastern DRC: what it does, at the "
        "two ends of its range and the others at their defaults, to the civilians killed with no drawdown "
        "(level) and beyond that if every base closes (excess). In another case it may matter more or less.",
    ]
    text = "".join(f"<p>{escape(s)}</p>" for s in said)
    if register.older:
        missing = sum(e.kind == "parameter" and e.matters is None for e in register.entries)
        text += (
            f'<p class="notice"><strong>Older than the rules.</strong> How much each matters was measured '
            f"{escape(register.older)}. {missing} parameters are newer and were not measured; of the others "
            "it may have changed.</p>"
        )
    return text


def _matrix(register: Register) -> str:
    """Return how many parameters there are by how sure they are and how much they matter."""
    counts = register.counts()
    heads = "".join(f'<th scope="col">{escape(_tier(t))}</th>' for t in TIERS)
    rows = []
    for sure, meaning in SURE.items():
        cells = []
        for t in TIERS:
            n = counts.get((sure, t), 0)
            word = risk(None if t is None else DOUBT[sure] * IMPACT[t])
            cells.append(
                f'<td class="{_class(word)}" data-sure="{sure}" data-tier="{t or ""}">{n or ""}</td>'
            )
        rows.append(f'<tr><th scope="row">{sure}<span> {escape(meaning)}</span></th>{"".join(cells)}</tr>')
    legend = "".join(
        f'<li><span class="{_class(word)}">{word}</span> {escape(meaning)}</li>'
        for word, meaning in RISKS.items()
    )
    return (
        '<section aria-labelledby="matrix"><h2 id="matrix">How sure, and how much it matters</h2>'
        '<div class="wide" tabindex="0" role="group" aria-labelledby="matrix"><table class="matrix">'
        f'<thead><tr><th scope="col">parameters, by how sure they are</th>{heads}</tr></thead>'
        f'<tbody>{"".join(rows)}</tbody></table></div><ul class="legend">{legend}</ul></section>'
    )


def _rows(register: Register) -> str:
    """Return how sure the rows of the case are."""
    sure = list(dict.fromkeys(c for _, counted in register.rows for c in counted))
    heads = "".join(f'<th scope="col">{escape(c)}</th>' for c in sure)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{counted.get(c) or ''}</td>" for c in sure)
        + "</tr>"
        for name, counted in register.rows
    )
    return (
        '<section aria-labelledby="rows"><h2 id="rows">What the case itself says</h2>'
        "<p>Rows of its tables and of its schedules, by how sure they are: each names its source in the "
        "case's folder.</p>"
        '<div class="wide" tabindex="0" role="group" aria-labelledby="rows"><table class="matrix"><thead><tr>'
        f'<th scope="col">table</th>{heads}</tr></thead><tbody>{body}</tbody></table></div></section>'
    )


def _row(e: Entry) -> str:
    unit = f" {e.unit}" if e.unit not in ("", "0-1") else ""
    value = "" if e.value is None else f"{e.value:g}{unit}"
    if e.value is not None and e.value != e.default:
        value += f" (set by the case; default {e.default:g})"
    span = "" if e.low is None or e.high is None else f"{e.low:g} to {e.high:g}{unit}"
    through = ""
    if e.through:
        word = "switched off by" if e.kind == "mechanism" else "works"
        through = f" <small>{word}: {', '.join(f'<code>{escape(n)}</code>' for n in e.through)}</small>"
    doubt = DOUBT[e.sure] if e.sure else 0
    score = 6.5 if e.score is None else float(e.score)  # sorts after "very high"
    largest = e.matters.largest if e.matters else -1.0
    matters = "not measured" if e.matters is None else f"{e.matters.words} (tier {e.tier})"
    if e.kind == "mechanism" and e.matters is not None:
        matters += ", as its strongest number"
    score += min(max(largest, 0.0), 9.0) / 100.0
    tries = "".join(f"<li><code>{escape(t)}</code></li>" for t in e.tries)
    cells = [
        (f'<td class="{_class(e.risk)}" data-v="{score:.4f}">{e.risk}</td>'),
        f"<td>{e.kind}</td>",
        f'<th scope="row"><code>{escape(e.name)}</code><small>{escape(e.part)}</small>'
        f"<small><code>{e.where}</code></small></th>",
        f"<td>{escape(value)}{f'<small>{escape(span)}</small>' if span else ''}</td>",
        f'<td class="long">{escape(e.meaning)}{through}</td>',
        f"<td>{escape(e.source)}</td>",
        f'<td data-v="{doubt}">{e.sure or "not rated"}</td>',
        f'<td class="matters" data-v="{largest:.4f}">{matters}</td>',
        f"<td><ul>{tries}</ul></td>",
    ]
    kind = f'data-kind="{e.kind}" data-risk="{e.risk}" data-sure="{e.sure or ""}" data-tier="{e.tier or ""}"'
    labelled = (
        cell.replace(">", f' data-head="{head}">', 1) for cell, (head, _) in zip(cells, HEADS, strict=True)
    )
    return f"<tr {kind}>{''.join(labelled)}</tr>"


def _tier(tier: int | None) -> str:
    return "not measured" if tier is None else influence.TIERS[tier]


def _class(word: str) -> str:
    return "r-" + word.replace(" ", "-")


def _foot() -> str:
    return (
        "<p>Risk is how much is in doubt (read: 1; computed, abstract: 2; memory, guess: 3) times how much "
        "it matters (by 30 % or more: 3; by 10 to 30 %: 2; less: 1). One at a time says nothing of what "
        "assumptions do together. The commands run the comparison anew under the other assumption and write "
        "to a folder of their own; a mechanism is switched off by values outside the ranges, since those say "
        "what is plausible, and a world without a mechanism is a question.</p>"
    )
