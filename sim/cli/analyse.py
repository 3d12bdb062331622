"""`drawdown analyse`: what came out of an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.common import err, fail
from sim.cli.sweep import ExperimentArgument


def command(
    experiment: ExperimentArgument,
    out: Annotated[
        Path | None,
        typer.Option("--results", help="Folder of the results; default results/NAME.", show_default=False),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help="Which outcome; default the experiment's first.")
    ] = None,
    scenario: Annotated[str | None, typer.Option(help="Which scenario, if there are several.")] = None,
    at_most: Annotated[
        float | None,
        typer.Option(
            help="Harm up to which a schedule is acceptable; default none beyond that with no drawdown."
        ),
    ] = None,
    figures: Annotated[bool, typer.Option(help="Draw the figures.")] = True,
) -> None:
    """Say what came out of an experiment: which schedule, under what, and what decides it.

    Prints three criteria side by side (mean harm, the worst twentieth of worlds, the largest regret), the set
    of schedules that cannot be told from the best and what more runs would do, which uncertainties matter,
    under which conditions the worst schedule does most harm, what would be worth finding out before
    choosing, and where harm turns along a lever that has three values or more. Writes criteria.csv,
    pairs.csv, turning.csv, importance.csv or (one-at-a-time) changes.csv, what-would-tell.csv, tree.txt (a
    second opinion on the conditions) and figures beside the runs.
    """
    from sim.scenario.errors import ScenarioError
    from sim.study.experiments.errors import StoreError
    from sim.study.experiments.experiment import Experiment
    from sim.study.experiments.need import Missing
    from sim.study.experiments.store import read

    try:
        asked = Experiment.load(experiment)
        folder = out or Path("results") / asked.name
        results = read(folder)
        if results.provenance["name"] != asked.name:
            raise StoreError(
                f"{folder} holds experiment {results.provenance['name']!r}; give --results the folder of "
                f"{asked.name!r}"
            )
        made_by = results.provenance["experiment_sha256"]
        if made_by != asked.as_run(made_by).digest:
            err.print(
                f"{asked.file} was changed since these runs were made; what follows is about the experiment "
                f"as it was, {folder / 'experiment.toml'}.",
                soft_wrap=True,
            )
        from sim.show import experiments

        answers = experiments.Analysis.of(results, outcome, scenario, at_most)
        print(experiments.page(answers))
        for name, table in experiments.tables(answers).items():
            table.to_csv(folder / f"{name}.csv", index=False)
        if grown := experiments.second_opinion(answers):
            (folder / "tree.txt").write_text(grown, encoding="utf-8")
        if figures:
            from sim.show.figures import experiments as pictures

            pictures.save_all(answers, folder / "figures")
    except (ScenarioError, StoreError, Missing, ValueError) as error:
        raise fail(str(error)) from None
    except OSError as error:
        raise fail(f"answers cannot be written: {error.strerror or error}") from None
