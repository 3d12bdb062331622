"""Writing what a scenario's TOML files hold: the keys that were given, in the order of their declaration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from sim.scenario.importing.write import toml_string


def document(model: BaseModel) -> str:
    """Return a model as a TOML file that reads back equal: keys, then [tables], then [[arrays of tables]].

    Keys that were not given are left out, so that a default stays a default.
    """
    given = {
        name: getattr(model, name) for name in type(model).model_fields if name in model.model_fields_set
    }
    given = {name: value for name, value in given.items() if value is not None}
    plain, tables, arrays = [], [], []
    for name, value in given.items():
        if isinstance(value, BaseModel):
            tables.append(f"\n[{name}]\n{document(value)}")
        elif isinstance(value, Mapping):
            rows = "".join(f"{key} = {_value(one)}\n" for key, one in value.items())
            tables.append(f"\n[{name}]\n{rows}")
        elif isinstance(value, tuple):
            arrays += [f"\n[[{name}]]\n{document(one)}" for one in value]
        else:
            plain.append(f"{name} = {_value(value)}\n")
    return "".join([*plain, *tables, *arrays])


def _value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return repr(value)
    return _text(str(value))


def _text(text: str) -> str:
    """Return a text as TOML: on lines of its own if it has several and nothing in it needs an escape."""
    lines = text.split("\n")
    if len(lines) > 1 and all(line.isprintable() for line in lines) and not any(c in text for c in '\\"'):
        return f'"""\n{text}\n"""'
    return toml_string(text)
