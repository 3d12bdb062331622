"""Designs: as many points as they say, within ranges, the same from the same file."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import ScenarioError
from sim.study.experiments import design
from sim.study.experiments.design import place, points, size, stretched
from sim.study.experiments.experiment import Design, Experiment, Factor
from sim.study.experiments.plan import plan

SPREADS = st.sampled_from(["uniform", "log-uniform", "triangular"])


@st.composite
def ranges(draw: st.DrawFn) -> Factor:
    low = draw(st.floats(1e-6, 1e3))
    high = low * draw(st.floats(1.001, 1e4))
    mode = low + (high - low) * draw(st.floats(0.0, 1.0))
    return Factor("x", "parameter", low, high, draw(SPREADS), min(mode, high))


@given(ranges(), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_values_stay_in_their_range_in_order_and_lead_back(factor: Factor, a: float, b: float) -> None:
    x, y = stretched(factor, a), stretched(factor, b)
    assert factor.low <= x <= factor.high
    assert (x <= y) == (a <= b) or x == pytest.approx(y)
    assert place(factor, x) == pytest.approx(a, abs=1e-5)


@given(st.integers(1, 9), st.floats(0.0, 1.0))
def test_each_of_several_values_is_as_likely(count: int, u: float) -> None:
    factor = Factor("x", "rule", values=tuple("abcdefghi"[:count]))
    value = stretched(factor, u)
    assert abs(place(factor, value) - u) <= 0.5 / count + 1e-12


@pytest.mark.parametrize(
    "wanted",
    [
        Design(kind="one-at-a-time"),
        Design(kind="grid", levels=3),
        Design(kind="latin-hypercube", points=10),
        Design(kind="sobol", points=8),
        Design(kind="morris", trajectories=3),
    ],
    ids=lambda d: d.kind,
)
def test_a_design_has_the_points_it_says(make, wanted: Design) -> None:
    read = Experiment.load(make()).model_copy(update={"design": wanted})
    if wanted.kind in ("sobol", "morris"):
        pytest.importorskip("SALib")
    found = points(read)
    assert len(found) == size(wanted, read.factors())
    assert found == points(read)
    for factor in read.factors():
        at = [p[factor.column] for p in found if factor.column in p]
        if factor.kind == "switch" and wanted.kind == "one-at-a-time":
            assert at == ["off"]  # on is where it begins
        elif factor.values:
            assert set(at) == set(factor.values)
        else:
            assert factor.low <= min(at) < max(at) <= factor.high
    if wanted.kind in ("latin-hypercube", "sobol", "morris"):
        other = read.model_copy(update={"design": wanted.model_copy(update={"seed": 99})})
        assert points(other) != found


def test_a_latin_hypercube_has_one_point_in_each_slice() -> None:
    unit = design.unit_points(Design(kind="latin-hypercube", points=16, seed=5), 4)
    assert (np.sort(np.floor(unit * 16), axis=0) == np.arange(16)[:, None]).all()


def test_a_design_that_is_too_large_is_refused_before_it_is_made(make) -> None:
    huge = {'kind = "latin-hypercube"\npoints = 4\nseed = 3': 'kind = "grid"\nlevels = 1000'}
    with pytest.raises(ScenarioError, match="at most"):
        plan(make({**huge, "[[uncertainties.rules]]": MANY + "[[uncertainties.rules]]"}))


MANY = '[[uncertainties.ranges]]\nparameter = "first_supply"\n\n'
