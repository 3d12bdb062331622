"""Compiled functions that are written from declarations: the one place in which code makes code.

Compiled code cannot loop over the names of a record's fields. What is done to many fields, clearing those
that count by the week or copying them into the record, is therefore written out here from the
declarations, one line a field, and compiled like any rule. Look at what was written:

>>> from sim.generate import SOURCE
>>> print(SOURCE["clear"])

Its cache is named by a digest of all rules (`sim.compiled`), declarations among them, so that a field
more compiles it anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sim.declare import Field, Table

SOURCE: dict[str, str] = {}
"""The source of every function that was written, by its name."""


def written(name: str, arguments: str, doc: str, body: Sequence[str]) -> Callable[..., Any]:
    """Return the function of that name, arguments and body (lines, indented by what is inside what).

    To Numba it stands in this file: its cache wants one that exists.
    """
    source = "\n    ".join([f"def {name}({arguments}):", f'"""{doc}"""', *body]) + "\n"
    names: dict[str, Any] = {"inf": math.inf, "__name__": __name__}
    exec(compile(source, __file__, "exec"), names)
    SOURCE[name] = source
    made: Callable[..., Any] = names[name]
    return made


def clearing(tables: Iterable[Table]) -> Callable[..., Any]:
    """Return `clear(world)`: every field that counts by the week goes back to its start."""
    body = []
    for table in tables:
        weekly = [field for field in table.fields if field.weekly]
        if weekly:
            rows = table.name
            body += [f"{rows} = world.{rows}", f"for i in range(len({rows})):"]
            body += [f"    {rows}[i].{field.name} = {_literal(field)}" for field in weekly]
    return written("clear", "world", "Begin the week with a clean sheet.", body)


def recording(districts: Table, harm: Mapping[str, tuple[str, int, int]]) -> Callable[..., Any]:
    """Return `copy(world, w, d)`: the record of a week takes over what it keeps of a district.

    `harm`: by field of the record, the counter of harm that it keeps, and the row and column of it.
    """
    body = ["to = world.record", "here = world.districts"]
    body += [f"to[w, d].{f.name} = here[d].{f.name}" for f in districts.fields if f.recorded]
    for counter in dict.fromkeys(counter for counter, _, _ in harm.values()):
        body += [f"{counter} = world.{counter}"]
    body += [f"to[w, d].{name} = {counter}[d, {i}, {k}]" for name, (counter, i, k) in harm.items()]
    return written("copy", "world, w, d", "Write down the fields of a district that are recorded.", body)


def inheriting(table: Table) -> Callable[..., Any]:
    """Return `inherit(rows, new, old)`: row `new` takes over from row `old` what is inherited."""
    body = [f"rows[new].{f.name} = rows[old].{f.name}" for f in table.fields if f.inherited]
    return written("inherit", "rows, new, old", "Take over what is inherited.", body)


def _literal(field: Field) -> str:
    """Return the start of a field as a number of its own kind, in source."""
    return repr(int(field.start)) if field.kind == "i8" else repr(float(field.start))
