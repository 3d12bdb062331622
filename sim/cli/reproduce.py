"""`drawdown reproduce`: make a result again and say whether the numbers are the same."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import STOPPED, ctrl_c, doing, err, fail, progress, say_if_compiling

DIFFERENT = 1
"""Exit code where numbers came out different, or figures could not be drawn."""


def command(
    result: Annotated[
        Path, typer.Argument(help="Folder of a result of `drawdown compare`.", metavar="RESULT")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Also write what is made again to this folder, with figures.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Default: one a core. Does not change the result.", min=1)
    ] = None,
) -> None:
    """Make a result again and say whether the numbers are the same, to the last bit.

    Everything it takes is in the result: scenario, schedules, parameters, seed. Names the versions, code and
    machine that differ from those of the first time. Exit code 1 if any number differs.
    """
    stop = threading.Event()
    with ctrl_c(stop):
        from contextlib import nullcontext

        with doing("Loading the model ..."):
            from sim.show import results
            from sim.show.numbers import wrap
            from sim.show.reproduce import reproduce
            from sim.study import parts
            from sim.study.compare import Interrupted

        try:
            if out is not None:
                results.check_target(out)
                parts.check(results.parts_folder(out))
            say_if_compiling()
            with results.claim(out) if out else nullcontext(), progress(f"{result}") as (bar, task):

                def tick(done: int, of: int) -> None:
                    bar.update(task, completed=done, total=of)

                def stage(what: str) -> None:
                    bar.update(task, description=f"{result}: {what}")
                    if stop.is_set():
                        raise InterruptedError(what)

                made = reproduce(result, out=out, threads=threads, progress=tick, stop=stop, stage=stage)
                if out is not None:
                    parts.remove(results.parts_folder(out))
        except (Interrupted, InterruptedError):
            err.print("Stopped." if out is None else "Stopped; the same command goes on from here.")
            raise typer.Exit(STOPPED) from None
        except (ValueError, FileExistsError, results.Busy) as error:
            raise fail(str(error)) from None
        except OSError as error:
            raise fail(f"cannot write: {error.strerror or error}") from None
    for line in made.report().splitlines():
        print(wrap(line, "", "  "))
    if not made.same or made.figures_failed:
        raise typer.Exit(DIFFERENT)
