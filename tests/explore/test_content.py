from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import camps, plan, small

from sim.explore import assumptions, content, runs, words
from sim.explore.content import TooLarge, as_text, from_text, gather, middle_run, stepped
from sim.measures import closures
from sim.scenario.schema import Slippage, Trigger
from sim.study.compare import chosen, compare


def unpacked(made, i: int = 0) -> dict[str, np.ndarray]:
    """Return the arrays of an assumption as the page reads them."""
    raw = np.frombuffer(gzip.decompress(from_text(made.content.packed[i])), np.uint8)
    arrays = {}
    for part in made.content.facts["layout"][i]:
        planes = [
            raw[part["at"] + p * part["count"] : part["at"] + (p + 1) * part["count"]].astype(np.int64)
            << (8 * p)
            for p in range(part["planes"])
        ]
        arrays[part["name"]] = np.sum(planes, axis=0)
    return arrays


def test_what_is_packed_is_what_was_run(made) -> None:
    facts = made.content.facts
    s, r, d, k = len(made.plans), 24, len(made.case.districts), made.case.weeks
    assert facts["step"] == 1
    for i, weeks in enumerate(made.weeks):
        there = unpacked(made, i)
        assert np.array_equal(there["killed"].reshape(r, d, s, k), np.moveaxis(weeks.killed, 0, 2))
        assert np.array_equal(there["vacuum"].reshape(s, d, k), weeks.vacuum)
        assert there["un"].reshape(s, d, k) / facts["shares"] == pytest.approx(weeks.un / r, abs=0.0021)
        assert there["state"].reshape(s, d, k) / facts["shares"] == pytest.approx(weeks.state / r, abs=0.0021)
        assert facts["assumptions"][i]["totals"] == weeks.totals.tolist()


def test_steps_become_coarser_until_the_page_is_small_enough(made) -> None:
    whole = made.content.size
    given = (made.case, made.plans, made.assumptions, made.weeks)
    smaller = gather(*given, seed=3, largest=whole - 1)
    assert smaller.facts["step"] > 1
    assert smaller.size < whole
    with pytest.raises(TooLarge, match="give fewer --toggles"):
        gather(*given, seed=3, largest=1000)
    assert np.array_equal(stepped(np.arange(7)[None], 3), [[3, 12, 6]])


def test_pairs_are_told_apart_as_a_comparison_tells_them(made) -> None:
    from sim.study.answers import Answers

    a = Answers.of(compare(made.case, None, replicates=24, seed=3))
    names = [p.name for p in made.plans]
    told = made.content.facts["assumptions"][0]["told"]
    for x, one in enumerate(names):
        for y, other in enumerate(names):
            if x != y:
                assert (told[x][y] == 2) == bool(a.told("killed", one, other))
                assert (told[x][y] >= 1) == a.difference("killed", one, other).clear
            else:
                assert told[x][y] == 0


def test_what_is_said_first_is_said_of_the_pair_that_is_shown(made) -> None:
    facts = made.content.facts
    x, y = facts["pair"]
    gap = made.weeks[0].totals[x] - made.weeks[0].totals[y]
    assert made.plans[x].name != made.plans[y].name
    pairs = len(made.plans) * (len(made.plans) - 1) // 2
    last = words.day_of(made.case.header.start, made.case.weeks)
    told = facts["assumptions"][0]["told"][x][y]
    assert list(made.content.said) == words.verdict(
        made.plans[x].name, made.plans[y].name, gap, told, pairs, last
    )


def test_schedules_hold_who_is_where_and_what_closed(made) -> None:
    for shown, schedule in zip(made.content.facts["schedules"], made.plans, strict=True):
        planned = closures(made.case, schedule)
        assert [c["planned"] for c in shown["closures"]] == planned["week"].tolist()
        assert all(c["weeks"] == [[c["planned"], 24]] for c in shown["closures"])
        assert len(shown["spans"]) == len(made.case.bases)
        assert not shown["reopens"]
    trigger = Trigger(when="recorded-violence", at_least=5, do="reopen")
    reopens = plan("late").model_copy(update={"triggers": (trigger,)})
    assert content._schedules(made.case, [reopens], made.weeks[0])[0]["reopens"]


def test_closures_that_slip_are_counted_by_week() -> None:
    case = camps(30)
    slips = case.schedules["exit"].model_copy(update={"name": "slips", "slippage": Slippage(mean_weeks=6.0)})
    plans = chosen(case, [slips, case.schedules["exit"]])
    (weeks,) = runs.collect(assumptions.all_of(case, None, 0), plans, replicates=12, seed=2)
    shown, planned, _ = content._schedules(case, plans, weeks)
    for n, closure in enumerate(shown["closures"]):
        when = weeks.closed[:, n]
        assert closure["weeks"] == [[w, int((when == w).sum())] for w in sorted(set(when.tolist())) if w >= 0]
        assert sum(count for _, count in closure["weeks"]) < 12, "some come too late for the run"
        assert len(closure["weeks"]) > 2
    assert [c["weeks"] for c in planned["closures"]] == [[[20, 12]]] * len(case.bases)


def test_the_calendar_is_cut_at_the_ends_of_the_run() -> None:
    case = small(60)
    start, last = case.header.start, case.weeks
    wet = content._wet(case)
    assert all(0 <= a < b <= last for a, b in wet)
    months = {(start.fromordinal(start.toordinal() + int((a + b) / 2 * 7))).month for a, b in wet}
    assert months <= set(case.header.wet_months)
    always = replace(case, header=case.header.model_copy(update={"wet_months": list(range(1, 13))}))
    assert content._wet(always) == [[0.0, pytest.approx(last, abs=0.2)]]
    assert all((day.month, day.day) == (7, 1) for day in content._budget_years(case))
    assert content._inside(case, start)
    assert not content._inside(case, date(1990, 1, 1))


def test_districts_are_drawn_by_their_outlines_where_there_are_some() -> None:
    case = small(60)
    alpha = case.districts[0]
    x, y = alpha.longitude, alpha.latitude
    rings = tuple(
        tuple((x + dx + size * a, y + size * b) for a, b in ((0, 0), (1, 0), (1, 1), (0, 0)))
        for dx, size in ((0.0, 0.2), (0.3, 0.1))
    )
    drawn = content._places(replace(case, outlines={alpha.id: rings}))
    paths = [d["path"] for d in drawn["districts"]]
    assert paths[0].count("M") == 2
    assert paths[0].count("L") == 6
    assert paths[1].count("M") == 1
    width, height = drawn["size"]
    numbers = [tuple(map(float, p.split())) for path in paths for p in re.split("[MLZ]+", path) if p]
    assert all(-0.1 <= px <= width + 0.1 and -0.1 <= py <= height + 0.1 for px, py in numbers)
    assert drawn["caption"] != content._places(case)["caption"]


def test_the_run_in_the_middle() -> None:
    assert middle_run(np.array([5.0, 1.0, 9.0])) == 0
    assert middle_run(np.array([4.0, 4.0, 4.0, 4.0])) == 1


def test_stories_are_of_the_middle_run_and_name_districts(made) -> None:
    stories = json.loads(gzip.decompress(from_text(made.content.stories)))
    assert len(stories) == len(made.plans)
    for s, story in enumerate(stories):
        assert story["killed"] == made.weeks[0].totals[s][story["replicate"]]
        assert story["replicate"] == middle_run(made.weeks[0].totals[s])
        for week, places, text in story["told"]:
            assert 0 <= week < made.case.weeks
            assert all(0 <= d < len(made.case.districts) for d in places)
            assert text.endswith(".")
    exit_ = [p.name for p in made.plans].index("exit")
    closing = [(places, text) for _, places, text in stories[exit_]["told"] if "The UN base" in text]
    assert closing
    assert all(len(places) == 1 for places, _ in closing)


def test_the_same_runs_make_the_same_bytes(made) -> None:
    again = gather(made.case, made.plans, made.assumptions, made.weeks, seed=3)
    assert again == made.content


@given(st.binary(max_size=40))
def test_bytes_as_text_end_no_element_and_are_read_back(raw: bytes) -> None:
    text = as_text(raw)
    assert "<" not in text
    assert from_text(text) == raw
