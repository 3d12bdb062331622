"""The runs behind an explorer: every schedule under every assumption on the same worlds, week by week.

A comparison keeps half-years by district; the explorer needs weeks. What is kept here is small whole numbers
of every run and means of the rest. Finished blocks are kept on disk, so that a command that was stopped goes
on.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim import measures
from sim.ensemble import Ensemble
from sim.explore.assumptions import Assumption
from sim.scenario.schema import Schedule
from sim.study import parts, provenance
from sim.study.compare import Interrupted, one_by_one

BLOCK = 10
"""Replicates a block."""
ARRAYS = ("killed", "vacuum", "un", "state", "closed")
_LARGEST = np.iinfo(np.uint16).max


@dataclass(frozen=True)
class Weeks:
    """What happened week by week under one assumption: S schedules, R replicates, D districts, W weeks."""

    killed: np.ndarray
    """uint16 (S, R, D, W): civilians killed (`sim.measures.KILLED`)."""
    vacuum: np.ndarray
    """int64 (S, D, W): runs in which the district is in a security vacuum."""
    un: np.ndarray
    """float64 (S, D, W): chance (0-1) that the UN meets an attack on civilians, summed over runs."""
    state: np.ndarray
    """float64 (S, D, W): chance that state forces meet one that the UN does not, summed over runs."""
    closed: np.ndarray
    """int64 (R, closures): week in which each closure happened, -1 if it did not; see `closures`."""

    @property
    def replicates(self) -> int:
        """Number of matched runs of each schedule."""
        return int(self.killed.shape[1])

    @property
    def totals(self) -> np.ndarray:
        """Civilians killed in each run: float64 (S, R)."""
        return np.asarray(self.killed.sum(axis=(2, 3), dtype=np.float64))


def collect(
    assumptions: Sequence[Assumption],
    plans: Sequence[Schedule],
    *,
    replicates: int,
    seed: int,
    folder: Path | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    stop: threading.Event | None = None,
) -> list[Weeks]:
    """Run every schedule under every assumption, on the same replicates; returns a `Weeks` of each.

    `folder`: where finished blocks are kept until all are there. `progress` is called with (matched runs
    done, in all). Raises `Interrupted` when `stop` is set, after the blocks under way, and `OSError` if a
    block cannot be kept. The result does not depend on the number of threads.
    """
    threads = threads or os.cpu_count() or 1
    blocks = [(first, min(BLOCK, replicates - first)) for first in range(0, replicates, BLOCK)]
    jobs = [(a, first, count) for a in range(len(assumptions)) for first, count in blocks]
    keys = [_key(one, plans, seed) for one in assumptions]
    done: dict[tuple[int, int], Weeks] = {}
    if folder:
        _open(folder)
        for a, first, count in jobs:
            there = _get(folder / f"{keys[a]}-{first:07d}-{count}.npz")
            if there is not None:
                done[a, first] = there
    of = replicates * len(assumptions)
    finished = sum(count for a, first, count in jobs if (a, first) in done)

    def tell() -> None:
        if progress:
            progress(finished, of)

    tell()
    local = threading.local()

    def run(a: int, first: int, count: int) -> Weeks:
        if not hasattr(local, "ensembles"):
            local.ensembles = [Ensemble(assumptions[0].case, plan) for plan in plans]
        for ensemble in local.ensembles:
            ensemble.set_parameters(assumptions[a].case)
        made = block(assumptions[a], plans, local.ensembles, seed, first, count)
        if folder:
            _put(folder / f"{keys[a]}-{first:07d}-{count}.npz", made)
        return made

    waiting = [job for job in jobs if job[:2] not in done]
    pool = ThreadPoolExecutor(threads, thread_name_prefix="drawdown")
    try:
        running: list[tuple[tuple[int, int, int], Future[Weeks]]] = []
        alone = bool(waiting)  # the first block compiles, if anything is to be compiled
        while (waiting or running) and not (stop and stop.is_set() and not running):
            while waiting and len(running) < (1 if alone else threads) and not (stop and stop.is_set()):
                job = waiting.pop(0)
                running.append((job, pool.submit(run, *job)))
            wait([future for _, future in running], timeout=0.2, return_when="FIRST_COMPLETED")
            for job, future in [one for one in running if one[1].done()]:
                running.remove((job, future))
                done[job[0], job[1]] = future.result()
                finished += job[2]
                alone = False
                tell()
    finally:
        pool.shutdown(cancel_futures=True)
    if len(done) < len(jobs):
        raise Interrupted(finished, of)
    return [joined([done[a, first] for first, _ in blocks]) for a in range(len(assumptions))]


def block(
    assumption: Assumption,
    plans: Sequence[Schedule],
    ensembles: Sequence[Ensemble],
    seed: int,
    first: int,
    count: int,
) -> Weeks:
    """Run one block of replicates under every schedule, and keep what the page shows.

    `ensembles`: one a schedule, with the parameters of the assumption; if it has draws, those of a replicate.
    """
    drawn = assumption.draws
    worlds = [drawn.world(assumption.case, int(d)) for d in drawn.chosen(seed, first, count)] if drawn else []
    killed, vacuum, un, state, closed = [], [], [], [], []
    for plan, ensemble in zip(plans, ensembles, strict=True):
        runs = one_by_one(ensemble, worlds, seed, first, None) if drawn else ensemble.run(seed, first, count)
        records = runs.records
        deaths = measures.summed(records, measures.KILLED)
        if deaths.max(initial=0.0) > _LARGEST:
            raise ValueError(
                f"{deaths.max():,.0f} civilians killed in a district in a week; the page holds {_LARGEST:,d}"
            )
        killed.append(np.moveaxis(deaths, 1, 2).astype(np.uint16))
        vacuum.append(measures.in_vacuum(records).sum(axis=0).T)
        met = records["un_met"].astype(np.float64)
        un.append(met.sum(axis=0).T)
        state.append((records["state_met"] * (1.0 - met)).sum(axis=0).T)
        closed.append(measures.realised(measures.closures(assumption.case, plan), runs.done))
    return Weeks(
        np.stack(killed), np.stack(vacuum).astype(np.int64), np.stack(un), np.stack(state),
        np.concatenate(closed, axis=1),
    )  # fmt: skip


def joined(blocks: Sequence[Weeks]) -> Weeks:
    """Return one `Weeks` of blocks that follow each other; sums are added in their order."""
    sums = {name: sum(getattr(b, name) for b in blocks) for name in ("vacuum", "un", "state")}
    return Weeks(
        killed=np.concatenate([b.killed for b in blocks], axis=1),
        closed=np.concatenate([b.closed for b in blocks], axis=0),
        **sums,
    )


# -- what is kept until all are there -----------------------------------------------------------------


def _key(assumption: Assumption, plans: Sequence[Schedule], seed: int) -> str:
    """Return a hash of everything that makes the runs under an assumption."""
    spec = {"explorer": 1, **provenance.specification(assumption.case, plans, seed, assumption.draws)}
    return hashlib.sha256(json.dumps(spec, sort_keys=True, default=str).encode()).hexdigest()[:20]


def _open(folder: Path) -> None:
    """Make a folder of parts. Raises `FileExistsError` if it holds something else."""
    parts.check(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / parts.MARK).write_text(
        "Finished runs of an explorer. Safe to delete when none is being made.\n"
    )
    for torn in folder.glob("*.tmp"):
        torn.unlink(missing_ok=True)


def _put(file: Path, block: Weeks) -> None:
    """Keep a block as a whole or not at all."""
    temporary = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with temporary.open("wb") as out:
            np.savez_compressed(out, **{name: getattr(block, name) for name in ARRAYS})
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _get(file: Path) -> Weeks | None:
    """Return a block if it is there and whole."""
    try:
        with file.open("rb") as there, np.load(there, allow_pickle=False) as data:
            return Weeks(**{name: data[name] for name in ARRAYS})
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None


# -- a result that they must agree with ---------------------------------------------------------------


def differs(folder: Path, plans: Sequence[Schedule], weeks: Weeks) -> str:
    """Return where a result's totals are not those of its first runs made again; empty if nowhere."""
    import xarray as xr

    with xr.open_dataset(folder / "totals.nc", engine="scipy") as there:
        killed = there["killed"].load()
    names = [str(name) for name in killed.coords["schedule"].values]
    for s, plan in enumerate(plans):
        if plan.name not in names:
            continue  # added on the command line
        kept = killed.sel(schedule=plan.name).values[: weeks.replicates]
        own = weeks.totals[s][: len(kept)]
        wrong = np.flatnonzero(own != kept)
        if len(wrong):
            r = int(wrong[0])
            return f"'{plan.name}', replicate {r}: {own[r]:,.0f} killed, and {kept[r]:,.0f} in the result"
    return ""
