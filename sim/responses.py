"""How the model responds: verdicts of the response page, which is measured by an experiment and shipped.

`experiments/responses/responses.py` varies troops, places, order, host and time on matched worlds and writes
`responses.json`; `drawdown validate` shows it. It is not measured anew each time: it takes some minutes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("responses.json")
VERDICTS = {
    "green": "as it should be",
    "red": "not as it should be",
    "open": "cannot be told with so many runs",
}


@dataclass(frozen=True, slots=True)
class Response:
    """A row of the response page."""

    row: str
    title: str
    should: str
    verdict: str
    """One of `VERDICTS`: that of its worst check."""
    green: int
    red: int
    open: int
    """How many of its checks have each verdict."""
    reason: str = ""
    """Why it is not as it should be, if somebody has said so."""

    @property
    def counts(self) -> str:
        """Say it, e.g. "3 green, 2 red"."""
        counts = {name: getattr(self, name) for name in VERDICTS}
        return ", ".join(f"{n} {name}" for name, n in counts.items() if n)


@cache
def made() -> dict[str, Any]:
    """Return what the file holds: the command that makes it, digests of the rules, and the rows."""
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return content


@cache
def table() -> tuple[Response, ...]:
    """Return the rows of the page, in its order."""
    return tuple(Response(**row) for row in made()["rows"])


@cache
def rules_digest() -> str:
    """Return the SHA-256 of the rules with their parameters: of the sources of agents, world and week."""
    here = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    files = [*(here / "agents").rglob("*.py"), *(here / "world").rglob("*.py")]
    for path in [*sorted(files), here / "start.py", here / "week.py"]:
        digest.update(path.relative_to(here).as_posix().encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def outdated() -> bool:
    """Return whether rules have changed since the page was measured."""
    return any(label != rules_digest()[: len(label)] for label in made()["rules"])
