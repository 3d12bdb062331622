from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from worlds import START, camps, close, plan, small, unit, world_of

from sim import Action, measures
from sim.ensemble import Ensemble
from sim.week import week
from sim.world import record


def records(weeks: int, districts: int = 1, replicates: int = 1) -> np.ndarray:
    """Return records in which everything is quiet and protected."""
    r = np.zeros((replicates, weeks, districts), record.TABLE.dtype)
    r["deterred"] = 1.0
    r["armed"] = 100.0
    r["residents"] = 1000.0
    return r


def test_a_vacuum_needs_a_gap_an_armed_actor_and_four_weeks() -> None:
    r = records(30)
    r["deterred"][0, 5:8] = 0.0  # three weeks: too short
    r["deterred"][0, 10:14] = 0.0  # four
    r["deterred"][0, 20:26] = 0.0
    r["armed"][0, 20:26] = 5.0  # nobody armed
    v = measures.vacuums(r)
    assert v[["onset", "weeks"]].to_numpy().tolist() == [[10, 4]]
    assert measures.in_vacuum(r)[0, :, 0].nonzero()[0].tolist() == [10, 11, 12, 13]


def test_a_vacuum_says_who_ended_it_whom_it_exposed_and_who_ruled() -> None:
    r = records(60, districts=4)
    r["deterred"][0, 10:20] = 0.0
    r["hosted"][0, :, 0] = 500.0
    r["killed_by_groups"][0, 12, 0] = 7.0
    r["killed_by_state"][0, 25, 0] = 9.0  # after it
    r["ruler_control"][0, 10:15, 0] = 0.8
    r["un_met"][0, 20:, 0] = 0.5
    r["state_met"][0, 20:, 1] = 0.5
    r["armed"][0, 20:, 2] = 0.0
    r["deterred"][0, 10:, 3] = 0.0
    v = measures.vacuums(r).set_index("district")
    assert v["ended_by"].tolist() == ["UN", "state forces", "armed actors left", "still open"]
    assert v.loc[0, "people_weeks"] == 10 * 1500
    assert v.loc[0, "killed"] == 7
    assert v.loc[0, "governed"] == 0.5
    assert v.loc[3, "weeks"] == 50


@given(hnp.arrays(bool, (2, 40, 3)))
def test_vacuums_agree_with_a_plain_count(open_: np.ndarray) -> None:
    r = records(40, 3, 2)
    r["deterred"] = ~open_
    expected = []
    for rep in range(2):
        for d in range(3):
            run = 0
            for w in range(41):
                if w < 40 and open_[rep, w, d]:
                    run += 1
                else:
                    if run >= 4:
                        expected.append((rep, d, w - run, run))
                    run = 0
    v = measures.vacuums(r)
    assert list(v[["replicate", "district", "onset", "weeks"]].itertuples(index=False, name=None)) == expected
    assert measures.in_vacuum(r).sum() == sum(e[3] for e in expected)


def test_totals_count_vacuum_weeks_and_people() -> None:
    r = records(30, 2)
    r["deterred"][0, 10:20, 0] = 0.0
    r["killed_by_groups"][0, 3, 1] = 4.0
    r["killed_by_state"][0, 3, 1] = 2.0
    t = measures.totals(r)
    assert t["killed"].tolist() == [6.0]
    assert t["vacuum_weeks"].tolist() == [10.0]
    assert t["vacuum_people_weeks"].tolist() == [10_000.0]
    assert set(t) == set(measures.METRIC)


def test_who_is_unprotected_is_counted_by_people_where_anybody_is_armed() -> None:
    r = records(4, 2)
    r["hosted"] = 500.0
    r["deterred"][0, 1, 0] = 0.75  # a quarter of them lives where nothing deters
    r["deterred"][0, 2] = 0.0
    r["armed"][0, 2, 1] = 9.0  # too few to count
    assert measures.people_unprotected(r)[0].tolist() == [[0, 0], [375, 0], [1500, 0], [0, 0]]
    assert measures.totals(r)["vacuum_people_weeks"].tolist() == [1875.0]
    assert measures.unprotected(r)[0, :, 0].tolist() == [False, False, True, False]  # most, not some


def test_nobody_is_unprotected_twice_and_no_share_exceeds_all() -> None:
    for schedule in ("none", "exit"):
        r = Ensemble(camps(40), schedule).run(1, 0, 4).records
        people = r["residents"].astype(float) + r["hosted"]
        unprotected = measures.people_unprotected(r)
        assert ((unprotected >= 0.0) & (unprotected <= people)).all()
        assert ((r["deterred"] >= 0.0) & (r["deterred"] <= 1.0)).all()
        assert ((unprotected > 0.0) & (unprotected < people)).any()  # some places of a district, not others


def test_the_share_that_is_deterred_is_that_of_the_people_of_protected_places() -> None:
    world = world_of(camps(10))
    week(world, 0)
    own = world.communities[:3]
    assert world.districts[0].first_community == 0 == world.districts[1].first_community - 3
    for met, protected in (((1.0, 0.0, 0.0), [0]), ((0.0, 1.0, 1.0), [1, 2]), ((0.0, 0.0, 0.0), [])):
        own["un_met"], own["state_met"] = met, 0.0
        record.write_record(world, 0)
        share = own["residents"][protected].sum() / own["residents"].sum()
        assert world.record["deterred"][0, 0] == pytest.approx(share, abs=1e-3)
    own["un_met"] = 0.0
    own["state_met"] = (0.0, 0.0, 1.0)  # whoever protects them
    record.write_record(world, 0)
    assert world.record["deterred"][0, 0] > 0.0


def test_a_cliff_is_measured_against_the_matched_world() -> None:
    stay, gone = records(60), records(60)
    stay["un_met"][0] = 0.3
    stay["un_met"][0, 30:] = 0.4  # something else raises protection in both worlds
    gone["un_met"][0] = 0.3
    gone["un_met"][0, 20:] = 0.0
    gone["state_met"][0, 45:] = 0.39  # state forces fill it
    gone["deterred"][0, 20:45] = 0.0
    closing = pd.DataFrame({"base": ["Post"], "district": [0], "week": [20]})
    c = measures.cliffs(closing, gone, stay).iloc[0]
    assert c["before"] == pytest.approx(0.3)
    assert c["depth"] == pytest.approx((10 * 0.3 + 3 * 0.4) / 13)
    assert c["width"] == 25
    assert c["refilled_by"] == "state forces"
    assert c["people"] == 1000
    assert c["exposed_people_weeks"] == 25_000


def test_a_cliff_that_is_never_filled_has_no_width_and_one_without_loss_none() -> None:
    stay, gone = records(40), records(40)
    stay["un_met"][0] = 0.3
    gone["un_met"][0, :20] = 0.3
    closing = pd.DataFrame({"base": ["Post"], "district": [0], "week": [20]})
    c = measures.cliffs(closing, gone, stay).iloc[0]
    assert math.isnan(c["width"])
    assert c["refilled_by"] == "nobody"
    same = measures.cliffs(closing, stay, stay).iloc[0]
    assert same["depth"] == 0.0
    assert same["exposed_people_weeks"] == 0.0


def test_closures_list_every_base_that_closes() -> None:
    units = (unit("a", "alpha", base="Camp"), unit("b", "alpha", base="Camp"), unit("c", "beta"))
    case = small(40, units=units, schedules={})
    ended = case.with_schedule(
        plan("end", close("Camp", 5), Action(do="end-mission", on=START + timedelta(weeks=9)))
    )
    table = measures.closures(ended, ended.schedule("end"))
    assert table[["base", "district", "week"]].to_numpy().tolist() == [["Camp", 0, 5], ["c", 1, 9]]


def test_difference_reports_mean_spread_and_tail() -> None:
    b = np.zeros(100)
    a = np.arange(-5.0, 95.0)
    d = measures.difference(a, b)
    assert d.runs == 100
    assert d.mean == pytest.approx(44.5)
    assert d.median == pytest.approx(44.5)
    assert d.worst == pytest.approx(np.mean([90, 91, 92, 93, 94]))
    assert (d.higher, d.lower) == (94, 5)
    assert d.low == pytest.approx(np.quantile(a, 0.05))
    assert d.mean_low < 44.5 < d.mean_high
    half = 1.96 * a.std(ddof=1) / 10
    assert d.mean_high - d.mean_low == pytest.approx(2 * half, rel=0.15)


def test_interval_of_the_mean_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(150):
        low, high = measures.mean_interval(rng.exponential(1.0, 60))
        hits += low <= 1.0 <= high
    assert 0.88 <= hits / 150 <= 0.99


def test_intervals_of_hopeless_samples_do_not_fail() -> None:
    assert all(math.isnan(x) for x in measures.mean_interval([3.0]))
    assert measures.mean_interval([2.0, 2.0, 2.0]) == (2.0, 2.0)
    low, high = measures.mean_interval([0.0] * 99 + [100.0])
    assert low <= 1.0 <= high


@given(st.integers(1, 40))
def test_the_worst_twentieth_is_at_least_one_run(n: int) -> None:
    a = np.arange(float(n))
    assert measures.difference(a, np.zeros(n)).worst == pytest.approx(
        np.sort(a)[-math.ceil(0.05 * n) :].mean()
    )


def test_the_record_of_mesa_and_ensemble_is_what_is_measured() -> None:
    case = small(30)
    mesa = case.model("close-alpha", seed=1).run()
    ensemble = Ensemble(case, "close-alpha").run(1, 0, 1).records
    a, b = measures.totals(np.asarray(mesa.world.record)[None]), measures.totals(ensemble)
    assert all((a[name] == b[name]).all() for name in a)
