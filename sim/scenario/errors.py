"""One error for bad input: it names the file, the line, the value, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError


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
        super().__init__(printable(f"{place}: {problem}"))

    def __reduce__(self) -> tuple[Any, ...]:
        # Worker processes of Mesa's batch_run send their errors home by pickle.
        return partial(ScenarioError, self.file, self.problem, line=self.line, where=self.where), ()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint for a misspelt `word`: the closest of `known`, or the first few of them."""
    names = sorted(known)
    if not names:
        return "there is none"
    near = get_close_matches(word[:200], names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    listed = ", ".join(repr(name) for name in names[:8])
    return f"known are {listed}{' ...' if len(names) > 8 else ''}"


def printable(text: str) -> str:
    """Return a text in which what a terminal would obey (control characters, turned writing) is spelt out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: object) -> str:
    """Return a value as an error message shows it: as written, cut where it is long."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, date):
        text = str(value)
    elif isinstance(value, (str, float, int)):
        text = repr(value[:LONGEST_SHOWN]) if isinstance(value, str) else f"{value:.6g}"
        text = str(value) if isinstance(value, int) and abs(value) < 1e15 else text
    else:
        text = "a list" if isinstance(value, (list, tuple)) else "the entry"
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


LONGEST_SHOWN = 80


def describe(error: ValidationError, model: type[BaseModel]) -> tuple[str, str]:
    """Return (where, problem) of the first thing that is wrong, in words for the person who wrote it."""
    errors = error.errors(include_url=False)
    # a misspelt key is also a missing one: say the misspelling
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    path = list(first["loc"])
    where = ".".join(shown(part)[1:-1] if isinstance(part, str) else str(part) for part in path)
    kind, value, context = first["type"], first.get("input"), first.get("ctx", {})
    if kind == "extra_forbidden":
        return where, f"is not known here; {did_you_mean(str(path[-1]), _fields_at(model, path[:-1]))}"
    if kind == "missing":
        return where, "is missing"
    if kind == "value_error":
        return where, str(context["error"])
    if kind == "string_too_long":
        return where, f"{shown(value)} has {len(str(value))} characters; at most {context['max_length']} fit"
    if kind == "string_pattern_mismatch":
        return where, f"{shown(value)} must be lower-case letters, digits and hyphens, such as my-case"
    if kind in WANTED:
        return where, f"{shown(value)} is {_kind_of(value)}; write {WANTED[kind]}"
    message = first["msg"][0].lower() + first["msg"][1:]
    return where, f"{shown(value)}: {message.replace('input should', 'should')}"


WANTED = {
    "string_type": "a text, in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "list_type": "a list in brackets, such as [1, 2]",
    "tuple_type": "a list in brackets, or [[...]] headings",
    "dict_type": "a table of keys",
    "model_type": "a table of keys",
}
"""What to write, for each kind of mistake that is one of type."""


def _kind_of(value: object) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        ((int, float), "a number"),
        (str, "a text"),
        (date, "a day"),
        ((list, tuple), "a list"),
        (Mapping, "a table"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "something else")


def _fields_at(model: type[BaseModel], path: Sequence[int | str]) -> list[str]:
    current: Any = model
    for part in path:
        if isinstance(part, int):
            continue
        field = getattr(current, "model_fields", {}).get(part)
        if field is None:
            break
        annotation = field.annotation
        args = [a for a in getattr(annotation, "__args__", ()) if isinstance(a, type)]
        current = args[0] if args else annotation
    return list(getattr(current, "model_fields", {}))
