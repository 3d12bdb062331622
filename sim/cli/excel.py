"""The commands `drawdown excel ...`: cases and results as Excel workbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import doing, err, fail, load, write
from sim.cli.options import NamedScenario

app = typer.Typer(
    name="excel",
    help="A case as one Excel workbook, and back; a result as tables.\n\n"
    "`export` writes a case and its schedules with lists to choose from, `import` checks a workbook and "
    "makes the case of it, `results` writes the tables of a comparison with units and notes.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Out = Annotated[Path | None, typer.Option(help="The workbook.", metavar="FILE.xlsx", show_default=False)]


@app.command("export")
def export_command(scenario: NamedScenario, out: Out = None) -> None:
    """Write a case and its schedules as one workbook; default SCENARIO.xlsx.

    One sheet a table, with what each column means at its head and lists where one can only choose. It is
    read back before it is written, so that nothing is lost on the way.

    Example:  drawdown excel export corridor --out my-case.xlsx
    """
    case = load(scenario)
    file = _target(out or Path(f"{case.name}.xlsx"))
    with doing("Writing the workbook ..."):
        from sim.scenario import excel
        from sim.workbook import WorkbookError

        try:
            content = excel.export(case)
        except WorkbookError as error:
            raise fail(str(error)) from None
    write(file, content)
    print(f"Written to {file}. Read it back: drawdown excel import {file}")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="The workbook.", metavar="FILE.xlsx")],
    case: Annotated[
        str | None, typer.Argument(help="The case's name, or its folder; default the name in the workbook.")
    ] = None,
    within: Annotated[
        Path, typer.Option("--in", help="Folder in which a case is looked for or made by name.")
    ] = Path("scenarios"),
    force: Annotated[
        bool,
        typer.Option("--force", help="Change a case that is there already; the workbook holds all of it."),
    ] = False,
) -> None:
    """Make a case of a workbook, or bring a case that is there up to it (--force).

    Everything is checked as a case's files are. A mistake is told by sheet and cell, and then nothing is
    written. Files whose content is the same stay as they are, with their comments; other files in the folder
    stay too.
    """
    with doing(f"Reading {file} ..."):
        from sim.scenario import excel
        from sim.scenario.case import Scenario
        from sim.scenario.errors import ScenarioError
        from sim.scenario.importing import write as folders

        try:
            read = excel.read(file)
            folder = folders.folder_of(case or read.name, within)
            there = Scenario.load(folder) if folder.exists() else None
            if there is not None and not force:
                raise ScenarioError(folder, "is there already; --force changes it to what the workbook says")
            files, told = excel.files(read, there)
            if files:
                folders.publish(folder, files)
            strangers = excel.strangers(file)
        except ScenarioError as error:
            raise fail(str(error)) from None
    for name in strangers:
        err.print(f"Sheet {name!r} is none of a case's; left aside.", soft_wrap=True)
    if not told:
        print(f"{folder} is what the workbook says already; nothing was written.")
        return
    print(f"Written to {folder}:")
    for line in told:
        print(f"  {line}")
    print(f"Try it: drawdown check {folder}")


@app.command("results")
def results_command(
    result: Annotated[
        Path, typer.Argument(help="Folder of a result of `drawdown compare`.", metavar="RESULT")
    ],
    out: Out = None,
) -> None:
    """Write the tables of a comparison as one workbook, with units and notes; default RESULT.xlsx.

    Example:  drawdown excel results results/corridor
    """
    from sim.study.provenance import ProvenanceError

    file = _target(out or result.with_name(f"{result.name}.xlsx"))
    with doing(f"Reading {result} ..."):
        from sim.show import workbook
        from sim.study.load import load as load_result
        from sim.workbook import WorkbookError
        from sim.workbook import write as book

        try:
            found = load_result(result)
            content = book(workbook.sheets(found), found.scenario.header.title)
        except (ProvenanceError, WorkbookError) as error:
            raise fail(str(error)) from None
    write(file, content)
    print(f"Written to {file}.")


def _target(file: Path) -> Path:
    """Return where a workbook goes; ends the command where none can be."""
    if file.is_dir():
        raise fail(f"{file} is a folder; give --out the name of a file, e.g. {file / 'case.xlsx'}")
    if file.suffix.lower() != ".xlsx":
        raise fail(f"{file}: name it .xlsx, or no spreadsheet opens it")
    return file
