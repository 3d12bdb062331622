"""Running an experiment: every run once, on all cores, and whatever is killed loses no finished work."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim import measures
from sim.build import check_whole
from sim.ensemble import Ensemble
from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.study.experiments import parts
from sim.study.experiments import store as stores
from sim.study.experiments import task as tasks
from sim.study.experiments.errors import StoreError
from sim.study.experiments.experiment import Experiment, Factor
from sim.study.experiments.plan import Plan, plan
from sim.study.experiments.store import Results, Store, read
from sim.study.experiments.task import Receipt, Task
from sim.study.experiments.worker import Died, Worker

Progress = Callable[[int, int, int], None]
"""Called with (runs done, runs in all, runs failed) whenever a task is finished."""
TRIES = 5
"""Times that a task is given to a process before it is stored as failed, if each one dies over it."""
WINDOW = 3
"""Tasks a worker that an executor is given ahead."""


class Stopped(Exception):
    """A sweep was stopped; what was finished is kept, and the same call goes on from there."""

    def __init__(self, done: int, of: int) -> None:
        super().__init__(f"stopped after {done:,d} of {of:,d} runs")
        self.done = done
        self.of = of


def sweep(
    experiment: Experiment | Plan | str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    shard: tuple[int, int] = (1, 1),
    retry_failed: bool = False,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Results:
    """Run an experiment and return its results: the same for any number of workers, stops and shards.

    Parameters
    ----------
    experiment: an `Experiment`, or the name, folder or file of one.
    out: folder of the results; default `results/NAME`. What is there already is not run again.
    workers: processes of this machine; default one a core.
    executor: run tasks there instead: anything with `submit`, such as a `ThreadPoolExecutor` or what
        `dask.distributed.Client.get_executor()` returns. Its workers must see the folder.
    shard: (3, 40) runs the third of forty parts alone; `merge` puts them together.
    retry_failed: run those again that failed.
    progress: called with (runs done, in all, failed) as tasks finish.
    stop: set it to stop after the tasks under way; raises `Stopped`.

    Raises `ScenarioError` for an experiment that cannot be right, `StoreError` for a folder that holds
    something else or is in use, `Missing` for a library that is not installed, `OSError` if results cannot
    be written. A run that raises is stored as failed and the rest goes on.
    """
    number, of = shard
    if not 1 <= number <= of:
        raise ValueError(f"shard {number}/{of}: the first number must lie between 1 and the second")
    if workers is not None and workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    made = experiment if isinstance(experiment, Plan) else plan(experiment)
    folder = Path(out) if out is not None else Path("results") / made.experiment.name
    store = Store(folder, made)
    with store.claim(shard):
        _run(made, store, workers, executor, shard, retry_failed, progress, stop)
        if shard == (1, 1):
            store.finish()
    return read(folder)


def merge(
    experiment: Experiment | str | os.PathLike[str],
    folders: Sequence[str | os.PathLike[str]] = (),
    out: str | os.PathLike[str] | None = None,
) -> Results:
    """Put shards together into one table, equal to that of the sweep as a whole, and return the results.

    `folders`: where shards were written, if not all into `out`. Shards that were run over other parameters
    (`Experiment.with_parameters`) are known by what stands beside them. Raises `StoreError` if runs are
    missing, naming the shards' tasks, or a folder holds runs of another experiment or code.
    """
    asked = experiment if isinstance(experiment, Experiment) else Experiment.load(experiment)
    folder = Path(out) if out is not None else Path("results") / asked.name
    places = [Path(f) for f in folders]
    first = next((p for p in (folder, *places) if (p / stores.PROVENANCE).exists()), None)
    if first is not None:
        asked = asked.as_run(str(stores.read_provenance(first).get("experiment_sha256")))
    made = plan(asked)
    for place in places:
        stores.read_provenance(place)
        stores.check(place, made)
    store = Store(folder, made)
    with store.claim((1, 1)):
        if not store.finish(places):
            there = set(store.parts()).union(*(Store(p, made).parts() for p in places))
            missing = [(f, n) for f, n in made.chunks() if f not in there]
            raise StoreError(
                f"{sum(n for _, n in missing):,d} of {made.runs:,d} runs are missing, the first of them run "
                f"{missing[0][0]:,d}; run the shards that are not finished again"
            )
    return read(folder)


def replay(experiment: Experiment | Plan | str | os.PathLike[str], run: int) -> pd.Series:
    """Run one run of an experiment in this process and return its row; what it raises is raised."""
    made = experiment if isinstance(experiment, Plan) else plan(experiment)
    if not 0 <= run < made.runs:
        raise ValueError(f"run {run} is not one of this experiment's, which are 0 to {made.runs - 1:,d}")
    task = made.task(run, 1)
    case, point, schedule, number = made.recipe.place(run)
    tasks.one(made.recipe, case, task.points[point], point, schedule, number)
    return tasks.measure(task).runs.iloc[0]


def run_scenarios(
    case: Scenario | str,
    scenarios: Sequence[Mapping[str, float | str]],
    *,
    schedules: Sequence[str | Schedule] = ("none",),
    replicates: int = 1,
    seed: int = 1,
    outcomes: Sequence[str] = ("killed",),
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Run a case under each of several settings and return a table of one row a run, in memory.

    For those who know Mesa's `batch_run`: `scenarios` are dictionaries of parameters (and of rules, such as
    {"contest": "lanchester"}), `executor` says where to run them, by default here. Runs of one replicate
    are matched: the same draws under every setting and schedule.
    """
    from sim import parameters
    from sim.scenario.errors import did_you_mean
    from sim.week import DECLARED

    world = Scenario.load(case) if isinstance(case, str) else case
    check_whole("seed", seed)
    plans = [world.schedule(s) if isinstance(s, str) else s for s in schedules]
    for name in outcomes:
        measures.metric_named(name)
    names = dict.fromkeys(name for given in scenarios for name in given)
    for name in names:
        if name not in parameters.PARAMETERS and name not in DECLARED.rules:
            hint = did_you_mean(name, parameters.PARAMETERS)
            raise ValueError(f"there is no parameter or rule {name!r}; {hint}")
    factors = [Factor(n, "parameter" if n in parameters.PARAMETERS else "rule") for n in names]
    recipe = tasks.Recipe(
        key=os.urandom(10).hex(),
        code=tasks.code_digest(),
        name=world.name,
        cases=(world,),
        plans=(tuple(plans),),
        levers={},
        factors=tuple(factors),
        points=len(scenarios),
        replicates=replicates,
        seed=seed,
        own_chance=False,
        outcomes=tuple(outcomes),
        weekly=(),
        weekly_replicates=0,
        provenance=(),
    )
    for given in scenarios:  # mistakes are found before anything is run
        tasks.variant(recipe, 0, given)
    each = len(plans) * replicates
    todo = [Task(recipe, i * each, each, {i: given}) for i, given in enumerate(scenarios)]
    try:
        if executor is None:
            made = [tasks.measure(task) for task in todo]
        else:
            made = list(executor.map(tasks.measure, todo))
    finally:
        tasks.forget()
    if not made:
        return pd.DataFrame(columns=list(recipe.types()))
    frame = pd.concat([m.runs for m in made], ignore_index=True)
    wrong = frame[frame["failed"].astype(bool)]
    if len(wrong):
        raise RuntimeError(f"{len(wrong)} of {len(frame)} runs failed; the first: {wrong.iloc[0]['error']}")
    return frame.drop(columns=["failed", "error", "traceback", "replay"])


# -- whoever has a core -----------------------------------------------------------------------------


def _run(
    made: Plan,
    store: Store,
    workers: int | None,
    executor: Executor | None,
    shard: tuple[int, int],
    retry_failed: bool,
    progress: Progress | None,
    stop: threading.Event | None,
) -> None:
    """Run the tasks of a shard whose parts are not there."""
    chunks = made.chunks(shard)
    there = store.parts()
    again: set[int] = set()
    if retry_failed:
        wrong = np.array(store.failed())
        again = {first for first, count in chunks if ((wrong >= first) & (wrong < first + count)).any()}
    todo = [c for c in chunks if c[0] in again or (c[0] not in there and not store.complete)]
    done = of = sum(count for _, count in chunks)
    done -= sum(count for _, count in todo)
    failed = 0
    if progress:
        progress(done, of, failed)
    if not todo:
        return
    if not Ensemble.is_compiled():  # once, before many processes do it at the same time
        recipe = made.recipe
        Ensemble(recipe.cases[0], recipe.plans[0][0]).run(recipe.seed, 0, 1)
    halt = stop or threading.Event()
    tasks_ = (made.task(first, count) for first, count in todo)
    if executor is None:
        count = min(workers or cores(), len(todo))
        receipts = _through_processes(tasks_, store.folder, count, halt)
    else:
        receipts = _through_executor(tasks_, store.folder, executor, halt)
    for receipt in receipts:
        done += receipt.count
        failed += receipt.failed
        if progress:
            progress(done, of, failed)
    if done < of:
        raise Stopped(done, of)


def cores() -> int:
    """Return the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _through_processes(
    todo: Iterator[Task], folder: Path, count: int, stop: threading.Event
) -> Iterator[Receipt]:
    """Yield receipts of tasks run by processes of this machine, a thread here for each."""
    answers: queue.SimpleQueue[Receipt | Exception | None] = queue.SimpleQueue()
    guard = threading.Lock()
    over = threading.Event()
    crew: list[Worker] = []

    def serve() -> None:
        worker = None
        try:
            while not stop.is_set() and not over.is_set():
                with guard:
                    task = next(todo, None)
                if task is None:
                    break
                for attempt in range(TRIES):
                    if worker is None:
                        worker = Worker(folder)
                        with guard:
                            crew.append(worker)
                    try:
                        answers.put(worker.run(task))
                        break
                    except Died as error:
                        worker.stop()
                        with guard:
                            crew.remove(worker)
                        worker = None
                        if over.is_set():
                            return
                        if attempt == TRIES - 1:
                            answers.put(_give_up(task, folder, f"{error}, {TRIES} times"))
        except Exception as error:
            answers.put(error)
        finally:
            if worker is not None:
                worker.stop()
            answers.put(None)

    threads = [threading.Thread(target=serve, daemon=True, name=f"drawdown-{i}") for i in range(count)]
    for thread in threads:
        thread.start()
    left = count
    try:
        while left:
            answer = answers.get()
            if answer is None:
                left -= 1
            elif isinstance(answer, Exception):
                raise answer
            else:
                yield answer
    finally:
        over.set()
        with guard:
            for worker in crew:
                worker.stop()


def _through_executor(
    todo: Iterator[Task], folder: Path, executor: Executor, stop: threading.Event
) -> Iterator[Receipt]:
    """Yield receipts of tasks run by an executor, a few ahead for each of its workers."""
    window = WINDOW * _size(executor)
    running: dict[Future[Receipt], Task] = {}
    place = folder.resolve()
    try:
        while True:
            while len(running) < window and not stop.is_set():
                task = next(todo, None)
                if task is None:
                    break
                running[executor.submit(parts.run, task, place)] = task
            if not running:
                return
            check = getattr(executor, "check", None)
            if check is not None:
                check()
            if stop.is_set():
                for future in list(running):
                    if future.cancel():
                        del running[future]
            finished, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in finished:
                task = running.pop(future)
                if future.cancelled():
                    if check is not None:
                        check()
                    raise StoreError(
                        "whoever runs the tasks has cancelled one; what was finished is kept, and the same "
                        "call goes on from there"
                    )
                error = future.exception()
                if error is None:
                    yield future.result()
                elif type(error).__name__ == "KilledWorker":  # Dask gave up: each worker died over it
                    yield _give_up(task, place, f"workers died over it: {error}")
                else:
                    raise error
    finally:
        for future in running:
            future.cancel()


def _size(executor: Executor) -> int:
    """Return the number of an executor's workers, as far as it says so."""
    given: Any = getattr(executor, "_max_workers", None)
    client = getattr(executor, "_client", None)
    if given is None and client is not None:  # Dask
        given = sum(client.nthreads().values())
    return max(1, int(given or cores()))


def _give_up(task: Task, folder: Path, error: str) -> Receipt:
    """Store a task whose workers died, as failed."""
    measured = tasks.failed(task, f"{error}; perhaps for want of memory")
    parts.put(folder, task, measured)
    return Receipt(task.first, task.count, measured.failed, 0.0)
