"""`drawdown mechanisms`: show mechanisms."""

from __future__ import annotations

from sim.cli.common import doing


def command() -> None:
    """Show the mechanisms that can be switched off with --without, and what switches them off."""
    with doing("Loading the model ..."):
        from sim.mechanisms import MECHANISMS
        from sim.show.numbers import wrap

    part = ""
    for m in MECHANISMS.values():
        if m.part != part:
            part = m.part
            print(f"\n{part.upper()}")
        print(m.name)
        print(wrap(f"{m.meaning} ({m.source})" + (f"; {m.reaches}" if m.reaches else ""), "    "))
        off = ", ".join(f"{name} = {value:g}" for name, value in m.off.items()) or "the calendar stays dry"
        print(wrap(f"off: {off}", "    "))
