from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim import chance
from sim.arithmetic import exp, log
from sim.world.state import CANDIDATES

KEY = np.uint64(chance.fold(np.uint64(chance.run_key(7, 3)), 12))
UNITS = st.floats(1e-12, 1.0 - 1e-12)


def draws(n: int, **ids: int) -> np.ndarray:
    """Return n uniforms along one id, the others held."""
    fixed = {"stream": 5, "agent": 9, "draw": 2, **ids}
    along = next(name for name in ("stream", "agent", "draw") if fixed[name] == -1)
    return np.array([chance.uniform(KEY, *({**fixed, along: i}.values())) for i in range(n)])


MASK = (1 << 64) - 1


def mixed(z: int) -> int:
    """The finaliser of splitmix64 in whole numbers of any size."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def test_known_answers() -> None:
    """A change of the hash would change every result ever stored: it must be on purpose."""
    assert mixed(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF  # first output of splitmix64 with seed 0
    assert int(chance.mix(np.uint64(0x9E3779B97F4A7C15))) == 0xE220A8397B1DCDAF
    assert int(chance.run_key(1, 0)) == 563478121434792518


@given(st.integers(0, MASK), st.integers(0, 40), st.integers(0, 10**6), st.integers(0, 10**6))
def test_uniform_is_the_documented_hash(key: int, stream: int, agent: int, draw: int) -> None:
    steps = stream * 0x9E3779B97F4A7C15 + agent * 0xD1B54A32D192ED03 + draw * 0xAEF17502108EF2D9
    expected = ((mixed((key + steps) & MASK) >> 11) + 0.5) / 2**53
    assert chance.uniform(np.uint64(key), stream, agent, draw) == expected


@pytest.mark.parametrize("along", ["stream", "agent", "draw"])
def test_uniform_along_every_id(along: str) -> None:
    u = draws(40_000, **{along: -1})
    assert stats.kstest(u, "uniform").pvalue > 0.001
    assert stats.chisquare(np.histogram(u, 64, (0, 1))[0]).pvalue > 0.001
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 0.02
    assert abs(np.corrcoef(u[:-7], u[7:])[0, 1]) < 0.02


def test_different_ids_give_independent_numbers() -> None:
    grid = np.array([[chance.uniform(KEY, s, a, 0) for a in range(300)] for s in range(60)])
    assert len(np.unique(grid)) == grid.size
    correlations = np.corrcoef(grid)[np.triu_indices(60, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(300)
    assert abs(correlations.mean()) < 0.01


def test_weeks_replicates_and_seeds_give_different_keys() -> None:
    runs = [np.uint64(chance.run_key(s, r)) for s in range(20) for r in range(20)]
    keys = {int(chance.fold(key, week)) for key in runs for week in range(60)}
    assert len(keys) == 20 * 20 * 60


@given(UNITS)
def test_normal_quantile(u: float) -> None:
    assert chance.normal(u) == pytest.approx(stats.norm.ppf(u), rel=1e-6, abs=1e-6)


@given(UNITS, st.integers(0, 100_000), st.floats(0.0, 1.0))
def test_binomial_stays_within_its_bounds(u: float, n: int, p: float) -> None:
    assert 0 <= chance.binomial(u, n, p) <= n


@given(UNITS, st.integers(1, 5000), st.floats(0.001, 0.99))
def test_binomial_grows_with_its_chance(u: float, n: int, p: float) -> None:
    """Common random numbers: a larger chance never gives fewer, but where the method changes."""
    low, high = chance.binomial(u, n, p * 0.9), chance.binomial(u, n, p)
    assert high >= low - 2


@pytest.mark.parametrize(("n", "p"), [(10, 0.3), (40, 0.95), (300, 0.02), (4000, 0.4), (7, 0.0), (7, 1.0)])
def test_binomial_has_the_right_distribution(n: int, p: float) -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    x = np.array([chance.binomial(v, n, p) for v in u])
    assert x.mean() == pytest.approx(n * p, abs=0.02 * np.sqrt(n) + 1e-9)
    assert x.var() == pytest.approx(n * p * (1 - p), rel=0.03, abs=1e-9)


@pytest.mark.parametrize("mean", [0.01, 0.8, 6.0, 49.0, 400.0])
def test_poisson_has_the_right_distribution(mean: float) -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    x = np.array([chance.poisson(v, mean) for v in u])
    assert x.mean() == pytest.approx(mean, rel=0.01)
    assert x.var() == pytest.approx(mean, rel=0.03)
    assert chance.poisson(0.5, 0.0) == 0


def test_exponential_gumbel_and_triangular() -> None:
    u = (np.arange(50_000) + 0.5) / 50_000
    waiting = np.array([chance.exponential(v, 3.0) for v in u])
    assert waiting.mean() == pytest.approx(3.0, rel=0.01)
    gumbel = np.array([chance.gumbel(v) for v in u])
    assert gumbel.mean() == pytest.approx(np.euler_gamma, rel=0.01)
    between = np.array([chance.triangular(v, 100.0, 150.0, 400.0) for v in u])
    assert between.min() >= 100.0
    assert between.max() <= 400.0
    assert between.mean() == pytest.approx((100 + 150 + 400) / 3, rel=0.01)
    assert chance.triangular(0.3, 5.0, 5.0, 5.0) == 5.0


def test_whole_rounds_by_chance_with_the_right_mean() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    x = np.array([chance.whole(v, 2.3) for v in u])
    assert set(x) == {2, 3}
    assert x.mean() == pytest.approx(2.3, abs=0.002)


DRAWN_TWICE = """
import sys
from collections import Counter, defaultdict

from worlds import camps

from sim import chance
from sim.build import build
from sim.week import week
from sim.start import begin

uniform = chance.uniform
drawn = defaultdict(Counter)


def recorded(key, stream, agent, draw):
    frame = sys._getframe(1)
    site = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    drawn[int(key), int(stream), int(agent), int(draw)][site] += 1
    return uniform(key, stream, agent, draw)


chance.uniform = recorded
case = camps(40).with_parameters(
    attack_rate=1.5, attack_hurdle=0.1,
    rob_effort=0.3, raid_rate=0.2, raid_unarmed=1.0, site_target=0.5, splinter_rate=0.02,
    splinter_calm=1.0, cross_rate=0.05, onset_rate=0.02, move_cost=0.5, robust_rate=0.6, abuse_rate=0.6,
)
world, _ = build(case, "exit")
begin(world, 1, 0)
for number in range(40):
    week(world, number)
names = {getattr(chance, name): name for name in dir(chance) if isinstance(getattr(chance, name), int)}
streams = {stream for _, stream, _, _ in drawn}
print(len(drawn), len(streams))
for (_, stream, agent, draw), sites in drawn.items():
    if sites.total() > 1:
        print("TWICE", names[stream], agent, draw, *sorted(sites))
"""
ASKED_AGAIN = "TWICE PREPARE"
"""How many attacks a group makes is drawn when it decides, and the same again when they are entered."""


def test_no_draw_is_used_twice(root: Path) -> None:
    """Two draws with one key would be one number. In plain Python, where every draw can be watched."""
    found = subprocess.run(
        [sys.executable, "-c", DRAWN_TWICE],
        cwd=root,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    count, *twice = found.stdout.splitlines()
    again = [line for line in twice if line.startswith(ASKED_AGAIN)]
    assert all(line.count("choice.py") == 1 for line in again)  # the same line of the same rule
    twice = [line for line in twice if line not in again]
    draws, streams = map(int, count.split())
    assert draws > 5_000
    assert streams > 30
    assert not twice, "\n".join(twice[:20])


def test_candidates_are_picked_by_weight() -> None:
    candidates = CANDIDATES.empty(4)
    n = 0
    for row, weight in ((7, 1.0), (3, 0.0), (5, 2.0)):
        n = chance.offer(candidates, n, row, weight)
    assert n == 3
    u = (np.arange(3000) + 0.5) / 3000
    picked = [chance.pick(candidates, n, 3.0 * v) for v in u]
    assert picked.count(7) == 1000
    assert picked.count(5) == 2000
    assert chance.pick(candidates, n, 3.1) == 5  # rounding
    assert chance.pick(candidates, 0, 0.5) == -1


def test_gumbel_noise_makes_logit_choices() -> None:
    utilities = np.array([0.0, 1.0, -0.5])
    counts = np.zeros(3)
    for agent in range(20_000):
        noise = [chance.gumbel(chance.uniform(KEY, 1, agent, k)) for k in range(3)]
        counts[np.argmax(utilities + noise)] += 1
    expected = np.exp(utilities) / np.exp(utilities).sum()
    assert counts / counts.sum() == pytest.approx(expected, abs=0.01)


def test_geometric_has_its_mean() -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    x = np.array([chance.geometric(v, 0.45) for v in u])
    assert x.mean() == pytest.approx(0.45, rel=0.02)
    assert chance.geometric(0.5, 0.0) == 0


@given(u=st.floats(1e-12, 1.0 - 1e-12), mean=st.floats(0.0, 50.0, exclude_min=True))
def test_an_early_return_of_a_poisson_count_is_right(u: float, mean: float) -> None:
    """Zero without an exponential is zero with it, as near to the edge as floating point goes."""
    for draw in (u, 1.0 - mean, 1.0 - mean - 1e-6, float(np.nextafter(1.0 - mean - 1e-6, 0.0))):
        if 0.0 < draw < 1.0:
            assert (chance.poisson(draw, mean) == 0) == (draw <= exp(-mean))


@given(u=st.floats(1e-12, 1.0 - 1e-12), n=st.integers(1, 10**6), p=st.floats(1e-9, 0.5))
def test_an_early_return_of_a_binomial_count_is_right(u: float, n: int, p: float) -> None:
    if n * p > 50.0:
        return
    for draw in (u, 1.0 - n * p, 1.0 - n * p - 1e-6, float(np.nextafter(1.0 - n * p - 1e-6, 0.0))):
        if 0.0 < draw < 1.0:
            assert (chance.binomial_rare(draw, n, p) == 0) == (draw <= exp(n * log(1.0 - p)))
