"""Violence before the start, per district: events put into districts.csv."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sim.scenario.errors import ScenarioError
from sim.scenario.fields import PLACEHOLDERS
from sim.scenario.importing import write
from sim.scenario.importing.districts import Made
from sim.scenario.importing.events import Events, Measure
from sim.scenario.importing.locate import Locator


def make(
    folder: Path,
    events: Events,
    locator: Locator,
    ids: Sequence[str],
    *,
    first: date,
    last: date,
    measure: Measure,
    source: str,
    force: bool,
) -> Made:
    """Return districts.csv with `baseline_violence` filled; its other cells stay as they are."""
    path = folder / "districts.csv"
    header, rows = write.raw_rows(path)
    filled = [
        r
        for r in rows
        if (r.get("baseline_violence") or "0").strip() not in ("", "0", "0.0")
        or "violence: " in r.get("source", "")
    ]
    if filled and not force:
        raise ScenarioError(
            path,
            f"baseline_violence is filled already ({filled[0]['id']}: {filled[0]['baseline_violence']}); "
            "--force replaces it",
        )
    places = list(events.places)
    found = locator.find([lat for lat, _ in places], [lon for _, lon in places])
    sums: Counter[str] = Counter()
    outside = 0
    for place, i in zip(places, found, strict=True):
        if i is None:
            outside += events.places[place]
        else:
            sums[ids[i]] += events.places[place]
    for row in rows:
        row["baseline_violence"] = str(sums[row["id"].strip()])
        if "source" in row:
            kept = [s for s in row["source"].split("; ") if s and not s.startswith("violence: ")]
            row["source"] = "; ".join([*kept, f"violence: {source}, {measure} {first} to {last}"])
        if "note" in row:
            row["note"] = without_placeholder(row["note"], "baseline_violence")
    total = sum(events.places.values())
    told = [
        f"{events.events:,d} events of {first} to {last} with a known place"
        + ("" if measure == "events" else f", {total:,d} {measure}"),
        f"{total - outside:,d} {measure} in {len(+sums)} of {len(rows)} districts, {outside:,d} outside "
        "all of them",
    ]
    if events.vague:
        told.append(f"{events.vague:,d} events left aside: only their province, area or country is known")
    if events.last and events.last < last:
        told.append(f"the last event in the file is of {events.last}: does it cover the whole window?")
    return Made({"districts.csv": write.table(header, rows)}, tuple(told))


def without_placeholder(note: str, column: str) -> str:
    """Return a note whose list of placeholders no longer names a column."""
    if not note.startswith(PLACEHOLDERS):
        return note
    listed, semicolon, rest = note.removeprefix(PLACEHOLDERS).partition(";")
    left = [name for name in (n.strip() for n in listed.split(",")) if name and name != column]
    if not left:
        return rest.strip()
    return f"{PLACEHOLDERS}{', '.join(left)}{semicolon}{rest}"
