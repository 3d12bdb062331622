"""The records that are replayed, and those compared with: extracts that are no part of the project."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from sim import Scenario
from sim.scenario.schema import District, Header, Route
from sim.study.replay.forced import Incident

WEEK = pd.Timedelta(days=7)
DETOUR, SPEED, WETTER = 1.4, 27.0, 1.9
"""As `drawdown import` guesses travel times: km of way a km, km/h, times as long in the wet season."""
AN_EVENT = 14.0
"""Deaths of an event in South Sudan (13,772 in 961; UCDP GED 25.1), by which a county's month is divided."""
COUNTIES = {
    "juba": "Juba", "terekeka": "Terekeka", "yei": "Yei, Morobo, Lainya", "kajo-keji": "Kajo-keji",
    "torit": "Torit, Ikotos, Lafon", "magwi": "Magwi",
    "kapoeta": "Kapoeta East, Kapoeta North, Kapoeta South, Budi",
    "yambio": "Yambio, Nzara, Ezo, Ibba", "tambura": "Tambura, Nagero",
    "mundri": "Maridi, Mundri East, Mundri West, Mvolo", "rumbek": "Rumbek Centre, Rumbek East, Wulu",
    "cueibet": "Cueibet, Rumbek North", "yirol": "Yirol East, Yirol West, Awerial",
    "tonj": "Tonj East, Tonj North, Tonj South", "gogrial": "Gogrial East, Gogrial West", "twic": "Twic",
    "aweil": "Aweil Centre, Aweil East, Aweil North, Aweil South, Aweil West", "wau": "Wau, Jur River",
    "raja": "Raja", "bentiu": "Rubkona, Guit", "pariang": "Pariang", "mayom": "Mayom, Abiemnhom",
    "leer": "Koch, Leer, Mayendit", "panyijiar": "Panyijiar", "malakal": "Malakal, Panyikang, Baliet",
    "fashoda": "Fashoda, Manyo", "melut": "Melut", "renk": "Renk", "maban": "Maban",
    "nasir": "Luakpiny/Nasir, Ulang, Maiwut, Longochuk", "bor": "Bor South", "duk": "Twic East, Duk",
    "fangak": "Ayod, Fangak, Canal/Pigi, Canal-Pigi", "uror": "Uror, Nyirol", "akobo": "Akobo",
    "pibor": "Pibor, Pochalla",
}  # fmt: skip
"""Counties of each district of the case of South Sudan (its README); Abyei is left out, as there."""
BORDERS = {
    "nanamambere": "Cameroon", "mamberekadei": "Cameroon", "sanghambaere": "Cameroon", "ouhampende": "Chad",
    "ouham": "Chad", "baminguibangoran": "Chad", "vakaga": "Sudan", "hautekotto": "Sudan",
    "hautmbomou": "South Sudan", "mbomou": "DR Congo", "bassekotto": "DR Congo", "ouaka": "DR Congo",
    "ombellampoko": "DR Congo", "bangui": "DR Congo", "lobaye": "DR Congo",
}  # fmt: skip
"""Prefectures of the Central African Republic that border on another country, and on which."""


def district_of() -> dict[str, str]:
    """Return the district of each county of South Sudan."""
    return {county: d for d, counties in COUNTIES.items() for county in counties.split(", ")}


def south_sudan(data: Path, case: Scenario) -> list[Incident]:
    """Return deaths by county and month as incidents of about `AN_EVENT` deaths, spread over the month."""
    deaths = pd.read_csv(data / "ged" / "ged231_ssd_county_month.csv", parse_dates=["month_end"])
    deaths["district"] = deaths["county"].map(district_of())
    incidents = []
    for row in deaths.dropna(subset="district").itertuples():
        killed = round(row.deaths_best)
        count = max(1, round(killed / AN_EVENT))
        days = row.month_end.day
        for n in range(count if killed else 0):
            day = row.month_end - pd.Timedelta(days=days - 1 - int((n + 0.5) / count * days))
            week = (day - pd.Timestamp(case.header.start)) // WEEK
            share = killed // count + (n < killed % count)
            if 0 <= week < case.weeks and share:
                incidents.append(Incident(week, row.district, share))
    return incidents


def outflow(data: Path) -> pd.DataFrame:
    """Return travellers who left, by month (period) and district of the case of South Sudan."""
    left = pd.read_csv(
        data / "displacement" / "iom_dtm_ssd_county_outflow_monthly.csv", parse_dates=["month_end"]
    )
    left["district"] = left["county"].map(district_of())
    table = left.pivot_table(
        index=left["month_end"].dt.to_period("M"), columns="district", values="outflow_persons", aggfunc="sum"
    )
    return table.reindex(columns=list(COUNTIES)).fillna(0.0)


def unhcr(data: Path, iso: str) -> pd.DataFrame:
    """Return refugees and internally displaced at the end of each year."""
    table = pd.read_csv(data / "displacement" / "unhcr_annual_by_origin.csv")
    return table[table["origin_iso"] == iso].set_index("year")[["refugees", "idps"]]


def plain(name: str) -> str:
    """Return the name of a prefecture without accents, marks and its kind."""
    text = name.lower().replace("province", "").translate(str.maketrans("éèôâï", "eeoai"))
    return "".join(c for c in text if c.isalpha()).replace("nanagribizi", "nanagrebizi")


def car_events(data: Path) -> pd.DataFrame:
    """Return events of the Central African Republic with deaths, by prefecture: date, best, low, place."""
    events = pd.read_csv(data / "ged" / "ged231_caf_events.csv", parse_dates=["date_start"])
    events = events[(events["best"] > 0) & events["adm_1"].notna()]
    return events.assign(place=events["adm_1"].map(plain))


def car(data: Path, start: date, end: date) -> Scenario:
    """Return the Central African Republic's prefectures as a case without a mission or state forces.

    People, areas and contiguity are those of its sub-prefectures; the displaced at the start are UNHCR's of
    the year before, divided by the deaths of the four years before.
    """
    nodes = pd.read_csv(data / "districts" / "district_nodes.csv")
    edges = pd.read_csv(data / "districts" / "district_edges.csv")
    nodes, edges = nodes[nodes["iso"] == "CAF"].set_index("id"), edges[edges["iso"] == "CAF"]
    nodes["place"] = nodes["parent"].map(plain)
    events = car_events(data)
    before = events[
        (events["date_start"].dt.year >= start.year - 4) & (events["date_start"].dt.year < start.year)
    ]
    displaced = unhcr(data, "CAF")["idps"].loc[start.year - 1]
    share = before.groupby("place")["best"].sum() / before["best"].sum()
    provenance = {"source": "OCHA COD-AB, UCDP GED, UNHCR; the rest estimates", "certainty": "estimate"}
    districts, centres = [], {}
    for place, rows in nodes.groupby("place"):
        people = int(rows["population"].sum())
        centres[place] = [float(np.average(rows[c], weights=rows["population"])) for c in ("lat", "lon")]
        districts.append(
            District(
                id=place, name=place, province=rows["parent"].iloc[0],
                latitude=centres[place][0], longitude=centres[place][1],
                area_km2=float(rows["area_km2"].sum()),
                population_low=people, population=people, population_high=people,
                urban_share=0.9 if place == "bangui" else 0.2, concealment=0.4, rents=0.3,
                state_reach=0.3, state_control=0.4, border=BORDERS.get(place, ""),
                displaced=int(min(displaced * share.get(place, 0.0), 0.9 * people)),
                baseline_violence=float(share.get(place, 0.0)), **provenance,
            )
        )  # fmt: skip
    of = nodes["place"]
    pairs = {tuple(sorted((of[a], of[b]))) for a, b in zip(edges["id1"], edges["id2"], strict=True)}
    routes = []
    for a, b in sorted(pair for pair in pairs if pair[0] != pair[1]):
        dry = max(0.5, _km(centres[a], centres[b]) * DETOUR / SPEED)
        routes.append(Route(origin=a, destination=b, hours_dry=dry, hours_wet=WETTER * dry, **provenance))
    header = Header(
        name="car", title="Central African Republic", start=start, end=end, wet_months=[5, 6, 7, 8, 9, 10]
    )
    return Scenario(header, tuple(districts), tuple(routes), (), (), (), (), {})


def car_incidents(data: Path, case: Scenario) -> list[Incident]:
    """Return every event of the case's time as an incident."""
    events = car_events(data)
    weeks = (events["date_start"] - pd.Timestamp(case.header.start)) // WEEK
    return [
        Incident(int(week), place, int(killed))
        for week, place, killed in zip(weeks, events["place"], events["best"], strict=True)
        if 0 <= week < case.weeks
    ]


def _km(a: list[float], b: list[float]) -> float:
    middle = math.radians((a[0] + b[0]) / 2)
    return 111.2 * math.hypot(a[0] - b[0], (a[1] - b[1]) * math.cos(middle))


def within(case: Scenario, end: date) -> Scenario:
    """Return a case that ends on a day."""
    return replace(case, header=case.header.model_copy(update={"end": end}))
