"""Compare drawdown schedules over matched replicates.

The same replicates are run under every schedule: same seed, same draws, so that two runs differ
only through their schedules. Work is cut into blocks of replicates; threads run blocks, each of
them all schedules, and the results do not depend on how many threads there are. With a folder for
parts, every finished block is kept on disk at once, and a comparison that was stopped goes on
where it ended. Memory and files stay bounded, but for the totals of every run (`sim.study.tally`).
"""

from __future__ import annotations

import os
import shutil
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sim import measures
from sim.agents.base import DistrictAgent
from sim.build import check_whole
from sim.ensemble import Ensemble, Runs
from sim.model import DrawdownModel
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule
from sim.study import around, own_agents, parts, provenance, tally
from sim.study.comparison import PLACES, WEEKLY, Comparison, Stage
from sim.study.draws import Draws, asked
from sim.study.tally import BLOCK, SPAN, Tally
from sim.timetable import timetable
from sim.world import record

__all__ = ["Comparison", "Interrupted", "TooMuch", "chosen", "compare"]

Progress = Callable[[int, int], None]
"""Called with (replicates done, replicates in all) whenever a block is finished."""
AHEAD = 4
"""Blocks a thread that may be finished before one that they follow: what waits stays small."""


class Interrupted(Exception):
    """A comparison was stopped; what was finished is kept if it had a folder for parts."""

    def __init__(self, done: int, of: int) -> None:
        super().__init__(f"stopped after {done} of {of} replicates")
        self.done = done
        self.of = of


class TooMuch(ValueError):
    """A comparison that this machine cannot hold; the message says what it would take."""


def chosen(scenario: Scenario, schedules: Sequence[str | Schedule] | None) -> tuple[Schedule, ...]:
    """Return the schedules to run: those named (default all), each once, the counterfactual last."""
    if schedules is None:
        schedules = list(scenario.schedules)
    elif isinstance(schedules, str):
        schedules = [schedules]
    plans = [scenario.schedule(s) if isinstance(s, str) else s for s in schedules]
    for plan in plans:
        if plan.name not in scenario.schedules and plan.name != COUNTERFACTUAL:
            scenario.check_schedule(plan, Path(f"<schedule {plan.name}>"), {})
    unique = {plan.name: plan for plan in plans if plan.name != COUNTERFACTUAL}
    return (*unique.values(), scenario.schedule(COUNTERFACTUAL))


def compare(
    scenario: Scenario | str,
    schedules: Sequence[str | Schedule] | None = None,
    *,
    replicates: int = 200,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    parts_folder: Path | None = None,
    stop: threading.Event | None = None,
    stage: Stage | None = None,
    agents: Sequence[type[DistrictAgent]] = (),
    parameters: str | Draws = "default",
) -> Comparison:
    """Run matched replicates of a scenario under each schedule and compare them.

    Parameters
    ----------
    scenario: a scenario, or the name or folder of one.
    schedules: names or schedules made in Python; default all of the scenario. The counterfactual
        ("none": every base stays) is always run with them.
    replicates: matched runs of each schedule.
    seed: which draws, from 0 to 2^63 - 1; replicate r of a seed is always the same.
    threads: default one a core. The result is the same for any number.
    progress: called with (replicates done, in all) as blocks finish.
    parts_folder: where to keep finished blocks, so that a run that was stopped can go on.
    stop: set it to stop after the blocks under way; raises `Interrupted`.
    stage: called with what is done when the runs are over.
    agents: agent classes of your own, as for `DrawdownModel`. Runs are then Mesa models, many times slower,
        one a core at a time.
    parameters: "default" for those of the scenario in every run; "plausible" for those that are shipped as
        plausible, another draw in each replicate and the same under every schedule; or draws of your own.

    Raises `ScenarioError` for bad input, `ValueError` for a seed out of its range or a number of
    replicates or threads below 1, `TooMuch` for what would not fit on this machine, and `OSError` if a
    part cannot be written.
    """
    if isinstance(replicates, bool) or not isinstance(replicates, (int, np.integer)) or replicates < 1:
        raise ValueError(f"replicates must be a whole number of at least 1, not {replicates!r:.40}")
    check_whole("seed", seed)
    threads = threads or os.cpu_count() or 1
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    case = Scenario.load(scenario) if isinstance(scenario, str) else scenario
    plans = chosen(case, schedules)
    check_size(case, plans, replicates, threads, parts_folder)
    started = datetime.now(UTC)
    draws, _ = asked(parameters)
    spec = provenance.specification(case, plans, seed, draws)
    if agents:
        own_agents.check(agents)
        spec["agents"] = own_agents.identity(agents)
    store = parts.Store(parts_folder, spec) if parts_folder else None

    blocks = _blocks(replicates, store)
    kept = {first for first, count in blocks if store and store.has(first, count)}
    done = sum(count for first, count in blocks if first in kept)
    if progress:
        progress(done, replicates)
    whole = Tally(case, plans, replicates)
    from_here_merged = tally.trajectories_kept(case, len(plans))
    for first, block in _results(case, plans, seed, blocks, kept, threads, store, stop, tuple(agents), draws):
        span = whole.add(block)
        if store and len(span) > 1 and whole.done - SPAN >= from_here_merged:
            store.merge(whole.done - SPAN, span)
        if first not in kept:
            done += block.replicates
            if progress:
                progress(done, replicates)
    if whole.done < replicates:
        raise Interrupted(done, replicates)
    if stage:
        stage("putting the runs together")
    return _comparison(case, plans, seed, whole, spec, started, draws)


def check_size(
    case: Scenario, plans: Sequence[Schedule], replicates: int, threads: int, folder: Path | None = None
) -> None:
    """Raise `TooMuch` if the totals of all runs, or a block, would not fit into memory or on the disk."""
    totals = 8 * len(plans) * len(measures.METRICS)
    trajectories = min(replicates, tally.trajectories_kept(case, len(plans))) * tally.bytes_of_trajectories(
        case, len(plans)
    )
    cells = case.weeks * len(case.districts) * record.TABLE.dtype.itemsize
    blocks = threads * (len(plans) + 1) * min(BLOCK, replicates) * cells
    memory = 2.5 * totals * replicates + 3 * trajectories + 1.5 * blocks + 5e8
    disk = 2 * totals * replicates + 2 * trajectories + 2e8
    weeks = replicates * len(plans) * case.weeks * len(case.districts)
    about = (
        f"{replicates:,d} replicates of {len(plans)} schedules would take about {_size(memory)} of memory, "
        f"{_size(disk)} on the disk and {_time(2e-6 * weeks)} of computing on one core"
    )
    room = _physical_memory()
    if room and memory > 0.9 * room:
        raise TooMuch(f"{about}; this machine has {_size(room)} of memory{_fewer(replicates, memory / room)}")
    if folder is not None:
        place = next(p for p in (folder, *folder.resolve().parents) if p.exists())
        free = shutil.disk_usage(place).free
        if disk - 2e8 > free:
            over = disk / free if free else np.inf
            raise TooMuch(f"{about}; {place} has {_size(free)} free{_fewer(replicates, over)}")


def empty(case: Scenario, plans: Sequence[Schedule], seed: int, draws: Draws | None = None) -> Comparison:
    """Return a comparison of one replicate in which nothing happened, to try what can be done with one."""
    whole = Tally(case, plans, 1)
    runs = [
        Runs(record.TABLE.empty(1, case.weeks, len(case.districts)), np.zeros((1, 2), np.int64), done)
        for done in (np.zeros((1, len(timetable(case, plan).schedule)), np.int64) for plan in plans)
    ]
    whole.add(tally.measure(case, plans, runs, 0))
    spec = provenance.specification(case, plans, seed, draws)
    return _comparison(case, plans, seed, whole, spec, datetime.now(UTC), draws)


def _fewer(replicates: int, over: float) -> str:
    if np.isinf(over):
        return "; choose a place on another disk"
    fit = int(10 ** np.floor(np.log10(replicates / over / 2))) if over < replicates / 2 else 0
    return f". Some {fit:,d} replicates would fit" if fit > 1 else ". The scenario itself is too large"


def _size(size: float) -> str:
    for unit, factor in (("TB", 1e12), ("GB", 1e9)):
        if size >= factor:
            return f"{size / factor:,.1f} {unit}"
    return f"{size / 1e6:.0f} MB"


def _time(seconds: float) -> str:
    for unit, length in (("years", 365.25 * 86400), ("days", 86400), ("hours", 3600)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds / 60:,.0f} minutes"


def _physical_memory() -> int:
    """Return the bytes of memory of this machine, 0 if that cannot be known."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0


def _blocks(replicates: int, store: parts.Store | None) -> list[tuple[int, int]]:
    """Return (first replicate, count) of each merged part that there is, and of each block besides."""
    blocks = []
    for first in range(0, replicates, SPAN):
        last = min(first + SPAN, replicates)
        if store and last == first + SPAN and store.get(first, SPAN) is not None:
            blocks.append((first, SPAN))
        else:
            blocks += [(f, min(BLOCK, last - f)) for f in range(first, last, BLOCK)]
    return blocks


def _results(
    case: Scenario,
    plans: Sequence[Schedule],
    seed: int,
    blocks: Sequence[tuple[int, int]],
    kept: set[int],
    threads: int,
    store: parts.Store | None,
    stop: threading.Event | None,
    agents: tuple[type[DistrictAgent], ...],
    draws: Draws | None,
) -> Iterator[tuple[int, parts.Block]]:
    """Yield (first replicate, block) in order, from the store or run; ends early once `stop` is set."""
    local = threading.local()

    def run(first: int, count: int) -> parts.Block:
        if not hasattr(local, "ensembles"):
            local.ensembles = [Ensemble(case, plan) for plan in plans]
            local.runs = {}
        into: Sequence[Runs | None] = local.runs.get(count, [None] * len(plans))
        if draws is None:
            runs = [e.run(seed, first, count, i) for e, i in zip(local.ensembles, into, strict=True)]
        else:
            worlds = [draws.world(case, int(d)) for d in draws.chosen(seed, first, count)]
            runs = [one_by_one(e, worlds, seed, first, i) for e, i in zip(local.ensembles, into, strict=True)]
        local.runs = {count: runs}  # their memory serves the next block
        block = tally.measure(case, plans, runs, first)
        if store:
            store.put(first, block)
        return block

    def get(first: int, count: int) -> parts.Block:
        block = store.get(first, count) if store and first in kept else None
        return run(first, count) if block is None else block

    if agents:
        yield from _own(case, plans, seed, blocks, kept, threads, store, stop, agents, draws)
        return
    # The first block compiles, if anything is to be compiled; only then let threads loose.
    ready: dict[int, parts.Block] = {}
    todo = next((block for block in blocks if block[0] not in kept), None)
    if todo and not (stop and stop.is_set()):
        ready[todo[0]] = run(*todo)
    waiting = deque(blocks)
    running: deque[tuple[int, Future[parts.Block]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="drawdown")
    try:
        while waiting or running:
            while waiting and len(running) < AHEAD * threads and not (stop and stop.is_set()):
                first, count = waiting.popleft()
                if first in ready:
                    future: Future[parts.Block] = Future()
                    future.set_result(ready.pop(first))
                else:
                    future = pool.submit(get, first, count)
                running.append((first, future))
            if not running:
                return
            first, future = running[0]
            wait([future], timeout=0.2)
            if stop and stop.is_set():
                for _, later in running:
                    later.cancel()  # those under way go on to their end
            if future.cancelled():
                return
            if future.done():
                running.popleft()
                yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def one_by_one(
    ensemble: Ensemble, worlds: Sequence[Scenario], seed: int, first: int, into: Runs | None
) -> Runs:
    """Run a replicate in each of some worlds, which differ in their parameters."""
    runs = into or Runs(
        record.TABLE.empty(len(worlds), *ensemble.start.record.shape),
        np.zeros((len(worlds), 2), np.int64),
        np.zeros((len(worlds), len(ensemble.start.schedule)), np.int64),
    )
    for i, world in enumerate(worlds):
        ensemble.set_parameters(world)
        one = Runs(*(part[i : i + 1] for part in runs))
        ensemble.run(seed, first + i, 1, one)
    return runs


def _own(
    case: Scenario,
    plans: Sequence[Schedule],
    seed: int,
    blocks: Sequence[tuple[int, int]],
    kept: set[int],
    threads: int,
    store: parts.Store | None,
    stop: threading.Event | None,
    agents: tuple[type[DistrictAgent], ...],
    draws: Draws | None,
) -> Iterator[tuple[int, parts.Block]]:
    """Yield as `_results`, from Mesa models with agents of the user's own, a process a core."""
    DrawdownModel(case, plans[-1], agents=agents).step()  # compiles here, once, and finds mistakes at once
    waiting = deque(blocks)
    running: deque[tuple[int, int, Future[parts.Block] | None]] = deque()
    pool = own_agents.pool(case, plans, agents, threads, draws)
    try:
        while waiting or running:
            while waiting and len(running) < 2 * threads and not (stop and stop.is_set()):
                first, count = waiting.popleft()
                work = None
                if first not in kept:
                    work = pool.submit(own_agents.run_block, seed, first, count)
                running.append((first, count, work))
            if not running:
                return
            first, count, future = running.popleft()
            if future is None:
                assert store is not None
                block = store.get(first, count)
                if block is None:  # torn
                    block = pool.submit(own_agents.run_block, seed, first, count).result()
                yield first, block
                continue
            if stop and stop.is_set() and future.cancel():
                return
            block = future.result()
            if store:
                store.put(first, block)
            yield first, block
    finally:
        pool.shutdown(cancel_futures=True)


def _comparison(
    case: Scenario,
    plans: Sequence[Schedule],
    seed: int,
    whole: Tally,
    spec: dict[str, object],
    started: datetime,
    draws: Draws | None,
) -> Comparison:
    """Give names to what has been added up."""
    names = [plan.name for plan in plans]
    replicates = np.arange(whole.totals.shape[1])
    dates = pd.to_datetime([case.date_of(w) for w in range(case.weeks)])
    districts = [d.name for d in case.districts]
    axes = {
        "schedule": names,
        "replicate": replicates[: whole.kept],
        "week": dates,
        "series": list(WEEKLY),
        "half_year": dates[:: tally.HALF_YEAR],
        "district": districts,
        "measure": list(PLACES),
    }

    def array(values: np.ndarray, *dims: str) -> xr.DataArray:
        return xr.DataArray(values, dims=dims, coords={d: axes[d] for d in dims})

    kept = {"trajectories": whole.kept, **whole.covered}
    checks = {
        "people conserved in every run": whole.conserved,
        "no value missing or below zero": bool(np.isfinite(whole.totals).all() and whole.totals.min() >= 0),
    }
    return Comparison(
        scenario=case,
        schedules=tuple(plans),
        seed=seed,
        draws=draws,
        totals=xr.DataArray(
            whole.totals,
            dims=("schedule", "replicate", "metric"),
            coords={"schedule": names, "replicate": replicates, **measures.metric_coordinates()},
        ),
        weekly=array(whole.weekly, "schedule", "replicate", "week", "series"),
        places=array(whole.places, "schedule", "replicate", "half_year", "district", "measure"),
        weekly_mean=array(whole.mean("weekly_sum"), "schedule", "week", "series"),
        places_mean=array(whole.mean("places_sum"), "schedule", "half_year", "district", "measure"),
        **_tables(case, names, whole, dates, districts),
        kept=kept,
        people_conserved=whole.conserved,
        provenance=provenance.made(spec, case, len(replicates), kept, checks, started),
    )


def _tables(
    case: Scenario, names: list[str], whole: Tally, dates: pd.DatetimeIndex, districts: list[str]
) -> dict[str, pd.DataFrame]:
    """Return the tables with names in place of numbers."""

    def named(frame: pd.DataFrame, column: str, known: Sequence[object]) -> None:
        frame[column] = frame[column].map(dict(enumerate(known)))

    vacuums = whole.rows("vacuums").copy()
    named(vacuums, "district", districts)
    named(vacuums, "onset", dates)
    named(vacuums, "ended_by", tally.ENDED_BY)
    vacuums = vacuums.sort_values(["schedule", "replicate", "district", "onset"], ignore_index=True)
    named(vacuums, "schedule", names)
    cliffs = whole.rows("cliffs").copy()
    if len(cliffs):
        named(cliffs, "schedule", names)
        named(cliffs, "base", case.bases)
        named(cliffs, "district", districts)
        named(cliffs, "week", dates)
        named(cliffs, "refilled_by", tally.REFILLED_BY)
        cliffs = cliffs.rename(columns={"week": "closed"})
    massacres = whole.rows("massacres").copy()
    named(massacres, "schedule", names)
    named(massacres, "district", districts)
    named(massacres, "week", dates)
    return {
        "vacuums": vacuums,
        "cliffs": cliffs,
        "massacres": massacres,
        "vacuum_summary": _vacuum_summary(whole, names, districts),
        "cliff_summary": _cliff_summary(whole, names, case.bases),
        "around": around.table(whole.sums["around_sums"], names, case.bases, _districts_of(case)),
    }


def _districts_of(case: Scenario) -> list[str]:
    """Return the name of the district of each base."""
    names = {d.id: d.name for d in case.districts}
    return [names[next(u.district for u in case.units if u.base == base)] for base in case.bases]


def _vacuum_summary(whole: Tally, names: list[str], districts: list[str]) -> pd.DataFrame:
    """Return vacuums over all replicates by schedule and district; means are of all replicates."""
    sums, runs = whole.sums["vacuum_sums"], whole.totals.shape[1]
    rows = []
    for s, name in enumerate(names):
        for d, district in enumerate(districts):
            with_, vacuums, weeks, people_weeks, killed, still_open = sums[s, d]
            rows.append(
                {
                    "schedule": name,
                    "district": district,
                    "replicates": runs,
                    "replicates_with_vacuum": int(with_),
                    "vacuums": int(vacuums),
                    "still_open": int(still_open),
                    "mean_weeks": weeks / runs,
                    "mean_people_weeks": people_weeks / runs,
                    "mean_killed": killed / runs,
                }
            )
    return pd.DataFrame(rows)


def _cliff_summary(whole: Tally, names: list[str], bases: Sequence[str]) -> pd.DataFrame:
    """Return cliffs over all replicates by schedule and base that closed in any; means are of closures."""
    rows = []
    for s, name in enumerate(names):
        for b, base in enumerate(bases):
            closed, depth, refilled, width, by_un, by_state, exposed = whole.sums["cliff_sums"][s, b]
            if not closed:
                continue
            rows.append(
                {
                    "schedule": name,
                    "base": base,
                    "replicates": whole.totals.shape[1],
                    "closures": int(closed),
                    "mean_depth": depth / closed,
                    "refilled": int(refilled),
                    "mean_width": width / refilled if refilled else np.nan,
                    "refilled_by_un": int(by_un),
                    "refilled_by_state": int(by_state),
                    "mean_exposed_people_weeks": exposed / closed,
                }
            )
    columns = ("schedule", "base", "replicates", "closures", "mean_depth", "refilled", "mean_width")
    more = ("refilled_by_un", "refilled_by_state", "mean_exposed_people_weeks")
    return pd.DataFrame(rows, columns=[*columns, *more])
