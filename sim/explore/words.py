"""The sentences that follow the slider, from the numbers of the runs.

`words.js` does the same in the page, from the same numbers and by the same rule; the tests hold them together
on one table of cases. What they say is about the runs: how many worlds, how far they spread, where the mean
lies, and whether that can be told from nothing. They are about a day that the reader picks, so none calls a
difference beyond chance: that is said of the end of the run alone, where all pairs are judged together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from sim import measures
from sim.intervals import FEWEST
from sim.show.numbers import percent, signed

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_of(start: date, week: int) -> str:
    """Return the last day of the first `week` weeks of a run, e.g. "24 Nov 2019"; its first day for 0."""
    day = start + timedelta(days=max(7 * week - 1, 0))
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def worlds(gap: np.ndarray, a: str, b: str, day: str, place: str = "") -> str:
    """Say in how many worlds more are killed under `a` than under `b` by a day.

    `gap`: killed under `a` less those under `b`, by world, (R,).
    """
    n, more, fewer = len(gap), int((gap > 0).sum()), int((gap < 0).sum())
    where = f" in {place}" if place else ""
    start = f"By {day}, in the model,"
    if more == fewer == 0:
        alike = f"'{a}' and '{b}' would have exactly as many civilians killed"
        return f"{start} {alike}{where} in each of {n} worlds."
    word, count, other, rest = (
        ("more", more, "fewer", fewer) if more >= fewer else ("fewer", fewer, "more", more)
    )
    same = n - more - fewer
    tail = f", {other} in {rest}" + (f" and as many in {same}" if same else "")
    return (
        f"{start} {word} civilians would be killed{where} under '{a}' than under '{b}' in {count} of {n} "
        f"worlds{tail}."
    )


def spread(gap: np.ndarray) -> str:
    """Say how far worlds spread, and where the mean lies; empty if no world differs."""
    if not gap.any():
        return ""
    d = measures.difference(gap, np.zeros(len(gap)))
    if d.runs < FEWEST:
        return f"Too few worlds to say what to expect: {d.runs}, and the method needs {FEWEST}."
    mean = (
        f"Nine worlds in ten lie between {signed(d.low)} and {signed(d.high)}; the mean is {signed(d.mean)} "
        f"(95 % interval {signed(d.mean_low)} to {signed(d.mean_high)})"
    )
    return f"{mean}." if d.clear else f"{mean}: the runs cannot tell it from no difference."


def vacuum(place: str, a: str, b: str, in_a: int, in_b: int, of: int) -> str:
    """Say in how many worlds a district is in a security vacuum in a week, under each schedule."""
    start = f"That week {place} would be in a security vacuum in {in_a} of {of} worlds under"
    return f"{start} either schedule." if in_a == in_b else f"{start} '{a}' and in {in_b} under '{b}'."


def protected(place: str, a: str, b: str, shares_a: Sequence[float], shares_b: Sequence[float]) -> str:
    """Say what part of attacks would be met, by whom: (UN, state forces where the UN does not come), 0-1."""

    def one(name: str, un: float, state: float) -> str:
        who = f"the UN {percent(un)}, state forces {percent(state)}"
        return f"{percent(un + state)} of cases under '{name}' ({who})"

    both = f"{one(a, *shares_a)} and {one(b, *shares_b)}"
    return f"If civilians in {place} were attacked that week, somebody would come in {both}."


def by_then(gap: np.ndarray, a: str, b: str, day: str, place: str = "") -> list[str]:
    """Return what is said of the killed by a day."""
    return [text for text in (worlds(gap, a, b, day, place), spread(gap)) if text]


def short(gap: np.ndarray) -> str:
    """Return a difference at the end for a list: in how many worlds, and the mean with its interval."""
    d = measures.difference(gap, np.zeros(len(gap)))
    if not gap.any():
        return f"the same in each of {d.runs} worlds"
    count, word = (d.higher, "more") if d.higher >= d.lower else (d.lower, "fewer")
    mean = f"{word} in {count} of {d.runs} worlds; mean {signed(d.mean)}"
    return mean if d.runs < FEWEST else f"{mean} ({signed(d.mean_low)} to {signed(d.mean_high)})"


def judged(a: str, b: str, gap: np.ndarray, told: int, pairs: int) -> str:
    """Say of the end of the run whether two schedules are told apart, all `pairs` of them judged together.

    `told`: 2 beyond chance among all pairs, 1 only looked at alone, 0 neither. Empty where there are too few
    worlds to judge, or no world differs.
    """
    if len(gap) < FEWEST or not gap.any():
        return ""
    among = f"among all {pairs} pairs of schedules judged together" if pairs > 1 else "by itself"
    if told == 2:
        word = "more" if gap.mean() > 0 else "fewer"
        return f"'{a}' has {word} killed than '{b}' on average, beyond chance {among}."
    if told == 1:
        return f"The runs tell '{a}' from '{b}' only if looked at alone, not {among}."
    return f"The runs cannot tell '{a}' from '{b}' {among}."


def robust(a: str, b: str, found: Sequence[tuple[int, float]]) -> str:
    """Say whether the end is the same under all assumptions that were tried: (told, mean difference) of each.

    Each set of assumptions judges its pairs together, as `judged` has it.
    """
    more = sum(told == 2 and mean > 0 for told, mean in found)
    fewer = sum(told == 2 and mean < 0 for told, mean in found)
    n = len(found)
    if n < 2:
        return ""
    if more + fewer == 0:
        return f"Under none of the {n} sets of assumptions tried here can the runs tell '{a}' from '{b}'."
    if n in (more, fewer):
        word = "more" if more else "fewer"
        return f"Under all {n} sets of assumptions tried here '{a}' has clearly {word} killed than '{b}'."
    parts = [f"more killed than '{b}' under {more}"] if more else []
    than = "" if more else f" killed than '{b}'"
    parts += [f"fewer{than} under {fewer}"] if fewer else []
    rest = n - more - fewer
    tail = f"; under {rest} the runs cannot tell" if rest else ""
    return f"Of {n} sets of assumptions tried here, '{a}' has clearly {' and '.join(parts)}{tail}."


def verdict(a: str, b: str, gap: np.ndarray, told: int, pairs: int, day: str) -> list[str]:
    """Return what is said of the end of the run: what can be told first, if nothing can."""
    sure, seen = judged(a, b, gap, told, pairs), by_then(gap, a, b, day)
    return [text for text in ((*seen, sure) if told == 2 else (sure, *seen)) if text]
