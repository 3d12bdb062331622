from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest
from worlds import close, plan, small

from sim import compare
from sim.show import numbers, text
from sim.show.glossary import TERMS, glossary, markdown
from sim.show.machine import as_json
from sim.show.sentences import answers_in_order
from sim.study.answers import Answers
from sim.study.evidence import evidence


@pytest.fixture(scope="module")
def result():
    case = (
        small(60)
        .with_parameters(attack_rate=1.5, attack_hurdle=0.1)
        .with_schedule(plan("all", *(close(b, 20) for b in ("Alpha post", "Beta post", "Gamma house"))))
    )
    return compare(case, replicates=24, seed=1)


def shifted(result, by: float, schedule: str = "all"):
    """Return the result with civilians killed by groups under a schedule raised by `by`."""
    totals = result.totals.copy(deep=True)
    for metric in ("killed", "killed_by_groups"):
        base = totals.sel(schedule="none", metric=metric).values
        totals.loc[{"schedule": schedule, "metric": metric}] = base + by
    return dataclasses.replace(result, totals=totals)


def said(result) -> str:
    return " ".join(s.text for _, group in answers_in_order(Answers.of(result)) for s in group)


def test_everything_fits_into_80_columns(result) -> None:
    for details in (False, True):
        assert max(len(line) for line in text.page(result, details).splitlines()) <= 80
    big = shifted(result, 12_345_678.0)
    assert max(len(line) for line in text.page(big).splitlines()) <= 80
    for metric in ("fled", "attacks"):
        assert max(len(line) for line in text.table(big, metric).splitlines()) <= 80


def test_the_page_answers_its_questions_on_two_screens(result) -> None:
    page = text.page(shifted(result, 100.0))
    assert len(page.splitlines()) <= 76  # with six schedules, and the lines on what is written: 80
    for question in (
        "told apart",
        "Where",
        "When",
        "Who fills",
        "leave out",
        "order hold",
        "cost",
        "army",
        "How sure",
    ):
        assert question in page


def test_the_table_leads_with_matched_worlds_and_says_what_a_schedule_leaves(result) -> None:
    table = text.table(shifted(result, 100.0))
    head = table.splitlines()[1]
    assert head.index("more in") < head.index("nine worlds") < head.index("mean") < head.index("interval")
    row = next(line for line in table.splitlines() if line.startswith("all "))
    assert row.split()[1:3] == ["0", "24"]  # leaves nobody; more in all worlds


def test_outcomes_stand_side_by_side_with_denominators(result) -> None:
    outcomes = " ".join(text.outcomes(Answers.of(result)).split())
    for word in ("criminals", "want", "flights", "a vacuum", "years", "of 180 district-weeks", "per 100,000"):
        assert word in outcomes
    a = Answers.of(result)
    deaths = sum(a.values[m] for m in ("killed", "killed_by_criminals", "excess_deaths"))
    assert np.array_equal(deaths, a.values["deaths"])


def test_sentences_say_more_fewer_none_and_cannot_tell(result) -> None:
    more = said(shifted(result, 100.0))
    assert re.search(r"More killed than with no base closed, beyond chance: .*'all'\.", more)
    assert "Fewer killed than with no base closed, beyond chance: 'all'" in said(shifted(result, -7.0))
    assert "'all' has exactly as many killed as 'none' in each of 24 worlds" in said(shifted(result, 0.0))
    totals = result.totals.copy(deep=True)
    base = totals.sel(schedule="none", metric="killed").values
    totals.loc[{"schedule": "all", "metric": "killed"}] = base + [50.0, -50.0] * 12
    assert "cannot tell 'all'" in said(dataclasses.replace(result, totals=totals))


def test_actual_is_the_reference_wherever_it_stands() -> None:
    case = small(30)
    plans = [
        plan("aaa", close("Beta post", 9)),
        plan("actual", close("Alpha post", 9)),
        plan("b", close("Alpha post", 4)),
    ]
    a = Answers.of(compare(case, plans, replicates=3))
    assert a.reference == a.ordered[0] == "actual"
    assert Answers.of(compare(case, plans[::2], replicates=3)).reference == "aaa"


def test_too_few_worlds_give_no_interval() -> None:
    few = compare(small(30), replicates=4)
    d = few.difference("killed", "close-alpha")
    assert math.isnan(d.mean_low)
    assert math.isnan(d.p_value)
    page = " ".join(text.page(few).split())
    assert "too few worlds" in page
    assert "Too few worlds for an interval: 4" in page
    assert "told from 'none'" not in page
    assert max(len(line) for line in text.page(compare(small(30), replicates=1)).splitlines()) <= 80


def test_the_counterfactual_alone_makes_a_page() -> None:
    assert "none" in text.page(compare(small(20), ["none"], replicates=3))


def test_the_record_is_said_to_show_less_only_where_it_does(result) -> None:
    totals = result.totals.copy(deep=True)
    killed = totals.sel(schedule="none", metric="killed").values
    totals.loc[{"schedule": "all", "metric": "killed"}] = killed + 100.0
    totals.loc[{"schedule": "none", "metric": "recorded_killed"}] = killed * 0.5
    for share, word in ((0.2, "a smaller share"), (0.8, "a larger share"), (0.5, "about that share")):
        totals.loc[{"schedule": "all", "metric": "recorded_killed"}] = killed * 0.5 + 100.0 * share
        assert f"of the difference of 'all' {word}" in said(dataclasses.replace(result, totals=totals))


def test_an_order_that_turns_is_said_to_turn(result) -> None:
    totals = result.totals.copy(deep=True)
    for metric, more in (("killed", 40.0), ("excess_deaths", -40.0)):
        other = totals.sel(schedule="close-alpha", metric=metric).values
        totals.loc[{"schedule": "all", "metric": metric}] = other + more
    turned = said(dataclasses.replace(result, totals=totals))
    assert "'all' has more killed than 'close-alpha' (+40) and fewer dead of want (-40)" in turned


def test_failed_checks_are_shouted(result) -> None:
    bad = dataclasses.replace(result, provenance={**result.provenance, "checks": {"people conserved": False}})
    assert "FAILED: people conserved" in text.checks(bad)


def test_evidence_says_what_moves_the_answer_where_a_case_has_measured_it(root, tmp_path) -> None:
    import shutil

    from sim import Scenario

    folder = tmp_path / "corridor"
    shutil.copytree(root / "scenarios" / "corridor", folder)
    assert not evidence(Scenario.load(folder)).measured
    (folder / "influence.csv").write_text(
        "schedule,parameter,end,mean,low,high\n"
        "hasty,,,100,80,120\n"
        "hasty,met_cost,low,20,5,35\n"  # moves it, and stays above zero
        "hasty,telephone_chance,low,-5,-20,10\n"  # undoes it
        "hasty,triage,low,101,90,112\n",  # does nothing
        encoding="utf-8",
    )
    case = Scenario.load(folder)
    e = evidence(case)
    assert e.measured
    assert set(e.moving) == {"met_cost", "telephone_chance"}
    assert e.undone[0][:2] == ("telephone_chance", "low")
    assert e.rating == "low"
    assert not evidence(case.with_parameters(met_cost=3.0)).measured
    assert not evidence(small(20)).measured


def test_json_holds_sentences_claims_and_no_nan() -> None:
    import json

    made = as_json(compare(small(20), replicates=3))
    again = json.loads(json.dumps(made, allow_nan=False, default=str))
    assert {"provenance", "summary", "sentences", "evidence"} <= set(again)
    assert again["sentences"][0]["claims"]
    assert again["summary"][0]["difference_mean_a_year_per_100000"] is not None


def test_notebooks_get_tables_and_short_reprs(result) -> None:
    d = result.difference("killed", "all")
    assert repr(d).count("\n") <= 1
    assert f"{d.higher} of 24" in repr(d)
    assert "<table>" in d._repr_html_()
    assert "close-alpha" in result._repr_html_()
    assert result.trajectories["killed_by_groups"].attrs["units"] == "persons"
    assert all("long_name" in v.attrs for v in result.trajectories.data_vars.values())
    assert str(result.totals.sel(metric="killed").coords["units"].values) == "persons"


def test_a_metric_that_is_not_there_is_named_with_those_that_are(result) -> None:
    with pytest.raises(ValueError, match=r"no metric 'dead'.*The metrics are: killed, .*deaths"):
        result.difference("dead", "all")
    with pytest.raises(ValueError, match="no schedule 'al' in it; it has close-alpha, all, none"):
        result.difference("killed", "al")


def test_the_glossary_explains_the_words_of_the_page() -> None:
    assert max(len(line) for line in glossary().splitlines()) <= 80
    for term in (
        "district-week",
        "vacuum",
        "cliff",
        "matched world",
        "excess",
        "on record",
        "want",
        "listener",
    ):
        assert term in TERMS
        assert f"**{term}**" in markdown()


def test_numbers() -> None:
    assert numbers.signed(1234.4) == "+1,234"
    assert numbers.signed(-0.2) == "0"
    assert numbers.signed(-1234.0) == "-1,234"
    assert numbers.number(123_456_789.0) == "123.5 m"
    assert numbers.more_or_fewer(-3) == "3 fewer"
    assert numbers.percent(0.004) == "under 1 %"
    assert numbers.percent(0.999) == "over 99 %"
    for x in (0.3, 99_999.4, 99_999.6, 999_499.0, 999_501.0, 9.99e6, 99.6e6, 998e6, 1.2e9):
        assert len(numbers.short(-x)) <= 8
        assert len(numbers.short(x, True)) <= 8
    assert numbers.rate(0.384) == "0.38"
    assert numbers.rate(3.84, True) == "+3.8"
