"""The record.csv of a case: which rows an import makes, which stay, and which units make up a district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from sim.scenario.case import RECORD
from sim.scenario.importing import write
from sim.scenario.importing.districts import Made
from sim.scenario.schema import RecordRow


def keeping(folder: Path, made: Made, kind: Literal["population", "others"]) -> Made:
    """Return files with the rows of record.csv kept that this import does not make.

    An import of districts makes those of population, one of bases the rest; of these, what somebody added
    by hand stays, as imports write closures and totals as computed.
    """
    _, before = write.raw_rows(folder / RECORD)
    if kind == "population":
        kept = [r for r in before if r.get("kind") != "population"]
    else:
        kept = [r for r in before if r.get("kind") == "population" or r.get("certainty") != "computed"]
    if not kept:
        return made
    columns = write.columns_of(RecordRow)
    ours = (made.files[RECORD] or "").split("\n", 1)[1]
    theirs = write.table(columns, [{c: r.get(c, "") for c in columns} for r in kept]).split("\n", 1)
    text = theirs[0] + "\n" + (ours + theirs[1] if kind == "population" else theirs[1] + ours)
    return replace(made, files={**made.files, RECORD: text})


def districts_of(record: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the district of each administrative unit, by code."""
    return {r["code"]: r["name"] for r in record if r.get("kind") == "population" and r.get("code")}
