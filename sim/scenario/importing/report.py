"""What an import guessed, mended, joined or left aside: told in short, and kept in the case's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sim.scenario.read import read_text

REPORT = "import-report.md"
Kind = Literal["joined", "left aside", "mended", "look twice"]
HEADINGS: dict[Kind, str] = {
    "joined": "Joined",
    "left aside": "Left aside",
    "mended": "Read otherwise than written",
    "look twice": "Worth a second look",
}
_PREAMBLE = (
    "# What the imports did\n\n"
    "Written by `drawdown import`, a part for each of its steps, which writes its own part anew. It drives\n"
    "nothing; it lists what was joined, left aside, read otherwise than written, or guessed.\n"
)
_EXAMPLES = 3
_KEPT = 40


@dataclass
class Notes:
    """Remarks of an import by kind; of one that repeats, how often, and the first examples."""

    found: dict[tuple[Kind, str], list[str]] = field(default_factory=dict)

    def add(self, kind: Kind, text: str, example: str = "") -> None:
        """Note something; an `example` is one of perhaps many cases of the same."""
        self.found.setdefault((kind, text), []).append(example)

    def of(self, kind: Kind, most: int = _KEPT) -> list[str]:
        """Return the remarks of a kind, each with at most so many of its examples."""
        return [_told(text, examples, most) for (k, text), examples in self.found.items() if k == kind]

    def short(self) -> list[str]:
        """Return all remarks for the screen."""
        return [line for kind in HEADINGS for line in self.of(kind, _EXAMPLES)]


def _told(text: str, examples: Sequence[str], most: int) -> str:
    shown = [e for e in dict.fromkeys(examples) if e]
    if not shown:
        return text
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return f"{text} ({len(examples):,d}): {'; '.join(shown[:most])}{more}"


def updated(
    folder: Path, step: str, source: str, told: Sequence[str], notes: Notes, guessed: Sequence[str]
) -> str:
    """Return the text of a case's report with the part of one step written anew."""
    file = folder / REPORT
    before = read_text(file).replace("\r\n", "\n") if file.exists() else ""
    title = f"{step}, from "
    parts = [p for p in before.split("\n## ")[1:] if not p.startswith(title)]
    ours = [f"{title}{source}", "", *(f"- {line}" for line in told), ""]
    for kind, heading in HEADINGS.items():
        lines = notes.of(kind)
        ours += [f"### {heading}", "", *(f"- {line}" for line in lines), ""] if lines else []
    if guessed:
        ours += ["### Guessed, or not in the data", "", *(f"- {line}" for line in guessed), ""]
    parts.append("\n".join(ours))
    order = ["Districts", "Bases", "Violence"]
    parts.sort(key=lambda p: next((i for i, s in enumerate(order) if p.startswith(s)), len(order)))
    return _PREAMBLE + "".join(f"\n## {p.strip()}\n" for p in parts)
