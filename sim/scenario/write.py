"""A schedule as the text of its file: what is read back from it is equal to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from pydantic import BaseModel

from sim.scenario.schedule import Schedule


def schedule_text(schedule: Schedule) -> str:
    """Return a schedule as TOML: what differs from the defaults, actions in the order of time."""
    ordered = schedule.model_copy(update={"actions": tuple(schedule.actions[i] for i in schedule.ordered)})
    lines = list(_keys(ordered))
    for name in ("slippage", "acceleration"):
        table = getattr(ordered, name)
        if table is not None:
            lines += ["", f"[{name}]", *_keys(table)]
    for name in ("gates", "triggers", "actions"):
        for entry in getattr(ordered, name):
            lines += ["", f"[[{name}]]", *_keys(entry)]
    return "\n".join(lines) + "\n"


def _keys(table: BaseModel) -> Iterator[str]:
    """Yield the lines of the keys of a table that hold a value and not its default."""
    for name, field in type(table).model_fields.items():
        value = getattr(table, name)
        if isinstance(value, (BaseModel, tuple)) or (value == field.default and not field.is_required()):
            continue
        if value is not None:
            yield f"{name} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)
