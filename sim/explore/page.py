"""The file of an explorer: one HTML page with its style, scripts and data in it, which asks for nothing.

The scripts are ES modules beside this file, each with its imports and exports, so that they can be read and
tested one by one. Here they become one: imports of each other and the word `export` go, and what is left
follows in the order of `SCRIPTS`. The page's policy names the hash of that script and of the style and allows
nothing else: whatever a case's texts hold, none of it can run.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.explore.content import Content
from sim.markup import policy_hash

HERE = Path(__file__).parent
SCRIPTS = (
    "numbers.js",
    "words.js",
    "runs.js",
    "marks.js",
    "maps.js",
    "charts.js",
    "timeline.js",
    "files.js",
    "main.js",
)
"""In the order in which they need each other."""
_IMPORT = re.compile(r"^import [^;]*?;\n", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export (?=const|let|function|async|class)", re.MULTILINE)
_SLOT = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True)
class Live:
    """What a page of the server has besides: it may ask the server that it came from, and nobody else."""

    panel: str
    """HTML before the verdict."""
    style: Path
    script: Path


def script(more: Sequence[Path] = ()) -> str:
    """Return all scripts as one, those of `more` at the end."""
    parts = [path.read_text(encoding="utf-8") for path in (*(HERE / name for name in SCRIPTS), *more)]
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", part)) for part in parts)


def policy_of(style: str, code: str, live: bool = False) -> str:
    """Return the policy of a page with one style and one script."""
    return (
        f"default-src 'none'; script-src '{policy_hash(code)}'; style-src '{policy_hash(style)}'; img-src "
        "data: blob:; " + ("connect-src 'self'; " if live else "") + "base-uri 'none'; form-action 'none'"
    )


def page(content: Content, live: Live | None = None) -> str:
    """Return the page: a file that asks for nothing, or the one that a server gives out."""
    style, code = (HERE / "page.css").read_text(encoding="utf-8"), script([live.script] if live else [])
    if live:
        style += live.style.read_text(encoding="utf-8")
    policy = policy_of(style, code, live is not None)
    runs = "\n".join(
        f'<script type="application/octet-stream" id="runs-{i}">{text}</script>'
        for i, text in enumerate((*content.packed, content.stories))
    )
    filled = {
        "policy": html.escape(policy, quote=False),
        "title": html.escape(content.title),
        "style": style,
        "panel": live.panel if live else "",
        "said": "\n".join(f"<p>{html.escape(text)}</p>" for text in content.said),
        "facts": as_json(content.facts),
        "runs": runs,
        "script": code,
    }
    template = (HERE / "page.html").read_text(encoding="utf-8")
    return _SLOT.sub(lambda slot: filled[slot[1]], template)


def as_json(facts: object) -> str:
    """Return JSON that can stand in a script element: nothing in it ends the element or begins a comment."""
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
