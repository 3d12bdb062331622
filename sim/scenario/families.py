"""Families of drawdown schedules: made from a case by a rule and a few numbers, not typed.

A family is named with its numbers after a colon, `phased:steps=4` or
`periphery-first:from=2017-01-01+to=2019-12-31+notice=8`, wherever a schedule can be named. What they
share: which bases close (those that the case's own "actual" schedule closes, or all), when the first and
the last close, and how long before communities are told. They differ in order and pace, so that two of
them can be told apart by one thing at a time.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sim.scenario.actions import CLOSES
from sim.scenario.errors import did_you_mean
from sim.scenario.schema import SCHEDULED, Action, Gate, Schedule, Unit
from sim.scenario.ways import ways

if TYPE_CHECKING:
    from sim.scenario.case import Scenario

WHOLE = re.compile(r"\d{1,4}")


class FamilyError(ValueError):
    """A family that does not exist, or a number of it that cannot be right."""


@dataclass(frozen=True)
class Base:
    """A base as families see it."""

    name: str
    district: str
    opens: date | None
    """None if it is there from the start."""
    troops: int
    """Troops of all its units, at their largest."""


Order = Callable[["Scenario", Sequence[Base]], list[Base]]
Means = Callable[["Plan"], None]


@dataclass(frozen=True)
class Family:
    """A rule that makes a schedule: an order of closing, and in how many steps."""

    name: str
    title: str
    about: str
    order: Order
    steps: int
    """Steps in which the bases close if nothing is said; 0: each on a day of its own."""
    means: Means | None = None
    """What it does besides, or instead of, closing."""
    numbers: tuple[str, ...] = ()
    """Numbers of its own."""


@dataclass
class Plan:
    """A schedule of a family while it is made: what the means of the family may change."""

    case: Scenario
    text: str
    given: Mapping[str, str]
    bases: list[Base]
    actions: list[Action]
    """The closures, in the order of `bases`; those that come too late are not among them."""
    gates: tuple[Gate, ...] = ()

    def whole(self, key: str, default: int) -> int:
        """Return a whole number that was given, or its default."""
        return _whole(self.text, self.given, key, default)


def hub(case: Scenario) -> str:
    """Return the district of the largest base at the start: where a mission has its headquarters."""
    troops: dict[str, int] = {}
    place = {unit.base: unit.district for unit in case.units}
    for unit in case.units:
        if unit.opens is None:
            troops[unit.base] = troops.get(unit.base, 0) + unit.strength
    return place[max(sorted(troops), key=lambda b: troops[b])] if troops else case.districts[0].id


def _as_listed(case: Scenario, bases: Sequence[Base]) -> list[Base]:
    return list(bases)


def _violence(case: Scenario) -> dict[str, float]:
    """Return the violence before the run a thousand km2 of each district, as `districts.csv` counts it."""
    return {d.id: d.baseline_violence / d.area_km2 * 1000.0 for d in case.districts}


def _quiet_first(case: Scenario, bases: Sequence[Base]) -> list[Base]:
    violence = _violence(case)
    return sorted(bases, key=lambda b: violence[b.district])


def _hot_first(case: Scenario, bases: Sequence[Base]) -> list[Base]:
    violence = _violence(case)
    return sorted(bases, key=lambda b: -violence[b.district])


def _hours_from_hub(case: Scenario) -> dict[str, float]:
    network = ways(case)
    hours = network.hours_from(network.row[hub(case)])
    return {d.id: hours[i] for i, d in enumerate(case.districts)}


def _periphery_first(case: Scenario, bases: Sequence[Base]) -> list[Base]:
    hours = _hours_from_hub(case)
    return sorted(bases, key=lambda b: -hours[b.district])


def _centre_first(case: Scenario, bases: Sequence[Base]) -> list[Base]:
    hours = _hours_from_hub(case)
    return sorted(bases, key=lambda b: hours[b.district])


def _small_first(case: Scenario, bases: Sequence[Base]) -> list[Base]:
    return sorted(bases, key=lambda b: b.troops)


def _capital_last(case: Scenario, bases: Sequence[Base]) -> list[Base]:
    capital = hub(case)
    return sorted(bases, key=lambda b: b.district == capital)


def _gate_closures(plan: Plan) -> None:
    """Let each closure wait until recorded violence in its district is low."""
    level = plan.given.get("level", "1")
    try:
        at_most = float(level)
    except ValueError:
        at_most = math.nan
    if not 0.0 <= at_most <= 1e6:
        raise FamilyError(f"{plan.text}: level={level} must be a number of persons a week, such as 0.5")
    then = plan.given.get("then", "close")
    if then not in ("close", "stay"):
        raise FamilyError(f"{plan.text}: then={then} must be 'close' or 'stay'")
    delay = plan.whole("delay", 52)
    if delay > LONGEST:
        raise FamilyError(f"{plan.text}: delay={delay} must be at most {LONGEST} weeks")
    gate = Gate(
        name="quiet", benchmark="recorded-violence", at_most=at_most, weeks=13, longest_delay=delay,
        then="stay" if then == "stay" else "close",
    )  # fmt: skip
    plan.gates = (gate,) if plan.actions else ()
    plan.actions = [a.model_copy(update={"gate": gate.name}) for a in plan.actions]


def _there(case: Scenario, a: Action) -> list[Unit]:
    """Return the units of an action's base that are there on its day, scheduled ones left aside."""

    def opened(opens: date | str | None) -> bool:
        return opens is None or (isinstance(opens, date) and opens < a.on)

    units = [u for u in case.units_at(a.base) if opened(u.opens)]
    return [u for u in units if u.until is None or u.until >= a.on]


def _project(plan: Plan) -> None:
    """Make static infantry mobile on the day of each closure, and close `later` weeks after, or never."""
    later = plan.whole("later", 26)
    actions: list[Action] = []
    for a in plan.actions:
        there = _there(plan.case, a)
        if any(u.kind == "infantry" and u.posture == "static" for u in there):
            actions.append(a.model_copy(update={"do": "convert", "announced": None}))
        day = a.on + timedelta(weeks=later)
        if later and day <= plan.case.header.end:
            notice = a.on - a.announced if a.announced else None
            told = max(plan.case.header.start, day - notice) if notice else None
            actions.append(a.model_copy(update={"on": day, "announced": told}))
    plan.actions = actions


def _keep_mobile(plan: Plan) -> None:
    """Let a share of the bases stay as mobile forces in place of closing, in the order of units.csv."""
    share = plan.whole("mobile", 50)
    if share > 100:
        raise FamilyError(f"{plan.text}: mobile={share} must be a percentage, 0 to 100")
    fit = [
        a for a in plan.actions
        if any(u.kind == "infantry" and u.posture == "static" for u in _there(plan.case, a))
    ]  # fmt: skip
    stay = {a.base for a in fit[: round(share / 100 * len(fit))]}
    plan.actions = [
        a.model_copy(update={"do": "convert", "announced": None}) if a.base in stay else a
        for a in plan.actions
    ]


def _hand_over(plan: Plan) -> None:
    """Give the alert networks of each base another listener, `lead` weeks before it closes."""
    lead = plan.whole("lead", 8)
    listener = plan.given.get("listener", "civil-society")
    if listener not in ("state", "civil-society"):
        raise FamilyError(f"{plan.text}: listener={listener} must be 'state' or 'civil-society'")
    opens = {b.name: b.opens or plan.case.header.start for b in plan.bases}
    plan.actions += [
        Action(
            do="hand-over",
            base=a.base,
            recipient=listener,  # type: ignore[arg-type]
            on=min(a.on, max(a.on - timedelta(weeks=lead), opens[a.base] + timedelta(weeks=1))),
        )
        for a in plan.actions
    ]


def _keep_police(plan: Plan) -> None:
    """Let formed police units stay where bases close."""
    stay = []
    for a in plan.actions:
        if any(u.kind == "formed-police" for u in _there(plan.case, a)):
            stay.append(Action(do="leave-police", base=a.base, on=a.on))
    if not stay:
        raise FamilyError(
            f"{plan.text}: no base that closes has formed police (kind = formed-police in units.csv)"
        )
    plan.actions += stay


def _open_protection(plan: Plan) -> None:
    """Deploy the protection units that wait: at the first closure in their district, else at the first."""
    waiting = [s for s in plan.case.state_forces if s.force == "protection" and s.opens == SCHEDULED]
    if not waiting:
        raise FamilyError(
            f"{plan.text}: no protection force waits to be deployed (force = protection and opens = "
            "scheduled in state_forces.csv)"
        )
    place = {b.name: b.district for b in plan.bases}
    days = sorted((a.on, place[a.base]) for a in plan.actions)
    for unit in waiting if days else ():
        here = [day for day, district in days if district == unit.district]
        plan.actions.append(Action(do="open", unit=unit.unit, on=min(here, default=days[0][0])))


FAMILIES: Mapping[str, Family] = {
    f.name: f
    for f in (
        Family(
            "fast", "All at once", "All bases close on the first day.", _as_listed, 1,
        ),
        Family(
            "phased", "In phases",
            "Bases close in `steps` groups of the same size, in the order of units.csv.",
            _as_listed, 4,
        ),
        Family(
            "quiet-first", "Quiet districts first",
            "Bases close one after the other, those in the districts with least violence before the run "
            "first (baseline_violence by area).",
            _quiet_first, 0,
        ),
        Family(
            "hot-first", "Violent districts first",
            "As quiet-first, the other way round.", _hot_first, 0,
        ),
        Family(
            "periphery-first", "Periphery first",
            "Bases close one after the other, those farthest by road (dry season) from the largest base "
            "first.",
            _periphery_first, 0,
        ),
        Family(
            "centre-first", "Centre first", "As periphery-first, the other way round.", _centre_first, 0,
        ),
        Family(
            "small-first", "Small bases first", "Bases close one after the other, the smallest first.",
            _small_first, 0,
        ),
        Family(
            "capital-last", "Capital last",
            "Bases close one after the other in the order of units.csv, those in the district of the "
            "largest base last.",
            _capital_last, 0,
        ),
        Family(
            "gated", "At benchmarks",
            "As phased, and each closure waits until the killings recorded in its district are at most "
            "`level` a week over 13 weeks, at most `delay` weeks; `then` it comes all the same or not at "
            "all.",
            _as_listed, 4, _gate_closures, ("level", "delay", "then"),
        ),
        Family(
            "projection", "Presence to projection",
            "As phased, but on its day the static infantry of a base becomes mobile, and the base closes "
            "`later` weeks after that; later=0: it stays.",
            _as_listed, 4, _project, ("later",),
        ),
        Family(
            "mobile", "Part stays as a mobile force",
            "As phased, but `mobile` per cent of the bases with static infantry, the first in the order of "
            "units.csv, become mobile and stay in place of closing.",
            _as_listed, 4, _keep_mobile, ("mobile",),
        ),
        Family(
            "handed-over", "Alert networks handed over",
            "As phased, and `lead` weeks before a base closes its district's alert networks get another "
            "`listener`: civil-society or state.",
            _as_listed, 4, _hand_over, ("lead", "listener"),
        ),
        Family(
            "police-stay", "Police stay",
            "As phased, but formed police units stay where bases close.",
            _as_listed, 4, _keep_police,
        ),
        Family(
            "protection-force", "Into a protection force",
            "As phased, and the state's protection units that wait to be deployed take up their posts as "
            "bases close.",
            _as_listed, 4, _open_protection,
        ),
    )
}  # fmt: skip
NUMBERS = {
    "from": "day on which the first base closes, e.g. from=2017-01-01",
    "to": "day on which the last base closes",
    "steps": "in how many groups the bases close; 0: each on a day of its own",
    "notice": "weeks before each closure that communities are told",
    "bases": "'actual' (those that the schedule \"actual\" closes) or 'all'",
    "level": "gated: killed a week, as recorded, up to which a base may close; default 1",
    "delay": "gated: weeks that a closure waits at most; default 52",
    "then": "gated: 'close' or 'stay' after that; default close",
    "mobile": "mobile: per cent of the bases that stay as mobile forces; default 50",
    "lead": "handed-over: weeks from the hand-over to the closure; default 8",
    "listener": "handed-over: who listens then, 'civil-society' or 'state'; default civil-society",
    "later": "projection: weeks from becoming mobile to the closure; default 26, 0: it stays",
}


OWN = ("level", "delay", "then", "later", "mobile", "lead", "listener")
"""Numbers that belong to single families."""
LONGEST_NAME = 60
"""Characters of a schedule's name."""
LONGEST = 1040
"""Weeks; the longest delay of a gate."""


def is_family(name: str) -> bool:
    """Return whether a name is meant as a family: it names one, or has numbers after a colon."""
    return name.partition(":")[0] in FAMILIES or ":" in name


def make(case: Scenario, text: str) -> Schedule:
    """Return the schedule of a family of this case, e.g. `phased:steps=3+notice=8`.

    Raises `FamilyError` for a family or number that cannot be right.
    """
    name, _, rest = text.partition(":")
    if name not in FAMILIES:
        raise FamilyError(f"there is no family {name!r}; {did_you_mean(name, FAMILIES)}")
    family = FAMILIES[name]
    given = _numbers(text, rest)
    for key in given:
        if key in OWN and key not in family.numbers:
            raise FamilyError(
                f"{text}: {key} is no number of {name!r}; {did_you_mean(key, _numbers_of(family))}"
            )
    actual = case.schedules["actual"].actions if "actual" in case.schedules else ()
    closes = any(a.do in CLOSES for a in actual)  # it may only reduce
    chosen = given.get("bases", "actual" if closes else "all")
    if chosen == "actual" and not closes:
        raise FamilyError(f"{text}: this case has no schedule 'actual' that closes bases; use bases=all")
    if chosen not in ("actual", "all"):
        raise FamilyError(f"{text}: bases={chosen} must be 'actual' or 'all'")
    closing = _bases(case, chosen)
    if not closing:
        raise FamilyError(f"{text}: there is no base to close")
    first, last = _window(case, chosen)
    first, last = _day(case, text, given, "from", first), _day(case, text, given, "to", last)
    if last < first:
        raise FamilyError(f"{text}: to={last} is before from={first}")
    steps = _whole(text, given, "steps", family.steps)
    notice = _whole(text, given, "notice", 0)
    ordered = family.order(case, closing)
    groups = min(steps or len(ordered), len(ordered))
    actions = []
    for i, base in enumerate(ordered):
        group = i * groups // len(ordered)
        on = first + (last - first) * group // max(groups - 1, 1)
        if base.opens is not None:  # a base closes a week after it opened, at the earliest
            on = max(on, base.opens + timedelta(weeks=1))
        if on > case.header.end:
            continue
        told = max(case.header.start, on - timedelta(weeks=notice)) if notice else None
        actions.append(Action(do="close", base=base.name, on=on, announced=told))
    count = len(actions)
    plan = Plan(case, text, given, ordered, actions)
    if family.means:
        family.means(plan)
    return Schedule(
        name=_name(name, given),
        title=family.title + _words(given),
        about=family.about + f" {count} bases, {first} to {last}.",
        actions=tuple(sorted(plan.actions, key=lambda a: (a.on, a.base, a.unit, a.do != "leave-police"))),
        gates=plan.gates,
    )


def _numbers_of(family: Family) -> list[str]:
    return [key for key in NUMBERS if key not in OWN or key in family.numbers]


def _numbers(text: str, rest: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for item in rest.split("+") if rest else []:
        key, equals, value = item.partition("=")
        key, value = key.strip(), value.strip()
        if not equals and WHOLE.fullmatch(key):
            key, value = "steps", key  # phased:4
        elif not equals or not value:
            raise FamilyError(f"{text}: write {key or item}=VALUE")
        if key not in NUMBERS:
            raise FamilyError(f"{text}: there is no number {key!r}; {did_you_mean(key, NUMBERS)}")
        if key in given:
            raise FamilyError(f"{text}: {key} is given twice")
        given[key] = value
    return given


def _whole(text: str, given: Mapping[str, str], key: str, default: int) -> int:
    value = given.get(key)
    if value is None:
        return default
    if not WHOLE.fullmatch(value):
        raise FamilyError(f"{text}: {key}={value} must be a whole number from 0 to 9999")
    return int(value)


def _day(case: Scenario, text: str, given: Mapping[str, str], key: str, default: date) -> date:
    value = given.get(key)
    try:
        day = date.fromisoformat(value) if value else default
    except ValueError:
        raise FamilyError(f"{text}: {key}={value} must be a day such as {default}") from None
    if not case.header.start < day <= case.header.end:
        raise FamilyError(
            f"{text}: {key}={day} is outside the run ({case.header.start} to {case.header.end})"
        )
    return day


def _window(case: Scenario, chosen: str) -> tuple[date, date]:
    """Return the days of the first and last closure: of "actual", or a quarter and half into the run."""
    if chosen == "actual":
        days = [a.on for a in case.schedules["actual"].actions if a.do in CLOSES]
        if days:
            return min(days), max(days)
    length = case.header.end - case.header.start
    return case.header.start + length // 4, case.header.start + length // 2


def _bases(case: Scenario, chosen: str) -> list[Base]:
    """Return the bases to close, in the order of units.csv."""
    actual = case.schedules["actual"].actions if chosen == "actual" else ()
    closed = {a.base for a in actual if a.do == "close"}
    whole = chosen == "all" or any(a.do == "end-mission" for a in actual)
    bases = []
    for name in case.bases:
        units = case.units_at(name)
        # units that only an action opens, and posts that were temporary anyway, are left alone
        lasting = [u for u in units if u.until is None and not isinstance(u.opens, str)]
        if not lasting or not (whole or name in closed):
            continue
        days = [u.opens for u in lasting]
        opens = None if None in days else min(d for d in days if isinstance(d, date))
        bases.append(Base(name, units[0].district, opens, sum(u.strength for u in lasting)))
    return bases


def _name(family: str, given: Mapping[str, str]) -> str:
    parts = [family, *(f"{key}-{value}" for key, value in sorted(given.items()))]
    name = re.sub(r"[^a-z0-9-]+", "-", "-".join(parts).lower()).strip("-")
    if len(name) <= LONGEST_NAME:
        return name
    # what is cut off would tell two of them apart
    mark = hashlib.sha256("-".join(parts).encode()).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9].rstrip('-')}-{mark}"


def _words(given: Mapping[str, str]) -> str:
    parts = []
    if "steps" in given:
        parts.append(f"{given['steps']} steps")
    if "notice" in given:
        parts.append(f"{given['notice']} weeks' notice")
    if "from" in given or "to" in given:
        parts.append(f"{given.get('from', '')} to {given.get('to', '')}".strip())
    if given.get("bases") == "all":
        parts.append("all bases")
    parts += [f"{key} {given[key]}" for key in OWN if key in given]
    return f" ({', '.join(parts)})" if parts else ""
