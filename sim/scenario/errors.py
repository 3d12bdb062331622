"""One error for bad input: it names the file, the line, the value, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any


class ScenarioError(ValueError):
    """Something in a scenario that cannot be right.

    The message reads ``FILE, line N, WHERE: VALUE is wrong; REMEDY``.
    """

    def __init__(self, file: Path | str, problem: str, *, line: int | None = None, where: str = "") -> None:
        self.file = Path(file)
        self.line = line
        self.where = where
        self.problem = problem
        place = str(file)
        if line is not None:
            place += f", line {line}"
        if where:
            place += f", {where}"
        super().__init__(f"{place}: {problem}")

    def __reduce__(self) -> tuple[Any, ...]:
        # Worker processes of Mesa's batch_run send their errors home by pickle.
        return partial(ScenarioError, self.file, self.problem, line=self.line, where=self.where), ()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint for a misspelt `word`: the closest of `known`, or the first few of them."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    shown = ", ".join(repr(name) for name in names[:8])
    return f"known are {shown}{' ...' if len(names) > 8 else ''}"
