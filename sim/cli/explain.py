"""`drawdown explain`: tell the story of one vacuum or massacre of a result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import doing, fail, say_if_compiling


def command(
    result: Annotated[
        Path, typer.Argument(help="Folder of a result of `drawdown compare`.", metavar="RESULT")
    ],
    vacuum: Annotated[int | None, typer.Option(help="Number of a row of vacuums.csv, from 1.", min=1)] = None,
    massacre: Annotated[
        int | None, typer.Option(help="Number of a row of massacres.csv, from 1.", min=1)
    ] = None,
) -> None:
    """Tell the story of one security vacuum or massacre of a result.

    Runs its replicate again with the event log open, and tells who did what, knowing what, and which
    event led to which. Without a number: lists the gravest.
    """
    if vacuum is not None and massacre is not None:
        raise fail("give --vacuum or --massacre, not both")
    with doing(f"Reading {result} ..."):
        from sim.show import explain
        from sim.show.numbers import wrap
        from sim.study import retrace

        try:
            if vacuum is None and massacre is None:
                text = explain.listing(retrace.table(result, "vacuums"), retrace.table(result, "massacres"))
                few = retrace.kept(result)
                told = f"{text}\n{wrap(few)}" if few else text
        except retrace.RetraceError as error:
            raise fail(str(error)) from None
    if vacuum is None and massacre is None:
        print(told)
        return
    say_if_compiling()
    try:
        with doing("Running that world again, with its events kept ..."):
            if vacuum is not None:
                told = explain.vacuum(*retrace.find(result, "vacuums", vacuum), vacuum)
            elif massacre is not None:
                told = explain.massacre(*retrace.find(result, "massacres", massacre), massacre)
    except retrace.RetraceError as error:
        raise fail(str(error)) from None
    print(told)
