"""The event log: complete, the same from both engines, and without influence on what happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from worlds import LIVELY, START, army, camps, close, group, plan, scenarios, small, unit

from sim import Action, Scenario
from sim.ensemble import Ensemble
from sim.scenario.schema import Acceleration, Gate, Trigger
from sim.study.eventlog import (
    VACUUM_ENDS,
    VACUUM_OPENS,
    LogFull,
    chain,
    effects,
    event_log,
)
from sim.world.events import KINDS
from sim.world.state import RAIDS, World


@cache
def case() -> Scenario:
    """Return a case in which much happens."""
    return small(80).with_parameters(
        **LIVELY,
        attack_rate=1.0,
        attack_hurdle=0.2,
        rob_effort=0.7,
        move_cost=0.5,
        root_cost=0.0,
        review_chance=0.25,
        redeploy_threshold=0.2,
        redeploy_delay=1.0,
    )


@cache
def logged(replicate: int = 0) -> tuple[pd.DataFrame, World]:
    """Return the log of a replicate, and its world at the end."""
    return event_log(case(), "close-alpha", seed=3, replicate=replicate)


def test_keeping_a_log_changes_nothing() -> None:
    without = Ensemble(case(), "close-alpha").run(3, 0, 1).records[0]
    assert np.array_equal(np.asarray(logged()[1].record), np.asarray(without))


def test_mesa_keeps_the_same_log() -> None:
    model = case().model("close-alpha", seed=3, events=True).run()
    pd.testing.assert_frame_equal(model.events(), logged()[0])


@settings(max_examples=15)
@given(case=scenarios())
def test_any_case_can_be_logged_and_both_engines_agree(case: Scenario) -> None:
    log, _ = event_log(case, "plan", seed=2, replicate=1)
    model = case.model("plan", seed=2, replicate=1, events=100_000).run()
    pd.testing.assert_frame_equal(model.events(), log)


@pytest.mark.parametrize("replicate", [0, 1, 2])
def test_the_log_adds_up_to_the_record(replicate: int) -> None:
    log, world = logged(replicate)
    of = {event.kind: log[log["kind"] == event.kind] for event in KINDS}
    record = world.record
    assert of["attack on civilians"]["killed"].sum() == record["killed_by_groups"].sum() > 0
    assert of["abuse by state forces"]["killed"].sum() == record["killed_by_state"].sum()
    assert of["flight"]["persons"].sum() == record["fled"].sum() > 0
    assert len(of["alert"]) == record["alerts"].sum() > 0
    assert len(of["attack on civilians"]) == record["attacks"].sum() == len(of["decides to attack"])
    assert len(of["abuse by state forces"]) == record["abuses"].sum()
    assert len(of["attack on aid"]) == record["aid_incidents"].sum()
    assert (of["attack on civilians"]["answered_by"] == "UN").sum() == record["answered_un"].sum()
    decided = of["decides to attack"]["mode"].value_counts()
    assert decided.get("selective", 0) == record["selective"].sum() > 0
    assert decided.get("indiscriminate", 0) == record["indiscriminate"].sum() > 0
    fights = len(of["clash"]) + len(of["offensive"])
    assert 0.9 * record["clashes"].sum() <= fights <= record["clashes"].sum()


QUARREL = {"identities": (("Hill", 0.5), ("Plain", 0.5))}


def test_everything_that_can_happen_is_noted_somewhere() -> None:
    runs = (restless(), scheduled(), demanded(), abandoned())
    noted = set().union(*(logged(r)[0]["kind"] for r in range(3)), *runs)
    declared = [event.kind for event in KINDS]
    assert len(set(declared)) == len(declared)
    assert noted - {VACUUM_OPENS, VACUUM_ENDS} == set(declared)


def kinds_of(case: Scenario, schedule: str) -> set[str]:
    """Return the kinds of events of a run."""
    return set().union(*(event_log(case, schedule, seed=3, replicate=r)[0]["kind"] for r in range(3)))


def restless() -> set[str]:
    """Return what happens where groups form, split, join, cross and demobilise, and camps are attacked."""
    made = camps(60)
    kin = group("Front, a band", "alpha", faction="Front", fighters_low=5, fighters=10, fighters_high=20)
    programme = made.header.ddr.model_copy(update={"places": 3000, "start": START})
    places = tuple(
        d.model_copy(update={"tension": 0.6, "border": "elsewhere", **QUARREL}) for d in made.districts
    )
    made = replace(
        made,
        armed_groups=(*made.armed_groups, kin),
        districts=places,
        header=made.header.model_copy(update={"ddr": programme}),
    )
    return kinds_of(
        made.with_parameters(
            **LIVELY | {"truce_rate": 0.1},
            attack_rate=1.0,
            attack_hurdle=0.2,
            site_target=4.0,
            splinter_rate=0.02,
            splinter_calm=1.0,
            splinter_size=100.0,
            merge_rate=0.05,
            cross_rate=0.1,
            demobilise_value=3.0,
            raid_rate=0.2,
            militia_share=0.02,
            abuse_rate=0.6,
            operation_rate=10.0,
            robust_rate=0.6,
            onset_rate=0.02,
        ),
        "exit",
    )


def scheduled() -> set[str]:
    """Return what a schedule that does everything has done, units that move on among it."""
    waiting = army("guard", "beta", force="protection", opens="scheduled")
    case = small(40)
    passing = unit("Passing company", "alpha", base="Alpha post", until=START + timedelta(weeks=3))
    coming = unit("Coming company", "beta", base="Beta post", opens=START + timedelta(weeks=2))
    case = replace(
        case,
        state_forces=(*case.state_forces, waiting),
        units=(*case.units, passing, coming),
        schedules={},
    )
    never = Gate(name="never", benchmark="recorded-violence", at_least=1e6, longest_delay=2, then="stay")
    trigger = Trigger(when="armed-groups", at_least=0.0, do="pause", for_weeks=1, where="any")
    actions = (
        at(2, "announce", base="Alpha post"),
        at(2, "hand-over", base="Alpha post", recipient="state"),
        at(3, "convert", base="Alpha post"),
        at(4, "leave-team", base="Alpha post", to=5),
        at(4, "open", unit="guard"),
        at(5, "reduce", base="Beta post", to=100),
        at(6, "reduce", base="Beta post", to=50, gate="never"),
        at(8, "relocate", base="Alpha post", district="gamma"),
        at(20, "end-mission"),
        at(20, "start-follow-on", follow_on="political"),
    )
    made = plan("all", *actions).model_copy(update={"gates": (never,), "triggers": (trigger,)})
    return kinds_of(case.with_schedule(made), "all")


def demanded() -> set[str]:
    """Return what happens where the host demands that the mission leave."""
    made = plan("all", close("Alpha post", 24)).model_copy(
        update={"acceleration": Acceleration(chance=0.9999, weeks=4)}
    )
    return kinds_of(small(26, schedules={}).with_schedule(made), "all")


def abandoned() -> set[str]:
    """Return what happens where people are angry and the state is not there: new groups form."""
    made = small(80, state_forces=())
    angry = made.header.people.model_copy(update={"grievance": 1.0})
    made = replace(made, header=made.header.model_copy(update={"people": angry}))
    return kinds_of(made.with_parameters(onset_rate=0.02), "none")


def at(week: int, do: str, **keys: object) -> Action:
    """Return an action in a week."""
    return Action(do=do, on=START + timedelta(weeks=week), **keys)


def test_causes_come_before_their_effects_and_make_sense() -> None:
    log, _ = logged()
    caused = log[log["cause"].notna()]
    assert len(caused) > 100
    noted = caused[~caused["kind"].isin([VACUUM_OPENS, VACUUM_ENDS])]
    assert (noted["cause"] < noted.index).all()
    allowed = {
        "alert": {"decides to attack"},
        "answer": {"alert", "answer"},
        "attack on civilians": {"decides to attack", "alert", "answer"},
        "flight": {
            "attack on civilians",
            "clash",
            "offensive",
            "alert",
            "answer",
            "attack of one community on another",
        },
        "redeployment": {"order to redeploy"},
        "security vacuum ends": {"security vacuum opens"},
    }
    for event in caused.index:
        kind, before = log.at[event, "kind"], log.at[int(log.at[event, "cause"]), "kind"]
        assert before in allowed.get(kind, {before}), (kind, before)
        assert log.at[int(log.at[event, "cause"]), "week"] <= log.at[event, "week"]


def test_an_attack_leads_back_to_a_decision_and_on_to_flight() -> None:
    log, _ = logged()
    attacks = log.index[log["kind"] == "attack on civilians"]
    assert all(log.at[chain(log, int(a))[0], "kind"] == "decides to attack" for a in attacks)
    followed = [log.at[e, "kind"] for a in attacks for e in effects(log, int(a))]
    assert "flight" in followed


def test_an_attack_on_a_camp_whose_guards_answer_unasked_leads_back_to_a_decision_too() -> None:
    made = camps(60).with_parameters(
        attack_rate=1.5, attack_hurdle=0.1, site_target=4.0, warn_baseline=-1.5, telephone_chance=0.15
    )
    log, _ = event_log(made, "none", seed=3, replicate=0)
    attacks = log.index[log["kind"] == "attack on civilians"]
    chains = [[log.at[i, "kind"] for i in chain(log, int(a))] for a in attacks]
    assert all(kinds[0] == "decides to attack" for kinds in chains)
    assert ["decides to attack", "answer", "attack on civilians"] in chains


def test_several_attacks_on_a_place_in_a_week_are_told_apart() -> None:
    made = small(40).with_parameters(attack_rate=3.0, attack_hurdle=0.0, met_cost=0.2)
    log, world = event_log(made, "none", seed=3, replicate=0)
    attacks = log[log["kind"] == "attack on civilians"]
    a_place_and_week = attacks.groupby(["other", "week"]).size()
    assert 1 < a_place_and_week.max() <= RAIDS
    decisions = [chain(log, int(a))[0] for a in attacks.index]
    assert len(set(decisions)) == len(decisions) == world.record["attacks"].sum()
    for a, decision in zip(attacks.index, decisions, strict=True):
        assert tuple(log.loc[decision, ["actor", "other", "week"]]) == tuple(
            log.loc[a, ["actor", "other", "week"]]
        )


def test_a_vacuum_that_the_season_opens_says_so_whatever_the_spin_up() -> None:
    made = small(60).with_parameters(spin_up=17)
    log, world = event_log(made, "none", seed=1, replicate=0)
    seasons = world.calendar[17:]
    turns = log[log["reason"].isin(["the wet season begins", "the dry season begins"])]
    for event in turns.itertuples():
        wet = event.reason == "the wet season begins"
        assert seasons[event.week] == int(wet) != seasons[event.week - 1]
    other = log[log["reason"].isin(["UN protection falls", "UN protection rises"]) & log["cause"].isna()]
    assert (seasons[other["week"]] == seasons[other["week"] - 1]).all()


def test_an_attack_that_was_answered_names_who_came() -> None:
    log, _ = logged()
    answers = log[log["kind"] == "answer"]
    assert len(answers) > 0
    posts = {u.unit for u in case().units} | {s.unit for s in case().state_forces}
    assert set(answers["actor"]) <= posts
    assert set(answers.loc[answers["by"] == "UN", "actor"]) <= {u.unit for u in case().units}


def test_a_vacuum_that_a_closure_opens_names_the_closure() -> None:
    alone = replace(case(), state_forces=(), units=(unit("Alpha post", "alpha", strength=800),))
    alone = alone.with_parameters(
        met_cost=6.0, move_cost=4.0, root_cost=3.0, patrol_reach=10.0, answer_reach=12.0, alert_reach=20.0
    )
    log, _ = event_log(alone, "close-alpha", seed=1, replicate=0)
    opens = log[(log["kind"] == VACUUM_OPENS) & (log["district"] == "Alpha") & (log["week"] == 20)]
    assert len(opens) == 1
    assert opens["reason"].iloc[0] == "UN protection falls"
    assert opens["un_met"].iloc[0] < opens["un_met_before"].iloc[0]
    assert log.at[int(opens["cause"].iloc[0]), "kind"] == "base closes"


def test_a_log_without_room_says_so() -> None:
    with pytest.raises(ValueError, match="events=True"):
        small(5).model().events()
    model = case().model("close-alpha", seed=3, events=10).run()
    with pytest.raises(LogFull, match="room for 10"):
        model.events()
    assert np.array_equal(np.asarray(model.world.record), np.asarray(logged()[1].record))
