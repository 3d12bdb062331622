"""From constraints to the orders that keep to them, their days, and the schedules that they are.

An order is a sequence of places in `Closures.names`: (2, 0, 1) closes the third first. Each base closes on
the first day that its constraints and the closures before it leave, so that an order has one set of days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from sim.scenario.case import Scenario
from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.read import line_of
from sim.scenario.schema import NO_DRAWDOWN, Action, Schedule
from sim.study.sequences.constraints import Constraints

Order = tuple[int, ...]
MOST_BASES = 20
TRIES = 1000
"""Times that an order is drawn at random before it counts as one that cannot be found."""


class Closures:
    """The closures of a case whose order is open, and what they must keep to."""

    def __init__(
        self,
        case: Scenario,
        asked: Constraints,
        file: Path | None = None,
        lines: Mapping[str, int] | None = None,
    ) -> None:
        """Find what closes. Raises `ScenarioError` for what cannot be right, or if no order can be."""
        self.case = case
        self.asked = asked
        self._file = file
        self._lines = dict(lines or {})
        self.within = self._within()
        self.groups = self._groups()
        """Bases that close together, a tuple each: a base, and what stands beside it."""
        self.names = tuple(group[0] for group in self.groups)
        self._place = {base: i for i, group in enumerate(self.groups) for base in group}
        self._check_names()
        self._months = {*asked.not_in_months, *(case.header.wet_months if asked.not_in_rains else ())}
        if len(self._months) == 12:
            self._fail("not_in_months", "leaves no month in which a base could close; take some out")
        self._before = self._precedence()
        self.first = asked.first or self._first()
        end = min((a.on for a in self.within.actions if a.do == "end-mission"), default=case.header.end)
        self._from = [self._not_before(group) for group in self.groups]
        self._until = [
            min([end, *(d for b, d in asked.not_after.items() if b in group)]) for group in self.groups
        ]
        if not case.header.start < self.first <= end:
            self._fail("first", f"{self.first} is outside the run ({case.header.start} to {end})")
        try:
            found = next(iter(self))
        except StopIteration:
            raise self._error(
                "", "no order of closures keeps to all of this; allow more time, or drop a constraint"
            ) from None
        case.check_schedule(self.schedule(found), Path(f"<{self.name(found)}>"), {})

    def __len__(self) -> int:
        """Return how many bases, or groups of them, close."""
        return len(self.groups)

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<Closures of {', '.join(self.names)} in {self.case.name}, from {self.first}>"

    # -- what closes -------------------------------------------------------------------------------

    def _error(self, where: str, problem: str) -> ScenarioError:
        return ScenarioError(
            self._file or self.case.name, problem, line=line_of(self._lines, where), where=where
        )

    def _fail(self, where: str, problem: str) -> None:
        raise self._error(where, problem)

    def _within(self) -> Schedule:
        """Return the schedule whose other actions stay."""
        case, name = self.case, self.asked.within
        if name:
            return case.schedule(name)
        actual = case.schedules.get("actual")
        if actual is not None and any(a.do == "close" for a in actual.actions):
            return actual
        if not self.asked.bases:
            known = [n for n, s in case.schedules.items() if any(a.do == "close" for a in s.actions)]
            hint = f"the schedules that close bases are {', '.join(known)}" if known else "none closes any"
            self._fail("bases", f"say which bases close, or within which schedule; {hint}")
        return NO_DRAWDOWN

    @cached_property
    def _planned(self) -> dict[str, date]:
        """The day on which `within` closes each base."""
        return {a.base: a.on for a in self.within.actions if a.do == "close"}

    def _groups(self) -> tuple[tuple[str, ...], ...]:
        """Return what closes: what a plan closes in one district on one day closes together."""
        case = self.case
        district = {u.base: u.district for u in case.units}
        together: dict[tuple[str, date], list[str]] = {}
        for base in case.bases:
            if base in self._planned:
                together.setdefault((district[base], self._planned[base]), []).append(base)
        groups = [tuple(bases) for bases in together.values()]
        groups += [(base,) for base in case.bases if base not in self._planned]
        if self.asked.bases:
            for i, base in enumerate(self.asked.bases):
                if base not in case.bases:
                    self._fail(
                        f"bases.{i}", f"there is no base {base!r}; {did_you_mean(base, list(case.bases))}"
                    )
            groups = [g for g in groups if set(g) & set(self.asked.bases)]
        else:
            groups = [g for g in groups if g[0] in self._planned]
        if not 2 <= len(groups) <= MOST_BASES:
            self._fail(
                "bases", f"{len(groups)} closures have no order to choose; name 2 to {MOST_BASES} bases"
            )
        return tuple(groups)

    def _check_names(self) -> None:
        asked = self.asked
        named = [(f"last.{i}", b) for i, b in enumerate(asked.last)]
        named += [(f"in_order.{i}", b) for i, chain in enumerate(asked.in_order) for b in chain]
        named += [(f"{key}.{b}", b) for key in ("not_before", "not_after") for b in getattr(asked, key)]
        for where, base in named:
            if base not in self._place:
                self._fail(
                    where, f"{base!r} is not among the bases that close; {did_you_mean(base, self.names)}"
                )

    def _precedence(self) -> list[set[int]]:
        """Return which places must come before each."""
        before: list[set[int]] = [set() for _ in self.groups]
        last = {self._place[b] for b in self.asked.last}
        for i in last:
            before[i] |= set(range(len(self.groups))) - last
        for chain in self.asked.in_order:
            for a, b in pairwise(chain):
                before[self._place[b]].add(self._place[a])
        return before

    def _first(self) -> date:
        """Return the day of the first closure of `within`, or else of the case."""
        planned = [self._planned[b] for g in self.groups for b in g if b in self._planned]
        case = self.case
        usual = case.header.start + (case.header.end - case.header.start) // 4
        return min(planned) if planned else case.first_closure or usual

    def _not_before(self, group: Sequence[str]) -> date:
        """Return the first day on which a group may close: a week after it opened, at the earliest."""
        days = [d for b, d in self.asked.not_before.items() if b in group]
        for base in group:
            opens = [u.opens for u in self.case.units_at(base)]
            if all(isinstance(d, date) for d in opens):
                days.append(min(d for d in opens if isinstance(d, date)) + timedelta(weeks=1))
        return max([self.first, *days])

    # -- orders ------------------------------------------------------------------------------------

    def _next(self, placed: Sequence[int], days: Sequence[date], i: int) -> date | None:
        """Return the day on which a group closes after those placed; None if it cannot."""
        if not self._before[i] <= set(placed):
            return None
        day = self._from[i]
        if placed:
            new = len(placed) % self.asked.at_once == 0
            day = max(day, days[-1] + timedelta(weeks=self.asked.weeks_between if new else 0))
        day = self._dry(day)
        return day if day <= self._until[i] else None

    def _dry(self, day: date) -> date:
        """Return the first day from then on in a month in which bases may close."""
        while day.month in self._months:
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return day

    def days(self, order: Sequence[int]) -> tuple[date, ...] | None:
        """Return the day of each closure of an order, in that order; None if it breaks a constraint."""
        days: list[date] = []
        for k, i in enumerate(order):
            day = self._next(order[:k], days, i)
            if day is None:
                return None
            days.append(day)
        return tuple(days) if self._in_budget(order, days) else None

    def fits(self, order: Sequence[int]) -> bool:
        """Return whether an order keeps to the constraints."""
        return self.days(order) is not None

    @cached_property
    def _paid(self) -> list[tuple[float, np.ndarray]]:
        """For each budget: persons at all other bases on average, and of each group while it is there.

        At their strength of the budget's first day.
        """
        others = self.schedule_without
        found: list[tuple[float, np.ndarray]] = []
        for budget in self.asked.budgets:
            span = (budget.end - budget.start).days + 1
            own = np.zeros(len(self.groups))
            fixed = 0.0
            for base in self.case.bases:
                strength = self.case.strength_at(others, base, budget.start + timedelta(days=1))
                if base in self._place:
                    own[self._place[base]] += strength
                    continue
                closes = self._planned.get(base, date.max)
                left = span if closes == date.max else min(max((closes - budget.start).days, 0), span)
                fixed += strength * left / span
            found.append((fixed, own))
        return found

    def _in_budget(self, order: Sequence[int], days: Sequence[date]) -> bool:
        for budget, (fixed, own) in zip(self.asked.budgets, self._paid, strict=True):
            span = (budget.end - budget.start).days + 1
            there = sum(
                own[i] * min(max((day - budget.start).days, 0), span) / span
                for i, day in zip(order, days, strict=True)
            )
            if fixed + there > budget.troops:
                return False
        return True

    def __iter__(self) -> Iterator[Order]:
        """Yield every order that keeps to the constraints, of those with equal days the first."""
        seen: set[tuple[date, ...]] = set()

        def extend(placed: list[int], days: list[date]) -> Iterator[Order]:
            if len(placed) == len(self.groups):
                by_base = tuple(days[placed.index(i)] for i in range(len(placed)))
                if by_base not in seen and self._in_budget(placed, days):
                    seen.add(by_base)
                    yield tuple(placed)
                return
            for i in range(len(self.groups)):
                if i in placed:
                    continue
                day = self._next(placed, days, i)
                if day is not None:
                    yield from extend([*placed, i], [*days, day])

        yield from extend([], [])

    def all(self, most: int) -> list[Order] | None:
        """Return all orders that keep to the constraints; None if there are more than `most`."""
        found: list[Order] = []
        for order in self:
            if len(found) == most:
                return None
            found.append(order)
        return found

    def draw(self, rng: np.random.Generator) -> Order:
        """Return an order that keeps to the constraints, drawn at random (not all need be equally likely).

        Raises `ScenarioError` if none is found in `TRIES` tries.
        """
        for _ in range(TRIES):
            placed: list[int] = []
            days: list[date] = []
            while len(placed) < len(self.groups):
                found = {
                    i: day
                    for i in range(len(self.groups))
                    if i not in placed and (day := self._next(placed, days, i)) is not None
                }
                if not found:
                    break
                i = int(rng.choice(list(found)))
                placed.append(i)
                days.append(found[i])
            if len(placed) == len(self.groups) and self._in_budget(placed, days):
                return tuple(placed)
        raise self._error(
            "", f"no order was found that keeps to all of this in {TRIES} tries; drop a constraint"
        )

    # -- schedules ---------------------------------------------------------------------------------

    @cached_property
    def schedule_without(self) -> Schedule:
        """The schedule in which the closures are placed, without what it does at their bases."""
        kept = tuple(a for a in self.within.actions if a.base not in self._place)
        return self.within.model_copy(update={"actions": kept})

    def name(self, order: Sequence[int]) -> str:
        """Return the name of an order's schedule, such as "order-3-1-2"."""
        return "-".join(["order", *(str(i + 1) for i in order)])

    def words(self, order: Sequence[int]) -> str:
        """Return an order in words, such as "Koch, Yei, Akobo"."""
        return ", ".join(self.names[i] for i in order)

    def order_of(self, schedule: Schedule) -> Order | None:
        """Return the order in which a schedule closes these bases; None if it does not, or not all."""
        days = {a.base: a.on for a in schedule.actions if a.do == "close"}
        if not set(self.names) <= set(days):
            return None
        return tuple(sorted(range(len(self.names)), key=lambda i: (days[self.names[i]], i)))

    def schedule(self, order: Sequence[int], adaptive: bool = False) -> Schedule:
        """Return the schedule of an order: with the triggers of the constraints if it is `adaptive`.

        What the plan does besides at a base (hand over, leave a team) moves with its closure.
        """
        days = self.days(order)
        if days is None:
            raise ValueError(f"{self.words(order)}: breaks a constraint")
        actions = list(self.schedule_without.actions)
        for i, day in zip(order, days, strict=True):
            actions += self._actions(i, day)
        update: dict[str, object] = {
            "name": self.name(order) + ("-adaptive" if adaptive else ""),
            "title": f"{self.words(order)}"[:110] + (" (adaptive)" if adaptive else ""),
            "about": f"One order of {len(self.groups)} closures, {days[0]} to {days[-1]}.",
            "actions": tuple(actions),
        }
        if adaptive:
            update["triggers"] = (*self.within.triggers, *self.asked.triggers)
        return self.within.model_copy(update=update)

    def _actions(self, i: int, day: date) -> list[Action]:
        """Return the closures of a group on a day, and what the plan does besides at its bases."""
        start = self.case.header.start
        told = max(start, day - timedelta(weeks=self.asked.notice)) if self.asked.notice else None
        actions: list[Action] = []
        for base in self.groups[i]:
            moved = day - self._planned[base] if base in self._planned else timedelta(0)
            actions += [
                a.model_copy(update={"on": min(max(a.on + moved, start), day)})
                for a in self.within.actions_at(base)
                if a.do not in ("close", "announce")
            ]
            actions.append(Action(do="close", base=base, on=day, announced=told))
        return actions

    def alone_on(self, i: int, last: bool) -> date:
        """Return the day on which a group that closes alone closes: the first that it may, or the last.

        The last is that of the last closure in the first order that keeps to the constraints, if it may then.
        """
        day = self._dry(self._from[i])
        if last:
            days = self.days(next(iter(self)))
            assert days is not None
            day = max(day, min(days[-1], self._until[i]))
        return day

    def alone(self, i: int, day: date, name: str) -> Schedule:
        """Return the schedule in which a group closes on a day, and every other base stays."""
        bases = ", ".join(self.groups[i])
        return Schedule(name=name, title=f"{bases} alone, {day}"[:110], actions=tuple(self._actions(i, day)))


class Schedules(Sequence[Schedule]):
    """The schedules of many orders, each made when it is asked for: "none", fixed ones, then adaptive ones.

    It travels to workers as the orders alone.
    """

    def __init__(self, closures: Closures, orders: Sequence[Order], adaptive: Sequence[Order] = ()) -> None:
        self.closures = closures
        self.orders = np.array(orders, np.int8).reshape(-1, len(closures))
        self.adaptive = np.array(adaptive, np.int8).reshape(-1, len(closures))

    def __len__(self) -> int:
        """Return how many there are."""
        return 1 + len(self.orders) + len(self.adaptive)

    def __getitem__(self, i: int) -> Schedule:  # type: ignore[override]
        """Return one of them."""
        if i == 0:
            return NO_DRAWDOWN
        if not 0 < i < len(self):
            raise IndexError(i)
        fixed = i <= len(self.orders)
        row = self.orders[i - 1] if fixed else self.adaptive[i - 1 - len(self.orders)]
        return self.closures.schedule(tuple(map(int, row)), adaptive=not fixed)
