"""Read a result folder back: the comparison that `sim.show.results` wrote, without running anything."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sim import measures, mechanisms
from sim.scenario.case import Scenario
from sim.study import provenance
from sim.study.comparison import PLACES, TABLES, WEEKLY, Comparison
from sim.study.provenance import ProvenanceError, first_line

REMEDY = "restore the file, or compare anew"
DATES = {"vacuums": ("onset",), "cliffs": ("closed",), "massacres": ("week",)}
TEXTS = ("schedule", "district", "base", "ended_by", "refilled_by")
"""Columns of names, which stay text whatever they look like ("NA" is a name, "12" too)."""


def load(folder: str | os.PathLike[str]) -> Comparison:
    """Return the comparison in a result folder.

    Raises `sim.study.provenance.ProvenanceError`, naming the file and a remedy, for a folder that is no
    result and for files that are missing, damaged, or do not belong together.
    """
    folder = Path(folder)
    found = provenance.read(folder)
    made = found.made
    case = _as_given(found)
    plans = made.schedules
    names = [plan.name for plan in plans]
    totals = _totals(folder / "totals.nc", names, made.replicates)
    data = _dataset(folder / "trajectories.nc")
    kept = {"trajectories": made.replicates, "vacuums": made.replicates, "cliffs": made.replicates}
    kept |= {name: int(n) for name, n in made.kept.items()}
    shape = {"schedule": len(names), "replicate": kept["trajectories"], "week": case.weeks}
    shape |= {"district": len(case.districts)}
    for dimension, size in shape.items():
        if data.sizes.get(dimension) != size:
            raise _unfit(
                folder / "trajectories.nc", f"{data.sizes.get(dimension, 0)} of {dimension}, not {size}"
            )
    file = folder / "trajectories.nc"
    weekly = _stacked(file, data, WEEKLY, "series", "")
    places = _stacked(file, data, [f"district_{p}" for p in PLACES], "measure", "district_")
    weekly_mean = _stacked(file, data, [f"{w}_mean" for w in WEEKLY], "series", "")
    places_mean = _stacked(file, data, [f"district_{p}_mean" for p in PLACES], "measure", "district_")
    tables = {name: _table(folder / f"{name}.csv", DATES.get(name, ())) for name in TABLES}
    return Comparison(
        scenario=case,
        schedules=plans,
        seed=made.seed,
        totals=totals,
        weekly=weekly,
        places=places,
        weekly_mean=weekly_mean.assign_coords(series=list(WEEKLY)),
        places_mean=places_mean.assign_coords(measure=list(PLACES)),
        kept=kept,
        people_conserved=bool(_raw(folder).get("checks", {}).get("people conserved in every run", True)),
        provenance=_raw(folder),
        **tables,
    )


def _as_given(found: provenance.Result) -> Scenario:
    """Return the scenario, with only that set by name which its files do not set themselves."""
    case = found.case()
    plain = replace(case, overrides={}, off=(), rival={})
    own, implied = plain.parameter_values(), mechanisms.values_without(case.off)
    return replace(
        case,
        overrides={n: v for n, v in case.overrides.items() if own[n] != v and n not in implied},
        off=tuple(n for n in case.off if n not in plain.switched_off),
        rival={} if plain.rules == case.rules else case.rival,
    )


def _raw(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / provenance.FILE).read_bytes())
    return told


def _unfit(file: Path, why: str) -> ProvenanceError:
    return ProvenanceError(f"{file} is not of this result, or of another version ({why}); {REMEDY}")


def _dataset(file: Path) -> xr.Dataset:
    try:
        with xr.open_dataset(file, engine="scipy") as data:
            return data.load()
    except FileNotFoundError:
        raise ProvenanceError(f"{file} is missing; {REMEDY}") from None
    except Exception as error:  # whatever a torn NetCDF file makes of its reader
        raise ProvenanceError(f"{file} is damaged ({first_line(error)}); {REMEDY}") from None


def _totals(file: Path, names: list[str], replicates: int) -> xr.DataArray:
    data = _dataset(file)
    missing = [m.name for m in measures.METRICS if m.name not in data]
    if missing:
        raise _unfit(file, f"it lacks {missing[0]}")
    if [str(s) for s in data.coords["schedule"].values] != names or data.sizes["replicate"] != replicates:
        raise _unfit(file, "other schedules or replicates than provenance.json says")
    values = np.stack([data[m.name].values for m in measures.METRICS], axis=-1)
    if not np.isfinite(values).all():
        raise ProvenanceError(f"{file} is damaged (a total is missing or infinite); {REMEDY}")
    return xr.DataArray(
        values,
        dims=("schedule", "replicate", "metric"),
        coords={
            "schedule": names,
            "replicate": np.arange(replicates),
            **measures.metric_coordinates(),
        },
        name="totals",
    )


def _stacked(
    file: Path, data: xr.Dataset, variables: list[str] | tuple[str, ...], along: str, prefix: str
) -> xr.DataArray:
    missing = [v for v in variables if v not in data]
    if missing:
        raise _unfit(file, f"it lacks {missing[0]}")
    first = data[variables[0]]
    values = np.stack([data[v].values for v in variables], axis=-1)
    names = [v.removeprefix(prefix) for v in variables]
    coords = {k: v for k, v in first.coords.items() if set(v.dims) <= set(first.dims)}
    coords["schedule"] = [str(s) for s in data.coords["schedule"].values]
    return xr.DataArray(values, dims=(*first.dims, along), coords={**coords, along: names})


def _table(file: Path, dates: tuple[str, ...]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(file, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(TEXTS, str))
        for column in dates:
            frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d")
    except FileNotFoundError:
        raise ProvenanceError(f"{file} is missing; {REMEDY}") from None
    except (ValueError, KeyError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise ProvenanceError(f"{file} is damaged ({first_line(error)}); {REMEDY}") from None
    return frame
