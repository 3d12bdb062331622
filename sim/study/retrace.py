"""Go back into one run of a finished comparison: the same replicate again, with its event log open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sim import measures
from sim.ensemble import Ensemble
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule
from sim.study.comparison import note
from sim.study.eventlog import event_log
from sim.study.provenance import ProvenanceError, Result, first_line, read
from sim.world.state import World

COMMAND = "`drawdown compare`"
REMEDY = "restore the file, or compare anew"
WHEN = {"vacuums": "onset", "massacres": "week"}
COLUMNS = {
    "vacuums": {
        "schedule": "text",
        "replicate": "whole",
        "district": "text",
        "onset": "date",
        "weeks": "whole",
        "killed": "number",
        "shared_weeks": "whole",
        "depth": "share",
    },
    "massacres": {
        "schedule": "text",
        "replicate": "whole",
        "district": "text",
        "week": "date",
        "killed": "whole",
        "attacks": "whole",
        "killed_matched": "whole",
    },
}
"""What is read of each table, and of what kind it must be."""


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
    """Return `vacuums` or `massacres` of a result, numbered from 1.

    Raises `RetraceError`, naming the file, the row and a remedy, unless every row can be of that result.
    """
    file = folder / f"{name}.csv"
    columns = COLUMNS[name]
    try:
        frame = pd.read_csv(file, usecols=list(columns), dtype=str, keep_default_na=False, na_filter=False)
    except (FileNotFoundError, NotADirectoryError):
        raise RetraceError(f"{folder} has no {file.name}; give the folder of a result of {COMMAND}") from None
    except OSError as error:
        raise RetraceError(f"{file} cannot be read: {error.strerror or error}") from None
    except (ValueError, pd.errors.ParserError, OverflowError) as error:
        missing = "lacks columns or is" if "Usecols" in str(error) else "is"
        raise RetraceError(f"{file} {missing} damaged ({first_line(error)}); {REMEDY}") from None
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="number")
    for column, kind in columns.items():
        frame[column] = _typed(file, frame[column], kind)
    return frame


def _typed(file: Path, column: pd.Series, kind: str) -> pd.Series:
    """Return a column of text as numbers or dates. Raises `RetraceError` for the first that is none."""
    if kind == "text":
        return column
    if kind == "date":
        values = pd.to_datetime(column, format="%Y-%m-%d", errors="coerce")
        bad = values.isna()
    else:
        values = pd.to_numeric(column, errors="coerce").astype(np.float64)
        least = -1 if kind == "share" else 0
        bad = ~(np.isfinite(values) & (values >= least) & (values < 2**53))
        if kind == "whole":
            bad |= values != np.floor(values)
    if bad.any():
        number = int(bad.idxmax())
        words = {
            "date": "a date",
            "whole": "a whole number",
            "number": "a number from 0",
            "share": "a number",
        }
        raise RetraceError(
            f"{file}, row {number} (line {number + 1}): {column.name} {str(column[number])[:40]!r} is not "
            f"{words[kind]}; {REMEDY}"
        )
    return values.astype(np.int64) if kind == "whole" else values


def find(folder: Path, name: str, number: int) -> tuple[Run, pd.Series]:
    """Return the run that a numbered vacuum or massacre of a result is from, and its row.

    Raises `RetraceError` if there is no such number, if the row cannot be of that result, or if running
    the replicate again does not give what the row says (the result or the code has changed since).
    """
    rows = table(folder, name)
    file = folder / f"{name}.csv"
    if number not in rows.index:
        span = f"its rows are 1 to {len(rows)}" if len(rows) else "it has none"
        raise RetraceError(f"{file} has no row {number}; {span}")
    row = rows.loc[number]
    result = _read(folder)
    case = _case(result)
    districts = [d.name for d in case.districts]
    week = case.week_of(row[WHEN[name]].date())
    weeks = int(row["weeks"]) if name == "vacuums" else 1
    wrong = ""
    if result.made.plan(row["schedule"]) is None:
        wrong = f"schedule {row['schedule'][:60]!r}, which the result does not have"
    elif not row["replicate"] < result.made.replicates:
        wrong = f"replicate {row['replicate']}, and the result has 0 to {result.made.replicates - 1}"
    elif row["district"] not in districts:
        wrong = f"district {row['district'][:60]!r}, which its scenario does not have"
    elif not (week >= 0 and 1 <= weeks <= case.weeks - week):
        wrong = f"{row[WHEN[name]]:%Y-%m-%d} and {weeks} weeks, outside of {_period(case)}"
    elif name == "massacres" and row["killed"] < 1:
        wrong = "nobody killed"
    if wrong:
        raise RetraceError(f"{file}, row {number} (line {number + 1}) names {wrong}; {REMEDY}")
    run = _again(result, str(row["schedule"]), int(row["replicate"]))
    d = run.district(str(row["district"]))
    if name == "vacuums":
        spells = measures.vacuums(run.record[None])
        same = spells[(spells["district"] == d) & (spells["onset"] == week)]
        there = len(same) == 1 and int(same["weeks"].iloc[0]) == weeks
    else:
        there = int(run.record["killed_by_groups"][week, d]) == int(row["killed"])
    if not there:
        raise RetraceError(
            f"running replicate {run.replicate} of {row['schedule']!r} again does not give row {number} of "
            f"{file}: the file was changed, or the result was made by another version of drawdown "
            f"({result.made.version}); compare anew"
        )
    return run, row


def _period(case: Scenario) -> str:
    return f"the run ({case.header.start} to {case.header.end})"


def kept(folder: Path) -> str:
    """Return a sentence on which rows a result holds of its first replicates alone; empty if all."""
    made = _read(folder).made
    return note(made.kept, made.replicates)


def again(folder: Path, schedule: str, replicate: int) -> Run:
    """Run a replicate of a result again, and its match. Raises `RetraceError`."""
    result = _read(folder)
    if result.made.plan(schedule) is None:
        raise RetraceError(f"{folder} holds no schedule {schedule!r}")
    return _again(result, schedule, replicate)


def _again(result: Result, schedule: str, replicate: int) -> Run:
    plan, counterfactual = result.made.plan(schedule), result.made.plan(COUNTERFACTUAL)
    if plan is None or counterfactual is None:
        raise RetraceError(f"{result.file} lacks a schedule {COUNTERFACTUAL!r}; {REMEDY}")
    seed = result.made.seed
    try:
        case = result.world(replicate)
    except ProvenanceError as error:
        raise RetraceError(str(error)) from None
    log, world = event_log(case, plan, seed=seed, replicate=replicate)
    matched = Ensemble(case, counterfactual).run(seed, replicate, 1).records[0]
    return Run(
        case=case,
        schedule=plan,
        replicate=replicate,
        log=log,
        world=world,
        record=np.asarray(world.record),
        matched=np.asarray(matched),
    )


def _read(folder: Path) -> Result:
    try:
        return read(folder)
    except ProvenanceError as error:
        raise RetraceError(str(error)) from None


def _case(result: Result) -> Scenario:
    try:
        return result.case()
    except ProvenanceError as error:
        raise RetraceError(str(error)) from None
