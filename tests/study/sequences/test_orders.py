"""Every order that keeps to the constraints is found once, and its schedule does what it says."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario
from sim.scenario.errors import ScenarioError
from sim.study.sequences.constraints import Constraints, read
from sim.study.sequences.orders import Closures, Schedules

Make = Callable[..., Closures]
BASES = ("Camps", "Mines", "Ridge")


def test_all_orders_of_free_closures_are_found_a_month_apart(make: Make) -> None:
    closures = make()
    assert set(closures.names) == set(BASES)
    assert closures.all(10) == list(permutations(range(3)))
    assert closures.all(5) is None
    days = closures.days((0, 1, 2))
    assert days == (date(2030, 3, 4), date(2030, 4, 1), date(2030, 4, 29))


def test_no_base_closes_in_the_rains_and_later_ones_wait(make: Make) -> None:
    days = make(not_in_rains=True).days((0, 1, 2))
    assert days == (date(2030, 3, 4), date(2030, 7, 1), date(2030, 7, 29))


def test_precedence_and_last_leave_the_orders_that_keep_to_them(make: Make) -> None:
    closures = make(last=["Ridge"])
    assert {closures.words(o).split(", ")[-1] for o in closures} == {"Ridge"}
    chained = make(in_order=[["Ridge", "Camps", "Mines"]])
    assert [chained.words(o) for o in chained] == ["Ridge, Camps, Mines"]


def test_deadlines_and_first_days_hold(make: Make) -> None:
    late = make(not_before={"Camps": "2030-06-03"})
    for order in late:
        days = dict(zip(order, late.days(order) or (), strict=True))
        assert days[late.names.index("Camps")] >= date(2030, 6, 3)
    early = make(not_after={"Camps": "2030-03-31"})
    assert {early.words(o).split(", ")[0] for o in early} == {"Camps"}


def test_a_budget_rules_out_what_keeps_the_large_base_long(make: Make, year: Scenario) -> None:
    total = sum(u.strength for u in year.units if u.opens is None)
    ridge = sum(u.strength for u in year.units if u.base == "Ridge")
    closures = make(budgets=[{"start": "2030-03-25", "end": "2030-03-31", "troops": total - ridge}])
    assert {closures.words(o).split(", ")[0] for o in closures} == {"Ridge"}


def test_orders_that_close_on_the_same_days_count_once(make: Make) -> None:
    assert len(make(at_once=2).all(10) or ()) == 3  # which of three closes by itself
    assert len(make(weeks_between=0).all(10) or ()) == 1


@settings(max_examples=30)
@given(
    weeks=st.integers(0, 12),
    at_once=st.integers(1, 3),
    rains=st.booleans(),
    last=st.lists(st.sampled_from(BASES), max_size=1),
    after=st.none() | st.dates(date(2030, 3, 4), date(2030, 12, 1)),
)
def test_what_is_found_keeps_to_the_constraints_and_nothing_that_does_is_missed(
    year: Scenario, weeks: int, at_once: int, rains: bool, last: list[str], after: date | None
) -> None:
    asked = Constraints(
        bases=list(BASES), first=date(2030, 3, 4), weeks_between=weeks, at_once=at_once, not_in_rains=rains,
        last=last, not_before={} if after is None else {"Mines": after},
    )  # fmt: skip
    try:
        closures = Closures(year, asked)
    except ScenarioError:
        return
    found = closures.all(10) or []
    sets_of_days = set()
    for order in permutations(range(3)):
        days = closures.days(order)
        if days is None:
            continue
        sets_of_days.add(tuple(days[order.index(i)] for i in range(3)))
        assert list(days) == sorted(days)
        for k in range(at_once, 3, at_once):
            assert days[k] - days[k - 1] >= timedelta(weeks=weeks)
        if rains:
            assert not {d.month for d in days} & set(year.header.wet_months)
        if last and at_once == 1:
            assert closures.names[order[-1]] == last[0]
    assert len(found) == len(set(found)) == len(sets_of_days)
    rng = np.random.default_rng(1)
    assert all(closures.fits(closures.draw(rng)) for _ in range(5))


def test_a_schedule_closes_in_its_order_and_tells_before(make: Make, year: Scenario) -> None:
    closures = make(notice=4)
    plan = closures.schedule((2, 0, 1))
    assert [(a.do, a.base) for a in plan.actions] == [("close", closures.names[i]) for i in (2, 0, 1)]
    assert all(a.announced == a.on - timedelta(weeks=4) for a in plan.actions)
    year.check_schedule(plan, Path("made"), {})
    assert closures.order_of(plan) == (2, 0, 1)


def test_what_a_plan_does_besides_stays_and_what_it_does_at_a_base_moves_along(root: Path) -> None:
    case = Scenario.load(root / "scenarios" / "south-sudan-unmiss-2025")
    seven = ["Yei", "Akobo", "Aweil", "Pariang", "Torit", "Bunj", "Koch"]
    closures = Closures(case, Constraints(within="contingency-plan", bases=seven))
    plan = case.schedule("contingency-plan")
    assert ("Yei", "Yei (office)") in closures.groups  # what stands beside it closes with it
    order = tuple(reversed(range(7)))
    made = closures.schedule(order)
    others = [a for a in plan.actions if a.base not in sum(closures.groups, ())]
    assert [a for a in made.actions if a in others] == others
    by_base = {a.base: a.on for a in made.actions if a.do == "close"}
    assert by_base["Yei"] == by_base["Yei (office)"]
    assert closures.order_of(made) == order
    case.check_schedule(made, Path("made"), {})


def test_schedules_are_made_when_asked_for_and_travel_small(make: Make) -> None:
    closures = make(triggers=[{"when": "recorded-violence", "at_least": 1.0, "do": "pause", "for_weeks": 8}])
    orders = closures.all(10) or []
    made = Schedules(closures, orders, adaptive=orders[:1])
    assert [s.name for s in made][:2] == ["none", "order-1-2-3"]
    assert len(made) == 8
    assert made[7].name == "order-1-2-3-adaptive"
    assert len(made[7].triggers) == 1
    assert not made[1].triggers
    again = pickle.loads(pickle.dumps(made))
    assert [s.name for s in again] == [s.name for s in made]
    with pytest.raises(IndexError):
        made[8]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"bases": ["Camps", "Minse"]}, "there is no base 'Minse'; did you mean 'Mines'"),
        ({"bases": ["Camps"]}, "1 closures have no order to choose; name 2 to 20 bases"),
        ({"last": ["Harbour"]}, "'Harbour' is not among the bases that close"),
        ({"first": "2029-01-01"}, "2029-01-01 is outside the run"),
        ({"weeks_between": 30}, "no order of closures keeps to all of this"),
        ({"in_order": [["Camps", "Mines"], ["Mines", "Camps"]]}, "no order of closures keeps to all of this"),
    ],
)
def test_what_cannot_be_right_is_told(make: Make, asked: dict[str, object], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        make(**asked)


def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path, year: Scenario) -> None:
    file = tmp_path / "constraints.toml"
    file.write_text('bases = ["Camps", "Mines"]\nweeks_betwen = 4\n')
    with pytest.raises(ScenarioError, match=r"constraints\.toml, line 2, weeks_betwen"):
        read(file)
    file.write_text('bases = ["Camps", "Mines"]\n\n[not_before]\nRidge = 2030-06-01\n')
    asked, lines = read(file)
    with pytest.raises(ScenarioError, match=r"constraints\.toml, line 4.*'Ridge' is not among"):
        Closures(year, asked, file, lines)


def test_without_bases_or_a_plan_it_says_which_plans_close_any(year: Scenario) -> None:
    with pytest.raises(ScenarioError, match="say which bases close"):
        Closures(year, Constraints())
