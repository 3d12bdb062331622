"""Go back into one run of a finished comparison: the same replicate again, with its event log open."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim import measures
from sim.ensemble import Ensemble
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import Schedule
from sim.study.eventlog import event_log
from sim.study.results import PROVENANCE
from sim.world.state import World


class RetraceError(ValueError):
    """A result cannot be gone back into: not a result, or not reproducible from what is here."""


@dataclass(frozen=True)
class Run:
    """One run of a comparison, made again."""

    case: Scenario
    schedule: Schedule
    replicate: int
    log: pd.DataFrame
    """Its events, see `sim.study.eventlog.as_frame`."""
    world: World
    """Its world at the end."""
    record: np.ndarray
    """(weeks, districts) of `sim.world.record.TABLE`."""
    matched: np.ndarray
    """The same of the matched run of the counterfactual."""

    def district(self, name: str) -> int:
        """Return the row of a district."""
        return [d.name for d in self.case.districts].index(name)


def table(folder: Path, name: str) -> pd.DataFrame:
    """Return `vacuums` or `massacres` of a result, numbered from 1. Raises `RetraceError`."""
    when = "onset" if name == "vacuums" else "week"
    try:
        frame = pd.read_csv(folder / f"{name}.csv", parse_dates=[when])
    except FileNotFoundError:
        raise RetraceError(
            f"{folder} has no {name}.csv; give the folder of a result of `drawdown compare`"
        ) from None
    except (ValueError, pd.errors.ParserError) as error:
        raise RetraceError(f"{folder / name}.csv cannot be read: {error}") from None
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="number")
    return frame


def find(folder: Path, name: str, number: int) -> tuple[Run, pd.Series]:
    """Return the run that a numbered vacuum or massacre of a result is from, and its row.

    Raises `RetraceError` if there is no such number, or if running the replicate again does not
    give what the result says (the scenario or the code has changed since).
    """
    rows = table(folder, name)
    if number not in rows.index:
        raise RetraceError(f"{folder / name}.csv has no row {number}; its rows are 1 to {len(rows)}")
    row = rows.loc[number]
    run = again(folder, str(row["schedule"]), int(row["replicate"]))
    d = run.district(str(row["district"]))
    when = row["onset"] if name == "vacuums" else row["week"]
    week = run.case.week_of(when.date())
    if name == "vacuums":
        spells = measures.vacuums(run.record[None])
        same = spells[(spells["district"] == d) & (spells["onset"] == week)]
        there = len(same) == 1 and int(same["weeks"].iloc[0]) == int(row["weeks"])
    else:
        there = int(run.record["killed_by_groups"][week, d]) == int(row["killed"])
    if not there:
        raise RetraceError(
            f"running replicate {run.replicate} of {row['schedule']!r} again does not give row {number} of "
            f"{name}.csv: the result was made by another version of drawdown; compare anew"
        )
    return run, row


def again(folder: Path, schedule: str, replicate: int) -> Run:
    """Run a replicate of a result again, and its match. Raises `RetraceError`."""
    provenance = _provenance(folder)
    case = _case(provenance)
    plans = {p["name"]: Schedule.model_validate(p) for p in provenance["schedules"]}
    if schedule not in plans:
        raise RetraceError(f"{folder} holds no schedule {schedule!r}")
    seed = int(provenance["seed"])
    log, world = event_log(case, plans[schedule], seed=seed, replicate=replicate)
    matched = Ensemble(case, plans[COUNTERFACTUAL]).run(seed, replicate, 1).records[0]
    return Run(
        case=case,
        schedule=plans[schedule],
        replicate=replicate,
        log=log,
        world=world,
        record=np.asarray(world.record),
        matched=np.asarray(matched),
    )


def _provenance(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RetraceError(
            f"{folder} has no {PROVENANCE}; give the folder of a result of `drawdown compare`"
        ) from None
    except ValueError as error:
        raise RetraceError(f"{folder / PROVENANCE} cannot be read: {error}") from None
    missing = {"scenario", "scenario_sha256", "parameters", "schedules", "seed"} - set(found)
    if missing:
        raise RetraceError(f"{folder / PROVENANCE} lacks {', '.join(sorted(missing))}")
    return dict(found)


def _case(provenance: dict[str, Any]) -> Scenario:
    """Return the scenario of a result with its parameters, if its files are as they were."""
    places = [str(provenance["scenario"])]
    if provenance.get("scenario_folder"):
        places.append(str(provenance["scenario_folder"]))
    for place in places:
        try:
            case = Scenario.load(place)
        except ScenarioError:
            continue
        if case.digest == provenance["scenario_sha256"]:
            # values of switched-off mechanisms are among the parameters
            off = tuple(provenance.get("without", ()))
            rules = dict(provenance.get("rules", {}))
            return replace(case, overrides=provenance["parameters"], off=off, rival=rules)
    raise RetraceError(
        f"the files of scenario {provenance['scenario']!r} are not those the result was made from; "
        "compare anew"
    )
