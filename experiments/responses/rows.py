"""The rows of the response page: what is varied, what is measured, and what should come of it.

Each row yields `Point`s; those with a bound are checks. Bounds are judgements of what is absurd and what is
not, but for the dispersion table, whose bounds are what records show. A row says how many replicates it
takes in each world.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import changes
import matched
import numpy as np
from changes import NONE
from matched import INF, Kept, Point, Work, apart, harm, killed, mean, of_means, ratio

from sim import Action, Scenario
from sim.scenario.schema import Schedule
from sim.study import dispersion
from sim.study.patterns import closure_changes
from sim.world.state import WEEKS_A_YEAR, World

YEAR = 52
DRC, DARFUR, LIBERIA, CORRIDOR = "drc-monusco", "darfur-unamid", "liberia-unmil", "corridor"


@dataclass(frozen=True)
class Response:
    """A row of the page."""

    name: str
    title: str
    should: str
    """What should come of it, in the words of the page."""
    cases: tuple[str, ...]
    measure: Callable[[Work, Scenario, int], Iterator[Point]]
    replicates: int
    drawn: tuple[tuple[str, tuple[str, ...]], ...]
    """Panels of its picture, from above: the label of the axis, and the measures that it shows."""
    columns: int = 0
    """Cases beside each other; 0: all."""


def _years(case: Scenario, first: int = 0) -> float:
    return (case.weeks - first) / WEEKS_A_YEAR


# -- 1. dose -----------------------------------------------------------------------------------------

DOSES = (0.0, 0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
STEPS = (0.0, 0.25, 1.0, 4.0)
"""Between which it must fall, clearly enough to be told by so many runs."""


def dose(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Vary the strength of every unit under `none`."""
    world = changes.held(case)
    runs = {f: matched.run(work, changes.strength(world, f), NONE, harm(), n) for f in DOSES}
    killed_ = {f: kept["killed"] / _years(case) for f, kept in runs.items()}

    def point(
        measure: str,
        f: float,
        estimate: matched.Estimate,
        unit: str,
        bound: tuple[float, float] | None = None,
    ) -> Point:
        return Point(case.name, measure, f"{f:g}", *estimate, unit, n, bound)

    for f in DOSES:
        yield point("killed", f, mean(killed_[f]), "a year")
    for f in DOSES[1:]:
        share = of_means(
            lambda none, some, all_: 100 * (none - some) / (none - all_),
            killed_[0.0],
            killed_[f],
            killed_[1.0],
        )
        bound = {0.01: (-INF, 5.0), 0.5: (50.0, 85.0)}.get(f)
        if f != 1.0:
            yield point("share of the mission's effect", f, share, "%", bound)
    for low, high in itertools.pairwise(STEPS):
        fewer = mean(killed_[low] - killed_[high])
        measure = "fewer killed with the higher dose"
        yield Point(case.name, measure, f"{low:g} to {high:g}", *fewer, "a year", n, (0.0, INF))
    below, beyond = (
        (killed_[low] - killed_[high]) / (high - low) for low, high in itertools.pairwise(STEPS[1:])
    )
    flatter = mean(below - beyond)  # nearer to nothing a threshold is no absurdity
    yield point("flatter beyond", 1.0, flatter, "a year and mission", (0.0, INF))
    spared: dict[str, np.ndarray] = {}
    for who in ("groups", "state"):
        by = {f: kept[f"by {who}"] / _years(case) for f, kept in runs.items()}
        spared[who] = by[0.0]
        if by[0.0].mean() >= 1.0:
            for f in DOSES[1:]:
                kept_off = of_means(lambda none, some: 100 * (none - some) / none, by[0.0], by[f])
                yield point(f"prevented of killings by {who}", f, kept_off, "%")
    if all(by.mean() >= 1.0 for by in spared.values()):
        estimate = of_means(
            lambda g0, g1, s0, s1: 100 * ((g0 - g1) / g0 - (s0 - s1) / s0),
            *(runs[f][f"by {who}"] for who in ("groups", "state") for f in (0.0, 1.0)),
        )
        yield point("groups restrained more than the state", 1.0, estimate, "points", (0.0, INF))


# -- 2. protection by distance -----------------------------------------------------------------------

RINGS = ((0.0, 0.0), (0.0, 3.0), (3.0, 6.0), (6.0, 12.0), (12.0, INF))
"""Hours to the nearest base: from (exclusive) to (inclusive)."""


def _ring(low: float, high: float) -> str:
    if high == 0.0:
        return "base here"
    return f"over {low:g} h" if high == INF else f"{low:g}-{high:g} h"


def places(case: Scenario) -> tuple[np.ndarray, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]]:
    """Return hours to the nearest base (2, P), and what tells protection and people of records: (R, W, P).

    Places are districts, which is what the record holds; with a record by place only this changes.
    """

    def protected(records: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        people = records["residents"].astype(np.float64) + records["hosted"]
        return records["un_met"].astype(np.float64), people

    return changes.hours_to_bases(case), protected


def distance(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Measure who is protected by the mission, by hours to its nearest base, under `none` and without it."""
    world = changes.held(case)
    hours, protected = places(world)
    seasons = {"dry season": 0, "wet season": 1}
    is_wet = changes.wet(world)

    def of(records: np.ndarray) -> Kept:
        met, people = protected(records)
        kept = {"at": killed(records, ("groups",)).sum(axis=1)}
        for name, season in seasons.items():
            weeks = is_wet == bool(season)
            kept[f"met {name}"] = (met * people)[:, weeks].sum(axis=1)
            kept[f"people {name}"] = people[:, weeks].sum(axis=1)
        return kept

    with_, without = (matched.run(work, changes.strength(world, f), NONE, of, n) for f in (1.0, 0.0))
    rings = []
    for low, high in RINGS:
        inside = [(hours[s] > low) & (hours[s] <= high) if high else hours[s] == 0.0 for s in (0, 1)]
        if inside[0].any() and inside[1].any():
            rings.append((_ring(low, high), inside))
    before = None
    for ring, inside in rings:
        for name, season in seasons.items():
            met = with_[f"met {name}"][:, inside[season]].sum(axis=1)
            people = with_[f"people {name}"][:, inside[season]].sum(axis=1)
            by_ring = 100 * met / people
            yield Point(case.name, f"attacks met by the mission, {name}", ring, *mean(by_ring), "%", n)
            if name == "dry season":
                if before is not None:
                    fewer = mean(before - by_ring)
                    measure = "fewer met than nearer by"
                    yield Point(case.name, measure, ring, *fewer, "points", n, (0.0, INF))
                before = by_ring
        none, some = (kept["at"][:, inside[0]].sum(axis=1) for kept in (without, with_))
        prevented = of_means(lambda a, b: 100 * (a - b) / a, none, some)
        yield Point(case.name, "prevented of killings by groups", ring, *prevented, "%", n)
    dry, rainy = (
        100 * with_[f"met {name}"].sum(axis=1) / with_[f"people {name}"].sum(axis=1) for name in seasons
    )
    lower = mean(dry - rainy)
    yield Point(case.name, "fewer met in the wet season", "everywhere", *lower, "points", n, (0.0, INF))


# -- 3. closing one by one ---------------------------------------------------------------------------

TERRITORIES = {"beni": "Beni", "masisi": "Masisi", "walikale": "Walikale"}
ZONES = ("in the district", "next to it", "farther off")
AFTER = 3 * YEAR
"""Weeks that are looked at after a closure."""


def one_by_one(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Close 1 ... n bases of one district in one week, the strongest or the weakest first."""
    world = changes.lasting(changes.held(case), YEAR + AFTER)
    none = matched.run(work, world, NONE, harm(YEAR), n)["at"]
    years = AFTER / WEEKS_A_YEAR
    for district, name in TERRITORIES.items():
        zone = changes.beside(world, district)
        bases = changes.bases_at(world, YEAR, district)
        first: dict[str, np.ndarray] = {}
        for order, listed in (("strongest first", list(bases)), ("weakest first", list(bases)[::-1])):
            for k in range(1, len(bases) + 1):
                if k == len(bases) and order == "weakest first":
                    continue  # all are closed, as in the other order
                plan = changes.closing(world, f"{k}-closed", listed[:k], YEAR)
                more = (matched.run(work, world, plan, harm(YEAR), n)["at"] - none) / years
                gone = sum(bases[b] for b in listed[:k])
                where = f"{name}, {order}, {k} of {len(bases)} ({gone:,d} troops gone)"
                by_zone = [more[:, zone == z].sum(axis=1) for z in range(3)]
                for z, label in enumerate(ZONES):
                    bound = (0.0, INF) if z == 0 else None
                    yield Point(
                        case.name, f"more killed {label}", where, *mean(by_zone[z]), "a year", n, bound
                    )
                if k == 1:
                    first[order] = by_zone[0]
                if k == len(bases):
                    nearer = mean(by_zone[0] - by_zone[1])
                    measure = "more in the district than next to it"
                    yield Point(case.name, measure, name, *nearer, "a year", n, (0.0, INF))
        strong, weak = (bases[b] for b in (next(iter(bases)), next(reversed(bases))))
        yield Point(
            case.name, "strongest base worth more than the weakest", f"{name}, {strong:,d} against {weak:,d}",
            *mean(first["strongest first"] - first["weakest first"]), "a year", n, (0.0, INF),
        )  # fmt: skip


# -- 4. reduce ---------------------------------------------------------------------------------------

CUTS = (0.5, 0.25, 0.0)


def reduce(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Reduce all bases in one week, after the first year."""
    world = changes.lasting(changes.held(case), YEAR + AFTER)
    runs = {1.0: matched.run(work, world, NONE, harm(YEAR), n)["killed"]}
    for to in CUTS:
        runs[to] = matched.run(work, world, changes.reducing(world, to, YEAR), harm(YEAR), n)["killed"]
    years = AFTER / WEEKS_A_YEAR
    for to in CUTS:
        level = f"to {100 * to:g} %"
        more = mean((runs[to] - runs[1.0]) / years)
        yield Point(case.name, "more killed", level, *more, "a year", n, (0.0, INF))
        if to:
            share = of_means(lambda a, b, c: 100 * (a - b) / (c - b), runs[to], runs[1.0], runs[0.0])
            bound = (15.0, 50.0) if to == 0.5 else (25.0, 80.0)
            measure = "of what closing all costs"
            yield Point(case.name, measure, level, *share, "%", n, bound)


# -- 5. the host -------------------------------------------------------------------------------------

EXITS = {DRC: ("actual", "full-exit"), DARFUR: ("actual", "hasty"), CORRIDOR: ("hasty",)}


def _exits(case: Scenario) -> tuple[str, ...]:
    return tuple(name for name in EXITS.get(case.name, tuple(case.schedules)[:1]) if name in case.schedules)


def the_host(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Vary the state forces; measure what each exit adds to the killed, relative to `none` with that host."""
    n = 2 * n if case.name == CORRIDOR else n  # small and quick
    plans = _exits(case)
    runs = {
        how: {plan: matched.run(work, changes.host(case, how), plan, harm(), n) for plan in (NONE, *plans)}
        for how in changes.HOSTS
    }
    for plan in plans:
        parts = {}
        for how, by in runs.items():
            all_ = by[NONE]["killed"]
            parts[how] = (by[plan]["killed"] - all_, by[plan]["by state"] - by[NONE]["by state"], all_)
            excess = of_means(lambda more, none: 100 * more / none, parts[how][0], all_)
            yield Point(case.name, f"excess of {plan}", how, *excess, "% of killed", n)
            hand = of_means(lambda more, none: 100 * more / none, parts[how][1], all_)
            yield Point(case.name, f"of it by the state, {plan}", how, *hand, "% of killed", n)
        (able, _, able0), (weak, weak_hand, weak0) = parts["able"], parts["weak"]
        able_weak = of_means(lambda a, a0, w, w0: (a / a0) / (w / w0), able, able0, weak, weak0)
        yield Point(case.name, f"able over weak, {plan}", "ratio", *able_weak, "", n, (-INF, 0.7))
        hostile, hand, hostile0 = parts["hostile"]
        differs = of_means(lambda a, a0, b, b0: 100 * (a / a0 - b / b0), hostile, hostile0, weak, weak0)
        yield Point(case.name, f"hostile less weak, {plan}", "difference", *differs, "points", n, (0.0, INF))
        differs = of_means(lambda a, a0, b, b0: 100 * (a / a0 - b / b0), hand, hostile0, weak_hand, weak0)
        yield Point(
            case.name,
            f"hostile less weak by the state, {plan}",
            "difference",
            *differs,
            "points",
            n,
            (0.0, INF),
        )
        twice, _, twice0 = parts["twice as many"]
        plain, _, plain0 = parts["as they are"]
        differs = of_means(lambda a, a0, b, b0: 100 * (a / a0 - b / b0), twice, twice0, plain, plain0)
        yield Point(
            case.name,
            f"twice as many less as they are, {plan}",
            "difference",
            *differs,
            "points",
            n,
            (-INF, 0.0),
        )
    if "actual" in plans:
        yield from _observed(work, case, n)


def _observed(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """What an observer's difference-in-differences around closures says, and its placebo.

    Placebo: the same districts and weeks in the matched world in which nothing closes.
    """
    plan = case.schedule("actual")
    place = {d.id: i for i, d in enumerate(case.districts)}
    closing = np.array(
        [(place[case.district_of(plan, a)], case.week_of(a.on)) for a in plan.actions if a.do == "close"]
    )

    for how in ("able", "as they are", "weak"):
        world = changes.host(case, how)

        def of(records: np.ndarray) -> Kept:
            deaths = killed(records)
            open_ = records["un_troops"] > 0
            found = []
            for r in range(len(records)):
                own, control = closure_changes(deaths[r], closing, open_[r])
                found.append((own - control).mean() if len(own) else np.nan)
            return {"change": np.array(found)}

        true, placebo = (matched.run(work, world, s, of, n)["change"] for s in ("actual", NONE))
        for name, values in (("", true), ("placebo of the ", placebo)):
            measure = f"{name}difference-in-differences of log(1 + killed), actual"
            yield Point(case.name, measure, how, *mean(values), "log points", n)


# -- 6. distance to help, and projection -------------------------------------------------------------

WAYS = (0.25, 1.0, 4.0)
ROADS = (0.5, 1.0, 2.0)
ALONE = {DRC: ("beni", "masisi", "walikale"), CORRIDOR: ("ridge", "mines", "lakeside")}
QUICK = {"ready": 1.4, "as posts": 1.0}


def help_(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Close one district's bases where the next base is nearer or farther; posts against quick reaction."""
    held = changes.held(case)
    if case.name in ALONE:
        world = changes.lasting(held, YEAR + AFTER)
        found: dict[float, tuple[list[np.ndarray], list[np.ndarray]]] = {}
        for times in WAYS:
            more, base = [], []
            for district in ALONE[case.name]:
                near = changes.roads(world, times, around=district)
                own = changes.beside(world, district) == 0
                plan = changes.closing(near, "alone", changes.bases_at(near, YEAR, district), YEAR)
                kept = [matched.run(work, near, p, harm(YEAR), n)["at"][:, own] for p in (NONE, plan)]
                more.append((kept[1] - kept[0]).sum(axis=1))
                base.append(kept[0].sum(axis=1))
            found[times] = (more, base)
            excess = of_means(lambda a, b: 100 * a / b, sum(more), sum(base))
            level = f"{times:g} x hours"
            yield Point(case.name, "excess in a district that loses its bases", level, *excess, "%", n)
        softer = of_means(
            lambda a, a0, b, b0: 100 * (a / a0 - b / b0),
            *(sum(x) for times in (WAYS[-1], WAYS[0]) for x in found[times]),
        )
        yield Point(
            case.name, "far help less near help", f"{WAYS[-1]:g} against {WAYS[0]:g} x hours",
            *softer, "points", n, (0.0, INF),
        )  # fmt: skip
    grid = {}
    is_wet = changes.wet(held)

    def of(records: np.ndarray) -> Kept:
        weekly = killed(records).sum(axis=2)
        return {"dry": weekly[:, ~is_wet].sum(axis=1), "wet": weekly[:, is_wet].sum(axis=1)}

    for times in ROADS:
        posts = matched.run(work, changes.roads(changes.posted(held), times), NONE, of, n)
        for name, readiness in QUICK.items():
            world = changes.roads(changes.gathered(held, readiness), times)
            mobile = matched.run(work, world, NONE, of, n)
            for season in ("dry", "wet"):
                more = of_means(lambda a, b: 100 * (a / b - 1), mobile[season], posts[season])
                grid[times, name, season] = (mobile[season], posts[season])
                measure = f"projection less posts, {name}, {season} season"
                yield Point(case.name, measure, f"{times:g} x hours", *more, "% of killed", n)

    def less(key: tuple[float, str, str]) -> float:
        return float(grid[key][0].mean() / grid[key][1].mean())

    for what, key, bound in (
        ("where projection does best", min(grid, key=less), (-INF, 0.0)),
        ("where posts do best", max(grid, key=less), (0.0, INF)),
    ):
        estimate = of_means(lambda a, b: 100 * (a / b - 1), *grid[key])
        yield Point(
            case.name, what, f"{key[0]:g} x hours, {key[1]}, {key[2]}", *estimate, "% of killed", n, bound
        )
    good, bad = (grid[times, "ready", "dry"] for times in (ROADS[0], ROADS[-1]))
    estimate = of_means(lambda a, b, c, d: 100 * (a / b - c / d), *bad, *good)
    yield Point(
        case.name, "projection loses by bad roads", f"{ROADS[-1]:g} against {ROADS[0]:g} x hours",
        *estimate, "points", n,
    )  # fmt: skip


# -- 7. notice, hand-over, preparation ---------------------------------------------------------------

NOTICE = 26
EXIT = YEAR + NOTICE
FELT = {
    "fear": "points",
    "flights": "% of those at once",
    "alerts heard": "points",
    "trust in the mission": "points",
    "trust in the state": "points",
    "attacks met by the state": "points",
    "killed": "% of those at once",
}


def _farewells(case: Scenario) -> dict[str, Schedule]:
    """Return ways to close all bases in one week, by what goes with it."""
    bases = changes.bases_at(case, EXIT)
    on = case.date_of(EXIT)
    close = [Action(do="close", base=b, on=on) for b in bases]
    told = [Action(do="close", base=b, on=on, announced=case.date_of(EXIT - NOTICE)) for b in bases]
    before = case.date_of(EXIT - 4)

    def also(name: str, more: list[Action]) -> Schedule:
        return changes.plan(name, [*close, *more])

    police = {u.base for u in case.units if u.kind == "formed-police"} & set(bases)
    waiting = [f.unit for f in case.state_forces if f.unit.startswith("Successor at ")]
    ways = {
        "at once": also("at-once", []),
        "half a year's notice": changes.plan("told", told),
        "networks to the state": also(
            "to-state", [Action(do="hand-over", base=b, recipient="state", on=before) for b in bases]
        ),
        "networks to civil society": also(
            "to-civil-society",
            [Action(do="hand-over", base=b, recipient="civil-society", on=before) for b in bases],
        ),
        "a team of 8 stays": also("teams", [Action(do="leave-team", base=b, to=8, on=on) for b in bases]),
        "political mission follows": also(
            "follow-on", [Action(do="start-follow-on", follow_on="political", on=on)]
        ),
        "successors in place": also(
            "successors", [Action(do="open", unit=u, on=case.date_of(EXIT - NOTICE)) for u in waiting]
        ),
    }
    if police:
        ways["police stay"] = also(
            "police", [Action(do="leave-police", base=b, on=on) for b in sorted(police)]
        )
    return ways


EXPECTED: dict[tuple[str, str], tuple[float, float]] = {
    ("half a year's notice", "fear"): (-INF, 0.0),
    ("networks to the state", "attacks met by the state"): (0.0, INF),
    ("networks to civil society", "attacks met by the state"): (0.0, INF),
    ("a team of 8 stays", "alerts heard"): (0.0, INF),
    ("successors in place", "attacks met by the state"): (0.0, INF),
    ("successors in place", "killed"): (-INF, 0.0),
}
"""What sources say each moves: notice fear (E1-5, E1-49); networks that are handed over go on carrying
alerts, to the state in the end (E1-10, E1-13); teams that stay hear them (E1-44); a prepared successor
protects (E1-1, E1-22)."""


def _trust(world: World) -> dict[str, float]:
    """Return trust a year after, weighted by residents, as far as communities have these fields."""
    people = world.communities
    names = people.dtype.names or ()
    return {
        f"trust in the {who}": float(np.average(people[field], weights=people["residents"]))
        if field in names
        else np.nan
        for who, field in (("mission", "trust_un"), ("state", "trust_state"))
    }


def farewell(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Close all bases in one week in different manners; measure the first year after it."""
    world = changes.lasting(changes.with_successors(changes.held(case)), EXIT + YEAR)

    def of(records: np.ndarray) -> Kept:
        after = records[:, EXIT:]
        people = after["residents"].astype(np.float64)

        def average(field: str) -> np.ndarray:
            return (after[field] * people).sum(axis=(1, 2)) / people.sum(axis=(1, 2))

        alerts = after["alerts"].sum(axis=(1, 2), dtype=np.float64)
        heard = after["heard"].sum(axis=(1, 2), dtype=np.float64)
        return {
            "fear": 100 * average("fear"),
            "flights": after["fled"].sum(axis=(1, 2), dtype=np.float64),
            "alerts heard": 100 * heard / np.maximum(alerts, 1.0),
            "attacks met by the state": 100 * average("state_met"),
            "killed": killed(after).sum(axis=(1, 2)),
        }

    runs = {}
    for how, plan in _farewells(world).items():
        runs[how] = matched.run(work, world, plan, of, n, at_end=_trust)
    base = runs.pop("at once")
    for how, kept in runs.items():
        for measure, unit in FELT.items():
            a, b = kept[measure], base[measure]
            if unit == "points":
                scale = 100.0 if measure.startswith("trust") else 1.0
                estimate = mean(scale * (a - b))
            else:
                estimate = of_means(lambda x, y: 100 * (x / y - 1), a, b)
            yield Point(case.name, measure, how, *estimate, unit, n, EXPECTED.get((how, measure)))


# -- 8. extremes -------------------------------------------------------------------------------------

EVERYBODY = {
    "notice_chance": 1.0, "notice_unorganised": 1.0, "warn_baseline": 9.0, "warn_retaliation": 0.0,
    "telephone_chance": 1.0,
}  # fmt: skip
"""Parameters at the end of their ranges at which most people warn and get through."""


def extremes(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Go to the ends: roads, warnings, groups; with the mission and without."""
    held = changes.held(case)
    worlds = {
        "as it is": held,
        "no roads": changes.roads(held, changes.LONG_ROADS),
        "perfect roads": changes.roads(held, changes.SHORT_ROADS),
        "everybody warns": changes.set_if_there(held, **EVERYBODY),
        "nobody warns": held.without("warnings"),
        "no groups": changes.groups(held, 0),
        "ten times the groups": changes.groups(held, 10),
    }
    runs = {
        level: [matched.run(work, changes.strength(w, f), NONE, harm(), n) for f in (1.0, 0.0)]
        for level, w in worlds.items()
    }
    plain = runs["as it is"]

    def prevented(level: str) -> tuple[np.ndarray, np.ndarray]:
        with_, without = runs[level]
        return without["by groups"], with_["by groups"]

    for level, (with_, _) in runs.items():
        yield Point(case.name, "killed", level, *mean(with_["killed"] / _years(case)), "a year", n)
        if level != "no groups":
            share = of_means(lambda a, b: 100 * (a - b) / a, *prevented(level))
            yield Point(case.name, "prevented of killings by groups", level, *share, "%", n)
    for level, bound in (
        ("everybody warns", (-INF, 0.0)), ("nobody warns", (0.0, INF)), ("ten times the groups", (0.0, INF)),
    ):  # fmt: skip
        more = of_means(lambda a, b: 100 * (a / b - 1), runs[level][0]["killed"], plain[0]["killed"])
        yield Point(case.name, "killed, less those as it is", level, *more, "%", n, bound)
    for level, bound in (
        ("no roads", (-INF, 0.0)), ("perfect roads", (0.0, INF)),
        ("everybody warns", (0.0, INF)), ("nobody warns", (-INF, 0.0)),
    ):  # fmt: skip
        more = of_means(
            lambda a, b, c, d: 100 * ((a - b) / a - (c - d) / c), *prevented(level), *prevented("as it is")
        )
        yield Point(case.name, "prevented, less that as it is", level, *more, "points", n, bound)
    left = mean(runs["no groups"][0]["by groups"] / _years(case))
    yield Point(case.name, "killed by groups", "no groups", *left, "a year", n, (0.0, 0.0))


# -- 9. balance --------------------------------------------------------------------------------------


def balance(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Look for a trend over ten years of `none`, and whether a longer spin-up changes an excess."""
    weeks = round(10 * WEEKS_A_YEAR)
    long = changes.lasting(changes.held(case), weeks)
    edges = np.round(np.arange(11) * WEEKS_A_YEAR).astype(int)

    def of(records: np.ndarray) -> Kept:
        weekly = killed(records).sum(axis=2)
        years = [weekly[:, a:b].sum(axis=1) for a, b in itertools.pairwise(edges)]
        return {"years": np.stack(years, axis=1)}

    years = matched.run(work, long, NONE, of, n)["years"]
    for y in range(10):
        yield Point(case.name, "killed", f"{y + 1}", *mean(years[:, y]), "a year", n)
    t = np.arange(10) - 4.5
    slope = years @ t / (t @ t)
    trend = of_means(lambda s, all_: 100 * s / all_, slope, years.mean(axis=1))
    yield Point(case.name, "trend", "years 1-10", *trend, "% a year", n, (-2.0, 2.0))
    late = years[:, 2:]
    t = np.arange(8) - 3.5
    trend = of_means(lambda s, all_: 100 * s / all_, late @ t / (t @ t), late.mean(axis=1))
    yield Point(case.name, "trend", "years 3-10", *trend, "% a year", n)
    if "actual" not in case.schedules:
        return
    more = {}
    first = changes.first_closure(case)
    for name, world in (("as it is", case), ("3 years more", changes.earlier(case, 3 * YEAR))):
        since = world.week_of(first)  # type: ignore[arg-type]
        kept = {s: matched.run(work, world, s, harm(since), 2 * n)["killed"] for s in (NONE, "actual")}
        more[name] = (kept["actual"] - kept[NONE]) / _years(world, since)
        yield Point(case.name, "excess of actual by spin-up", name, *mean(more[name]), "a year", 2 * n)
    change = apart(more["3 years more"], more["as it is"])
    scale = max(abs(more["as it is"].mean()), 1e-9)
    estimate = tuple(100 * x / scale for x in change)
    measure = "change of the excess by spin-up"
    yield Point(case.name, measure, "3 years more", *estimate, "%", 2 * n, (-15.0, 15.0))


# -- 10. dispersion ----------------------------------------------------------------------------------

RECORD = {row.title: row for row in dispersion.ROWS}
"""What records show, with the bound that is taken from it, by the measure's name on the page."""


def spread(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Measure how violence is spread over months, years and districts under `none`."""
    weeks = dispersion.MONTH * dispersion.MONTHS * (dispersion.YEARS + 1)
    world = changes.lasting(changes.held(case), weeks)
    neighbours = dispersion.adjacency(world)
    kept = matched.run(work, world, NONE, lambda records: dispersion.of_records(records, neighbours), n)
    for title, row in RECORD.items():
        yield Point(case.name, title, "mean of runs", *mean(kept[row.name]), row.unit, n, row.target)
    years = kept["killed"]
    totals = years.sum(axis=1)
    cv = of_means(lambda x, xx: np.sqrt(np.maximum(xx - x * x, 0.0)) / x, totals, totals**2)
    yield Point(case.name, "CV of the totals of runs", "mean of runs", *cv, "", n)
    usual = np.median(years)
    for measure, found in (
        ("runs with a year under a third of the usual", years < usual / 3),
        ("runs with a year over three times the usual", years > 3 * usual),
    ):
        share = matched.proportion(found.any(axis=1))
        yield Point(case.name, measure, "mean of runs", *share, "%", n, (5.0, 95.0))


# -- 11. floor ---------------------------------------------------------------------------------------


def floor(work: Work, case: Scenario, n: int) -> Iterator[Point]:
    """Take the abusiveness of every group away; count parameters that the case sets for itself."""

    def of(records: np.ndarray) -> Kept:
        return {"attacks": records["attacks"].sum(axis=(1, 2), dtype=np.float64)}

    plain, mild = (matched.run(work, w, NONE, of, n)["attacks"] for w in (case, changes.harmless(case)))
    left = ratio(100 * mild, plain)
    yield Point(
        case.name, "attacks without abusiveness", "abusiveness 0", *left, "% of attacks", n, (0.0, 2.0)
    )
    own = float(len(case.header.parameters))
    yield Point(case.name, "parameters of its own", "scenario.toml", own, own, own, "", 0, (0.0, 0.0))


ALL = (
    "corridor", "drc-monusco", "drc-south-kivu-2024", "darfur-unamid", "south-sudan-unmiss", "chad-minurcat",
    "haiti-minustah", "cote-divoire-unoci", "liberia-unmil", "sierra-leone-unamsil",
)  # fmt: skip

RESPONSES: tuple[Response, ...] = (
    Response(
        "dose", "Strength of the mission",
        "falls throughout, ever less steeply; 1 % of the mission has at most 5 % of its effect, half has "
        "50-85 %; groups restrained more than the state",
        (DRC, DARFUR, LIBERIA, CORRIDOR), dose, 120,
        (("killed a year", ("killed",)),
         ("% of the mission's effect", ("share of the mission's effect",)),
         ("% prevented", ("prevented of killings by groups", "prevented of killings by state"))),
    ),
    Response(
        "distance", "Protection by hours to the nearest base, and by season",
        "falls with travel time; less in the wet season",
        (DRC, DARFUR, CORRIDOR), distance, 60,
        (("% of attacks met by the mission",
          ("attacks met by the mission, dry season", "attacks met by the mission, wet season")),
         ("% prevented", ("prevented of killings by groups",))),
    ),
    Response(
        "one-by-one", "Closing the bases of one territory one by one",
        "the harm is near the base that closed; a strong base is worth more than a weak one; nothing is free "
        "but what guards nobody",
        (DRC,), one_by_one, 120,
        (("more killed a year", tuple(f"more killed {zone}" for zone in ZONES)),),
    ),
    Response(
        "reduce", "Reducing every base in one week",
        "costs, in proportion to what the troops did: a half costs 15-50 % of closing all, a quarter 25-80 %",
        (DRC, DARFUR, LIBERIA, CORRIDOR), reduce, 80,
        (("more killed a year", ("more killed",)),
         ("% of what closing all costs", ("of what closing all costs",))),
    ),
    Response(
        "host", "State forces: able, weak, hostile, twice as many",
        "the relative excess falls with ability and will: able at most 0.7 of weak; hostile above weak, by "
        "the state's own hand; twice as many below",
        (DRC, DARFUR, CORRIDOR), the_host, 80,
        (("excess, % of killed in 'none'",
          ("excess of actual", "excess of full-exit", "excess of hasty")),
         ("of it by the state, %",
          ("of it by the state, actual", "of it by the state, full-exit", "of it by the state, hasty")),
         ("log points",
          ("difference-in-differences of log(1 + killed), actual",
           "placebo of the difference-in-differences of log(1 + killed), actual"))),
    ),
    Response(
        "help", "Hours to the next base; quick reaction instead of posts",
        "near help softens, far help does not; projection against presence comes out either way, by roads, "
        "season and readiness",
        (DRC, DARFUR, CORRIDOR), help_, 40,
        (("excess, %", ("excess in a district that loses its bases",)),
         ("% more killed than with posts",
          tuple(f"projection less posts, {q}, {s} season" for q in QUICK for s in ("dry", "wet")))),
    ),
    Response(
        "farewell", "Notice, hand-over, preparation of the successor",
        "each moves what sources say it moves: notice fear, hand-over what the state answers, teams "
        "the alerts that are heard, successors protection",
        (DRC, DARFUR, CORRIDOR), farewell, 100,
        (("points", ("fear", "attacks met by the state")),
         ("alerts heard, points", ("alerts heard",)),
         ("points", ("trust in the mission", "trust in the state")),
         ("%", ("flights", "killed"))),
    ),
    Response(
        "extremes", "Extremes: roads, warnings, groups",
        "each has the sign that it must have",
        (DRC, DARFUR, CORRIDOR), extremes, 24,
        (("killed a year", ("killed",)), ("% prevented", ("prevented of killings by groups",))),
    ),
    Response(
        "balance", "'none' over ten years, and a longer spin-up",
        "no trend beyond 2 % a year; three years more of spin-up change the excess by less than 15 %",
        (DRC, DARFUR, LIBERIA, CORRIDOR), balance, 40,
        (("killed, by year", ("killed",)), ("excess a year", ("excess of actual by spin-up",))),
    ),
    Response(
        "dispersion", "How violence is spread over places and time",
        "inside the record's range; wars begin in some runs and end in some",
        (DRC, DARFUR, LIBERIA, CORRIDOR), spread, 60,
        (),
    ),
    Response(
        "floor", "Attacks with abusiveness 0; parameters of a case's own",
        "under 2 % of the default's; one parameter set for all cases",
        ALL, floor, 20,
        (("% of attacks", ("attacks without abusiveness",)),),
    ),
)  # fmt: skip
