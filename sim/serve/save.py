"""What a visitor takes along besides the schedule file: a briefing, or an explorer file."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.study.compare import Interrupted

if TYPE_CHECKING:
    from sim.serve.work import Workshop

TOGGLES = 4
"""Other assumptions that a saved explorer tries."""
EXPLORED = 50
"""Matched worlds in a saved explorer, as `drawdown explore` has them."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Saved:
    """A file that is ready."""

    name: str
    body: bytes
    media: str = "text/html; charset=utf-8"


def briefing(
    case: Scenario,
    plans: Sequence[Schedule],
    shop: Workshop,
    language: str,
    progress: Progress,
    stop: threading.Event,
) -> Saved:
    """Return the briefing of a comparison, the same bytes as `drawdown brief` writes of it."""
    from sim.brief import content, html
    from sim.study.compare import compare
    from sim.study.load import load

    result = compare(
        case,
        plans,
        replicates=shop.ladder[-1],
        seed=shop.seed,
        threads=shop.threads,
        progress=progress,
        stop=stop,
    )
    with tempfile.TemporaryDirectory(prefix="drawdown-") as place:  # a result has its digests once written
        folder = Path(place) / case.name
        result.save(folder, figures=False, stage=lambda _what: _unless(stop))
        made = content.brief(load(folder))
    _unless(stop)
    return Saved(f"briefing-{plans[0].name}-{language}.html", html.html(made, language).encode())


def explorer(
    case: Scenario, plans: Sequence[Schedule], shop: Workshop, progress: Progress, stop: threading.Event
) -> Saved:
    """Return the explorer of a plan, the same bytes as `drawdown explore` writes of it."""
    from sim.explore import assumptions, content, page, runs

    tried = assumptions.all_of(case, None, TOGGLES)
    weeks = runs.collect(
        tried, plans, replicates=EXPLORED, seed=shop.seed, threads=shop.threads, progress=progress, stop=stop
    )
    made = content.gather(case, plans, tried, weeks, seed=shop.seed, stage=lambda _what: _unless(stop))
    return Saved(f"{case.name}-{plans[0].name}-explorer.html", page.page(made).encode())


def _unless(stop: threading.Event) -> None:
    if stop.is_set():
        raise Interrupted(0, 1)
