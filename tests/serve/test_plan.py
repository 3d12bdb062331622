from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import Action, Gate, Schedule, Trigger
from sim.serve import plan
from sim.serve.plan import Wish


@pytest.fixture(scope="module")
def case(root) -> Scenario:
    return Scenario.load(root / "scenarios" / "corridor")


def made(case: Scenario, start: str | Schedule, **changes: Any) -> plan.Plan:
    base = case.schedules[start] if isinstance(start, str) else start
    return plan.made(case, base, plan.as_it_is(base).model_copy(update=changes))


def of(schedule: Schedule, do: str) -> dict[str, Action]:
    return {a.base: a for a in schedule.actions if a.do == do}


@pytest.mark.parametrize("name", ["corridor", "drc-monusco", "liberia-unmil", "darfur-unamid"])
def test_untouched_a_plan_is_the_schedule_that_it_starts_from(root, name: str) -> None:
    if not (root / "scenarios" / name).is_dir():
        pytest.skip(f"there is no case {name}")
    case = Scenario.load(root / "scenarios" / name)
    for base in case.schedules.values():
        found = plan.made(case, base, plan.as_it_is(base))
        assert sorted(map(repr, found.schedule.actions)) == sorted(map(repr, base.actions))
        assert set(found.schedule.actions) == set(base.actions)
        for key in ("title", "gates", "triggers", "slippage", "acceleration"):
            assert getattr(found.schedule, key) == getattr(base, key)
        assert found.notes == ()


def test_a_closure_moves_with_its_announcement_and_loses_its_source(case: Scenario) -> None:
    wish = plan.as_it_is(case.schedules["border-first"])
    days = {**wish.closings, "Ridge": date(2031, 9, 1)}
    closings = of(made(case, "border-first", closings=days).schedule, "close")
    assert closings["Ridge"].on == date(2031, 9, 1)
    assert closings["Ridge"].announced == date(2031, 9, 1) - timedelta(weeks=12)
    assert closings["Forest"] == of(case.schedules["border-first"], "close")["Forest"]
    del days["Ridge"]
    assert "Ridge" not in of(made(case, "border-first", closings=days).schedule, "close")


def test_notice_is_that_of_all_closures_and_begins_with_the_run_at_the_earliest(case: Scenario) -> None:
    closings = of(made(case, "border-first", notice=60).schedule, "close")
    assert closings["Lowlands"].announced == closings["Lowlands"].on - timedelta(weeks=60)
    assert closings["Frontier"].announced == case.header.start
    none = of(made(case, "border-first", notice=0).schedule, "close")
    assert {a.announced for a in none.values()} == {None}
    end = made(case, "hasty", notice=4).schedule.actions[0]
    assert end.announced == end.on - timedelta(weeks=4)


def test_what_belongs_to_a_closure_goes_with_it_and_what_has_no_room_is_left_out(case: Scenario) -> None:
    ridge = case.schedules["border-first"]
    more = (
        Action(do="hand-over", base="Ridge", recipient="civil-society", on=date(2031, 4, 28)),
        Action(do="reduce", base="Ridge", to=100, on=date(2031, 2, 3)),
        Action(do="open", unit="Regrouped mobile force", on=date(2031, 4, 28)),
    )
    base = ridge.model_copy(update={"name": "more", "actions": (*ridge.actions, *more)})
    wish = plan.as_it_is(base)
    earlier = {**wish.closings, "Ridge": date(2031, 1, 20)}
    found = plan.made(case, base, wish.model_copy(update={"closings": earlier}))
    assert of(found.schedule, "hand-over")["Ridge"].on == date(2031, 1, 20)
    assert "reduce" not in {a.do for a in found.schedule.actions}
    assert "open" in {a.do for a in found.schedule.actions}
    assert found.notes == (
        "Left out: reduce Ridge on 2031-02-03, which the changed closures leave no room for.",
    )
    stays = {b: d for b, d in wish.closings.items() if b != "Ridge"}
    found = plan.made(case, base, wish.model_copy(update={"closings": stays}))
    assert {a.do for a in found.schedule.actions if a.base == "Ridge"} == {"reduce"}
    assert "hand-over Ridge" in found.notes[0]


def test_a_share_becomes_mobile_those_that_stay_longest_first(case: Scenario) -> None:
    found = made(case, "border-first", mobile=0.4)
    mobile = of(found.schedule, "convert")
    assert {a.on for a in mobile.values()} == {date(2031, 1, 6)}
    troops = {b: sum(u.strength for u in case.units_at(b) if u.posture == "static") for b in case.bases}
    static = sum(n for b, n in troops.items() if b not in ("Frontier", "Junction"))
    assert sum(troops[b] for b in mobile) / static == pytest.approx(0.4, abs=0.12)
    assert "Harbour" in mobile
    assert "Forest" not in mobile
    whole = made(case, "border-first", mobile=1.0)
    assert len(of(whole.schedule, "convert")) == 9
    nothing = made(case, "hasty", end=None, mobile=0.5)
    assert of(nothing.schedule, "convert")


def test_closures_wait_for_the_host_in_words_of_the_schedule_language(case: Scenario) -> None:
    found = made(case, "border-first", wait=0.5).schedule
    assert found.gates == (
        Gate(name=plan.GATE, benchmark="state-capability", at_least=0.5, longest_delay=52),
    )
    assert {a.gate for a in found.actions} == {plan.GATE}
    assert made(case, "hasty", wait=0.5).schedule.gates == ()


def test_what_watches_closed_districts_goes_where_none_closes(case: Scenario) -> None:
    pause = Trigger(when="recorded-violence", at_least=5.0, do="reopen")
    gate = Gate(name="quiet", benchmark="recorded-violence", at_most=1.0, longest_delay=9)
    base = case.schedules["border-first"]
    gated = tuple(a.model_copy(update={"gate": "quiet"}) for a in base.actions)
    base = base.model_copy(update={"name": "b", "triggers": (pause,), "gates": (gate,), "actions": gated})
    assert made(case, base).schedule.triggers == (pause,)
    found = made(case, base, closings={})
    assert (found.schedule.triggers, found.schedule.gates, found.schedule.actions) == ((), (), ())
    assert any("none closes" in note for note in found.notes)
    assert any("every base stays" in note for note in found.notes)


def test_what_cannot_be_is_refused_as_in_a_file(case: Scenario) -> None:
    wish = plan.as_it_is(case.schedules["border-first"])
    for closings, words in (
        ({"Nowhere": date(2031, 1, 6)}, "'Nowhere' is not a base"),
        ({"Ridge": date(2050, 1, 6)}, r"my-plan.toml, line \d+, actions.0.on: 2050-01-06 is outside the run"),
    ):
        with pytest.raises(ScenarioError, match=words):
            plan.made(case, case.schedules["border-first"], wish.model_copy(update={"closings": closings}))
    with pytest.raises(ScenarioError, match="'hasty' is already the name of a schedule"):
        made(case, "border-first", name="hasty")
    with pytest.raises(ScenarioError, match="after the mission's end"):
        made(case, "border-first", end=date(2031, 6, 2))


def test_a_file_is_opened_as_any_schedule_file(case: Scenario) -> None:
    text = made(case, "border-first", name="mine", mobile=0.3).text
    again = plan.opened(case, text)
    assert again.name == "mine"
    assert plan.made(case, again, plan.as_it_is(again).model_copy(update={"name": "mine"})).text == text
    with pytest.raises(ScenarioError, match=r"opened\.toml, line \d+, actions\.0\.do"):
        plan.opened(case, text.replace("convert", "covert").replace("close", "closed"))
    with pytest.raises(ScenarioError, match="at most"):
        plan.opened(case, "#" * (plan.LONGEST_TEXT + 1))


@settings(max_examples=40)
@given(st.data())
def test_whatever_is_wished_is_a_schedule_or_is_refused(drc: Scenario, data) -> None:
    base = data.draw(st.sampled_from(list(drc.schedules.values())))
    days = st.dates(drc.header.start - timedelta(days=30), drc.header.end + timedelta(days=30))
    own = plan.as_it_is(base)
    changed = data.draw(st.dictionaries(st.sampled_from(drc.bases), st.none() | days, max_size=6))
    wish = Wish(
        closings={**own.closings, **changed},
        end=data.draw(st.just(own.end) | st.none() | days),
        notice=data.draw(st.none() | st.integers(0, 520)),
        mobile=data.draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])),
        wait=data.draw(st.none() | st.floats(0.0, 1.0)),
    )
    try:
        found = plan.made(drc, base, wish)
    except ScenarioError as error:
        assert "my-plan.toml" in str(error)  # noqa: PT017
        return
    assert plan.opened(drc, found.text) == found.schedule
    closings = {a.base: a.on for a in found.schedule.actions if a.do == "close"}
    assert closings == {b: d for b, d in wish.closings.items() if d is not None}
