"""Families make schedules that fit any case, and differ from each other in what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner
from worlds import START, army, close, plan, scenarios, small, unit

from sim import Action, Scenario, ScenarioError, Schedule, compare
from sim.cli import app
from sim.scenario import families
from sim.show import schedules

NAMES = sorted(families.FAMILIES)
NEEDS = {
    "police-stay": lambda row: getattr(row, "kind", "") == "formed-police",
    "protection-force": lambda row: getattr(row, "force", "") == "protection" and row.opens == "scheduled",
}
"""What a case must have for a family to differ from phased closures."""


@settings(max_examples=60)
@given(
    case=scenarios(),
    name=st.sampled_from(NAMES),
    steps=st.none() | st.integers(0, 9),
    notice=st.none() | st.integers(0, 60),
)
def test_every_family_fits_every_case(
    case: Scenario, name: str, steps: int | None, notice: int | None
) -> None:
    numbers = [f"steps={steps}"] * (steps is not None) + [f"notice={notice}"] * (notice is not None)
    text = ":".join([name, "+".join([*numbers, "bases=all"])])
    if not any(u.until is None and not isinstance(u.opens, str) for u in case.units):
        with pytest.raises(ScenarioError, match="no base to close"):
            case.schedule(text)
        return
    if name in NEEDS and not any(NEEDS[name](row) for row in (*case.units, *case.state_forces)):
        with pytest.raises(ScenarioError, match=r"no base that closes has formed police|no protection force"):
            case.schedule(text)
        return
    if name == "police-stay":  # its police may come or go so that none is there at a closure
        closures = case.schedule(text.replace(name, "phased")).actions
        if not any(u.kind == "formed-police" for a in closures for u in families._there(case, a)):
            with pytest.raises(ScenarioError, match="no base that closes has formed police"):
                case.schedule(text)
            return
    made = case.schedule(text)  # checked against the case
    closed = [a.base for a in made.actions if a.do == "close"]
    assert len(closed) == len(set(closed))
    assert all(case.header.start < a.on <= case.header.end for a in made.actions)
    if steps and name != "projection":
        closing = {a.on for a in made.actions if a.do == "close"}
        assert len(closing) <= steps + len([u for u in case.units if u.opens])
    for a in made.actions:
        assert (a.announced is None) == (not notice or a.do != "close")


def order(case: Scenario, text: str) -> list[str]:
    """Return the districts of the bases in the order of closing."""
    place = {u.base: u.district for u in case.units}
    made = case.schedule(text)
    return [place[a.base] for a in sorted(made.actions, key=lambda a: a.on)]


def test_orders_are_what_they_say(drc: Scenario) -> None:
    violence = {d.id: d.baseline_violence / d.area_km2 for d in drc.districts}
    early = tuple(u for u in drc.units if u.opens is None or str(u.opens) < "2020-11-01")
    drc = replace(drc, units=early)  # a base that opens later closes later, whatever the order
    quiet = [violence[d] for d in order(drc, "quiet-first:from=2020-12-01+to=2022-12-01+bases=all")]
    assert quiet == sorted(quiet)
    hot = [violence[d] for d in order(drc, "hot-first:from=2020-12-01+to=2022-12-01+bases=all")]
    assert hot == sorted(hot, reverse=True)
    far = order(drc, "periphery-first:from=2020-12-01+to=2022-12-01+bases=all")
    assert families.hub(drc) == "goma"
    assert far[-1] == "goma"
    assert far[0] in ("shabunda", "aru", "mahagi", "djugu", "fizi")
    assert order(drc, "centre-first:from=2020-12-01+to=2022-12-01+bases=all")[0] == "goma"


def test_steps_and_days(drc: Scenario) -> None:
    made = drc.schedule("phased:3+from=2018-01-01+to=2018-12-31+notice=8")
    late = {"Kabasha", "Kirumba", "Biakato (from 2019)"}  # not yet open in 2018
    days = sorted({a.on for a in made.actions if a.base not in late})
    assert days == [date(2018, 1, 1), date(2018, 7, 2), date(2018, 12, 31)]
    assert {(a.on - a.announced).days for a in made.actions if a.announced} == {56}
    assert {a.base for a in made.actions} == {
        a.base for a in drc.schedules["actual"].actions if a.do == "close"
    }
    assert made.name == "phased-from-2018-01-01-notice-8-steps-3-to-2018-12-31"


def test_where_actual_closes_nothing_a_family_closes_all() -> None:
    only_reduces = Action(do="reduce", base="Alpha post", on=close("Alpha post", 20).on, to=10)
    case = small(60, schedules={"actual": plan("actual", only_reduces)})
    assert {a.base for a in case.schedule("fast").actions} == set(case.bases)
    with pytest.raises(ScenarioError, match="no schedule 'actual' that closes bases; use bases=all"):
        case.schedule("fast:bases=actual")


def mixed(weeks: int = 60) -> Scenario:
    """Return the small case with police at a base and a state protection force that waits."""
    units = (
        unit("Alpha post", "alpha"),
        unit("Alpha police", "alpha", base="Alpha post", kind="formed-police"),
        unit("Beta post", "beta", posture="mobile", strength=400),
        unit("Gamma house", "gamma", strength=900),
    )
    guard = army("Guard", "beta", force="protection", opens="scheduled")
    return small(weeks, units=units, state_forces=(*small().state_forces, guard), schedules={})


def told(made: Schedule) -> list[tuple[str, str, int]]:
    """Return what a schedule does, where, and in which week."""
    return [(a.do, a.base or a.unit, (a.on - START).days // 7) for a in made.actions]


def test_families_of_means_do_what_they_say() -> None:
    case = mixed()
    window = "3+from=2020-03-16+to=2020-07-06"  # weeks 10, 18 and 26
    closing = [("close", "Alpha post", 10), ("close", "Beta post", 18), ("close", "Gamma house", 26)]
    assert told(case.schedule(f"phased:{window}")) == closing
    assert told(case.schedule(f"police-stay:{window}")) == [("leave-police", "Alpha post", 10), *closing]
    assert sorted(told(case.schedule(f"protection-force:{window}"))) == sorted(
        [*closing, ("open", "Guard", 18)]
    )
    gated = case.schedule(f"gated:{window}+level=0.5+delay=20+then=stay")
    assert told(gated) == closing
    assert {a.gate for a in gated.actions} == {"quiet"}
    assert (gated.gates[0].at_most, gated.gates[0].longest_delay, gated.gates[0].then) == (0.5, 20, "stay")
    projected = case.schedule(f"projection:{window}+later=10+notice=4")
    assert told(projected) == [
        ("convert", "Alpha post", 10),
        ("close", "Alpha post", 20),
        ("convert", "Gamma house", 26),
        ("close", "Beta post", 28),  # mobile already
        ("close", "Gamma house", 36),
    ]
    assert {(a.on - a.announced).days for a in projected.actions if a.announced} == {28}
    assert [a.do for a in case.schedule(f"projection:{window}+later=0").actions] == ["convert", "convert"]
    assert families.hub(case) == "gamma"
    assert order(replace(case, units=case.units[::-1]), "capital-last:3")[-1] == "gamma"


def test_a_file_comes_before_a_family_of_its_name(drc: Scenario) -> None:
    assert drc.schedule("quiet-first") is drc.schedules["quiet-first"]
    assert drc.schedule("quiet-first:bases=actual").title == "Quiet districts first"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("phasd:3", "there is no family 'phasd'; did you mean 'phased'?"),
        ("phased:stesp=3", "there is no number 'stesp'; did you mean 'steps'?"),
        ("phased:steps=-1", "must be a whole number"),
        ("phased:steps=3+steps=4", "given twice"),
        ("phased:3+", "write"),
        ("phased:from=yesterday", "must be a day such as"),
        ("phased:from=1999-01-01", "outside the run"),
        ("phased:from=2018-01-01+to=2017-01-01", "is before"),
        ("phased:bases=some", "must be 'actual' or 'all'"),
        ("phased:later=4", "later is no number of 'phased'"),
        ("gated:level=low", "must be a number of persons a week"),
        ("gated:then=never", "must be 'close' or 'stay'"),
        ("gated:delay=5000", "must be at most 1040 weeks"),
        ("police-stay", "no base that closes has formed police"),
        ("protection-force", "no protection force waits"),
    ],
)
def test_wrong_numbers_are_refused(drc: Scenario, text: str, what: str) -> None:
    with pytest.raises(ScenarioError) as error:
        drc.schedule(text)
    assert what in str(error.value)


def test_a_family_can_be_compared_and_is_kept_with_the_result() -> None:
    result = compare(small(), ["fast:notice=4", "close-alpha"], replicates=2)
    assert result.names == ["fast-notice-4", "close-alpha", "none"]
    kept = result.provenance["schedules"][0]
    assert len(kept["actions"]) == 3


# -- in words ---------------------------------------------------------------------------------------


def test_differences_are_told() -> None:
    case = small(60, units=(unit("A", "alpha"), unit("B", "beta", strength=300), unit("C", "gamma")))
    one = plan("one", close("A", 10), close("B", 20))
    other = plan("other", close("B", 10, notice=4), close("C", 30, notice=4))
    told = " ".join(schedules.differences(case, one, other).split())
    assert "Only 'one' closes A; under 'other' they stay." in told
    assert "Only 'other' closes C; under 'one' they stay." in told
    assert "'other' closes 1 earlier than 'one', 0 later and 0 on the same day" in told
    assert "most: B, 2 months" in told
    assert "Communities are told 0 weeks before under 'one', 4 under 'other'" in told
    assert schedules.differences(case, one, one) == "'one' and 'one' do the same."


def test_troops_follow_the_schedule() -> None:
    case = small(60)
    troops = schedules.troops_over(case, case.schedules["close-alpha"])
    record = case.model("close-alpha").run().world.record
    assert troops.tolist() == record["un_troops"].sum(axis=1).tolist()


def test_troops_follow_the_schedule_in_the_drc(drc: Scenario) -> None:
    from sim.ensemble import Ensemble

    for name in ("actual", "full-exit", "none"):
        record = Ensemble(drc, name).run(1, 0, 1).records[0]
        assert (
            schedules.troops_over(drc, drc.schedule(name)).tolist()
            == record["un_troops"].sum(axis=1).tolist()
        )


def test_commands_list_draw_and_tell_apart(tmp_path) -> None:
    figure = tmp_path / "t.png"
    out = CliRunner().invoke(app, ["schedules", "drc-monusco", "--add", "phased:3", "--out", str(figure)])
    assert out.exit_code == 0, out.output
    flat = " ".join(out.output.split())
    assert "actual: As it happened. 21 bases close between 2016-03-31 and 2021-01-07" in flat
    assert "phased-steps-3: In phases (3 steps)." in flat
    assert "periphery-first" in flat, "families are listed"
    assert figure.stat().st_size > 10_000
    out = CliRunner().invoke(app, ["diff", "drc-monusco", "actual", "fast"])
    assert out.exit_code == 0
    assert "earlier than 'actual'" in " ".join(out.output.split())
    bad = CliRunner().invoke(app, ["diff", "drc-monusco", "actual", "fats"])
    assert bad.exit_code == 2
