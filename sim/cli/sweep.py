"""`drawdown sweep` and `drawdown merge`: run an experiment, in one go or in shards."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.common import STOPPED, ctrl_c, err, fail, say_if_compiling

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sim.study.experiments.store import Results
    from sim.study.experiments.sweep import Progress

ExperimentArgument = Annotated[
    str,
    typer.Argument(
        help="An experiment's name (a folder in experiments/), its folder, or its experiment.toml.",
        metavar="EXPERIMENT",
    ),
]
OutOption = Annotated[
    Path | None, typer.Option(help="Folder of the results; default results/NAME.", show_default=False)
]
SOME_FAILED = 1
"""Exit code where runs failed and all others are stored."""


def command(
    experiment: ExperimentArgument,
    out: OutOption = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes; default one a core. Does not change the result.", min=1),
    ] = None,
    shard: Annotated[
        str,
        typer.Option(
            help="Run one of several shares of the work, 3/40 the third of forty, for a batch queue; "
            "`drawdown merge` puts them together.",
            metavar="I/N",
        ),
    ] = "1/1",
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Run on the workers of a Dask scheduler, such as tcp://10.0.0.5:8786. They must see the "
            "folder of the results and have the same code.",
            metavar="ADDRESS",
        ),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Run those runs again that failed.")
    ] = False,
    replay: Annotated[
        int | None,
        typer.Option(help="Run this one run here, and print its row, or what it raises.", min=0),
    ] = None,
    plan_only: Annotated[
        bool, typer.Option("--plan", help="Say what would be run, and run nothing.")
    ] = False,
    parameters: Annotated[
        str | None,
        typer.Option(
            help="In place of the file's uncertainties: plausible (draws that the record leaves open, each a "
            "point) or default (the scenarios' own, one point).",
            metavar="plausible|default",
        ),
    ] = None,
) -> None:
    """Run an experiment: many simulated worlds under many schedules.

    An experiment is a file, experiment.toml, that says what is asked, which schedules are compared
    (levers), what nobody knows (uncertainties: parameters over their ranges, rival rules, mechanisms on or
    off), how points are spread over these (design), how many matched runs each point gets, and what you
    expect and why. Copy experiments/corridor-pace to begin with one of your own.

    - `drawdown sweep corridor-pace --plan`: what it would run, and how long that takes
    - `drawdown sweep corridor-pace`: run it, on all cores
    - `drawdown analyse corridor-pace`: what came out

    Every run becomes one row of results/NAME/runs.parquet, with its parameters, outcomes and the hashes of
    what made it: read it with pandas, or ask it in SQL. Ctrl-C stops after the work under way (a second one
    at once); whatever stops it, the same command goes on where it ended, and the final table is the same
    to the last bit. Runs that fail are stored as failed, with a command that replays each.

    In a batch queue, each of 40 jobs runs `drawdown sweep NAME --shard $I/40`; when they are done,
    `drawdown merge NAME` puts them together.
    """
    share = _shard(shard)
    stop = None if plan_only or replay is not None else threading.Event()
    with ctrl_c(stop):
        results = _swept(
            experiment, out, workers, share, scheduler, retry_failed, replay, plan_only, parameters, stop
        )
    if results is not None:
        _say(results, share)


def _swept(
    experiment: str,
    out: Path | None,
    workers: int | None,
    share: tuple[int, int],
    scheduler: str | None,
    retry_failed: bool,
    replay: int | None,
    plan_only: bool,
    parameters: str | None,
    stop: threading.Event | None,
) -> Results | None:
    """Run the experiment; or print its plan, or one of its runs, and return None."""
    from sim.scenario.errors import ScenarioError
    from sim.study.draws import stale
    from sim.study.experiments.errors import StoreError
    from sim.study.experiments.experiment import Experiment
    from sim.study.experiments.need import Missing
    from sim.study.experiments.plan import plan
    from sim.study.experiments.sweep import Stopped, sweep
    from sim.study.experiments.sweep import replay as run_again

    try:
        asked = Experiment.load(experiment)
        made = plan(asked.with_parameters(parameters) if parameters else asked)
        if made.experiment.design.kind == "plausible" and (why := stale()):
            err.print(f"Note: {why}.", soft_wrap=True)
        if plan_only:
            print(_described(made))
            return None
        if replay is not None:
            row = run_again(made, replay)
            print(row.drop(["failed", "error", "traceback", "replay"]).to_string() + "\n")
            return None
        say_if_compiling()
        with _executor(scheduler) as executor, _progress(made.experiment.name) as tick:
            return sweep(
                made,
                out,
                workers=workers,
                executor=executor,
                shard=share,
                retry_failed=retry_failed,
                progress=tick,
                stop=stop,
            )
    except Stopped as stopped:
        kept = " and kept; the same command goes on from there" if stopped.done else ""
        err.print(f"Stopped: {stopped.done:,d} of {stopped.of:,d} runs are finished{kept}.", soft_wrap=True)
        raise typer.Exit(STOPPED) from None
    except (ScenarioError, StoreError, Missing, ValueError) as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(
            f"results cannot be written: {error.strerror or error}; what was finished is kept, and the same "
            "command goes on from there"
        ) from None


def merge(
    experiment: ExperimentArgument,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of shards that were not written to the results' folder.", metavar="[FOLDER]..."
        ),
    ] = None,
    out: OutOption = None,
) -> None:
    """Put the shards of an experiment together into one table, the same as that of the sweep as a whole."""
    from sim.scenario.errors import ScenarioError
    from sim.study.experiments.errors import StoreError
    from sim.study.experiments.need import Missing
    from sim.study.experiments.sweep import merge as put_together

    try:
        results = put_together(experiment, folders or (), out)
    except (ScenarioError, StoreError, Missing) as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(f"results cannot be written: {error.strerror or error}") from None
    _say(results, (1, 1))


def _shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    number, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= of:
        raise fail(f"--shard {text}: write I/N, such as 3/40, with I between 1 and N")
    return number, of


def _say(results: Results, shard: tuple[int, int]) -> None:
    """Print where the results are and what to do with them; ends with an exit code if runs failed."""
    from sim.show.text import wrap

    failed = results.sql(
        "SELECT count(*) FILTER (failed) AS n, min(replay) AS replay, min(error) AS error FROM runs"
    ).iloc[0]
    name = results.provenance["name"]
    usual = results.folder == Path("results") / name
    if results.complete:
        print(
            wrap(f"{results.provenance['runs']:,d} runs in {results.folder}: runs.parquet, provenance.json.")
        )
        print(f"What came out:  drawdown analyse {name}" + ("" if usual else f" --results {results.folder}"))
    else:
        print(
            wrap(
                f"Shard {shard[0]}/{shard[1]} is done; its runs are in {results.folder / 'parts'}. When all "
                "shards are done:"
            )
        )
        print(f"  drawdown merge {name}" + ("" if usual else f" --out {results.folder}"))
    if failed.n:
        err.print(
            f"{int(failed.n):,d} runs failed, one of them by {failed.error}. See it happen: {failed.replay}; "
            "run them again: --retry-failed.",
            soft_wrap=True,
        )
        raise typer.Exit(SOME_FAILED)


def _described(made: object) -> str:
    """Say what a plan would run."""
    from sim.show.text import wrap
    from sim.study.experiments.plan import Plan

    assert isinstance(made, Plan)
    recipe, asked = made.recipe, made.experiment
    cells = sum(c.weeks * len(c.districts) for c in recipe.cases) / len(recipe.cases)
    seconds = 2e-6 * cells * made.runs
    varied = ", ".join(f.column for f in recipe.factors[:6]) or "nothing"
    more = f" and {len(recipe.factors) - 6} more" if len(recipe.factors) > 6 else ""
    lines = [
        asked.title,
        f"{made.runs:,d} runs: {len(recipe.cases)} scenario{'s' * (len(recipe.cases) > 1)} x "
        f"{recipe.points:,d} points x {recipe.schedules} schedules x {recipe.replicates} replicates, about "
        f"{_time(seconds)} on one core, in tasks of {made.chunk:,d}.",
        f"Varied ({asked.design.kind}): {varied}{more}.",
        f"Schedules: {', '.join(p.name for p in recipe.plans[0])}.",
        f"Expected: {' '.join(asked.expected.split())}",
        f"Because: {' '.join(asked.why.split())}",
        f"Experiment {asked.digest[:12]}, design and code {recipe.key}.",
    ]
    return "\n".join(wrap(line) for line in lines)


def _time(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{max(seconds, 1):.0f} seconds"


@contextmanager
def _executor(scheduler: str | None) -> Iterator[Executor | None]:
    """Give what runs tasks: this machine's processes if None."""
    if scheduler is None:
        yield None
        return
    from sim.study.experiments.cluster import connected

    with connected(scheduler) as executor:
        yield executor


@contextmanager
def _progress(label: str) -> Iterator[Progress]:
    """Show a bar of runs with the rate and the time left."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("runs  {task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=err,
        transient=True,
    ) as bar:
        shown = bar.add_task(label, total=None, rate="", left="")
        begun: list[float] = []

        def tick(done: int, of: int, failed: int) -> None:
            if not begun:
                begun.extend((time.monotonic(), done))
            here, spent = done - begun[1], time.monotonic() - begun[0]
            rate = here / spent if here and spent > 0 else 0.0
            wrong = f"  {failed:,d} failed" if failed else ""
            bar.update(
                shown,
                completed=done,
                total=of,
                rate=f"{rate:,.0f} a second{wrong}" if rate else wrong,
                left=f"left {_time((of - done) / rate)}" if rate else "",
            )

        yield tick
