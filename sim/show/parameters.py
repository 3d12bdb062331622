"""Parameters for people: found by words, written as they are read, with how much they matter."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim import influence, parameters
from sim.declare import Parameter
from sim.show.text import wrap


def with_unit(x: float, unit: str) -> str:
    """Return a number and its unit; a share or ratio, or a place on a scale of 0-1, without one."""
    return f"{x:g}" if unit in ("1", "-", "0-1") else f"{x:g} {unit}"


def search(words: Sequence[str]) -> list[Parameter]:
    """Return the parameters that have every word in their name, meaning, unit or source; all for none.

    A word that is a parameter's whole name finds that one alone.
    """
    if len(words) == 1 and words[0] in parameters.PARAMETERS:
        return [parameters.PARAMETERS[words[0]]]
    wanted = [w.casefold() for w in words]

    def text(p: Parameter) -> str:
        return f"{p.name} {p.meaning} {p.unit} {p.source} {p.certainty}".casefold()

    return [p for p in parameters.PARAMETERS.values() if all(w in text(p) for w in wanted)]


def table(shown: Sequence[Parameter]) -> pd.DataFrame:
    """Return parameters as a table, with their tier and what they do to each headline (shares of it)."""
    frame = parameters.table().set_index("name").loc[[p.name for p in shown]].reset_index()
    rows = influence.table()
    frame["tier"] = pd.array([rows[n].tier if n in rows else None for n in frame["name"]], "Int64")
    for headline in influence.HEADLINES:
        for end, which in enumerate(("low", "high")):
            frame[f"{headline}_at_{which}"] = [
                getattr(rows[n], headline)[end] if n in rows else None for n in frame["name"]
            ]
    return frame


def described(p: Parameter) -> str:
    """Return what a parameter is, in lines of at most 80 columns."""
    lines = [
        wrap(f"{p.name} = {with_unit(p.default, p.unit)}", "", "    "),
        wrap(p.meaning, "    "),
        wrap(f"range: {p.low:g} to {with_unit(p.high, p.unit)}; how sure: {p.certainty}", "    "),
        wrap(f"source: {p.source}", "    ", "      "),
    ]
    row = influence.table().get(p.name)
    if row is not None:
        lines.append(wrap(f"matters: {row.words} (tier {row.tier})", "    ", "      "))
    else:
        lines.append(wrap("matters: not measured yet", "    ", "      "))
    return "\n".join(lines)


def page(found: Sequence[Parameter], *, first_tier: bool) -> str:
    """Return parameters as text; of the first tier alone, the strongest first, or as they are declared."""
    rows = influence.table()
    shown = list(found)
    head = []
    if first_tier:
        shown = [p for p in found if p.name in rows and rows[p.name].tier == 1]
        shown.sort(key=lambda p: -rows[p.name].largest)
        head = [
            wrap(
                f"The {len(shown)} of {len(found)} parameters that matter most: each moves the civilians "
                "killed in the DRC case, with no drawdown (level) or beyond that if every base closes "
                "(excess), by 30 % or more between the ends of its range. --all shows all, a word searches."
            )
        ]
        if since := influence.older():
            missing = len(set(parameters.PARAMETERS) - set(rows))
            head.append(wrap(f"Measured {since}; {missing} are newer and in no tier."))
    return "\n\n".join([*head, *(described(p) for p in shown)])
