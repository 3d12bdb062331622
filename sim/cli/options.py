"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

DEFAULT = "corridor"
ScenarioArgument = Annotated[
    str,
    typer.Argument(
        help="A scenario's name (see `drawdown list`) or its folder; default corridor, an invented case.",
        metavar="[SCENARIO]",
    ),
]
NamedScenario = Annotated[
    str, typer.Argument(help="A scenario's name (see `drawdown list`) or its folder.", metavar="SCENARIO")
]
SeedOption = Annotated[
    int,
    typer.Option(help="Which draws of chance; the same seed gives the same result.", min=0, max=2**63 - 1),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Set a parameter, NAME=VALUE; may be repeated. See `drawdown parameters`.",
        metavar="NAME=VALUE",
    ),
]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        help="Switch a mechanism off; may be repeated. See `drawdown mechanisms`.",
        metavar="MECHANISM",
    ),
]

ParametersOption = Annotated[
    str | None,
    typer.Option(
        "--parameters",
        help="plausible: each matched run has other parameters, drawn from those that the record leaves "
        "open; default: all have the scenario's. Without it: plausible, if draws were found for these rules.",
        metavar="plausible|default",
    ),
]
RuleOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        help="Use a rival rule form: contest=ratio or lanchester, target=control or expected-cost, "
        "deterrence=rate or choice.",
        metavar="RULE=FORM",
    ),
]
ReadinessOption = Annotated[
    float,
    typer.Option(
        "--host-readiness",
        help="State forces abler and more willing than the case has them (up to 1: fully), or less "
        "(down to -1).",
        min=-1.0,
        max=1.0,
        metavar="SHIFT",
    ),
]
