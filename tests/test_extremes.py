"""Extreme worlds give extreme answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import army, camps, district, route, small, unit, world_of

from sim import Scenario, measures
from sim.ensemble import Ensemble
from sim.week import week


def records(case: Scenario, schedule: str = "none", n: int = 10) -> np.ndarray:
    """Return the records of some runs."""
    return Ensemble(case, schedule).run(seed=4, first=0, count=n).records


def killed(case: Scenario, *fields: str, n: int = 10) -> float:
    """Return what is killed in some runs, by default by organised violence."""
    return float(measures.summed(records(case, n=n), fields or measures.KILLED).sum())


def test_without_armed_actors_there_is_no_organised_violence() -> None:
    peaceful = camps(80, armed_groups=(), state_forces=())
    peaceful = replace(
        peaceful, districts=tuple(d.model_copy(update={"identities": ()}) for d in peaceful.districts)
    )
    record = records(peaceful, "exit")
    for field in ("attacks", "clashes", "abuses", "raids", *measures.KILLED):
        assert record[field].sum() == 0, field
    assert record["killed_by_criminals"].sum() > 0  # crime is not war


def test_protection_everywhere_and_always_leaves_next_to_nothing_of_attacks_by_groups() -> None:
    where = ("alpha", "beta", "gamma")
    everywhere = tuple(unit(f"{d} {i}", d, strength=5000, readiness=2.0) for d in where for i in range(8))
    case = small(80).with_parameters(
        un_act_chance=0.9, telephone_chance=0.8, network_gain=3.0, warn_baseline=2.0, notice_chance=0.7,
        warn_retaliation=0.5, encounter_chance=0.2, met_cost=6.0,
    )  # fmt: skip
    guarded = replace(case, units=everywhere, schedules={})
    bare = replace(case, units=(), schedules={})
    assert killed(guarded, "killed_by_groups") < 0.05 * killed(bare, "killed_by_groups")


def test_a_wholly_predatory_state_kills_most_and_handing_over_to_it_helps_nobody() -> None:
    def world(discipline: float) -> Scenario:
        forces = tuple(
            army(f"{d} {i}", d, personnel_low=3000, personnel=3000, personnel_high=3000,
                 discipline=discipline, will=0.0, arrears_weeks=50)
            for d in ("alpha", "beta", "gamma") for i in range(2)
        )  # fmt: skip
        return small(80, armed_groups=(), state_forces=forces, schedules={})

    predatory, disciplined = (killed(world(d), "killed_by_state") for d in (0.0, 1.0))
    assert disciplined == 0.0
    assert predatory > 500
    assert records(world(0.0))["state_met"].max() == 0.0  # no will, no protection


def test_without_roads_nobody_outside_a_district_reaches_it() -> None:
    far = (route("alpha", "beta", 900.0, 950.0), route("beta", "gamma", 900.0, 950.0))
    one_base = (unit("Gamma house", "gamma", strength=3000, posture="mobile"),)
    cut_off = small(60, routes=far, units=one_base, schedules={})
    connected = small(60, units=one_base, schedules={})
    assert records(connected)["un_presence"][:, :, 1].max() > 0.0
    record = records(cut_off)
    assert record["un_presence"][:, :, 2].max() > 0.3
    assert record["un_presence"][:, :, :2].max() < 1e-6
    assert record["un_met"][:, :, :2].max() < 1e-6


def on_the_way(hours: float, local_kmh: float) -> Scenario:
    """Return the small case, all bases in gamma, with routes of so many hours and a pace within districts."""
    case = small(40, units=(unit("Gamma house", "gamma", strength=1200),), schedules={})
    people = case.header.people.model_copy(update={"local_speed_kmh": local_kmh})
    roads = (route("alpha", "beta", hours, hours), route("beta", "gamma", hours, hours))
    return replace(case, routes=roads, header=case.header.model_copy(update={"people": people}))


def test_with_perfect_roads_one_base_protects_everybody_alike_and_with_bad_ones_its_neighbours() -> None:
    perfect, bad = (world_of(on_the_way(*pace)) for pace in ((0.01, 10_000.0), (30.0, 3.0)))
    for world in (perfect, bad):
        week(world, 0)
    first = perfect.communities
    for there in (first["un_patrols"], 1.0 - first["un_miss"], 1.0 - first["un_deaf"]):  # near and far
        assert there == pytest.approx(there.mean(), rel=0.02)
    assert first["un_miss"][0] < 0.5
    far = bad.communities["district"] < 2
    assert (bad.communities["un_miss"][far] > 0.99).all()
    assert (bad.communities["un_patrols"][far] < 1e-6).all()
    assert bad.communities["un_miss"][6] == pytest.approx(first["un_miss"][6], rel=0.02)  # where it stands


def test_a_hundredth_of_a_force_protects_next_to_nobody() -> None:
    """Force is not a matter of being there: one in a hundred does far less than a hundredth."""
    case = small(40, schedules={})
    units = tuple(unit(u.base, u.district, posture=u.posture, strength=400) for u in case.units)
    handful = tuple(unit(u.base, u.district, posture=u.posture, strength=4) for u in case.units)
    whole, part, none = (records(replace(case, units=u), n=6) for u in (units, handful, ()))
    assert whole["un_met"].mean() > 0.05
    assert part["un_met"].mean() < 0.002 * whole["un_met"].mean()
    assert part["un_presence"].mean() < 0.03 * whole["un_presence"].mean()
    assert none["un_met"].max() == none["un_presence"].max() == 0.0
    assert part["attacks"].sum() == pytest.approx(none["attacks"].sum(), rel=0.1)


def test_with_nobody_to_observe_the_record_is_empty_and_true_harm_stays() -> None:
    seen = small(80)
    unseen = seen.without("record-by-mission", "record-by-monitors", "record-by-media", "women-in-patrols")
    record = records(unseen)
    assert measures.summed(record, measures.RECORDED).sum() == 0.0
    assert measures.summed(record, measures.KILLED).sum() > 0.5 * killed(seen)


def test_a_country_without_people_to_tax_or_rents_starves_its_groups_down_to_a_core() -> None:
    poor = tuple(
        district(name, population_low=5000, population=5000, population_high=5000, rents=0.0)
        for name in ("alpha", "beta", "gamma")
    )
    rich = tuple(district(name, rents=1.0) for name in ("alpha", "beta", "gamma"))
    left = {}
    for what, places in (("poor", poor), ("rich", rich)):
        case = small(250, districts=places, schedules={})
        case = case.without("contests", "attacks", "remobilisation", "operations", "group-moves")
        # nothing draws them back to a strength at rest but that those who are left do not leave
        case = case.with_parameters(rest_pull=0.0, reform_chance=0.0, ground_lost=0.0, desert_floor=0.3)
        armed = records(case)["armed"].sum(axis=2)
        left[what] = armed[:, -1] / armed[:, 0]
    assert (left["poor"] < 0.5).all()
    assert (left["poor"] > 0.1).all()  # those who are left do not leave
    assert left["rich"].mean() > 1.3 * left["poor"].mean()
