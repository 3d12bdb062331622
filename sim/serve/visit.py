"""What one visitor has: a plan, the answer so far, and the work that goes on for it."""

from __future__ import annotations

import asyncio
import secrets
import shlex
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.schema import NO_DRAWDOWN, Schedule
from sim.serve import plan
from sim.serve.plan import Plan, Wish
from sim.serve.save import EXPLORED, TOGGLES, Saved, briefing, explorer
from sim.serve.work import Workshop

UPDATED = (
    "runs", "t", "step", "edges", "schedules", "none", "pair", "assumptions", "confidence", "layout",
)  # fmt: skip
"""Of the facts of a page, those that other runs change."""
OPENED = "(opened file)"
"""What a visitor's own file is called among the schedules to start from."""


class Full(Exception):
    """No more visitors can be served at once."""


@dataclass(frozen=True)
class Served:
    """What is served: a case, as the command names and changes it."""

    case: Scenario
    where: str
    """The scenario as it was named on the command line."""
    options: tuple[str, ...] = ()
    """Options that changed it, for the command that makes an answer again."""

    def start(self, name: str) -> Schedule:
        """Return a schedule of the case by name."""
        if name == COUNTERFACTUAL:
            return NO_DRAWDOWN
        if name not in self.case.schedules:
            raise ScenarioError(
                self.case.name, f"there is no schedule {name!r}; {did_you_mean(name, self.case.schedules)}"
            )
        return self.case.schedules[name]

    @property
    def first(self) -> Schedule:
        """The schedule that a visit starts from: 'actual' where there is one, else the first."""
        plans = self.case.schedules
        return plans["actual"] if "actual" in plans else next(iter(plans.values()), NO_DRAWDOWN)


@dataclass
class Visit:
    """One visitor. All of it is touched by the event loop alone."""

    served: Served
    shop: Workshop
    id: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    base: Schedule = NO_DRAWDOWN
    wish: Wish = field(default_factory=Wish)
    plan: Plan | None = None
    version: int = 0
    """Counts the plans; an answer says of which it is."""
    news: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    """The latest of each kind of message, numbered: all that a slow or late listener needs."""
    told: asyncio.Event = field(default_factory=asyncio.Event)
    job: asyncio.Task[None] | None = None
    saving: asyncio.Task[None] | None = None
    saved: dict[str, Saved] = field(default_factory=dict)
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a plan is read in a thread: changes are taken in the order in which they came."""
    listener: int = 0
    """Which stream listens; an earlier one ends when another begins."""
    listening: bool = False
    seen: float = field(default_factory=time.monotonic)
    _count: int = 0
    _away: bool = False
    _halt: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Start from the case's first schedule."""
        self.begin(self.served.first)

    # -- the plan ----------------------------------------------------------------------------------

    def begin(self, schedule: Schedule) -> None:
        """Start from a schedule, as it is."""
        self.change(self.as_it_is(schedule), schedule)

    def as_it_is(self, schedule: Schedule) -> Wish:
        """Return the wish that leaves a schedule as it is."""
        wish = plan.as_it_is(schedule, self.wish.against).model_copy(
            update={"readiness": self.wish.readiness}
        )
        name = schedule.name if schedule.name not in (*self.served.case.schedules, COUNTERFACTUAL) else ""
        return wish.model_copy(update={"name": name or self.wish.name})

    def change(self, wish: Wish, base: Schedule | None = None) -> None:
        """Take another wish, and answer it in place of what is under way.

        Raises `ScenarioError`; then nothing is changed.
        """
        base = base or self.base
        self.take(base, wish, self.made(base, wish))

    def made(self, base: Schedule, wish: Wish) -> Plan:
        """Return the plan of a wish; changes nothing, so that a long one can be made in a thread."""
        self.served.start(wish.against)
        return plan.made(self.served.case, base, wish)

    def take(self, base: Schedule, wish: Wish, made: Plan) -> None:
        """Answer a plan that was made, in place of what is under way."""
        self.base, self.wish, self.plan = base, wish, made
        self.version += 1
        self.restart()

    def restart(self) -> None:
        """Answer the plan as it stands, from where its runs are."""
        self.halt()
        self.job = asyncio.ensure_future(self._answer())

    def halt(self) -> None:
        """Stop the runs under way."""
        if self.job and not self.job.done():
            self.job.cancel()
            self.tell("state", doing="stopped")

    def away(self) -> None:
        """Stop the runs while nobody listens."""
        if self.job and not self.job.done():
            self._away = True
            self.halt()

    def back(self) -> None:
        """Go on with what was stopped while nobody listened."""
        if self._away:
            self._away = False
            self.restart()

    def leave(self) -> None:
        """Stop everything."""
        self.halt()
        self.stop_saving()
        self.listener += 1
        self.told.set()

    @property
    def case(self) -> Scenario:
        """The case under what the visitor assumes of the host."""
        return self.served.case.with_readiness(self.wish.readiness)

    @property
    def note(self) -> str:
        """What the page says under an answer that is not under the case's own assumptions."""
        if not self.wish.readiness:
            return ""
        word = "abler and more willing" if self.wish.readiness > 0 else "less able and willing"
        return f"State forces are {word} than the case has them, under every schedule."

    @property
    def plans(self) -> tuple[Schedule, ...]:
        """The plan, what it is held against, and the counterfactual."""
        assert self.plan is not None
        against = () if self.wish.against == COUNTERFACTUAL else (self.served.start(self.wish.against),)
        return (self.plan.schedule, *against, NO_DRAWDOWN)

    def commands(self) -> list[str]:
        """Return the commands that make answer, briefing and explorer again from the saved schedule file."""
        others = [p.name for p in self.plans[1:] if p.name != COUNTERFACTUAL]
        words = [self.served.where, "--schedules", ",".join([self.file, *others])]
        words += ["--seed", str(self.shop.seed), *self.served.options]
        if self.wish.readiness:
            words.append(f"--host-readiness={self.wish.readiness:g}")
        compared = ["compare", *words, "--replicates", str(self.shop.ladder[-1]), "--parameters", "default"]
        explored = ["explore", *words, "--replicates", str(EXPLORED), "--toggles", str(TOGGLES)]
        briefed = ["brief", f"results/{self.served.case.name}"]
        return [shlex.join(["drawdown", *given]) for given in (compared, briefed, explored)]

    @property
    def file(self) -> str:
        """Name of the schedule file."""
        return f"{self.wish.name}.toml"

    def described(self) -> dict[str, Any]:
        """Return the plan as the page's controls show it."""
        assert self.plan is not None
        wish = self.wish.model_dump(mode="json")
        start = self.base.name if self.served.case.schedules.get(self.base.name) == self.base else OPENED
        if self.base == NO_DRAWDOWN:
            start = COUNTERFACTUAL
        return {
            "version": self.version,
            "start": start,
            **wish,
            "notes": list(self.plan.notes),
            "file": self.file,
            "commands": self.commands(),
        }

    # -- the answer --------------------------------------------------------------------------------

    async def _answer(self) -> None:
        version, of, note = self.version, self.shop.ladder[-1], self.note
        worlds = 0

        def tell(done: int, all_: int) -> None:
            if version == self.version:
                self.tell("state", doing="running", worlds=worlds, of=of, part=done / all_)

        try:
            tell(0, 1)
            async for worlds, content in self.shop.answers(self.case, self.plans, tell):  # noqa: B007
                facts = {name: content.facts[name] for name in UPDATED} | {"note": note}
                self.tell("answer", version=version, said=content.said, facts=facts, packed=content.packed[0])
            self.tell("state", doing="ready", worlds=worlds, of=of, part=1.0)
        except Exception as error:  # e.g. more killed in a week than the page can hold
            self.tell("state", doing="failed", error=str(error))

    def tell(self, kind: str, **what: Any) -> None:
        """Have the listener hear a message; one of the same kind that it did not hear yet is dropped."""
        self._count += 1
        self.news[kind] = (self._count, what)
        self.told.set()

    # -- what can be taken along ---------------------------------------------------------------------

    def save(self, what: str, language: str, slot: asyncio.Semaphore) -> None:
        """Make a briefing or an explorer file, one at a time."""
        self.stop_saving()
        self._halt = threading.Event()
        self.saving = asyncio.ensure_future(self._save(what, language, slot, self._halt))

    def stop_saving(self) -> None:
        """Stop making what is to be saved."""
        self._halt.set()
        if self.saving and not self.saving.done():
            self.saving.cancel()
            self.tell("saving", doing="stopped")

    async def _save(self, what: str, language: str, slot: asyncio.Semaphore, halt: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        case, plans, shop = self.case, self.plans, self.shop

        def progress(done: int, of: int) -> None:
            if not halt.is_set():
                loop.call_soon_threadsafe(lambda: self.tell("saving", doing=what, part=done / of))

        def make() -> Saved:
            if what == "briefing":
                return briefing(case, plans, shop, language, progress, halt)
            return explorer(case, plans, shop, progress, halt)

        try:
            self.tell("saving", doing="waiting")
            async with slot:
                self.tell("saving", doing=what, part=0.0)
                made = await asyncio.to_thread(make)
            self.saved[what] = made
            self.tell("saving", doing="ready", what=what)
        except Exception as error:
            self.tell("saving", doing="failed", error=str(error))


@dataclass
class Visits:
    """All visitors, and how many there may be."""

    served: Served
    shop: Workshop
    most: int = 32
    idle: float = 3600.0
    """Seconds without a sign of life after which a visit ends."""
    there: dict[str, Visit] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic

    def new(self) -> Visit:
        """Return a new visit. Raises `Full`: nobody who still listens has to go for it."""
        self.tidy()
        if len(self.there) >= self.most:
            silent = [v for v in self.there.values() if not v.listening]
            if not silent:
                raise Full(f"this server serves {self.most} visitors at once; try again later")
            self.end(min(silent, key=lambda v: v.seen))
        visit = Visit(self.served, self.shop)
        visit.seen = self.clock()
        self.there[visit.id] = visit
        return visit

    def get(self, id: str) -> Visit | None:
        """Return the visit of an id, if there is one."""
        visit = self.there.get(id)
        if visit:
            visit.seen = self.clock()
        return visit

    def end(self, visit: Visit) -> None:
        """End a visit and stop its work."""
        visit.leave()
        self.there.pop(visit.id, None)

    def tidy(self) -> None:
        """End visits of which nothing was heard for long."""
        for visit in list(self.there.values()):
            if not visit.listening and self.clock() - visit.seen > self.idle:
                self.end(visit)

    def names(self) -> Sequence[tuple[str, str]]:
        """Return the schedules to start from and to hold a plan against, with their titles."""
        return [(p.name, p.title) for p in self.served.case.schedules.values()]
