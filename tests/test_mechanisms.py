"""Every mechanism can be switched off by name; that changes what it carries and nothing it cannot reach."""

from __future__ import annotations

import importlib
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import LIVELY, START, camps, group, small

from sim import Action, Scenario, Schedule
from sim.ensemble import Ensemble
from sim.mechanisms import MECHANISMS, MechanismError, values_without
from sim.parameters import PARAMETERS
from sim.scenario.schema import District, Gate

COUNT = 10
DAY = START + timedelta(weeks=20)


def records(case: Scenario, schedule: str = "exit") -> np.ndarray:
    """Return the records of some replicates."""
    return Ensemble(case, schedule).run(seed=3, first=0, count=COUNT).records


@cache
def as_it_is() -> np.ndarray:
    """Return the records of the small case with everything on."""
    return records(case())


@cache
def case() -> Scenario:
    """Return a case in which everything happens: a year and a half, both seasons, hungry restless groups.

    Camps, unarmed teams, and the mission leaves for good before the end.
    """
    made = camps(80)
    kin = group("Front, a band", "alpha", faction="Front", fighters_low=5, fighters=10, fighters_high=20)
    made = replace(made, armed_groups=(*made.armed_groups, kin))
    programme = made.header.ddr.model_copy(update={"places": 3000})
    made = replace(made, header=made.header.model_copy(update={"ddr": programme}))
    return made.with_parameters(
        **LIVELY | {"truce_rate": 0.1},
        opening_weight=8.0,
        heat_weight=3.0,
        attack_rate=1.0,
        attack_hurdle=0.2,
        rob_effort=0.3,
        diverted_weeks=1.0,
        escort=0.9,
        district_feeds=1000.0,
        move_cost=0.5,
        root_cost=0.0,
        review_chance=0.25,
        redeploy_threshold=0.2,
        redeploy_delay=1.0,
        site_target=4.0,
        forage_rate=4.0,
        camp_recruits=5.0,
        partisan_loss=0.05,
        women_listening=0.5,
        women_record=0.6,
        splinter_rate=0.02,
        splinter_calm=1.0,
        splinter_size=100.0,
        merge_rate=0.05,
        cross_rate=0.1,
        consent_reports=0.0005,
        remobilise_rate=0.02,
        demobilise_value=3.0,
        detain_rate=0.1,
        raid_rate=0.2,
        militia_share=0.02,
        hate_rate=0.1,
        abuse_rate=0.6,
        operation_rate=10.0,
        robust_rate=0.6,
        onset_rate=0.02,
        clash_loss=0.05,
    )


OF_SCHEDULES = {
    "stepping-in": (Action(do="close", base="Alpha post", on=DAY, announced=DAY - timedelta(weeks=10)),),
    "network-handover": (Action(do="hand-over", base="Alpha post", on=DAY, recipient="state"),),
    "assessment-bias": (
        Action(do="close", base="Alpha post", on=DAY, gate="able"),
        Action(do="reduce", base="Beta post", on=DAY, to=100),
    ),
    **{
        f"follow-on-{what}": (
            Action(do="close", base="Alpha post", on=DAY),
            Action(do="start-follow-on", on=DAY, follow_on="police"),
        )
        for what in ("mediation", "monitoring", "mentoring", "policing")
    },
}
"""What a schedule must hold for mechanisms that only some schedules use."""


@pytest.mark.parametrize("name", MECHANISMS)
def test_each_makes_a_difference(name: str) -> None:
    if name not in OF_SCHEDULES:
        assert not np.array_equal(records(case().without(name)), as_it_is())
        return
    able = Gate(name="able", benchmark="state-capability", at_least=0.45, longest_delay=20)
    using = Schedule(name="using", title="Using it", actions=OF_SCHEDULES[name])
    if any(a.gate for a in using.actions):
        using = using.model_copy(update={"gates": (able,)})
    there = case().with_schedule(using)
    there = replace(there, districts=tuple(made_tense(d) for d in there.districts))
    assert not np.array_equal(records(there.without(name), "using"), records(there, "using"))


def made_tense(district: District) -> District:
    """Return a district with crime and with communities that quarrel."""
    tense = {"crime": 30.0, "tension": 0.6, "identities": (("Hill", 0.5), ("Plain", 0.5))}
    return district.model_copy(update=tense)


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (["un-patrols"], ["un_presence"]),
        (["un-answers"], ["un_met", "answered_un"]),
        (["state-patrols"], ["state_presence"]),
        (["state-answers"], ["state_met", "answered_state"]),
        (
            # without patrols that happen on an attack, too
            ["warnings", "site-guards", "un-patrols", "state-patrols"],
            ["alerts", "heard", "answered_un", "answered_state"],
        ),
        (["flight"], ["fled"]),
        (["return"], ["returned"]),
        (["attacks"], ["attacks", "killed_by_groups", "injured_by_groups", "abducted_by_groups"]),
        (["contests", "operations", "robust-action"], ["clashes"]),
        (["rumours"], ["rumour"]),
        (["state-abuse", "operations"], ["abuses", "killed_by_state", "assaulted_by_state"]),
        (["aid"], ["aid_delivered"]),
        (["excess-mortality"], ["excess_deaths"]),
        (["site-attacks"], ["site_attacks"]),
        (["site-surroundings"], ["assaulted_at_sites"]),
        (["site-guards"], ["sites_guarded"]),
        (["forced-return"], ["sent_home"]),
        (["aid-attacks"], ["aid_incidents"]),
        (["deterrence"], ["deterred"]),
        (
            ["record-by-mission", "record-by-monitors", "record-by-media"],
            ["recorded_killed_by_groups", "recorded_killed_by_state", "recorded_injured_by_groups"],
        ),
    ],
)
def test_without_it_what_it_carries_is_gone(names: list[str], fields: list[str]) -> None:
    without = records(case().without(*names))
    for field in fields:
        assert as_it_is()[field].any(), f"{field} says nothing in this case"
        assert not without[field].any(), field


def test_true_harm_stays_when_nobody_is_left_to_record_it() -> None:
    unseen = records(case().without("record-by-mission", "record-by-monitors", "record-by-media"))
    assert unseen["killed_by_groups"].sum() > 0.5 * as_it_is()["killed_by_groups"].sum() > 0


@pytest.mark.parametrize(
    ("lacking", "names"),
    [
        ("units", ["un-patrols", "un-answers", "triage", "un-support", "escort", "alert-networks",
                   "crowding-out", "closure-fear", "financial-cliff", "partisan-aid", "monitors-blocked",
                   "women-in-patrols", "rumours", "robust-action", "shared-alerts", "projects"]),
        ("state_forces", ["state-patrols", "state-answers", "state-redeployment", "operations", "arrears",
                          "state-abuse", "crowding-out", "oversight"]),
        ("humanitarians", ["aid", "aid-attacks", "diversion", "escort", "record-by-monitors", "partisan-aid",
                           "unarmed-protection", "monitors-blocked"]),
        ("sites", ["site-guards", "site-attacks", "site-surroundings", "militarisation", "forced-return"]),
        ("armed_groups", ["deterrence", "learning", "control-violence", "looting", "reprisals",
                          "ruler-restraint", "attacks", "contests", "taking-ground", "group-moves",
                          "indiscriminate-violence", "taking-sides", "onset", "robust-action",
                          "desertion", "recruitment", "aid-attacks", "diversion", "warnings",
                          "fear-of-retaliation", "un-answers", "state-answers"]),
    ],
)  # fmt: skip
def test_it_changes_nothing_that_it_cannot_reach(lacking: str, names: list[str]) -> None:
    there = replace(case(), **{lacking: ()}, schedules={})
    if lacking == "armed_groups":  # communities answer for themselves
        there = there.without("communal-violence")
    fields = [  # what a provider could do is another number where it could do it, if it never has to
        f for f in as_it_is().dtype.names if f not in ("un_met", "state_met", "deterred")
    ]
    with_all = records(there, "none")
    for name in names:
        without = records(there.without(name), "none")
        for field in fields:
            assert np.array_equal(without[field], with_all[field]), f"without {name}: {field}"


def test_before_the_first_closure_nothing_hangs_on_the_fear_of_closures() -> None:
    without = records(case().without("closure-fear"))
    assert np.array_equal(without[:, :20], as_it_is()[:, :20])


def test_without_the_season_it_is_always_dry() -> None:
    dry = case()
    dry = replace(dry, header=dry.header.model_copy(update={"wet_months": []}))
    assert np.array_equal(records(case().without("season")), records(dry))


def test_a_ban_on_moving_keeps_every_group_in_its_district() -> None:
    model = case().without("group-moves", "operation-withdrawal").model("none", seed=3)
    start = model.world.armed_groups["district"].copy()
    model.run()
    assert np.array_equal(model.world.armed_groups["district"], start)


def test_without_learning_beliefs_stay_at_the_prior() -> None:
    model = case().without("learning").model("none", seed=3).run()
    prior = PARAMETERS["prior_detect"].default * PARAMETERS["prior_answer"].default
    assert all(g.expects_to_be_met() == pytest.approx(prior) for g in model.armed_groups)


@settings(max_examples=12)
@given(st.lists(st.sampled_from(sorted(MECHANISMS)), min_size=1, max_size=6, unique=True))
def test_both_engines_agree_whatever_is_off(names: list[str]) -> None:
    ablated = small(25).without(*names)
    fast = Ensemble(ablated, "close-alpha").run(seed=5, first=2, count=1).records[0]
    mesa = ablated.model("close-alpha", seed=5, replicate=2).run().world.record
    assert fast.tobytes() == mesa.tobytes()


def test_names_are_checked_and_kept() -> None:
    with pytest.raises(MechanismError, match="did you mean 'crowding-out'"):
        small().without("crowding_out")
    off = small().without("triage").without("season", "triage")
    assert off.switched_off == ("triage", "season")
    assert off.parameter_values()["triage"] == 0.0
    assert small().parameter_values()["triage"] == PARAMETERS["triage"].default


def test_a_switch_outweighs_a_setting() -> None:
    assert small().without("triage").with_parameters(triage=1.0).parameter_values()["triage"] == 0.0


def test_declarations_name_parameters_and_are_described() -> None:
    for m in MECHANISMS.values():
        assert set(m.off) <= set(PARAMETERS), m.name
        assert m.meaning, m.name
        assert m.source, m.name
        for parameter, value in values_without([m.name]).items():
            assert value != PARAMETERS[parameter].default, m.name


def test_the_table_of_mechanisms_is_whole_and_true(root: Path) -> None:
    text = (root / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| (In|Part|No) \| ([^|]*) \|$", text, re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 79))
    for number, state, where in rows:
        assert where.strip() or state == "No", number
    for name in re.findall(r"switch(?:es)? ((?:`[a-z-]+`(?:, )?)+)", text):
        assert set(re.findall(r"`([a-z-]+)`", name)) <= set(MECHANISMS), name
    for path in re.findall(r"`(sim\.[\w.]+)`", text):
        module, _, attribute = path.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute), path
    for path in re.findall(r"`(sim/[\w/]+\.py)`", text):
        assert (root / path).is_file(), path
