"""Estimators of the patterns that simulated worlds are held against: the ones used on real data.

Every function takes what an observer could have (events, records) and returns one number a run, so
that its sampling error comes from runs. Sources of targets and of estimators: docs/sources.md, E2 to
E2g and "Facts".
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize

MONTH = 4
"""Weeks of a "month" in monthly data."""
YEAR = 52
QUARTER = 13


def tail_exponent(deaths: np.ndarray, smallest: int = 10) -> float:
    """Return the exponent of a power-law tail of event sizes from `smallest` deaths on; NaN below 20 events.

    Maximum likelihood for whole numbers in the approximation 1 + n / sum(ln(x / (xmin - 1/2)))
    (Clauset, Shalizi & Newman 2009).
    """
    tail = deaths[deaths >= smallest]
    if len(tail) < 20:
        return math.nan
    return float(1.0 + len(tail) / np.log(tail / (smallest - 0.5)).sum())


def top_share(deaths: np.ndarray, share: float = 0.1) -> float:
    """Return the part (0-1) of all deaths that the gravest `share` of lethal events hold."""
    lethal = np.sort(deaths[deaths > 0])[::-1]
    if len(lethal) < 20:
        return math.nan
    return float(lethal[: max(1, round(share * len(lethal)))].sum() / lethal.sum())


def self_excitation(events: np.ndarray, fewest: int = 20) -> tuple[float, float]:
    """Return the share of events that others triggered, and the memory in weeks, of counts (W, D).

    A Hawkes process in weeks: the expected number in a district is a background of its own plus `n` times a
    geometric memory of its past events. `n` is the share triggered, 1 / (1 - rho) the mean memory, a
    quarter at most: what lasts longer cannot be told from a background that changes. The background
    changes on long time-scales, as in the analysis the target is from (Lewis et al. 2012): it follows the
    mean over four years around each week, but for the nearest month (on processes made with a known share
    and memory this finds both). A constant one would take every slow change for triggering. Districts
    with fewer than `fewest` events are left out. NaN if there is none.
    """
    counts = np.asarray(events, float)
    counts = counts[:, counts.sum(axis=0) >= fewest]
    if counts.shape[1] == 0:
        return math.nan, math.nan
    mean = _background(counts, 2 * YEAR, MONTH)

    def share_and_memory(x: np.ndarray) -> tuple[float, float]:
        n, part = 1.0 / (1.0 + np.exp(-x))
        return float(n), float(1.0 + (QUARTER - 1.0) * part)

    def loss(x: np.ndarray) -> float:
        n, weeks = share_and_memory(x)
        rho = 1.0 - 1.0 / weeks
        memory = np.zeros_like(counts)
        for w in range(1, len(counts)):
            memory[w] = rho * memory[w - 1] + (1.0 - rho) * counts[w - 1]
        rate = np.maximum((1.0 - n) * mean + n * memory, 1e-9)
        start = 2 * MONTH  # the memory of before the start is not known
        return float((rate[start:] - counts[start:] * np.log(rate[start:])).sum())

    tries = [minimize(loss, start, method="Nelder-Mead") for start in ([-0.5, 0.0], [-2.0, 1.5])]
    return share_and_memory(min(tries, key=lambda t: t.fun).x)


def _background(counts: np.ndarray, half: int, gap: int) -> np.ndarray:
    """Return the mean over `half` weeks on both sides of each week, without the nearest `gap`: (W, D)."""
    weeks = len(counts)
    running = np.vstack([np.zeros(counts.shape[1]), counts.cumsum(axis=0)])

    def within(span: int) -> tuple[np.ndarray, np.ndarray]:
        first = np.maximum(np.arange(weeks) - span, 0)
        last = np.minimum(np.arange(weeks) + span + 1, weeks)
        return running[last] - running[first], (last - first)[:, None]

    far, far_weeks = within(half)
    near, near_weeks = within(gap)
    return np.asarray((far - near) / np.maximum(far_weeks - near_weeks, 1))


def relocation_or_expansion(violent: np.ndarray, neighbours: np.ndarray) -> float:
    """Return expansions per relocation (Schutte & Weidmann 2011).

    A quiet district turns violent beside a violent one, which stays violent or falls quiet. `violent`:
    bool (months, D); `neighbours`: bool (D, D). NaN without a relocation.
    """
    before, after = violent[:-1], violent[1:]
    pairs = (~before & after)[:, :, None] & before[:, None, :] & neighbours[None]
    stays = (pairs & after[:, None, :]).sum()
    leaves = pairs.sum() - stays
    return float(stays / leaves) if leaves else math.nan


def near_in_time(counts: np.ndarray, window: int = MONTH, shuffles: int = 20) -> tuple[float, float]:
    """Return the share (0-1) of events with another in the district within `window` weeks, and by chance.

    By chance: weeks shuffled within each district. `counts`: (W, D). NaN below 20 events.
    """
    counts = np.asarray(counts, int)
    if counts.sum() < 20:
        return math.nan, math.nan
    rng = np.random.default_rng(5)

    def share(c: np.ndarray) -> float:
        running = np.vstack([np.zeros(c.shape[1], int), c.cumsum(axis=0)])
        first = np.maximum(np.arange(len(c)) - window, 0)
        last = np.minimum(np.arange(len(c)) + window + 1, len(c))
        around = running[last] - running[first] - 1  # but for the event itself
        return float((c * (around > 0)).sum() / c.sum())

    shuffled = [share(rng.permuted(counts, axis=0)) for _ in range(shuffles)]
    return share(counts), float(np.mean(shuffled))


def closing_rates(
    deaths: np.ndarray, closing: np.ndarray, open_there: np.ndarray, half: int = 26
) -> tuple[float, float]:
    """Return the rate of closure in a half-year after a quiet and after a violent year (fact A).

    Quiet: no month with recorded deaths; violent: three or more. Arguments as `closure_changes`; NaN
    without any such half-year.
    """
    weeks = len(deaths)
    closes = {(int(d), int(w) // half) for d, w in closing}
    cells: dict[bool, list[bool]] = {True: [], False: []}
    for h in range(2, weeks // half):
        start = h * half
        year = deaths[start - 2 * half : start].reshape(-1, MONTH, deaths.shape[1]).sum(axis=1)
        months = (year > 0).sum(axis=0)
        for d in np.flatnonzero(open_there[start]):
            if months[d] == 0 or months[d] >= 3:
                cells[bool(months[d] == 0)].append((int(d), h) in closes)
    quiet, violent = cells[True], cells[False]
    return (
        float(np.mean(quiet)) if quiet else math.nan,
        float(np.mean(violent)) if violent else math.nan,
    )


def onset_after(
    deaths: np.ndarray, closing: np.ndarray, open_there: np.ndarray, window: int = YEAR
) -> tuple[float, float]:
    """Return the share of quiet districts that turn violent: after a closure, where the base stayed.

    Quiet: no recorded deaths for `window` weeks; violent: any in the next `window` (fact C). Arguments
    as `closure_changes`.
    """
    weeks = len(deaths)
    after = []
    when: dict[int, list[int]] = {}
    for d, week in closing:
        when.setdefault(int(d), []).append(int(week))
        if window <= week <= weeks - window and deaths[week - window : week, d].sum() == 0:
            after.append(deaths[week : week + window, d].sum() > 0)
    stayed = []
    for week in range(window, weeks - window + 1, window // 2):
        for d in np.flatnonzero(open_there[week - window : week + window].all(axis=0)):
            closes = [w for w in when.get(int(d), []) if abs(w - week) < window]
            if not closes and deaths[week - window : week, d].sum() == 0:
                stayed.append(deaths[week : week + window, d].sum() > 0)
    return (
        float(np.mean(after)) if after else math.nan,
        float(np.mean(stayed)) if stayed else math.nan,
    )


def elasticity(deaths: np.ndarray, fled: np.ndarray) -> float:
    """Return the elasticity of outflow with respect to deaths of the same month (fact I).

    The slope of log(1 + fled) on log(1 + deaths), each district's and each month's mean removed.
    `deaths`, `fled`: (months, D). NaN without variation.
    """
    x, y = np.log1p(np.asarray(deaths, float)), np.log1p(np.asarray(fled, float))
    if not x.size:
        return math.nan

    def within(z: np.ndarray) -> np.ndarray:
        return np.asarray(z - z.mean(axis=0) - z.mean(axis=1, keepdims=True) + z.mean())

    x, y = within(x), within(y)
    return float((x * y).sum() / (x * x).sum()) if (x * x).sum() > 0 else math.nan


def expansion_share(violent: np.ndarray, neighbours: np.ndarray) -> float:
    """Return how often violence that reaches a district beside a violent one stays there too (0-1).

    `violent`: bool (months, D); `neighbours`: bool (D, D). Of all pairs in which a quiet district becomes
    violent next to a violent one: expansion if the neighbour stays violent, relocation if it falls quiet.
    What chance alone would give is the share of violent district-months that stay violent, so the number
    returned is the first over the second: above 1, violence spreads rather by expansion.
    """
    before, after = violent[:-1], violent[1:]
    new = ~before & after
    beside = before[:, None, :] & neighbours[None]
    pairs = new[:, :, None] & beside
    expansion = (pairs & after[:, None, :]).sum()
    if pairs.sum() == 0 or not (before & after).any():
        return math.nan
    stays = (before & after).sum() / before.sum()
    return float(expansion / pairs.sum() / stays)


def closure_changes(
    deaths: np.ndarray, closing: np.ndarray, open_there: np.ndarray, window: int = YEAR
) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each closure, the change of deaths around it and the mean change where bases stayed.

    `deaths`: (W, D); `closing`: (closures, 2) of district and week; `open_there`: bool (W, D).
    Change: log(1 + deaths) in the `window` weeks after less the same before. Controls: districts with an open
    base throughout both windows in which none closes. Closures without whole windows, or without controls,
    are left out.
    """
    weeks = len(deaths)
    own, control = [], []
    for d, week in closing:
        if week < window or week + window > weeks:
            continue
        change = np.log1p(deaths[week : week + window].sum(axis=0)) - np.log1p(
            deaths[week - window : week].sum(axis=0)
        )
        stays = np.array(open_there[week - window : week + window].all(axis=0))
        for other, when in closing:
            if abs(when - week) < window:
                stays[other] = False
        stays[d] = False
        if stays.any():
            own.append(change[d])
            control.append(change[stays].mean())
    return np.array(own), np.array(control)


def rate_by_control(
    attacks: np.ndarray, control: np.ndarray, there: np.ndarray, edges: np.ndarray
) -> np.ndarray:
    """Return attacks a week in districts where armed actors are, by the control they hold: (len(edges) - 1,).

    `attacks`, `control`, `there`: (..., W, D). NaN where a bin holds fewer than 100 district-weeks.
    """
    which = np.digitize(control[there], edges[1:-1])
    counts = np.bincount(which, minlength=len(edges) - 1)
    sums = np.bincount(which, attacks[there], minlength=len(edges) - 1)
    return np.where(counts >= 100, sums / np.maximum(counts, 1), np.nan)
