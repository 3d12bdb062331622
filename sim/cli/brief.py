"""`drawdown brief`: a result as one page to forward, with an annex."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import doing, fail, write


class Lang(StrEnum):
    """Languages of a briefing."""

    en = "en"
    fr = "fr"


class Paper(StrEnum):
    """Paper that a briefing is printed on."""

    a4 = "a4"
    letter = "letter"


def command(
    result: Annotated[
        Path, typer.Argument(help="Folder of a result of `drawdown compare`.", metavar="RESULT")
    ],
    pdf: Annotated[
        bool,
        typer.Option("--pdf", help="Also write a PDF beside it (needs `pip install 'drawdown[brief]'`)."),
    ] = False,
    lang: Annotated[Lang, typer.Option(help="Language: English or French.")] = Lang.en,
    paper: Annotated[Paper, typer.Option(help="Paper it is printed on.")] = Paper.a4,
    out: Annotated[
        Path | None,
        typer.Option(help="File to write, default briefing-LANG.html in RESULT.", metavar="FILE"),
    ] = None,
) -> None:
    """Write a briefing of a result: one page to forward, and an annex.

    The page says the question, what to know before reading, what the runs say (how likely, from matched
    worlds, apart from how sure, from the evidence), where, when, who fills the gap and at what cost. The
    annex has the dates, the places, the figures with how to read them, what would change the ranking, what
    the model cannot say, and how it was made. One HTML file: it can be mailed, works without a network and
    without scripts, and carries its data as tables to download. Same result, same bytes.

    Begin with:  drawdown compare corridor --replicates 50 && drawdown brief results/corridor
    """
    from sim.study.provenance import ProvenanceError

    target = out or result / f"briefing-{lang}.html"
    if target.is_dir():
        raise fail(f"{target} is a folder; give --out the name of a file, e.g. {target / 'briefing.html'}")
    if target.suffix.lower() == ".pdf":
        raise fail(
            f"--out names the HTML file, and --pdf writes a PDF beside it: give --pdf --out "
            f"{target.with_suffix('.html')}"
        )
    with doing(f"Reading {result} ..."):
        from sim.brief import content, html, typeset
        from sim.study.load import load

        try:
            if pdf:
                typeset.check()
            made = content.brief(load(result))
        except (ProvenanceError, typeset.Missing) as error:
            raise fail(str(error)) from None
    with doing("Writing and drawing ..."):
        files = {target: html.html(made, lang, paper).encode()}
        if pdf:
            beside = target.with_suffix(".pdf")
            files[beside] = typeset.pdf(made, lang, paper)
    for file, text in files.items():
        write(file, text)
        print(f"Written to {file}.")
