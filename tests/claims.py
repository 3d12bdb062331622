"""Comparisons as nature might deal them, and whether a claim about one is true.

The reference shares no code with `sim.study.answers`: means, counts, intervals and Holm's procedure are
written out anew. Tests of everything that says sentences use it (`tests/show/test_sentences.py`,
`tests/brief`).
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import optimize, stats

from sim.scenario.case import COUNTERFACTUAL
from sim.show.sentences import Claim
from sim.study.answers import NEEDED, Answers, Filled

PLACES = ("Alpha", "Beta", "Gamma", "Delta")


def generated(rng: np.random.Generator) -> Answers:
    """Return answers as nature might deal them: no, small or large effects, ties, tails, few runs."""
    schedules = int(rng.integers(1, 6))
    names = tuple(rng.permutation(["actual", "b-first", "c", "d-last", "exit"])[:schedules].tolist())
    worlds = int(rng.choice([1, 2, 5, 19, 20, 21, 40, 80]))
    weeks = int(rng.choice([60, 104, 150]))
    years = math.ceil(weeks / 26)
    values: dict[str, np.ndarray] = {}
    for metric in NEEDED:
        level = float(rng.choice([0.0, 3.0, 300.0, 30_000.0, 4e6]))
        base = rng.gamma(2.0, 1.0, worlds) * level
        rows = []
        for _ in names:
            kind = rng.integers(5)
            size = float(rng.normal(0, 0.2)) * level
            noise = rng.exponential(1.0, worlds) if kind == 3 else rng.normal(0, 1, worlds)
            rows.append(base + (0.0 if kind == 0 else size + noise * abs(size) * rng.choice([0.2, 1.0, 4.0])))
        rows = rows if rng.random() < 0.9 else [rows[0]] * len(rows)
        values[metric] = np.maximum(np.round([*rows, base]), 0.0)
    if rng.random() < 0.8:
        values["recorded_killed"] = np.round(values["killed"] * rng.uniform(0, 1, (schedules + 1, 1)))
    excess = values["killed"][:-1] - values["killed"][-1]
    shares = rng.dirichlet(rng.uniform(0.05, 2.0, len(PLACES)), schedules)[:, None, :]
    growth = np.sort(rng.random(years))
    growth[-1] = 1.0
    filled = {}
    for n in names:
        took = int(rng.integers(0, 50))
        parts = rng.multinomial(took, [0.5, 0.3, 0.2])
        filled[n] = Filled(
            took + int(rng.integers(1, 9)),
            took,
            *(int(p) for p in parts),
            depth=float(rng.choice([0.0, 0.01, 0.2])),
        )
    drawn = {}
    rng = np.random.default_rng(int(values["killed"].sum()) % 2**32)  # tables are as they were without
    if rng.random() < 0.5:
        decisive = excess[0] + rng.normal(0, 1, worlds) * rng.choice([0.1, 2.0]) * (np.std(excess[0]) + 1e-9)
        chance = {f"rate_{i}_per_1000": rng.random(worlds) for i in range(int(rng.integers(1, 6)))}
        drawn = {"cost": decisive, **chance, "same": np.ones(worlds)}
        if rng.random() < 0.5:  # draws come again
            again = np.arange(worlds) % max(1, worlds // 2)
            drawn = {n: v[again] for n, v in drawn.items()}
    return Answers(
        case="generated",
        names=names,
        values=values,
        weeks=weeks,
        people=int(rng.integers(1_000, 10_000_000)),
        districts=PLACES,
        half_years=tuple(f"20{20 + i // 2}-0{1 + 6 * (i % 2)}-01" for i in range(years)),
        cumulated=excess[:, :, None] * growth
        + rng.normal(0, 1, (schedules, worlds, years)) * rng.choice([0, 5]),
        places=excess[:, :, None] * shares,
        filled=filled if rng.random() < 0.8 else {},
        troops_left=rng.uniform(0, 9000, schedules + 1),
        first_closure=dict.fromkeys(names, "2020-03-02"),
        drawn=drawn,
    )


# -- the reference: computed anew -------------------------------------------------------------------


def pair(a: Answers, c: Claim) -> np.ndarray:
    every = [*a.names, COUNTERFACTUAL]
    v = a.values[c.metric]
    return v[every.index(c.a)] - v[every.index(c.b)]


def ends(x: np.ndarray) -> tuple[float, float]:
    """Return the interval of a mean: the farther of Student's t and Hall's, which is solved by search."""
    n, m, s = len(x), np.mean(x), np.std(x, ddof=1)
    if s == 0:
        return m, m
    t = stats.t.isf(0.025, n - 1)
    g = np.mean((x - m) ** 3) / s**3 * (1 + 15 / n) / math.sqrt(n)

    def hall(u: float) -> float:
        return optimize.brentq(lambda y: y + g * y**2 / 3 + g**2 * y**3 / 27 + g / 6 - u, -1e4, 1e4)

    step = s / math.sqrt(n)
    return m - step * max(t, hall(t)), m - step * min(-t, hall(-t))


def apart(a: Answers, metric: str) -> dict[tuple[str, str], int]:
    """Return the sign of each pair, 0 if it is not told apart: Holm, step by step."""
    every = [*a.names, COUNTERFACTUAL]
    signs = {}
    worlds = a.values["killed"].shape[1]
    tests = []
    for x, y in combinations(every, 2):
        d = a.values[metric][every.index(x)] - a.values[metric][every.index(y)]
        signs[x, y] = 0
        if worlds >= 20:
            tests.append((0.0 if np.ptp(d) == 0 and d.mean() else probability(d), (x, y), d.mean()))
    tests.sort(key=lambda t: t[0])
    for i, (p, key, mean) in enumerate(tests):
        if p > 0.05 / (len(tests) - i):
            break
        signs[key] = 1 if mean > 0 else -1
    return signs | {(y, x): -s for (x, y), s in signs.items()}


def probability(x: np.ndarray) -> float:
    """Return the p-value of a mean of zero."""
    n, m, s = len(x), np.mean(x), np.std(x, ddof=1)
    if s == 0:
        return 1.0
    t = m / (s / math.sqrt(n))
    g = np.mean((x - m) ** 3) / s**3 * (1 + 15 / n) / math.sqrt(n)
    h = t + g * t**2 / 3 + g**2 * t**3 / 27 + g / 6
    if t * h <= 0:
        return 1.0
    return 2 * stats.t.sf(min(abs(t), abs(h)), n - 1)


def one_way(x: np.ndarray, whole: float) -> float:
    """Return the chance of differences that go the way of the whole, by their mean or by their number."""
    chances = [1.0]
    if x.mean() * whole > 0:
        chances.append(2 * probability(x) if np.ptp(x) else 0.0)
    with_it, against = int((x * whole > 0).sum()), int((x * whole < 0).sum())
    if with_it > against:
        chances.append(2 * stats.binomtest(with_it, with_it + against).pvalue)
    return float(min(chances))


def goes_with(a: Answers, excess: np.ndarray) -> dict[str, tuple[float, float, float, bool]]:
    """Return Spearman's correlation with each parameter, its interval, and whether Holm lets it stand."""
    n = len(set(zip(*a.drawn.values(), strict=True)))
    found = {}
    for name, values in a.drawn.items():
        if n < 20 or np.ptp(values) == 0 or np.ptp(excess) == 0:
            continue
        rho = float(np.clip(stats.spearmanr(values, excess).statistic, -0.9999, 0.9999))
        error = 1.03 / math.sqrt(n - 3)
        ends_ = np.tanh(np.arctanh(rho) + np.array([-1, 1]) * stats.norm.isf(0.025) * error)
        found[name] = (2 * stats.norm.sf(abs(np.arctanh(rho)) / error), rho, *ends_)
    stands, result = True, {}
    for i, (name, (p, *rest)) in enumerate(sorted(found.items(), key=lambda f: f[1][0])):
        stands = stands and p <= 0.05 / (len(found) - i)
        result[name] = (*rest, stands)
    return result


def holds(a: Answers, c: Claim, signs: dict[str, dict[tuple[str, str], int]]) -> bool:
    """Return whether a claim is true of the tables."""
    every = [*a.names, COUNTERFACTUAL]

    def same(*expected: float) -> bool:
        return c.value == pytest.approx(expected, rel=1e-6, abs=1e-6)

    def row(metric: str, name: str) -> np.ndarray:
        return a.values[metric][every.index(name)]

    def years(name: str) -> float:
        return (row("troop_weeks", name).mean() + row("police_weeks", name).mean()) * 7 / 365.2425

    worlds = a.values["killed"].shape[1]
    if c.metric and c.metric not in signs:
        signs[c.metric] = apart(a, c.metric)
    match c.kind:
        case "mean":
            return same(pair(a, c).mean())
        case "interval":
            return worlds >= 20 and same(*ends(pair(a, c)))
        case "more in":
            return same((pair(a, c) > 0).sum(), worlds)
        case "fewer in":
            return same((pair(a, c) < 0).sum(), worlds)
        case "told":
            return same(signs[c.metric][c.a, c.b])
        case "same":
            return not pair(a, c).any() and same(worlds)
        case "alike":
            others = [n for n in a.names if n != c.a]
            alike = sum(signs["killed"][x, y] == 0 for x, y in combinations(others, 2))
            return same(math.comb(len(others), 2), alike)
        case "pairs":
            return same(math.comb(len(every), 2))
        case "too few":
            return worlds < 20 and same(worlds, 20)
        case "place":
            d = a.places[a.names.index(c.a)]
            one = d[:, PLACES.index(c.place)]
            whole = pair(a, c).mean()
            ordered = sorted(one_way(d[:, j], whole) for j in range(len(PLACES)))
            small = one_way(one, whole) <= 0.05 / (len(PLACES) - ordered.index(one_way(one, whole)))
            side = (one > 0) if whole > 0 else (one < 0)
            return small and one.mean() * whole > 0 and same(one.mean(), side.sum(), worlds)
        case "places share":
            own = np.sort(a.places[a.names.index(c.a)].mean(axis=0) / pair(a, c).mean())[::-1]
            return c.value[0] <= own[: int(c.value[1])].sum() + 1e-9 and 1 <= c.value[1] <= 3
        case "no place":
            d, whole = a.places[a.names.index(c.a)], pair(a, c).mean()
            found = [
                j for j in range(len(PLACES)) if d[:, j].mean() * whole.mean() > 0 and np.ptp(d[:, j]) > 0
            ]
            return not any(one_way(d[:, j], whole.mean()) <= 0.05 / len(PLACES) for j in found)
        case "clear from" | "never clear":
            spans = [ends(x) for x in a.cumulated[a.names.index(c.a)].T]
            sides = [1 if lo > 0 else -1 if hi < 0 else 0 for lo, hi in spans]
            if c.kind == "never clear":
                return sides[-1] == 0
            first = int(c.value[0])
            return (
                len(set(sides[first:])) == 1
                and sides[-1] != 0
                and (first == 0 or sides[first - 1] != sides[-1])
            )
        case "closures":
            return same(a.filled[c.a].closures, a.filled[c.a].took)
        case "filled by":
            f = a.filled[c.a]
            return same(f.nobody, f.state, f.un, f.nobody + f.state + f.un)
        case "turns":
            found = set()
            for m in ("killed", "excess_deaths", "deaths", "fled", "vacuum_weeks"):
                signs.setdefault(m, apart(a, m))
            for x, y in combinations(every, 2):
                by = {signs[m][x, y] for m in ("killed", "excess_deaths", "deaths", "fled", "vacuum_weeks")}
                found |= {(x, y)} if {1, -1} <= by else set()
            return same(len(found))
        case "record usual":
            return same(row("recorded_killed", "none").mean() / row("killed", "none").mean())
        case "record share":
            return same(pair(a, Claim("", metric="recorded_killed", a=c.a)).mean() / pair(a, c).mean())
        case "record side":
            level = row("recorded_killed", "none").mean() / row("killed", "none").mean()
            killed = pair(a, c)
            rest = pair(a, Claim("", metric="recorded_killed", a=c.a)) - level * killed
            low, high = ends(rest)
            side = 1 if low > 0 else -1 if high < 0 else 0
            return same(side * (1 if killed.mean() > 0 else -1))
        case "troop-years more":
            own = years(c.a) - years(COUNTERFACTUAL)
            return same(own, own * 1428 * 12 / 1e6)
        case "saturated":
            return c.value[0] >= 0.5 and same(row("vacuum_weeks", "none").mean() / (len(PLACES) * a.weeks))
        case "depth at most":
            depths = {n: f.depth for n, f in a.filled.items()}
            return max(depths.values()) < 0.02 and same(100 * max(depths.values()))
        case "median":
            return same(np.median(pair(a, c)))
        case "spread":
            return same(*np.quantile(pair(a, c), [0.05, 0.95]))
        case "worse":
            return same((pair(a, c) > 0).mean(), worlds)
        case "drawn":
            return same(len(a.drawn), len(set(zip(*a.drawn.values(), strict=True))))
        case "goes with":
            rho, low, high, together = goes_with(a, pair(a, c))[c.place]
            return together and same(rho, low, high)
        case "goes with none":
            return not any(f[3] for f in goes_with(a, pair(a, c)).values()) and same(len(a.drawn))
        case "level":
            return same(5, 95)
        case "rate":
            return same(1428)
        case "fifths":
            return same(4, 5)
    raise AssertionError(f"no reference for a claim {c.kind!r}")
