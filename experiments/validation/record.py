"""What the record has for each check that it can tell, by the estimators that measure the runs: record.csv.

    python experiments/validation/record.py DATA

DATA is a folder with ged/, districts/ and displacement/: extracts of UCDP GED (25.1 by province and month
2010-2022; 23.1 events of the Central African Republic; 23.1 by county and month of South Sudan), of the
contiguity of districts, and of IOM DTM's travellers by county and month. They are no part of the project.
The page of a validation cites what this wrote.

Events are one-sided ones that have a dead; in South Sudan, where the extract has deaths alone, a month with
any counts as one event, so that only rows of violent months and of deaths are told. Deaths are of all types
of violence but in the Central African Republic, where they are of civilians in one-sided events.
"""

from __future__ import annotations

import argparse
import math
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.study import dispersion, patterns

HERE = Path(__file__).resolve().parent
MONTHS = 12
COUNTRIES = {
    "DR Congo (Zaire)": "DR Congo, provinces",
    "Central African Republic": "Central African Republic, provinces",
    "South Sudan": "South Sudan, states",
    "Sudan": "Sudan, states",
}
"""Countries at war in the window, as GED names them, and as the table does."""
FIRST_DAY = pd.Timestamp("2010-01-04")
"""A Monday, from which weeks are counted."""
FROM_DEATHS = ("persistence", "contagion", "calms", "flares")
"""Rows that can be told where only deaths by month are known."""


class History(NamedTuple):
    """Events and deaths by month and place: (months, D), whole years; and which places touch, if known."""

    events: np.ndarray
    deaths: np.ndarray
    neighbours: np.ndarray | None


def _grid(frame: pd.DataFrame, value: str, places: list[str], months: pd.PeriodIndex) -> np.ndarray:
    table = frame.pivot_table(index="month", columns="place", values=value, aggfunc="sum")
    return table.reindex(index=months.astype(str), columns=places).fillna(0.0).to_numpy(float)


def provinces(data: Path) -> dict[str, History]:
    """Return the countries at war by province, and all countries together."""
    frame = pd.read_csv(data / "ged" / "ged251_province_month_2010_2022.csv")
    frame["place"] = frame["country"] + ": " + frame["unit"]
    months = pd.period_range("2010-01", "2022-12", freq="M")

    def of(rows: pd.DataFrame) -> History:
        places = sorted(rows["place"].unique())
        return History(*(_grid(rows, v, places, months) for v in ("n_one_sided", "deaths")), None)

    found = {name: of(frame[frame["country"] == c]) for c, name in COUNTRIES.items()}
    return found | {"nine countries, provinces": of(frame)}


def central_african_republic(data: Path, level: str) -> History:
    """Return one-sided events by prefecture ("parent") or sub-prefecture ("name"), 2010-2022."""
    events = pd.read_csv(data / "ged" / "ged231_caf_events.csv")
    events = events[(events["type_of_violence"] == 3) & (events["best"] > 0) & (events["date_prec"] <= 4)]
    events["place"] = events["adm_1" if level == "parent" else "adm_2"].map(_plain)
    events["month"] = events["date_start"].str[:7]
    events["one"] = 1.0
    touching = _touching(data, "CAF", level)
    places = sorted({*touching.index, *events["place"].dropna()})
    months = pd.period_range("2010-01", "2022-12", freq="M")
    neighbours = touching.reindex(index=places, columns=places).fillna(False).to_numpy(bool)
    return History(*(_grid(events, v, places, months) for v in ("one", "best")), neighbours)


def south_sudan(data: Path) -> History:
    """Return months with deaths by county, 2012-2022."""
    deaths = pd.read_csv(data / "ged" / "ged231_ssd_county_month.csv")
    deaths["place"], deaths["month"] = deaths["county"].map(_plain), deaths["month_end"].str[:7]
    deaths["any"] = (deaths["deaths_best"] > 0).astype(float)
    touching = _touching(data, "SSD", "name")
    places = sorted({*touching.index, *deaths["place"]})
    months = pd.period_range("2012-01", "2022-12", freq="M")
    neighbours = touching.reindex(index=places, columns=places).fillna(False).to_numpy(bool)
    return History(*(_grid(deaths, v, places, months) for v in ("any", "deaths_best")), neighbours)


def attacks(data: Path, level: str) -> dict[str, float]:
    """Return how one-sided events of 2010-2022 are sized and follow each other, in weeks of known date.

    In the Central African Republic, by prefecture or sub-prefecture as above.
    """
    events = pd.read_csv(data / "ged" / "ged231_caf_events.csv", parse_dates=["date_start"])
    events = events[(events["type_of_violence"] == 3) & (events["best"] > 0) & (events["date_prec"] <= 2)]
    events = events[events["date_start"] >= FIRST_DAY]
    dead = events["best"].to_numpy(float)
    touching = _touching(data, "CAF", level)
    where = events["adm_1" if level == "parent" else "adm_2"].map(_plain)
    places = sorted({*touching.index, *where.dropna()})
    week = ((events["date_start"] - FIRST_DAY).dt.days // 7)[where.notna()]
    counts = np.zeros((week.max() + 1, len(places)))
    np.add.at(counts, (week, where.dropna().map(places.index)), 1)
    violent = counts[: len(counts) // 4 * 4].reshape(-1, 4, len(places)).sum(axis=1) > 0
    neighbours = touching.reindex(index=places, columns=places).fillna(False).to_numpy(bool)
    triggered, memory = patterns.self_excitation(counts)
    near, by_chance = patterns.near_in_time(counts)
    return {
        "exponent": patterns.tail_exponent(dead),
        "exponent above 3": patterns.tail_exponent(dead, 4),
        "top tenth": 100 * patterns.top_share(dead),
        "top hundredth": 100 * patterns.top_share(dead, 0.01),
        "one dead": 100 * float((dead == 1).mean()),
        "triggered": 100 * triggered,
        "memory": memory,
        "clustered": 100 * (near - by_chance) / (1 - by_chance),
        "expansion or relocation": patterns.relocation_or_expansion(violent, neighbours),
        "expansion": patterns.expansion_share(violent, neighbours),
    }


def elasticity(data: Path) -> float:
    """Return the elasticity of outflow with respect to deaths in South Sudan's counties, 2020-2022."""
    left = pd.read_csv(data / "displacement" / "iom_dtm_ssd_county_outflow_monthly.csv")
    deaths = pd.read_csv(data / "ged" / "ged231_ssd_county_month.csv")
    for frame in (left, deaths):
        frame["place"], frame["month"] = frame["county"].map(_plain), frame["month_end"].str[:7]
    months = pd.PeriodIndex(sorted(left["month"].unique()), freq="M")
    places = sorted(left["place"].unique())
    return patterns.elasticity(
        _grid(deaths, "deaths_best", places, months), _grid(left, "outflow_persons", places, months)
    )


def _touching(data: Path, iso: str, level: str) -> pd.DataFrame:
    """Return which places touch, as a square table of bool by plain name."""
    nodes = pd.read_csv(data / "districts" / "district_nodes.csv").query("iso == @iso").set_index("id")
    edges = pd.read_csv(data / "districts" / "district_edges.csv").query("iso == @iso")
    names = nodes[level].map(_plain)
    places = sorted(names.unique())
    table = pd.DataFrame(False, index=places, columns=places)
    for a, b in zip(edges["id1"].map(names), edges["id2"].map(names), strict=True):
        if a != b:
            table.loc[a, b] = table.loc[b, a] = True
    return table


def _plain(name: object) -> object:
    """Return the name of a place without accents, marks and its kind, so that two sources agree."""
    if not isinstance(name, str):
        return name
    text = name.lower().translate(str.maketrans("éèôâï", "eeoai"))
    return re.sub(r"\b(province|prefecture|sub-prefecture|county|commune|region)\b|[^a-z]", "", text)


def of(data: Path) -> pd.DataFrame:
    """Return what each history tells, by `sim.study.checks.Expected.value`: NaN where it does not."""
    histories = provinces(data) | {
        "Central African Republic, prefectures": central_african_republic(data, "parent"),
        "Central African Republic, sub-prefectures": central_african_republic(data, "name"),
        "South Sudan, counties": south_sudan(data),
    }
    found = {}
    for name, history in histories.items():
        rows = dispersion.of_months(*history, a_year=MONTHS)
        if name == "South Sudan, counties":
            rows = {k: v if k in FROM_DEATHS else math.nan for k, v in rows.items()}
        if name.startswith("nine"):  # countries are not one
            rows |= {"country": math.nan, "wave": math.nan}
        for level, places in (("parent", ", prefectures"), ("name", ", sub-prefectures")):
            if name.endswith(places):
                rows |= attacks(data, level)
        if name == "South Sudan, counties":
            rows["elasticity"] = elasticity(data)
        found[name] = rows
    return pd.DataFrame(found).T.rename_axis("history")


def main() -> None:
    """Write record.csv."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with ged/ and districts/")
    table = of(parser.parse_args().data)
    table.to_csv(HERE / "record.csv", float_format="%.4g", lineterminator="\n")
    print(table.T.round(2).to_string())


if __name__ == "__main__":
    main()
