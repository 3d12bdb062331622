from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import measures
from sim.explore import words
from sim.intervals import FEWEST

GAPS = st.lists(st.integers(-2000, 3000), min_size=1, max_size=60).map(np.array)


def numbers(text: str) -> list[float]:
    return [float(n.replace(",", "")) for n in re.findall(r"[+-]?\d[\d,]*", text)]


@given(GAPS)
def test_worlds_are_counted_and_add_up(gap: np.ndarray) -> None:
    text = words.worlds(gap, "x", "y", "D", "Q")
    if not gap.any():
        assert text.endswith(f"in each of {len(gap)} worlds.")
        return
    found = re.fullmatch(
        r"By D, in the model, (more|fewer) civilians would be killed in Q under 'x' than under 'y' "
        r"in (\d+) of (\d+) worlds, (more|fewer) in (\d+)(?: and as many in (\d+))?\.",
        text,
    )
    assert found, text
    first, count, of, second, other, same = found.groups()
    assert {first, second} == {"more", "fewer"}
    counts = {first: int(count), second: int(other)}
    assert counts == {"more": (gap > 0).sum(), "fewer": (gap < 0).sum()}
    assert int(count) >= int(other)
    assert int(of) == len(gap) == sum(counts.values()) + int(same or 0)


@given(GAPS)
def test_a_mean_is_never_told_without_its_interval_nor_called_clear_when_it_is_not(gap: np.ndarray) -> None:
    text = words.spread(gap)
    d = measures.difference(gap, np.zeros(len(gap)))
    if not gap.any():
        assert text == ""
    elif len(gap) < FEWEST:
        assert "Too few worlds" in text
        assert "mean" not in text
    else:
        assert numbers(text.split("; the mean")[1])[:1] == [round(d.mean)]
        assert ("cannot tell" in text) == (not d.clear)
    assert "beyond chance" not in text


@given(GAPS, st.sampled_from([0, 1, 2]))
def test_a_verdict_says_first_what_cannot_be_told(gap: np.ndarray, told: int) -> None:
    said = words.verdict("x", "y", gap, told, 10, "D")
    chance = [text for text in said if "beyond chance" in text]
    if len(gap) < FEWEST or not gap.any():
        assert not chance
        assert said[0].startswith("By D, in the model,")
    elif told == 2:
        assert said[0].startswith("By D, in the model,")
        assert chance == [said[-1]]
        assert ("more" in chance[0]) == (gap.mean() > 0)
    else:
        assert not chance
        assert said[0].startswith(
            "The runs cannot tell" if told == 0 else "The runs tell 'x' from 'y' only if"
        )


def test_assumptions_are_counted_each_once() -> None:
    found = [(2, 5.0), (2, 1.0), (2, -3.0), (1, 9.0), (0, 2.0)]
    assert words.robust("x", "y", found) == (
        "Of 5 sets of assumptions tried here, 'x' has clearly more killed than 'y' under 2 and fewer under "
        "1; under 2 the runs cannot tell."
    )
    assert words.robust("x", "y", found[3:]) == (
        "Under none of the 2 sets of assumptions tried here can the runs tell 'x' from 'y'."
    )
    assert words.robust("x", "y", [(2, -1.0), (2, -2.0)]) == (
        "Under all 2 sets of assumptions tried here 'x' has clearly fewer killed than 'y'."
    )
    assert words.robust("x", "y", [(2, -1.0), (0, -2.0)]) == (
        "Of 2 sets of assumptions tried here, 'x' has clearly fewer killed than 'y' under 1; under 1 the "
        "runs cannot tell."
    )
    assert words.robust("x", "y", found[:1]) == ""


def test_districts_are_told_by_both_schedules() -> None:
    assert words.vacuum("Q", "x", "y", 3, 3, 50).endswith("in 3 of 50 worlds under either schedule.")
    assert words.vacuum("Q", "x", "y", 3, 4, 50).endswith("in 3 of 50 worlds under 'x' and in 4 under 'y'.")
    text = words.protected("Q", "x", "y", (0.1, 0.02), (0.0, 0.0))
    assert "12 % of cases under 'x' (the UN 10 %, state forces 2 %)" in text


@pytest.mark.parametrize(("week", "day"), [(0, "1 Jan 2031"), (1, "7 Jan 2031"), (9, "4 Mar 2031")])
def test_a_day_is_the_last_of_its_weeks(week: int, day: str) -> None:
    assert words.day_of(date(2031, 1, 1), week) == day


def test_a_short_line_gives_the_side_on_which_more_worlds_lie() -> None:
    assert words.short(np.zeros(7)) == "the same in each of 7 worlds"
    assert words.short(np.array([-1.0, -2.0, 40.0])) == "fewer in 2 of 3 worlds; mean +12"
    assert re.fullmatch(
        r"more in 30 of 30 worlds; mean \+16 \(\+\d+ to \+\d+\)", words.short(np.arange(1.0, 31.0))
    )
