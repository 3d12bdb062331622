"""From what a visitor sets to a schedule: the schedule language's own actions, as the text of a file.

A plan starts from a schedule of the case, or a file. What is set replaces its closures; what else it does
stays on its day, moves with the closure it belongs to, or is left out where it could not be done any more,
which is said. The text is read by the parser of schedule files, so that a saved plan and a shown one are one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sim.scenario.actions import ACTIONS, CLOSES, FIRST
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.fields import FileName, Name, Number, OptionalDate, Share, Strict, Whole
from sim.scenario.read import parse_toml
from sim.scenario.schema import Action, Gate, Schedule
from sim.scenario.write import schedule_text

LONGEST_WAIT = 52
"""Weeks that a closure waits at most for the host's forces."""
GATE = "host-ready"
LONGEST_TEXT = 1_000_000
"""Characters of a schedule file that a visitor may open."""


class Wish(Strict):
    """What a visitor has set; days and names are checked again as those of a schedule file."""

    name: FileName = Field("my-plan", description="name of the plan and of its file")
    closings: Annotated[dict[Name, OptionalDate], Field(max_length=20_000)] = Field(
        default_factory=dict, description="day on which each base closes; bases that are not named stay"
    )
    end: OptionalDate = Field(None, description="day on which the mission ends, none if it does not")
    notice: Annotated[Whole, Field(ge=0, le=520)] | None = Field(
        None, description="weeks before each closure that communities are told; none: as where it starts from"
    )
    mobile: Share = Field(0.0, description="share of the static infantry that becomes mobile")
    wait: Annotated[Number, Field(ge=0.0, le=1.0)] | None = Field(
        None, description="capability of state forces (0-1) for which each closure waits"
    )
    readiness: Annotated[Number, Field(ge=-1.0, le=1.0)] = Field(
        0.0, description="shift of capability and will of state forces, see Scenario.with_readiness"
    )
    against: Name = Field(COUNTERFACTUAL, description="schedule that the plan is held against")


@dataclass(frozen=True)
class Plan:
    """A schedule made from a wish."""

    schedule: Schedule
    text: str
    """The file that it is read from."""
    notes: tuple[str, ...]
    """What was left out of the schedule that it starts from, and why."""


def opened(case: Scenario, text: str, name: str = "opened.toml") -> Schedule:
    """Return the schedule of a file's text. Raises `ScenarioError` as for any schedule file."""
    file = Path(name)
    if len(text) > LONGEST_TEXT:
        raise ScenarioError(file, f"has {len(text):,d} characters; at most {LONGEST_TEXT:,d} can be opened")
    schedule, lines = parse_toml(text, file, Schedule)
    case.check_schedule(schedule, file, lines)
    return schedule


def as_it_is(schedule: Schedule, against: str = COUNTERFACTUAL) -> Wish:
    """Return the wish that leaves a schedule's closures as they are."""
    ends = [a.on for a in schedule.actions if a.do == "end-mission"]
    return Wish(closings=_closings(schedule), end=min(ends, default=None), against=against)


def _closings(schedule: Schedule) -> dict[str, date | None]:
    return {a.base: a.on for a in schedule.actions if a.do == "close"}


def made(case: Scenario, start: Schedule, wish: Wish) -> Plan:
    """Return the plan of a wish that starts from a schedule.

    Raises `ScenarioError` for what cannot be: a base that is not there, a day outside the run, a name that
    another schedule of the case has.
    """
    file = Path(f"{wish.name}.toml")
    if wish.name in (*case.schedules, COUNTERFACTUAL):
        raise ScenarioError(
            file, f"{wish.name!r} is already the name of a schedule of {case.name!r}; choose another"
        )
    for base in wish.closings:
        if not case.units_at(base):
            raise ScenarioError(file, f"{base!r} is not a base of {case.name!r}")
    maker = _Maker(case, start, wish)
    changed = maker.schedule()
    if len(wish.closings) == 0 and wish.end is None and not changed.actions:
        maker.notes.append("No base closes: the plan is that every base stays.")
    text = schedule_text(changed)
    schedule, lines = parse_toml(text, file, Schedule)
    case.check_schedule(schedule, file, lines)
    return Plan(schedule, text, tuple(maker.notes))


class _Maker:
    """Puts the actions of a plan together."""

    def __init__(self, case: Scenario, start: Schedule, wish: Wish) -> None:
        self.case = case
        self.start = start
        self.wish = wish
        self.old = {a.base: a for a in start.actions if a.do == "close"}
        self.ended = next((a for a in start.actions if a.do == "end-mission"), None)
        self.days: Mapping[str, date] = {b: d for b, d in wish.closings.items() if d is not None}
        self.notes: list[str] = []

    def schedule(self) -> Schedule:
        actions = [*self._kept(), *self._mobile(), *self._closures()]
        named = {a.gate for a in actions}
        gates = [g for g in self.start.gates if g.name in named]
        if GATE in named and self.wish.wait is not None:
            gates.append(
                Gate(
                    name=GATE, benchmark="state-capability", at_least=self.wish.wait,
                    longest_delay=LONGEST_WAIT, then="close",
                )
            )  # fmt: skip
        closes = any(a.do in CLOSES for a in actions)
        triggers = [t for t in self.start.triggers if closes or t.where != "closed"]
        if len(triggers) < len(self.start.triggers):
            self.notes.append("Left out: what the mission does in districts of closed bases, as none closes.")
        same = self.wish == as_it_is(self.start, self.wish.against).model_copy(
            update={"name": self.wish.name, "readiness": self.wish.readiness}
        )
        title = self.start.title if same else f"{self.start.title}, changed"
        about = f"Made with drawdown serve from '{self.start.name}' of {self.case.name}."
        return self.start.model_copy(
            update={
                "name": self.wish.name,
                "title": title[:120],
                "about": self.start.about if same else about,
                "actions": tuple(actions),
                "gates": tuple(gates),
                "triggers": tuple(triggers),
            }
        )

    # -- closures ----------------------------------------------------------------------------------

    def _closures(self) -> list[Action]:
        found = [self._closing(base, day) for base, day in self.days.items()]
        if self.wish.end is not None:
            old = self.ended or Action.model_construct(do="end-mission", on=self.wish.end)
            found.append(self._dated(old, self.wish.end))
        return found

    def _closing(self, base: str, day: date) -> Action:
        old = self.old.get(base) or Action.model_construct(do="close", base=base, on=day)
        closing = self._dated(old, day)
        return closing if self.wish.wait is None else closing.model_copy(update={"gate": GATE})

    def _dated(self, old: Action, day: date) -> Action:
        """Return a closure on another day, announced as long before as it was, or as is wished."""
        if self.wish.notice is not None:
            told = day - timedelta(weeks=self.wish.notice) if self.wish.notice else None
        else:
            told = day - (old.on - old.announced) if old.announced else None
        if told is not None and told != old.announced:
            told = max(told, min(self.case.header.start, day))
        values: dict[str, Any] = {"on": day, "announced": told}
        if day != old.on or told != old.announced:  # it is no longer what the source says
            values |= {"source": "", "certainty": "estimate", "note": ""}
        return old.model_copy(update=values)

    # -- what else it does -------------------------------------------------------------------------

    def _kept(self) -> list[Action]:
        """Return what the schedule does besides, as far as it can still be done."""
        kept = []
        for a in self.start.actions:
            if a.do in ("close", "end-mission"):
                continue
            moved = self._moved(a)
            if moved is None:
                what = f"{a.do} {a.base or a.unit or a.follow_on}".strip()
                self.notes.append(
                    f"Left out: {what} on {a.on}, which the changed closures leave no room for."
                )
            elif not (a.do == "announce" and self.wish.notice is not None):
                kept.append(moved)
        return kept

    def _moved(self, a: Action) -> Action | None:
        """Return an action on its day, moved with the closure that it belongs to; None if it has no place."""
        header = self.case.header
        day = a.on
        if a.base:
            old, new = self.old.get(a.base), self.days.get(a.base)
            if old is not None and new is None and ACTIONS[a.do].turn == FIRST:
                return None
            if old is not None and new is not None and ACTIONS[a.do].turn == FIRST:
                day = min(max(day + (new - old.on), header.start), new)
            elif new is not None and day >= new and not (old is not None and day >= old.on):
                return None
        if ACTIONS[a.do].after_end:
            if self.ended is not None and self.wish.end is None:
                return None
            if self.ended is not None and self.wish.end is not None:
                day = min(max(day + (self.wish.end - self.ended.on), header.start), header.end)
        elif self.wish.end is not None and day > self.wish.end and a.unit not in self._state():
            return None
        return a if day == a.on else a.model_copy(update={"on": day})

    def _state(self) -> set[str]:
        return {s.unit for s in self.case.state_forces}

    # -- mobile ------------------------------------------------------------------------------------

    def _mobile(self) -> list[Action]:
        """Let a share of the static infantry become mobile on the day of the first closure.

        Base by base, those that stay longest first, until their troops reach the share.
        """
        if self.wish.mobile <= 0.0:
            return []
        length = self.case.header.end - self.case.header.start
        days = [*self.days.values(), *([self.wish.end] if self.wish.end else [])]
        day = min(days, default=self.case.header.start + length // 4)
        done = {a.base for a in self.start.actions if a.do in ("convert", "relocate")}
        static: dict[str, int] = {}
        for base in self.case.bases:
            there = self.case.unit_strengths(self.start.model_copy(update={"actions": ()}), base, day)
            own = [u for u in self.case.units_at(base) if u.kind == "infantry" and u.posture == "static"]
            troops = sum(there.get(u.unit, 0) for u in own)
            leaves = min(self.days.get(base, date.max), self.wish.end or date.max)
            if troops and base not in done and leaves > day:
                static[base] = troops
        wanted = self.wish.mobile * sum(static.values())
        last = sorted(static, key=lambda b: self.days.get(b, date.max), reverse=True)
        found, reached = [], 0
        for base in last:
            if reached + static[base] / 2 > wanted:
                break
            reached += static[base]
            found.append(Action(do="convert", base=base, on=day))
        if not found:
            self.notes.append("No base has static infantry that could become mobile at that share.")
        else:
            count = f"{len(found)} base{'s' * (len(found) != 1)} of {len(static)}"
            self.notes.append(
                f"On {day} the static infantry of {count} becomes mobile: {', '.join(a.base for a in found)}."
            )
        return found
