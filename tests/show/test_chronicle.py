"""The story of a run: each kind that is told, what is left out, and in which order things are chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from typer.testing import CliRunner
from worlds import START, army, close, plan, scenarios, small, unit

from sim import Action, Scenario, Schedule
from sim.cli import app
from sim.scenario.schema import Acceleration, Gate, Trigger
from sim.show import chronicle
from sim.show.chronicle import GONE, LONG, MASSACRE, Chronicle
from sim.show.figures import run as draw


def story_of(case: Scenario, schedule: Schedule) -> Chronicle:
    """Return the story of a run of a case under a schedule."""
    return Chronicle.of(case.with_schedule(schedule).model(schedule.name, seed=3, events=True).run())


def at(week: int, do: str, **keys: object) -> Action:
    """Return an action in a week."""
    return Action(do=do, on=START + timedelta(weeks=week), **keys)


@pytest.fixture(scope="module")
def quiet() -> Chronicle:
    """Return a run of a week; tests give it the log that they tell from."""
    return Chronicle.of(small(1).model("none", seed=1, events=True).run())


def told_from(quiet: Chronicle, *events: dict[str, object]) -> list[tuple[int, str, str]]:
    """Return (week, kind, text) of what a log of some events tells."""
    common = {"week": 0, "district": "Alpha", "actor": None, "other": None, "cause": pd.NA}
    frame = pd.DataFrame([{**common, **event} for event in events])
    return [(t.week, t.kind, t.text) for t in replace(quiet, log=frame).told if t.kind != GONE]


# -- the whole story --------------------------------------------------------------------------------


def test_the_story_of_a_run_tells_of_closures_and_conserves_the_run() -> None:
    case = small(80, units=(unit("Alpha post", "alpha"), unit("Beta post", "beta"))).with_schedule(
        plan("two", close("Alpha post", 20), close("Beta post", 40))
    )
    case = case.with_parameters(attack_rate=1.0, move_cost=0.5, root_cost=0.0, redeploy_threshold=0.2)
    story = Chronicle.of(case.model("two", seed=3, events=True).run())
    alone = case.model("two", seed=3).run()
    assert story.world.record.tobytes() == alone.world.record.tobytes()  # a log changes nothing
    told = story.text()
    assert "The UN base Alpha post closes." in told
    assert "One run is one draw of chance" in told.replace("\n", " ")
    killed = int(alone.world.record["killed_by_groups"].sum())
    assert f"armed groups kill {killed:,d} civilians" in told.replace("\n", " ")
    assert story.text(most=2).count("closes.") == 2
    left = len(story.told) - 2
    assert left > 1
    assert f"({left} smaller events left out" in story.text(most=2)
    assert draw(case, case.schedule("two"), story.world, story.weeks).axes


@settings(max_examples=15)
@given(case=scenarios())
def test_any_run_can_be_told_in_80_columns(case: Scenario) -> None:
    model = case.model("plan", seed=2, replicate=1, events=100_000).run()
    story = Chronicle.of(model)
    assert all(0 <= t.week < case.weeks and t.text.endswith(".") and t.weight >= 0 for t in story.told)
    assert [t.week for t in story.told] == sorted(t.week for t in story.told)
    assert max(len(line) for line in story.text(10_000).splitlines()) <= 80
    draw(case, case.schedule("plan"), model.world, model.week)


def test_a_run_that_is_not_over_can_be_told() -> None:
    model = small(60).model("close-alpha", seed=3, events=True)
    for _ in range(25):
        model.step()
    story = Chronicle.of(model)
    assert "in 25 weeks" in story.text()
    assert max(t.week for t in story.told) < 25
    assert draw(model.scenario, model.schedule, model.world, model.week).axes


def test_a_log_that_turns_out_longer_is_kept_again(tmp_path, monkeypatch) -> None:
    command = ["run", "corridor", "--seed", "7", "--out", str(tmp_path / "x.png"), "--events"]
    plenty = CliRunner().invoke(app, [*command, str(tmp_path / "a.csv")])
    monkeypatch.setattr("sim.model.ROOM_A_WEEK", 1)
    scarce = CliRunner().invoke(app, [*command, str(tmp_path / "b.csv")])
    assert scarce.exit_code == plenty.exit_code == 0, scarce.output
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert scarce.output.replace("b.csv", "a.csv") == plenty.output


# -- the schedule -----------------------------------------------------------------------------------


def test_all_that_a_schedule_does_is_told_once_for_each_base() -> None:
    case = small(40)
    case = replace(
        case,
        state_forces=(*case.state_forces, army("Guard", "beta", opens="scheduled")),
        units=(
            *case.units,
            unit("Alpha police", "alpha", base="Alpha post", kind="formed-police"),
            unit("Second company", "beta", base="Beta post"),
            unit("Late company", "beta", base="Beta post", opens="scheduled"),
        ),
        schedules={},
    )
    stay = Gate(name="calm", benchmark="recorded-violence", at_least=1e6, longest_delay=2, then="stay")
    wait = Gate(name="peace", benchmark="recorded-violence", at_least=1e6, longest_delay=3)
    actions = (
        at(2, "announce", base="Alpha post"),
        at(2, "hand-over", base="Alpha post", recipient="state"),
        at(3, "convert", base="Beta post"),
        at(4, "leave-team", base="Alpha post", to=5),
        at(4, "leave-police", base="Alpha post"),
        at(4, "open", unit="Guard"),
        at(5, "open", unit="Late company"),
        at(6, "reduce", base="Beta post", to=300),
        at(7, "close", base="Gamma house", gate="calm"),
        at(8, "close", base="Alpha post", gate="peace"),
        at(14, "relocate", base="Beta post", district="gamma"),
        at(30, "end-mission"),
        at(30, "start-follow-on", follow_on="political"),
    )
    story = story_of(case, plan("all", *actions).model_copy(update={"gates": (stay, wait)}))
    told = [(t.week, t.text) for t in story.told if t.rank == 0]
    assert sorted(told) == sorted(
        [
            (2, "Communities are told that the UN base Alpha post will close."),
            (2, "The alert networks around the UN base Alpha post are handed over to state forces."),
            (3, "The units of the UN base Beta post become mobile."),
            (4, "A civilian team of 5 stays at Alpha post."),
            (4, "Guard is deployed in Beta."),
            (5, "Late company opens in Beta."),
            (6, "The UN base Beta post is reduced to 300 troops."),
            (7, "The benchmark of calm is not met; for now the UN base Gamma house stays."),
            (8, "The benchmark of peace is not met; for now the UN base Alpha post stays."),
            (9, "The benchmark of calm was not met in time; the UN base Gamma house stays."),
            (11, "The UN base Alpha post closes, 3 weeks late."),
            (14, "The UN base Beta post leaves for gamma."),
            (17, "Beta post opens in Gamma."),
            (17, "Late company opens in Gamma."),
            (17, "Second company opens in Gamma."),
            (30, "A follow-on presence begins its work (political)."),
            (30, "The mission ends."),
            (30, "The UN base Beta post closes."),
            (30, "The UN base Gamma house closes."),
        ]
    )


def test_a_closure_weighs_as_much_as_the_troops_who_leave() -> None:
    case = small(30)
    case = replace(case, units=(*case.units, unit("Beta police", "beta", base="Beta post", strength=70)))
    story = story_of(case, plan("two", close("Alpha post", 4), close("Beta post", 8)))
    assert {t.text: t.weight for t in story.told if t.kind == "base closes"} == {
        "The UN base Alpha post closes.": 150.0,
        "The UN base Beta post closes.": 470.0,
    }
    assert [t.text for t in story.most_telling(1)] == ["The UN base Beta post closes."]


def test_what_triggers_do_is_told() -> None:
    pause = Trigger(when="armed-groups", at_least=0.0, do="pause", for_weeks=6, where="any", weeks=1)
    reopen = Trigger(when="armed-groups", at_least=0.0, do="reopen", delay=3, weeks=1)
    reserve = Trigger(
        when="armed-groups", at_least=0.0, do="reinforce", for_weeks=4, delay=2, troops=90, weeks=1
    )
    made = plan("plan", close("Alpha post", 3), close("Gamma house", 24))
    story = story_of(small(30), made.model_copy(update={"triggers": (pause, reopen, reserve)}))
    told = [(t.week, t.text) for t in story.told if t.rank == 0]
    assert (1, "A trigger of the schedule fires in Alpha: closures are paused for 6 weeks.") in told
    assert (7, "The UN base Alpha post closes, 4 weeks late.") in told
    assert (
        8,
        "A trigger of the schedule fires in Alpha: the base that closed there last is to reopen.",
    ) in told
    assert (11, "Alpha post opens in Alpha.") in told
    assert (24, "The UN base Gamma house closes.") in told
    fired = [(week, text) for week, text in told if "a reserve is sent there" in text]
    assert len(fired) == 1
    assert (fired[0][0] + 2, "Reserve 3 opens in Gamma.") in told


def test_the_demand_of_a_host_comes_first() -> None:
    made = plan("all", close("Alpha post", 24)).model_copy(
        update={"acceleration": Acceleration(chance=0.9999, weeks=4)}
    )
    told = story_of(small(26), made).most_telling(1)
    assert [t.text for t in told] == ["The host government demands that the mission leave within 4 weeks."]


def test_what_opens_under_any_schedule_is_not_told_as_what_the_schedule_does() -> None:
    coming = unit("Coming company", "beta", base="Beta post", opens=START + timedelta(weeks=2))
    new = army("New regiment", "beta", opens=START + timedelta(weeks=3))
    case = small(10)
    case = replace(case, units=(*case.units, coming), state_forces=(*case.state_forces, new))
    opened = {
        t.text: t.rank for t in story_of(case, plan("still")).told if "eployed" in t.text or "opens" in t.text
    }
    assert opened.keys() == {"Coming company opens in Beta.", "New regiment is deployed in Beta."}
    assert min(opened.values()) > 0


# -- harm -------------------------------------------------------------------------------------------


def attack(actor: str, killed: int, answered: str = "nobody", **more: object) -> dict[str, object]:
    return {
        "kind": "attack on civilians", "actor": actor, "other": "Alpha villages 1", "killed": killed,
        "answered_by": answered, **more,
    }  # fmt: skip


def test_attacks_of_a_week_in_a_district_are_one_massacre(quiet) -> None:
    fled = {"kind": "flight", "actor": "Alpha villages 1", "persons": 20_000}
    assert told_from(quiet, attack("Front", MASSACRE - 5), attack("Band", 5), fled) == [
        (0, "massacre by armed groups", "25 civilians are killed in Alpha; Front and Band attacked, nobody "
                                        "comes; 20,000 flee.")
    ]  # fmt: skip
    ((_, _, text),) = told_from(
        quiet, *(attack(name, 20, "UN") for name in ("Front", "Band", "Front", "Gang"))
    )
    assert text == "80 civilians are killed in Alpha; Front and 2 other groups attacked, help comes; 0 flee."
    apart = attack("Front", 20), attack("Front", 20, week=1), attack("Front", 20, district="Beta")
    assert told_from(quiet, *apart) == []


def test_killings_by_soldiers_and_militias_and_flights_are_told_from_a_size_on(quiet) -> None:
    for kind, told, text in (
        ("abuse by state forces", "massacre by state forces", "State forces kill 26 civilians in Alpha."),
        ("attack of one community on another", "massacre by communal militias",
         "Communal militias kill 26 civilians in Alpha."),
    ):  # fmt: skip
        assert told_from(quiet, *2 * [{"kind": kind, "killed": 13}]) == [(0, told, text)]
        assert told_from(quiet, {"kind": kind, "killed": MASSACRE - 1}) == []
    flights = [{"kind": "flight", "persons": n, "week": w} for n, w in ((9_000, 2), (6_000, 2), (14_999, 3))]
    assert told_from(quiet, *flights) == [(2, "large flight", "15,000 people flee in Alpha.")]


def test_harm_is_chosen_by_the_number_killed(quiet) -> None:
    killed = (30, 90, 60)
    frame = pd.DataFrame(
        [
            {"week": w, "district": "Alpha", "cause": pd.NA, "other": None, **attack("Front", n)}
            for w, n in enumerate(killed)
        ]
    )
    story = replace(quiet, log=frame)
    assert [t.weight for t in story.most_telling(2)] == [90, 60]
    assert [t.weight for t in story.most_telling(9) if t.weight] == list(killed)


# -- vacuums ----------------------------------------------------------------------------------------


def vacuums(**weeks: tuple[float, float, int]) -> list[str]:
    """Return what is told of a vacuum in the district Alpha from week 20.

    weeks: (protection by the UN before, in it, weeks that it lasts); afterwards it is as before.
    """
    ((before, within, lasts),) = weeks.values()
    model = small(60).model("none", seed=1, events=True).run()
    record = model.world.record
    record["deterred"] = 1.0
    record["armed"] = 100
    record["un_met"], record["state_met"] = before, 0.0
    own = slice(20, 20 + lasts), 0
    record["deterred"][own], record["un_met"][own] = 0.0, within
    for name in ("killed_by_groups", "killed_by_state", "killed_by_militias"):
        record[name] = 0
    record["killed_by_groups"][22, 0] = 4
    return [t.text for t in Chronicle.of(model).told if t.kind == chronicle.VACUUM]


def test_a_vacuum_is_told_with_what_it_came_to() -> None:
    (text,) = vacuums(deep=(0.30, 0.05, 20))
    assert text.startswith("A security vacuum opens in Alpha as UN protection falls, for 20 weeks, until ")
    assert text.endswith("; 5 % of attacks are met in it, 30 % before; civilians killed in it: 4.")
    (text,) = vacuums(open_=(0.30, 0.05, 40))
    assert "and it lasts to the end" in text


def test_a_threshold_just_crossed_and_a_short_gap_are_no_story() -> None:
    assert vacuums(shallow=(0.151, 0.149, 20)) == []
    assert vacuums(short=(0.30, 0.05, LONG - 1)) == []


@pytest.mark.parametrize(("fighters", "told"), [(12, 0), (60, 1)])
def test_a_vacuum_that_opens_as_fighters_arrive_needs_more_than_a_few(fighters: int, told: int) -> None:
    model = small(60).model("none", seed=1, events=True).run()
    record = model.world.record
    record["deterred"] = 1.0
    record["deterred"][:, 0] = 0.0
    record["armed"] = 0
    record["armed"][20:, 0] = fighters
    record["un_met"], record["state_met"] = 0.07, 0.0
    texts = [t.text for t in Chronicle.of(model).told if t.kind == chronicle.VACUUM]
    assert len(texts) == told
    assert all(
        "as an armed group arrives" in text and "7 % of attacks are met in it;" in text for text in texts
    )


def test_a_vacuum_names_the_closure_behind_it() -> None:
    case = small(60, state_forces=()).with_parameters(
        met_cost=6.0, move_cost=4.0, root_cost=3.0, patrol_reach=10.0, answer_reach=12.0, alert_reach=20.0
    )
    case = replace(case, units=(unit("Alpha post", "alpha", strength=800),))  # protects most of its district
    story = Chronicle.of(case.model("close-alpha", seed=1, events=True).run())
    opened = [t for t in story.told if t.kind == chronicle.VACUUM and t.week == 20]
    (told,) = [t for t in opened if "opens in Alpha" in t.text]  # the base reached next door, too
    assert "opens in Alpha as the UN base Alpha post closes" in told.text
    assert told.weight > 0


# -- who moves, comes and goes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            {"kind": "site handed over", "actor": "Camp", "persons": 8_000.0},
            "The peacekeepers who guarded Camp have gone; 8,000 people live there.",
        ),
        (
            {"kind": "people sent home", "actor": "Camp", "persons": 16_000.0},
            "16,000 people of Camp are sent home.",
        ),
        ({"kind": "people sent home", "actor": "Camp", "persons": 14_000.0}, ""),
        (
            {"kind": "order to redeploy", "actor": "1st", "other": "Beta", "personnel": 600.0},
            "1st (600 soldiers) is ordered from Alpha to Beta.",
        ),
        ({"kind": "unit moves on", "actor": "Post", "troops": 90.0}, "Post (90 troops) leaves Alpha."),
        (
            {"kind": "armed group moves", "actor": "Front", "other": "Beta", "fighters": 50.0},
            "Front (50 fighters) moves to Beta.",
        ),
        (
            {"kind": "group splits", "actor": "Front", "other": "new group 1", "fighters": 30.0},
            "Front splits in Alpha: 30 fighters leave as new group 1.",
        ),
        (
            {"kind": "group joins another", "actor": "Band", "other": "Front", "fighters": 30.0},
            "Band (30 fighters) joins Front.",
        ),
        (
            {"kind": "fighters demobilise", "actor": "Front", "fighters": 120.0, "fighters_left": 10.0},
            "120 fighters of Front demobilise in Alpha.",
        ),
        (
            {"kind": "fighters demobilise", "actor": "Front", "fighters": 3.0, "fighters_left": 0.0},
            "The last 3 fighters of Front demobilise in Alpha.",
        ),
        ({"kind": "fighters demobilise", "actor": "Front", "fighters": 3.0, "fighters_left": 10.0}, ""),
        (
            {"kind": "group crosses the border", "actor": "Front", "fighters": 40.0, "enters": 0.0},
            "Front (40 fighters) crosses the border out of Alpha.",
        ),
        (
            {"kind": "group crosses the border", "actor": "Front", "fighters": 40.0, "enters": 1.0},
            "Front (40 fighters) crosses the border into Alpha.",
        ),
        (
            {"kind": "armed group forms", "actor": "new group 1", "other": "Town", "fighters": 20.0},
            "An armed group (new group 1, 20 fighters) forms in Alpha.",
        ),
    ],
)  # fmt: skip
def test_each_move_is_told(quiet, event: dict[str, object], text: str) -> None:
    assert told_from(quiet, event) == ([(0, event["kind"], text)] if text else [])


def test_a_group_that_is_no_more_is_told_where_it_was_last_heard_of() -> None:
    model = small(30).model("none", seed=3, events=True).run()
    assert not [t for t in Chronicle.of(model).told if t.kind == GONE]
    model.world.armed_groups["fighters"][0] = 0
    (told,) = [t for t in Chronicle.of(model).told if t.kind == GONE]
    log = model.events()
    last = log[(log["week"] <= told.week) & ((log["actor"] == "Front") | (log["other"] == "Front"))].iloc[-1]
    assert told.week == last["week"]
    where = last["district"]
    assert told.text.startswith(f"Front is heard of for the last time, in {where}; at the end of the run")
