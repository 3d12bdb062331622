from __future__ import annotations

import numpy as np
import pandas as pd
from worlds import small

from sim import compare
from sim.study.around import AFTER, BEFORE, LAGS, around, table


def records(un: np.ndarray, state: np.ndarray) -> np.recarray:
    """Return records of one run and one district with these chances of being met, by week."""
    made = np.zeros((1, len(un), 1), [("un_met", "f4"), ("state_met", "f4")])
    made["un_met"][0, :, 0], made["state_met"][0, :, 0] = un, state
    return made.view(np.recarray)


def test_providers_add_up_and_weeks_beyond_the_run_count_for_nothing() -> None:
    weeks = 40
    after = np.arange(weeks) >= 20
    world = records(np.where(after, 0.0, 0.5), np.full(weeks, 0.2))
    bases = records(np.full(weeks, 0.5), np.full(weeks, 0.2))
    closing = pd.DataFrame({"base": ["post"], "district": [0]})
    sums = around(closing, world, bases, np.array([[20]]), ["other", "post"])
    frame = table(sums[None], ["close"], ["other", "post"], ["far", "near"]).set_index("week_from_closure")
    assert set(frame["base"]) == {"post"}
    assert set(frame["district"]) == {"near"}
    assert frame["runs"].loc[: 19 if AFTER >= 19 else AFTER].eq(1).all()
    assert frame["runs"].loc[20:].eq(0).all()
    assert frame["un"].loc[20:].isna().all()
    np.testing.assert_allclose(frame.loc[-BEFORE:-1, "un"], 0.5)
    np.testing.assert_allclose(frame.loc[-BEFORE:-1, "state"], 0.1)  # where the UN does not come
    np.testing.assert_allclose(frame.loc[0:19, ["un", "state"]], [[0.0, 0.2]] * 20, rtol=1e-6)
    np.testing.assert_allclose(frame.loc[0:19, ["un_matched", "state_matched"]], [[0.5, 0.1]] * 20, rtol=1e-6)


def test_a_closure_that_does_not_happen_has_no_rows() -> None:
    world = records(np.full(5, 0.5), np.full(5, 0.2))
    closing = pd.DataFrame({"base": ["post"], "district": [0]})
    sums = around(closing, world, world, np.array([[-1]]), ["post"])
    assert not sums.any()
    assert table(sums[None], ["close"], ["post"], ["near"]).empty


def test_a_comparison_has_the_cliff_of_each_closure_and_of_none_under_none() -> None:
    result = compare(small(60), ["close-alpha"], replicates=12)
    own = result.around
    assert set(own["schedule"]) == {"close-alpha"}
    assert set(own["base"]) == {"Alpha post"}
    assert len(own) == len(LAGS)
    assert own["runs"].max() == 12
    before = own[own["week_from_closure"] < 0]
    np.testing.assert_allclose(before["un"], before["un_matched"])  # until then the worlds are one
    after = own[(own["week_from_closure"] > 0) & (own["runs"] > 0)]
    assert (after["un"] < after["un_matched"]).all()
