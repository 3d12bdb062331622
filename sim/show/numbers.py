"""Numbers as they are printed, and lines of 80 columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

WIDTH = 80


def number(x: float) -> str:
    """Return a whole number, e.g. "1,234", in millions from ten million on, e.g. "12.3 m"."""
    return f"{x / 1e6:,.1f} m" if abs(x) >= 1e7 else f"{round(x):,d}"


def signed(x: float) -> str:
    """Return a number with its sign, e.g. "+1,234"; "0" without one."""
    text = number(x)
    return text if text == "0" or text.startswith("-") else f"+{text}"


def short(x: float, sign: bool = False) -> str:
    """Return a number of at most seven characters for a table, e.g. "12,345", "123 k", "12.3 m"."""
    if math.isnan(x):
        return "-"
    size = abs(x)
    if size >= 9.995e8:
        text = f"{x / 1e9:.2f} bn"
    elif size >= 999_500:
        text = f"{x / 1e6:.{2 if size < 9.995e6 else 1 if size < 9.995e7 else 0}f} m"
    elif size >= 99_999.5:
        text = f"{x / 1e3:.0f} k"
    else:
        text = f"{round(x):,d}"
    return f"+{text}" if sign and text != "0" and not text.startswith("-") else text


def rate(x: float, sign: bool = False) -> str:
    """Return a rate with two digits that count, e.g. "0.38", "3.8", "38"."""
    size = abs(x)
    if size >= 9.95:
        return short(x, sign)
    text = f"{x:.{1 if size >= 0.995 else 2}f}"
    if float(text) == 0.0:
        return "0"
    return f"+{text}" if sign and x > 0 else text


def percent(part: float) -> str:
    """Return a share, e.g. "54 %"; "under 1 %" and "over 99 %" for what is not quite none or all."""
    if 0.0 < abs(part) < 0.005:
        return "under 1 %"
    if 0.995 <= part < 1.0:
        return "over 99 %"
    return f"{part * 100:.0f} %"


def more_or_fewer(x: float, what: str = "") -> str:
    """Return "1,234 more" or "1,234 fewer" (persons)."""
    return f"{number(abs(x))} {'more' if round(x) >= 0 else 'fewer'}{what}"


def listed(items: Sequence[str]) -> str:
    """Return "a", "a and b", or "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def wrap(text: str, indent: str = "", hanging: str | None = None) -> str:
    """Return text wrapped to 80 columns."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_on_hyphens=False,
    )
