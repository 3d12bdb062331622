"""Peacekeeper units, closures and a record from a mission's sites.

Counts jump as companies move between sites, and a unit that comes later stays in `none`; so a site's
strength is the nearest sequence that rises to a peak and falls from it (its sum is that of the counts). It
closed at some time between the last map with troops and the next without: the date is the middle, and the
record keeps both ends. Before the first map and after the last nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sim.scenario.case import RECORD, Scenario
from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.fields import PLACEHOLDERS
from sim.scenario.importing import write
from sim.scenario.importing.districts import Made, listed
from sim.scenario.importing.locate import Locator
from sim.scenario.importing.sites import Site, Stay, middle, stay
from sim.scenario.schema import TABLES, RecordRow


def make(
    case: Scenario,
    sites: Mapping[str, Site],
    locator: Locator,
    ids: Sequence[str],
    *,
    mission: str,
    source: str,
    moved: Sequence[str] = (),
    always_actual: bool = False,
) -> Made:
    """Return units.csv, schedules/actual.toml and record.csv for a case.

    `ids` are the districts of the locator's units; `moved` names bases that left under every schedule
    (their end becomes `until` and no closure). Without a closure or reduction there is no actual.toml,
    unless `always_actual`.
    """
    start, end = case.header.start, case.header.end
    maps = sorted({day for site in sites.values() for day in site.troops})
    told: list[str] = []
    missing: list[str] = []
    keys = list(sites)
    places = locator.find([sites[k].latitude for k in keys], [sites[k].longitude for k in keys])
    inside = {k: ids[i] for k, i in zip(keys, places, strict=True) if i is not None}
    _tell_outside(sites, inside, told)

    names = _base_names(sites, inside)
    for base in moved:
        if base not in names.values():
            raise ScenarioError(
                source, f"no base is called {base!r}; {did_you_mean(base, names.values())}", where="--moved"
            )
    units: list[dict[str, Any]] = []
    actions: list[dict[str, Any]] = []
    record: list[dict[str, Any]] = []
    uncounted, gone, late = [], [], []
    for key, district in sorted(inside.items(), key=lambda item: names[item[0]]):
        site, base = sites[key], names[key]
        time = stay(site, maps)
        if time is None:
            uncounted.append(base)
            continue
        last_seen = max(time.closed[0], site.since or time.closed[0]) if time.closed else None
        closes = middle(last_seen, time.closed[1]) if last_seen and time.closed else None
        opens = middle(*time.opened) if time.opened else None
        if site.since and opens:
            opens = max(opens, site.since)
        if closes and closes <= start:
            gone.append(base)
            continue
        if opens and opens >= end:
            late.append(base)
            continue
        if closes and last_seen and time.closed:
            record.append(
                {
                    "kind": "closure",
                    "name": base,
                    "date": closes,
                    "earliest": last_seen,
                    "latest": time.closed[1],
                    "source": source,
                    "certainty": "computed",
                }
            )
        until = closes if base in moved and closes and closes <= end else None
        garrison, cuts = _garrison(site, base, district, time, opens, start, min(end, closes or end))
        place = {"latitude": f"{site.latitude:.4f}", "longitude": f"{site.longitude:.4f}"}
        units += [{**unit, **place, "until": until or "", "source": source} for unit in garrison]
        actions += [{**cut, "source": source} for cut in cuts]
        if closes and closes <= end and until is None:
            actions.append(
                {
                    "do": "close",
                    "base": base,
                    "on": closes,
                    "source": source,
                    "certainty": "computed",
                    "note": f"troops on the map of {time.last:%B %Y}, none on the next; day in the middle",
                }
            )
    if not units:
        raise ScenarioError(
            source, f"no site of {mission} with troops lies in the case's districts between {start} and {end}"
        )
    totals = list(_totals(sites, inside, maps, start, end, mission, source))
    record += totals
    there = sum(u["strength"] for u in units if not u["opens"])
    told.append(
        f"{len({u['base'] for u in units})} bases in {len({u['district'] for u in units})} districts; "
        f"{there:,d} troops at the start ({start})"
    )
    closures = sum(a["do"] == "close" for a in actions)
    told.append(f"schedules/actual.toml: {closures} closures, {len(actions) - closures} reductions")
    told[-1:] = told[-1:] if actions else ["no closure or reduction in the period"]
    if gone:
        told.append(f"closed before the start, left out: {listed(gone)}")
    if late:
        told.append(f"opened after the end, left out: {listed(late)}")
    if maps[-1] < end:
        told.append(f"the maps end in {maps[-1]:%B %Y}, the run on {end}: look up what closed later")
    if maps[0] > start:
        told.append(
            f"the maps begin in {maps[0]:%B %Y}, after the start: what they show first is taken for the start"
        )
    if uncounted:
        missing.append(
            f"units.csv: {len(uncounted)} sites without a count of troops (police, observers, offices) left "
            f"out: {listed(uncounted)}"
        )
    missing.append("units.csv, posture: static everywhere; readiness: 1 everywhere; placeholders")
    missing.append("units.csv: formed police, observers and civilian teams are not in the counts of troops")
    files = {
        "units.csv": write.table(
            write.columns_of(TABLES["units.csv"], without=("women", "offensive")), units
        ),
        RECORD: write.table(write.columns_of(RecordRow), record),
    }
    if actions or always_actual:
        files["schedules/actual.toml"] = _toml(sorted(actions, key=lambda a: a["on"]), mission, source)
    return Made(files, tuple(told), tuple(missing))


def _tell_outside(sites: Mapping[str, Site], inside: Mapping[str, str], told: list[str]) -> None:
    outside = [s for k, s in sites.items() if k not in inside and s.counted()]
    if outside:
        told.append(
            f"{len(outside)} sites with troops lie outside the case's districts: "
            + listed([f"{s.name}{f' ({s.country})' if s.country else ''}" for s in outside])
        )


def _base_names(sites: Mapping[str, Site], inside: Mapping[str, str]) -> dict[str, str]:
    """Return a unique name for each site: its own, with a number where names repeat."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for key in inside:
        plain = sites[key].name
        plain = plain.title() if plain.islower() else plain
        name, k = plain, 2
        while name in used:
            name, k = f"{plain} ({k})", k + 1
        used.add(name)
        names[key] = name
    return names


def _garrison(
    site: Site, base: str, district: str, time: Stay, opens: date | None, start: date, end: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the units of a base as its count rises, and the reductions as it falls."""
    units: list[dict[str, Any]] = []
    cuts: list[dict[str, Any]] = []
    maps = site.counted()
    strength = 0
    # Where all counts are older than the run, nothing rises or falls in it, and the last one is the nearest.
    steps = site.steps() if maps[-1] > start else [(maps[-1], max(1, round(site.troops[maps[-1]] or 0.0)))]
    for i, (day, n) in enumerate(steps):
        if i == 0:
            when = opens or time.first
        else:
            when = middle(max(d for d in maps if d < day), day)
        if when >= end:
            break
        if units and when > start and n < strength:
            cuts.append(
                {
                    "do": "reduce",
                    "base": base,
                    "on": when,
                    "to": n,
                    "certainty": "computed",
                    "note": f"count fell to {n} by {day:%B %Y}; day in the middle",
                }
            )
        elif not units or when <= start:
            seen = f"{time.first:%B %Y}" + (f" to {time.last:%B %Y}" if time.last > time.first else "")
            units = [_unit(base, base, district, n, f"with troops in {seen}")]
            # a site on the first map of all has no day of opening
            units[0]["opens"] = when if opens and when > start else ""
        else:
            name = f"{base}, reinforcement {len(units)}"
            units.append(_unit(name, base, district, n - strength, f"count rose to {n} by {day:%B %Y}"))
            units[-1]["opens"] = when
        strength = n
    return units, cuts


def _unit(unit: str, base: str, district: str, strength: int, note: str) -> dict[str, Any]:
    return {
        "unit": unit,
        "base": base,
        "district": district,
        "kind": "infantry",
        "posture": "static",
        "strength": strength,
        "readiness": 1.0,
        "certainty": "extract",
        "note": f"{PLACEHOLDERS}posture, readiness; {note}",
    }


def _totals(
    sites: Mapping[str, Site],
    inside: Mapping[str, str],
    maps: Sequence[date],
    start: date,
    end: date,
    mission: str,
    source: str,
) -> Iterator[dict[str, Any]]:
    """Yield the troops on each map from the one nearest to the start, of sites in the case."""
    begin = min(maps, key=lambda d: abs((d - start).days))  # stands for the start
    for day in maps:
        if begin <= day <= end:
            here = sum(sites[k].troops.get(day) or 0 for k in inside)
            everywhere = sum(site.troops.get(day) or 0 for site in sites.values())
            yield {
                "kind": "mission-total",
                "name": mission,
                "date": day,
                "value": round(here),
                "source": source,
                "certainty": "computed",
                "note": f"sites in the case; {round(everywhere):,d} in the whole mission",
            }


def _toml(actions: Sequence[Mapping[str, Any]], mission: str, source: str) -> str:
    about = (
        f"Closures and reductions of {mission} from {source}. A day lies in the middle between the last map "
        "that shows it before and the first that shows it after; no notice to communities is known."
    )
    text = ['name = "actual"', 'title = "As the maps show it"', f"about = {write.toml_string(about)}"]
    for action in actions:
        text += ["", "[[actions]]"]
        for key, value in action.items():
            shown = value if isinstance(value, (int, date)) else write.toml_string(str(value))
            text.append(f"{key} = {shown}")
    return "\n".join(text) + "\n"
