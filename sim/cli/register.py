"""`drawdown register`: every assumption, how sure it is and how much it matters, as a page and a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import doing, fail, load, write
from sim.cli.options import DEFAULT, RuleOption, ScenarioArgument, SetOption, WithoutOption


def command(
    scenario: ScenarioArgument = DEFAULT,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The HTML file; the workbook stands beside it. Default results/SCENARIO-register.html.",
            metavar="FILE.html",
        ),
    ] = None,
    settings: SetOption = None,
    without: WithoutOption = None,
    rule: RuleOption = None,
) -> None:
    """Write the assumptions register: one page and one Excel workbook of every parameter and mechanism.

    Each with its value in the scenario, range, source, how sure it is, how much it matters, the risk in the
    two together, where it stands in the code, and a command that tries the answer without it. The page opens
    from disk, asks for nothing outside itself, and can be sorted, searched and filtered.

    Example:  drawdown register drc-monusco
    """
    case = load(scenario, settings, without, rule)
    file = out or Path("results") / f"{case.name}-register.html"
    if file.is_dir():
        raise fail(f"{file} is a folder; give --out the name of a file, e.g. {file / 'register.html'}")
    if file.suffix.lower() == ".xlsx":
        raise fail(
            f"--out names the page, and the workbook stands beside it: --out {file.with_suffix('.html')}"
        )
    with doing("Gathering the assumptions ..."):
        from sim import workbook
        from sim.register import content, page
        from sim.register.workbook import sheets

        made = content.gather(case)
        book = file.with_suffix(".xlsx")
        files = {
            file: page.page(made).encode(),
            book: workbook.write(sheets(made), f"Assumptions behind {case.header.title}"),
        }
    for path, text in files.items():
        write(path, text)
    worst = sum(e.risk == "very high" for e in made.entries)
    print(f"Written: {file} and {book} ({len(made.entries)} assumptions, {worst} of very high risk).")
    if made.older:
        print(f"How much each matters was measured {made.older}: older than the rules.")
