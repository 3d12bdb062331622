"""What an explorer's page holds: names, dates and shapes as JSON, and the runs as packed bytes.

Everything that the page says of two schedules it computes itself, from the killed by run, district and step
of weeks. What needs every pair of schedules at once (whether a pair can be told apart, judged with all
others) is computed here, as `drawdown compare` does it.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from sim import __version__, measures
from sim.explore.assumptions import Assumption
from sim.explore.runs import Weeks
from sim.explore.words import day_of, verdict
from sim.intervals import FEWEST, LEVEL
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule
from sim.show import maps
from sim.show.chronicle import Chronicle
from sim.show.figures.timeline import spans
from sim.show.figures.where import STEPS, TELL
from sim.show.text import confidence
from sim.study.answers import YEAR, Answers
from sim.study.eventlog import event_log
from sim.study.evidence import evidence

LARGEST = 4_800_000
"""Bytes of a page at most: steps of time are made coarser until it fits."""
COARSER = (1, 2, 4, 13, 26)
"""Weeks a step of the slider may have; they divide a half-year, over which maps sum."""
SHARES = 250
"""Parts of one in which shares are kept: a byte each."""
TOLD = 600
"""Things told of the run in the middle of a schedule, at most: the most telling."""
CLASSES = 4
"""Edges between the classes of a map, on either side of zero."""


class TooLarge(ValueError):
    """A page would be too large to open at once."""


@dataclass(frozen=True)
class Content:
    """What a page is made from."""

    title: str
    said: tuple[str, ...]
    """The sentences on the two schedules that are shown first, for whoever has no script."""
    facts: dict[str, Any]
    packed: tuple[str, ...]
    """The runs under each assumption: gzipped bytes as text (`as_text`), described by `facts["layout"]`."""
    stories: str
    """The stories: gzipped JSON as text."""

    @property
    def size(self) -> int:
        """About how many bytes a page takes for it."""
        return len(json.dumps(self.facts)) + sum(map(len, self.packed)) + len(self.stories)


def gather(
    case: Scenario,
    plans: Sequence[Schedule],
    assumptions: Sequence[Assumption],
    runs: Sequence[Weeks],
    *,
    seed: int,
    largest: int = LARGEST,
    stage: Callable[[str], None] | None = None,
) -> Content:
    """Return what a page holds of runs under assumptions, the case as it is first; `plans`: 'none' last.

    Raises `TooLarge` if it is larger than `largest` bytes at the coarsest steps of time.
    """
    say = stage or (lambda _what: None)
    say("telling the stories")
    stories = _packed(json.dumps(_stories(case, plans, runs[0], seed), ensure_ascii=False).encode())
    say("packing the runs")
    for step in COARSER:
        content = shown(case, plans, assumptions, runs, seed=seed, step=step, stories=stories)
        if content.size <= largest:
            return content
    raise TooLarge(
        f"the page would take {content.size / 1e6:.1f} MB, and opens slowly above {largest / 1e6:.1f}: give "
        "fewer --toggles, --replicates or --schedules"
    )


def shown(
    case: Scenario,
    plans: Sequence[Schedule],
    assumptions: Sequence[Assumption],
    runs: Sequence[Weeks],
    *,
    seed: int,
    step: int,
    stories: str = "",
    pair: tuple[str, str] | None = None,
    level: int = 9,
) -> Content:
    """Return what a page holds at one step of time, with the stories given.

    `pair`: the schedules that are shown first, by default the reference and the next. `level`: how hard the
    runs are packed, 1 to 9.
    """
    answers = [_answers(one.case, plans, weeks) for one, weeks in zip(assumptions, runs, strict=True)]
    packed, layouts = zip(*(_pack(weeks, step, level) for weeks in runs), strict=True)
    names = [plan.name for plan in plans]
    replicates = runs[0].replicates
    first = pair or _first_pair(answers[0])
    facts = {
        "software": f"drawdown {__version__}",
        "case": case.name,
        "title": case.header.title,
        "about": " ".join(case.header.about.split()),
        "start": case.header.start.isoformat(),
        "weeks": case.weeks,
        "step": step,
        "seed": str(seed),
        "digest": case.digest[:12],
        "runs": replicates,
        "fewest": FEWEST,
        "t": float(special.stdtrit(replicates - 1, 0.5 + LEVEL / 2.0)) if replicates > 1 else 0.0,
        "tell": TELL,
        "year": YEAR,
        "shares": SHARES,
        "edges": _edges(case, runs[0]),
        "schedules": _schedules(case, plans, runs[0]),
        "none": names.index(COUNTERFACTUAL),
        "pair": [names.index(name) for name in first],
        **_places(case),
        "elections": [_weeks(case, day) for day in sorted(case.header.host.elections) if _inside(case, day)],
        "wet": _wet(case),
        "budget": [_weeks(case, day) for day in _budget_years(case)],
        "assumptions": [
            {
                "key": one.key,
                "label": one.label,
                "meaning": one.meaning,
                "totals": weeks.totals.astype(int).tolist(),
                "told": _told(a, names),
            }
            for one, weeks, a in zip(assumptions, runs, answers, strict=True)
        ],
        "confidence": [s.text for s in confidence(answers[0], evidence(case))],
        "layout": list(layouts),
    }
    return Content(case.header.title, _said(case, facts, runs[0]), facts, packed, stories)


# -- the runs -----------------------------------------------------------------------------------------


def stepped(killed: np.ndarray, step: int) -> np.ndarray:
    """Return sums over steps of weeks, the last perhaps shorter: int64 (..., K) of (..., W)."""
    edges = np.arange(0, killed.shape[-1], step)
    return np.add.reduceat(killed.astype(np.int64), edges, axis=-1)


def _pack(weeks: Weeks, step: int, level: int = 9) -> tuple[str, list[dict[str, Any]]]:
    """Return the runs under one assumption as packed bytes, and what lies where in them.

    The killed lie by run, district, schedule, step: matched runs are equal until they part, and bytes of
    equal rows lie near each other. Other values are those of the last week of each step.
    """
    ends = [min(k + step, weeks.killed.shape[-1]) - 1 for k in range(0, weeks.killed.shape[-1], step)]
    arrays = {
        "killed": np.moveaxis(stepped(weeks.killed, step), 0, 2),
        "vacuum": weeks.vacuum[:, :, ends],
        "un": np.rint(weeks.un[:, :, ends] / weeks.replicates * SHARES).astype(np.int64),
        "state": np.rint(weeks.state[:, :, ends] / weeks.replicates * SHARES).astype(np.int64),
    }
    layout: list[dict[str, Any]] = []
    planes: list[bytes] = []
    at = 0
    for name, values in arrays.items():
        flat = values.reshape(-1)
        count = max(1, -(-int(flat.max(initial=0)).bit_length() // 8))
        layout.append({"name": name, "at": at, "count": len(flat), "planes": count})
        for plane in range(count):
            planes.append(((flat >> (8 * plane)) & 255).astype(np.uint8).tobytes())
        at += count * len(flat)
    return _packed(b"".join(planes), level), layout


def _packed(raw: bytes, level: int = 9) -> str:
    return as_text(gzip.compress(raw, level, mtime=0))


def as_text(raw: bytes) -> str:
    """Return bytes as text that can stand in a script element: base85 (RFC 1924) with "," for "<".

    Five characters for four bytes, a sixteenth less than base64: room for one more set of assumptions.
    """
    return base64.b85encode(raw).decode().replace("<", ",")


def from_text(text: str) -> bytes:
    """Return the bytes of a text that `as_text` made."""
    return base64.b85decode(text.replace(",", "<"))


# -- what all pairs are needed for ----------------------------------------------------------------------


def _answers(case: Scenario, plans: Sequence[Schedule], weeks: Weeks) -> Answers:
    """Return the runs as the answers of a comparison that knows the killed alone."""
    order = [i for i, p in enumerate(plans) if p.name != COUNTERFACTUAL]
    order += [i for i, p in enumerate(plans) if p.name == COUNTERFACTUAL]
    totals = weeks.totals[order]
    by_place = weeks.killed.sum(axis=3, dtype=np.float64)[order]
    return Answers(
        case=case.name,
        names=tuple(plans[i].name for i in order[:-1]),
        values={"killed": totals},
        weeks=case.weeks,
        people=sum(d.population for d in case.districts),
        districts=tuple(d.name for d in case.districts),
        half_years=(),
        cumulated=np.zeros((len(order) - 1, weeks.replicates, 0)),
        places=by_place[:-1] - by_place[-1],
    )


def _told(a: Answers, names: Sequence[str]) -> list[list[int]]:
    """Return how each pair is told apart: 2 beyond chance among all pairs, 1 only alone, 0 not (S, S)."""
    found = np.zeros((len(names), len(names)), int)
    for x, y in combinations(range(len(names)), 2):
        clear = a.enough and a.difference("killed", names[x], names[y]).clear
        found[x, y] = found[y, x] = 2 if a.told("killed", names[x], names[y]) else int(clear)
    return [[int(v) for v in row] for row in found]


def _first_pair(a: Answers) -> tuple[str, str]:
    """Return the schedules that are shown first: the reference, and the next, or 'none'."""
    if not a.names:
        return COUNTERFACTUAL, COUNTERFACTUAL
    return a.reference, next((n for n in a.names if n != a.reference), COUNTERFACTUAL)


def _said(case: Scenario, facts: dict[str, Any], weeks: Weeks) -> tuple[str, ...]:
    """Return the verdict on the pair that is shown first."""
    x, y = facts["pair"]
    names = [s["name"] for s in facts["schedules"]]
    gap = weeks.totals[x] - weeks.totals[y]
    told = facts["assumptions"][0]["told"][x][y]
    last = day_of(case.header.start, case.weeks)
    pairs = len(names) * (len(names) - 1) // 2
    return tuple(verdict(names[x], names[y], gap, told, pairs, last))


def _edges(case: Scenario, weeks: Weeks) -> list[float]:
    """Return the edges of a map's classes, killed a year per 100,000 people: the largest that are needed."""
    people = np.array([d.population for d in case.districts], float)
    killed = stepped(weeks.killed, 26).astype(float)
    gap = (killed - killed[-1]).mean(axis=1)
    rate = np.abs(gap) / 0.5 / people[:, None] * 1e5
    largest = float(np.quantile(rate, 0.995)) if rate.size else 0.0
    below = [s for s in STEPS if s < largest] or [STEPS[0]]
    return below[-CLASSES:]


# -- the case -----------------------------------------------------------------------------------------


def _weeks(case: Scenario, day: date) -> float:
    """Return a day in weeks from the start."""
    return round((day - case.header.start).days / 7, 2)


def _inside(case: Scenario, day: date) -> bool:
    return case.header.start <= day <= case.header.end


def _wet(case: Scenario) -> list[list[float]]:
    """Return the wet seasons as (from, to) in weeks from the start, cut at the ends of the run."""
    start, end = case.header.start, case.header.end
    spells: list[list[date]] = []
    for number in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
        if number % 12 + 1 not in case.header.wet_months:
            continue
        first, after = (
            date(number // 12, number % 12 + 1, 1),
            date((number + 1) // 12, (number + 1) % 12 + 1, 1),
        )
        if spells and spells[-1][1] == first:
            spells[-1][1] = after
        else:
            spells.append([first, after])
    last = end + timedelta(days=1)
    return [
        [_weeks(case, max(a, start)), _weeks(case, min(b, last))] for a, b in spells if b > start and a <= end
    ]


def _budget_years(case: Scenario) -> list[date]:
    """Return the days on which the UN's budget years for peacekeeping begin, 1 July."""
    days = (date(year, 7, 1) for year in range(case.header.start.year, case.header.end.year + 1))
    return [day for day in days if _inside(case, day)]


def _places(case: Scenario) -> dict[str, Any]:
    points = maps.project(case.districts)
    city = maps.is_city(case.districts)
    drawn = maps.shapes(case.districts, case.outlines)
    corners = np.concatenate([ring for rings in drawn for ring in rings if len(ring)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 0.02 * float((high - low).max())
    size = high - low + 2 * margin
    rows = [
        {
            "name": d.name,
            "people": d.population,
            "x": _short(points[i, 0] - low[0] + margin),
            "y": _short(high[1] + margin - points[i, 1]),
            "city": bool(city[i]),
            "path": "".join(_ring(ring, low[0] - margin, high[1] + margin) for ring in drawn[i]),
        }
        for i, d in enumerate(case.districts)
    ]
    index = {d.id: i for i, d in enumerate(case.districts)}
    bases = [{"name": b, "district": index[case.units_at(b)[0].district]} for b in case.bases]
    return {
        "districts": rows,
        "size": [_short(size[0]), _short(size[1])],
        "caption": maps.caption(case.outlines),
        "bases": bases,
    }


def _short(x: float) -> float:
    return round(float(x), 1)


def _ring(ring: np.ndarray, west: float, north: float) -> str:
    if not len(ring):
        return ""
    return "M" + "L".join(f"{_short(x - west):g} {_short(north - y):g}" for x, y in ring) + "Z"


def _schedules(case: Scenario, plans: Sequence[Schedule], weeks: Weeks) -> list[dict[str, Any]]:
    """Return what a page shows of each schedule."""
    found, column = [], 0
    for plan in plans:
        own = measures.closures(case, plan)
        found.append(_schedule(case, plan, own, weeks.closed[:, column : column + len(own)]))
        column += len(own)
    return found


def _schedule(case: Scenario, plan: Schedule, own: pd.DataFrame, closed: np.ndarray) -> dict[str, Any]:
    """Return who is where as planned, and when bases closed in the runs: `closed` (R, closures)."""
    index = {d.id: i for i, d in enumerate(case.districts)}
    numbers = {base: i for i, base in enumerate(case.bases)}
    closures = []
    for n, (base, district, planned) in enumerate(own[["base", "district", "week"]].itertuples(index=False)):
        when, count = np.unique(closed[:, n], return_counts=True)
        closures.append(
            {
                "base": numbers[base],
                "district": int(district),
                "planned": int(planned),
                "weeks": [[int(w), int(c)] for w, c in zip(when, count, strict=True) if w >= 0],
            }
        )
    return {
        "name": plan.name,
        "title": plan.title,
        "about": " ".join(plan.about.split()),
        "reopens": any(t.do == "reopen" for t in plan.triggers),
        "moves": sorted(
            [numbers[a.base], _weeks(case, a.on), index[a.district]]
            for a in plan.actions
            if a.do == "relocate"
        ),
        "spans": [
            [[_weeks(case, a), _weeks(case, b), troops] for a, b, troops in spans(case, plan, base)]
            for base in case.bases
        ],
        "closures": closures,
    }


# -- stories ------------------------------------------------------------------------------------------


def middle_run(totals: np.ndarray) -> int:
    """Return the run in the middle by its total, the first of equal ones: (R,)."""
    return int(np.argsort(totals, kind="stable")[(len(totals) - 1) // 2])


def _stories(case: Scenario, plans: Sequence[Schedule], weeks: Weeks, seed: int) -> list[dict[str, Any]]:
    """Return the story of the run in the middle under each schedule, with the districts that it is about."""
    index = {d.name: i for i, d in enumerate(case.districts)}
    found = []
    for s, plan in enumerate(plans):
        replicate = middle_run(weeks.totals[s])
        log, world = event_log(case, plan, seed=seed, replicate=replicate)
        story = Chronicle(case, plan, world, log, case.weeks)
        told = [
            [int(t.week), sorted(index[name] for name in t.districts if name in index), t.text]
            for t in story.most_telling(TOLD)
        ]
        found.append({"replicate": replicate, "killed": int(weeks.totals[s][replicate]), "told": told})
    return found
