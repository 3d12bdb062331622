"""Runs for many visitors: made in blocks by a few threads, and kept for whoever asks for the same again.

A schedule under one set of assumptions is an `Arm`. Its worlds are those of `compare` at the same seed, so an
answer of 200 worlds here and there has the same bits. No more blocks are begun than there are threads, and
of those that wait none is begun that nobody wants any more: whoever changes a plan a hundred times leaves at
most a block a thread behind.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from sim.ensemble import Ensemble
from sim.explore.assumptions import as_it_is
from sim.explore.content import Content, shown
from sim.explore.runs import BLOCK, Weeks, block, joined
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule

LADDER = (20, 60, 200, 600, 2000)
"""Worlds at which an answer is shown; 20 are the fewest that an interval needs."""
LARGEST = 300_000_000
"""Bytes of runs that are kept for another time."""
MOST = 500
"""Arms that are kept."""
VALUES = 2_500_000
"""Killed by world, district, schedule and step of time that a page takes at a time."""
T = TypeVar("T")


class Arm:
    """The worlds of one schedule under one set of assumptions, as far as they were run."""

    def __init__(self, case: Scenario, schedule: Schedule) -> None:
        self.assumption = as_it_is(case)
        self.schedule = schedule
        self.blocks: dict[int, Weeks] = {}
        self.under_way: dict[int, asyncio.Future[None]] = {}
        self.wanted: Counter[int] = Counter()
        """How many answers wait for each block."""
        self.users = 0
        """How many answers it is part of."""
        self.idle: list[Ensemble] = []
        """For the next blocks, as long as it is part of an answer."""

    def run(self, seed: int, first: int) -> Weeks:
        """Run a block; may be called in several threads at once."""
        try:
            ensemble = self.idle.pop()
        except IndexError:
            ensemble = Ensemble(self.assumption.case, self.schedule)
        made = block(self.assumption, [self.schedule], [ensemble], seed, first, BLOCK)
        if self.users:
            self.idle.append(ensemble)
        return made

    def weeks(self, worlds: int) -> Weeks:
        """Return the first `worlds` worlds, all of which must have been run."""
        return joined([self.blocks[first] for first in range(0, worlds, BLOCK)])

    @property
    def size(self) -> int:
        """Bytes that its blocks take."""
        return sum(getattr(b, name).nbytes for b in self.blocks.values() for name in ("killed", "un")) * 2


class Workshop:
    """Threads that make runs, and the arms that are kept."""

    def __init__(self, seed: int, worlds: int, threads: int | None = None) -> None:
        self.seed = seed
        self.ladder = [n for n in LADDER if n < worlds] + [worlds]
        self.threads = threads or os.cpu_count() or 1
        self.pool = ThreadPoolExecutor(self.threads, thread_name_prefix="drawdown")
        self.slots = asyncio.Semaphore(self.threads)
        self.arms: OrderedDict[str, Arm] = OrderedDict()

    def close(self) -> None:
        """Let the blocks under way end, and begin no more."""
        self.pool.shutdown(cancel_futures=True)

    def arm(self, case: Scenario, schedule: Schedule) -> Arm:
        """Return the arm of a schedule, one for the same actions; forgets what was asked for long ago."""
        key = _key(case, schedule)
        arm = self.arms.pop(key, None) or Arm(case, schedule)
        self.arms[key] = arm
        kept = sum(a.size for a in self.arms.values())
        while len(self.arms) > 1 and (kept > LARGEST or len(self.arms) > MOST):
            kept -= self.arms.popitem(last=False)[1].size
        return arm

    async def do(self, work: Callable[[], T]) -> T:
        """Do something in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)

    async def run(self, arms: Sequence[Arm], worlds: int, tell: Callable[[int, int], None]) -> None:
        """Run what is missing of the first `worlds` worlds of arms; `tell` hears (worlds done, in all)."""
        wanted = [(arm, first) for first in range(0, worlds, BLOCK) for arm in arms]
        missing = [(arm, first) for arm, first in wanted if first not in arm.blocks]
        of, done = len(wanted) * BLOCK, (len(wanted) - len(missing)) * BLOCK
        running: set[asyncio.Future[None]] = set()
        asked: list[tuple[Arm, int]] = []
        try:
            while missing or running:
                while missing and len(running) < self.threads:
                    arm, first = missing.pop(0)
                    asked.append((arm, first))
                    arm.wanted[first] += 1
                    running.add(self._block(arm, first))
                finished, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for one in finished:
                    one.result()
                done += len(finished) * BLOCK
                tell(done, of)
        finally:
            for arm, first in asked:
                arm.wanted[first] -= 1

    def _block(self, arm: Arm, first: int) -> asyncio.Future[None]:
        """Return the block of an arm that is being run, for whoever else wants it begun only once.

        Once begun it goes on to its end; if nobody wants it any more when its turn comes, it is not begun.
        """
        if first not in arm.under_way:

            async def work() -> None:
                try:
                    async with self.slots:
                        if arm.wanted[first]:
                            arm.blocks[first] = await self.do(lambda: arm.run(self.seed, first))
                finally:
                    del arm.under_way[first]

            task = asyncio.ensure_future(work())
            task.add_done_callback(lambda t: t.cancelled() or t.exception())  # looked at, if by nobody else
            arm.under_way[first] = task
        return arm.under_way[first]

    async def answers(
        self, case: Scenario, plans: Sequence[Schedule], tell: Callable[[int, int], None]
    ) -> AsyncGenerator[tuple[int, Content], None]:
        """Yield (worlds, what the page shows of them) as they come in; the last plan is `none`."""
        arms = [self.arm(case, plan) for plan in plans]
        for arm in arms:
            arm.users += 1
        try:
            for worlds in self.ladder:
                await self.run(arms, worlds, tell)
                yield worlds, await self.do(lambda n=worlds: self.content(case, plans, arms, n))  # type: ignore[misc]
        finally:
            for arm in arms:
                arm.users -= 1
                if not arm.users:
                    arm.idle.clear()

    def content(self, case: Scenario, plans: Sequence[Schedule], arms: Sequence[Arm], worlds: int) -> Content:
        """Return what the page shows of the first worlds of arms."""
        pair = (plans[0].name, plans[1].name if len(plans) > 1 else COUNTERFACTUAL)
        return shown(
            case,
            plans,
            [as_it_is(case)],
            [beside([arm.weeks(worlds) for arm in arms])],
            seed=self.seed,
            step=step_of(case, self.ladder[-1]),
            pair=pair,
            level=1,
        )


def beside(arms: Sequence[Weeks]) -> Weeks:
    """Return one `Weeks` of several schedules of each of which there is one."""
    return Weeks(
        killed=np.concatenate([w.killed for w in arms]),
        vacuum=np.concatenate([w.vacuum for w in arms]),
        un=np.concatenate([w.un for w in arms]),
        state=np.concatenate([w.state for w in arms]),
        closed=np.concatenate([w.closed for w in arms], axis=1),
    )


def step_of(case: Scenario, worlds: int) -> int:
    """Return the weeks of a step of the slider at which three schedules are small enough to send."""
    steps = (1, 2, 4, 13, 26)
    values = 3 * worlds * len(case.districts) * case.weeks
    return next((s for s in steps if values / s <= VALUES), steps[-1])


def _key(case: Scenario, schedule: Schedule) -> str:
    """Return a hash of what makes an arm's runs: names and titles of schedules do not."""
    plan = schedule.model_dump(mode="json", exclude={"title", "about"})
    if schedule.name != COUNTERFACTUAL:  # which holds back what opens later
        plan.pop("name")
    forces = [row.model_dump(mode="json") for row in case.state_forces]
    return hashlib.sha256(json.dumps([plan, forces], sort_keys=True, default=str).encode()).hexdigest()
