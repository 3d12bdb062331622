"""How runs for many visitors share the threads; the runs themselves are stood in for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from worlds import camps

from sim.scenario.schema import NO_DRAWDOWN, Action, Schedule
from sim.serve import work
from sim.serve.work import Arm, Workshop

CASE = camps(12)
NOTHING = SimpleNamespace(killed=np.zeros(1), un=np.zeros(1))


def plan(n: int) -> Schedule:
    """Return one of many plans."""
    day = CASE.header.start + timedelta(days=n)
    return Schedule(name="my-plan", title="t", actions=(Action(do="close", base="Alpha post", on=day),))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Arm, int]]:
    """Return which blocks were run: each takes a hundredth of a second and makes nothing."""
    found: list[tuple[Arm, int]] = []

    def run(self: Arm, seed: int, first: int) -> Any:
        time.sleep(0.01)
        found.append((self, first))
        return NOTHING

    monkeypatch.setattr(Arm, "run", run)
    monkeypatch.setattr(Workshop, "content", lambda self, case, plans, arms, worlds: None)
    return found


def through(given: Callable[[Workshop], Any], threads: int = 2) -> Workshop:
    """Return a workshop after some work."""

    async def all_of_it() -> Workshop:
        shop = Workshop(1, 40, threads)
        await given(shop)
        while any(arm.under_way for arm in shop.arms.values()):
            await asyncio.sleep(0.005)
        shop.close()
        return shop

    return asyncio.run(all_of_it())


async def answered(shop: Workshop, n: int) -> None:
    async for _ in shop.answers(CASE, (plan(n), NO_DRAWDOWN), lambda _done, _of: None):
        pass


def test_a_plan_changed_a_hundred_times_keeps_nobody_waiting(runs, monkeypatch: pytest.MonkeyPatch) -> None:
    over, run = threading.Event(), Arm.run
    monkeypatch.setattr(Arm, "run", lambda *given: over.wait(10) and run(*given))

    async def storm(shop: Workshop) -> None:
        for n in range(100):
            going = asyncio.ensure_future(answered(shop, n))
            await asyncio.sleep(0)
            going.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await going
        over.set()
        await answered(shop, 200)

    shop = through(storm)
    wanted = 2 * 4  # blocks of 10 of 40 worlds under two schedules
    assert len(runs) <= wanted + shop.threads, "blocks were run that nobody wanted any more"
    assert all(not arm.users and not arm.wanted.total() for arm in shop.arms.values())


def test_no_more_blocks_run_at_once_than_there_are_threads(runs, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most, lock = 0, 0, threading.Lock()

    def run(self: Arm, seed: int, first: int) -> Any:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.005)
        with lock:
            at_once -= 1
        return NOTHING

    monkeypatch.setattr(Arm, "run", run)

    async def several(shop: Workshop) -> None:
        await asyncio.gather(*(answered(shop, n) for n in range(6)))

    through(several)
    assert 1 <= most <= 2


def test_two_who_want_the_same_have_it_run_once(runs) -> None:
    async def twice(shop: Workshop) -> None:
        await asyncio.gather(answered(shop, 1), answered(shop, 1))

    through(twice)
    assert len(runs) == len(set(runs)) == 8


def test_who_leaves_takes_nothing_from_whoever_still_wants_it(runs) -> None:
    async def one_leaves(shop: Workshop) -> None:
        leaves, stays = (asyncio.ensure_future(answered(shop, 1)) for _ in range(2))
        await asyncio.sleep(0)
        leaves.cancel()
        await asyncio.wait_for(stays, 10)

    through(one_leaves)
    assert len(runs) == 8


def test_what_was_asked_for_long_ago_is_forgotten(runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST", 3)
    shop = Workshop(1, 20, 1)
    for n in range(10):
        shop.arm(CASE, plan(n))
    assert len(shop.arms) == 3
    shop.close()
