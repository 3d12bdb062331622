"""Mistakes in what is imported, gathered so that one attempt tells all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from sim.scenario.errors import ScenarioError, printable

MOST_SHOWN = 20
MOST_GATHERED = 200
"""A file of which nothing is right is not read to its end."""


class Mistakes(ScenarioError):
    """Several mistakes, told together, each with its place."""

    def __init__(self, errors: Sequence[ScenarioError]) -> None:
        self.errors = tuple(errors)
        files = list(dict.fromkeys(str(e.file) for e in errors))
        shown = [f"  - {e}" for e in errors[:MOST_SHOWN]]
        if len(errors) > MOST_SHOWN:
            shown.append(f"  - and {len(errors) - MOST_SHOWN} more")
        listed = "\n".join(shown)
        super().__init__(", ".join(files), f"{len(errors)} mistakes:\n{listed}")
        # a line each: the lines of a message, unlike what stands in them, are ours
        self.args = (f"{printable(', '.join(files))}: {len(errors)} mistakes:\n{listed}",)

    def __reduce__(self) -> tuple[Any, ...]:
        return Mistakes, (self.errors,)


class Gather:
    """Gathers the mistakes made inside its `with` blocks; `check` raises them all.

    A block ends at its first mistake, and what follows the block goes on. Blocks may be nested.
    """

    def __init__(self) -> None:
        self.errors: list[ScenarioError] = []

    def add(self, error: ScenarioError) -> None:
        """Note a mistake, or several. Raises all when there are too many to go on."""
        self.errors += error.errors if isinstance(error, Mistakes) else [error]
        if len(self.errors) >= MOST_GATHERED:
            self.check()

    def check(self) -> None:
        """Raise what was gathered, if anything."""
        errors, self.errors = self.errors, []
        if len(errors) == 1:
            raise errors[0]
        if errors:
            raise Mistakes(errors)

    def __enter__(self) -> Gather:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, ScenarioError):
            return False
        self.add(error)
        return True


def every(*reads: Callable[[], Any]) -> list[Any]:
    """Return what each function returns; raises the mistakes of all of them together."""
    gather = Gather()
    found = []
    for read in reads:
        with gather:
            found.append(read())
    gather.check()
    return found
