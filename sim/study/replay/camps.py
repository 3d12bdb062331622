"""Flight to camps by the rule of refuges, on the inputs of the Flee model: who arrives where, given how many.

Flee (Suleimenova, Bell & Groen 2017) is told how many refugees there are on each day and says in which
camps. Here the same is asked of the rule by which the displaced choose a refuge
(`sim.world.district.weigh_refuges`): refuges that are equally safe draw people as exp(-hours /
`flight_reach`). In the model a refuge across a border is one place, *abroad*; here the camps are all the
refuges that there are.

The error is Flee's: the sum over camps of |simulated - counted| over all counted, averaged over days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd

from sim.parameters import PARAMETERS
from sim.scenario.importing.districts import SPEED_KMH

FIRST_DAYS = 30
"""Days at the start that are not judged: counts begin with whoever was there before."""


@dataclass(frozen=True)
class Exodus:
    """One case: where people flee from and to, and who was counted where."""

    name: str
    origins: pd.DataFrame
    """Conflict zones: name, day from which people flee, people."""
    camps: tuple[str, ...]
    km: np.ndarray
    """(origins, camps): km by the shortest way, infinite without one."""
    counted: np.ndarray
    """(days, camps): people registered, interpolated between counts."""
    start: pd.Timestamp

    @property
    def arrived(self) -> np.ndarray:
        """People in all camps by day: (days,)."""
        return np.asarray(self.counted.sum(axis=1))


def read(folder: Path, case: str) -> Exodus:
    """Read a case from flee_locations.csv, flee_routes.csv and flee_unhcr_camp_counts.csv in a folder.

    Raises `FileNotFoundError` for a missing file, `ValueError` for a case that is not in them.
    """
    places, routes, counts = (
        table[table["flee_case"] == case]
        for table in (
            pd.read_csv(folder / f"flee_{name}.csv") for name in ("locations", "routes", "unhcr_camp_counts")
        )
    )
    if places.empty:
        raise ValueError(f"{folder / 'flee_locations.csv'} has no case {case!r}")
    counts = counts[counts["camp_or_total"] != "TOTAL"].assign(date=lambda t: pd.to_datetime(t["date"]))
    in_camps = places[(places["location_type"] == "camp") & places["name"].isin(counts["camp_or_total"])]
    camps = tuple(in_camps["name"])
    by_day = counts.pivot_table(index="date", columns="camp_or_total", values="registered", aggfunc="last")
    days = pd.date_range(by_day.index[0], by_day.index[-1])
    counted = by_day.reindex(days).interpolate("time").ffill().fillna(0.0)[list(camps)].to_numpy()
    graph = nx.Graph()
    graph.add_weighted_edges_from(routes[["name1", "name2", "distance_km"]].itertuples(index=False))
    zones = places[places["location_type"] == "conflict_zone"]
    zones = zones[["name", "conflict_date_day", "pop_or_capacity"]].fillna(0.0).reset_index(drop=True)
    origins = zones.set_axis(["name", "day", "people"], axis=1)
    km = np.full((len(origins), len(camps)), np.inf)
    for i, origin in enumerate(origins["name"]):
        found = nx.single_source_dijkstra_path_length(graph, origin) if origin in graph else {}
        km[i] = [found.get(camp, np.inf) for camp in camps]
    return Exodus(case, origins, camps, km, counted, days[0])


def weights(km: np.ndarray, reach: float | None = None, speed: float = SPEED_KMH) -> np.ndarray:
    """Return how much each refuge draws people by the rule, in the shape of `km`.

    `reach`: hours over which that falls by a factor e, by default the parameter `flight_reach`.
    """
    return np.asarray(np.exp(-km / speed / (reach or PARAMETERS["flight_reach"].default)))


def simulate(exodus: Exodus, draws: np.ndarray, told: int = 0) -> np.ndarray:
    """Return people in each camp by day, (days, camps), as those who come choose by `draws` (origins, camps).

    Until day `told` people are where they were counted, as a naive forecast may know, too. Whoever arrives
    later comes from the zones at conflict by then, by their people, and goes to a camp that is open: one that
    has counted anybody by then. Who is in a camp stays. Where fewer are counted than the day before, camps
    lose alike.
    """
    totals = exodus.arrived
    is_open = exodus.counted.cumsum(axis=0) > 0
    people = np.zeros(exodus.counted.shape)
    here = np.zeros(len(exodus.camps))
    for day, total in enumerate(totals):
        if day < told:
            here = exodus.counted[day]
            people[day] = here
            continue
        more = total - here.sum()
        if more >= 0:
            here = here + more * _chosen(exodus, draws, day, is_open[day])
        else:
            here = here * total / here.sum()
        people[day] = here
    return people


def _chosen(exodus: Exodus, draws: np.ndarray, day: int, is_open: np.ndarray) -> np.ndarray:
    """Return the share of those arriving on a day that goes to each camp; nobody can be nowhere."""
    active = exodus.origins["day"].to_numpy() <= day
    by_zone = draws[active] * is_open
    reached = by_zone.sum(axis=1)
    leaving = exodus.origins["people"].to_numpy()[active] * (reached > 0)
    if leaving.sum() <= 0:
        return np.asarray(is_open / max(is_open.sum(), 1))
    shares = by_zone / np.where(reached > 0, reached, 1.0)[:, None]
    return np.asarray(leaving @ shares / leaving.sum())


def frozen(exodus: Exodus, day: int = FIRST_DAYS) -> np.ndarray:
    """Return people by day and camp if those counted stood in camps as on one day: a naive forecast."""
    shares = exodus.counted[day] / exodus.counted[day].sum()
    return np.asarray(exodus.arrived[:, None] * shares)


def error(exodus: Exodus, people: np.ndarray, first: int = FIRST_DAYS) -> float:
    """Return the averaged relative difference of people in camps (days, camps) from those counted."""
    apart = np.abs(people - exodus.counted).sum(axis=1) / np.maximum(exodus.arrived, 1.0)
    return float(apart[first:].mean())


def forecasts(exodus: Exodus) -> Mapping[str, np.ndarray]:
    """Return people by day and camp by the rule, and by what is simpler: by name."""
    nearest = (exodus.km == exodus.km.min(axis=1, keepdims=True)) & np.isfinite(exodus.km)
    return {
        "rule of refuges": simulate(exodus, weights(exodus.km)),
        "rule of refuges, told the first month": simulate(exodus, weights(exodus.km), FIRST_DAYS + 1),
        "nearest camp": simulate(exodus, nearest.astype(float)),
        "all camps alike": simulate(exodus, np.isfinite(exodus.km).astype(float)),
        "all camps alike, told the first month": simulate(
            exodus, np.isfinite(exodus.km).astype(float), FIRST_DAYS + 1
        ),
        "shares of the first month": frozen(exodus),
    }
