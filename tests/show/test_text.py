from __future__ import annotations

import dataclasses

import pytest
from worlds import close, plan, small

from sim import compare
from sim.show import text


@pytest.fixture(scope="module")
def result():
    case = small(60).with_schedule(
        plan("all", *(close(b, 20) for b in ("Alpha post", "Beta post", "Gamma house")))
    )
    return compare(case, replicates=20, seed=1)


def shifted(result, by: float, schedule: str = "all"):
    """Return the result with civilians killed by groups under a schedule raised by `by`."""
    totals = result.totals.copy(deep=True)
    for metric in ("killed", "killed_by_groups"):
        base = totals.sel(schedule="none", metric=metric).values
        totals.loc[{"schedule": schedule, "metric": metric}] = base + by
    return dataclasses.replace(result, totals=totals)


def test_everything_fits_into_80_columns(result) -> None:
    assert max(len(line) for line in text.page(result).splitlines()) <= 80
    big = shifted(result, 12_345_678.0)
    assert max(len(line) for line in text.table(big).splitlines()) <= 80


def test_sentences_say_more_fewer_none_and_cannot_tell(result) -> None:
    more = text.against_counterfactual(shifted(result, 100.0), "all")
    assert "more civilians killed than with no drawdown in 20 of 20 matched runs" in more
    assert "100 more" in more
    fewer = text.against_counterfactual(shifted(result, -7.0), "all")
    assert "fewer civilians killed than with no drawdown in 20 of 20" in fewer
    assert "7 fewer" in fewer
    assert "no difference to no drawdown in any" in text.against_counterfactual(shifted(result, 0.0), "all")
    totals = result.totals.copy(deep=True)
    base = totals.sel(schedule="none", metric="killed").values
    totals.loc[{"schedule": "all", "metric": "killed"}] = base + [50.0, -50.0] * 10
    unsure = text.against_counterfactual(dataclasses.replace(result, totals=totals), "all")
    assert "cannot tell" in unsure
    assert "more in 10 of 20" in unsure


def test_schedules_are_compared_with_the_first(result) -> None:
    said = " ".join(text.among_schedules(shifted(result, 500.0)))
    assert "'all' has" in said
    assert "more killed than 'close-alpha'" in said
    same = result.totals.sel(schedule="close-alpha", metric="killed").values
    totals = result.totals.copy(deep=True)
    totals.loc[{"schedule": "all", "metric": "killed"}] = same
    assert "cannot tell" in " ".join(text.among_schedules(dataclasses.replace(result, totals=totals)))


def test_one_run_says_that_it_says_nothing() -> None:
    one = compare(small(30), replicates=1)
    assert "One run says nothing about what to expect" in text.against_counterfactual(one, "close-alpha")
    assert max(len(line) for line in text.page(one).splitlines()) <= 80


def test_the_counterfactual_alone_makes_a_page() -> None:
    assert "none" in text.page(compare(small(20), ["none"], replicates=3))


def test_the_record_is_set_against_the_truth(result) -> None:
    assert "enter the record" in text.as_recorded(shifted(result, 100.0))
    assert text.as_recorded(shifted(shifted(result, 0.0), 0.0, "close-alpha")) == ""


def test_failed_checks_are_shouted(result) -> None:
    bad = dataclasses.replace(result, provenance={**result.provenance, "checks": {"people conserved": False}})
    assert "FAILED: people conserved" in text.checks(bad)


def test_numbers() -> None:
    assert text.signed(1234.4) == "+1,234"
    assert text.signed(-0.2) == "0"
    assert text.signed(-1234.0) == "-1,234"
    assert text.number(123_456_789.0) == "123.5 m"
    assert text.more_or_fewer(-3) == "3 fewer"
