from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.read import parse_toml
from sim.scenario.schema import Acceleration, Action, Gate, Schedule, Slippage, Trigger
from sim.scenario.write import schedule_text

START = date(2031, 1, 6)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40).map(str.strip)
DAYS = st.integers(0, 2000).map(lambda n: START + timedelta(days=n))
ACTIONS = st.one_of(
    st.builds(Action, do=st.just("close"), base=st.just("A"), on=DAYS, note=TEXTS, source=TEXTS),
    st.builds(Action, do=st.just("reduce"), base=st.just('B "quoted" \\'), on=DAYS, to=st.integers(0, 500)),
    st.builds(Action, do=st.just("hand-over"), base=st.just("Ö"), on=DAYS, recipient=st.just("state")),
    st.builds(Action, do=st.just("end-mission"), on=DAYS, gate=st.just("quiet")),
)
GATES = st.builds(
    Gate,
    name=st.just("quiet"),
    benchmark=st.just("recorded-violence"),
    at_most=st.floats(0.0, 1e6),
    weeks=st.integers(1, 104),
    longest_delay=st.integers(0, 1040),
)
TRIGGERS = st.builds(
    Trigger, when=st.just("armed-groups"), at_least=st.floats(0.0, 1e6), do=st.just("pause"),
    for_weeks=st.integers(1, 1040),
)  # fmt: skip
SCHEDULES = st.builds(
    Schedule,
    name=st.just("mine"),
    title=st.just("A title"),
    about=TEXTS,
    actions=st.lists(ACTIONS, max_size=8).map(tuple),
    gates=st.lists(GATES, max_size=2).map(tuple),
    triggers=st.lists(TRIGGERS, max_size=2).map(tuple),
    slippage=st.none() | st.builds(Slippage, mean_weeks=st.floats(0.1, 104.0)),
    acceleration=st.none() | st.builds(Acceleration, chance=st.floats(1e-6, 1.0), weeks=st.integers(0, 520)),
)


def in_order(schedule: Schedule) -> Schedule:
    return schedule.model_copy(update={"actions": tuple(schedule.actions[i] for i in schedule.ordered)})


@settings(max_examples=40)
@given(SCHEDULES)
def test_what_is_written_is_read_back(schedule: Schedule) -> None:
    again, _ = parse_toml(schedule_text(schedule), Path("mine.toml"), Schedule)
    assert again == in_order(schedule)


@pytest.mark.parametrize("name", ["corridor", "drc-monusco", "liberia-unmil"])
def test_schedules_of_cases_and_families_are_read_back(root: Path, name: str) -> None:
    case = Scenario.load(root / "scenarios" / name)
    for plan in (*case.schedules.values(), case.schedule("gated:notice=4"), case.schedule("projection")):
        again, _ = parse_toml(schedule_text(plan), Path("mine.toml"), Schedule)
        assert again == in_order(plan)


def test_a_file_can_be_named_wherever_a_schedule_can(root: Path, tmp_path: Path) -> None:
    case = Scenario.load(root / "scenarios" / "corridor")
    file = tmp_path / "mine.toml"
    mine = case.schedules["hasty"].model_copy(update={"name": "mine"})
    file.write_text(schedule_text(mine), encoding="utf-8")
    assert case.schedule(str(file)) == mine
    assert str(file) not in case.schedules
    same = tmp_path / "same.toml"
    same.write_text(schedule_text(case.schedules["hasty"]), encoding="utf-8")
    assert case.schedule(str(same)) == case.schedules["hasty"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("mine", "regroup"), "line 1, name: 'regroup' is already the name of another schedule"),
        (("mine", "none"), "'none' is already the name"),
        (("2031-08-18", "2041-08-18"), "2041-08-18 is outside the run"),
        (("end-mission", "end-misson"), "do"),
    ],
)
def test_a_file_that_cannot_be_is_named_with_its_line(
    root: Path, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    case = Scenario.load(root / "scenarios" / "corridor")
    mine = case.schedules["hasty"].model_copy(update={"name": "mine"})
    file = tmp_path / "mine.toml"
    file.write_text(schedule_text(mine).replace(*change), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"mine\.toml, line \d+") as error:
        case.schedule(str(file))
    assert words in str(error.value)
    with pytest.raises(ScenarioError, match="there is no such file"):
        case.schedule(str(tmp_path / "nowhere.toml"))


def test_readiness_moves_capability_and_will_and_says_so(root: Path) -> None:
    case = Scenario.load(root / "scenarios" / "corridor")
    assert case.with_readiness(0.0) is case
    for shift, word in ((1.0, "readier by 100%"), (0.5, "readier by 50%"), (-0.5, "less ready by 50%")):
        other = case.with_readiness(shift)
        assert word in other.header.title
        assert other.digest != case.digest
        for old, new in zip(case.state_forces, other.state_forces, strict=True):
            for key in ("capability", "will"):
                was, is_ = getattr(old, key), getattr(new, key)
                assert is_ == pytest.approx(was + shift * (1.0 - was) if shift > 0 else was * (1.0 + shift))
            assert new.discipline == old.discipline
    with pytest.raises(ValueError, match="-1 to 1"):
        case.with_readiness(1.5)
