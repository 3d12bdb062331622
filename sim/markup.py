"""Tables for notebooks, and what pages of ours share."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Sequence


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as HTML; texts are escaped, None is an empty cell."""

    def row(cells: Sequence[object], tag: str) -> str:
        texts = (html.escape("" if cell is None else str(cell)) for cell in cells)
        return "<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in texts) + "</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    return (
        f"<table><caption>{html.escape(title)}</caption><thead>{row(head, 'th')}</thead>"
        f"<tbody>{body}</tbody></table>"
    )


def policy_hash(text: str) -> str:
    """Return how a page's Content-Security-Policy names one script or style as the only one it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
