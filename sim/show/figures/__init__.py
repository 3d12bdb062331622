"""Figures of a comparison and of a run: one file a figure, all in one style (`sim.show.figures.style`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.show.figures.cliff import cliff
from sim.show.figures.differences import differences
from sim.show.figures.fan import fan
from sim.show.figures.run import run
from sim.show.figures.timeline import draw_timeline, spans, timeline, troops_over
from sim.show.figures.where import district_maps

if TYPE_CHECKING:
    from sim.study.comparison import Comparison

__all__ = [
    "cliff",
    "differences",
    "district_maps",
    "draw_timeline",
    "drawings",
    "fan",
    "run",
    "save_all",
    "spans",
    "timeline",
    "troops_over",
]


def drawings(result: Comparison) -> dict[str, Callable[[], Figure]]:
    """Return what draws each figure of a comparison, by the figure's name."""
    made: dict[str, Callable[[], Figure]] = {
        "timeline": partial(timeline, result),
        "differences": partial(differences, result),
        "maps": partial(district_maps, result),
    }
    closing = dict.fromkeys(result.around["schedule"])
    made |= {f"cliff-{name}": partial(cliff, result, name) for name in closing}
    return made | {f"fan-{name}": partial(fan, result, name) for name in result.names}


def save_all(result: Comparison, folder: Path) -> list[Path]:
    """Write every figure of a comparison as PNG; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, draw in drawings(result).items():
        path = folder / f"{name}.png"
        draw().savefig(path, dpi=150, metadata={"Software": None})
        files.append(path)
    return files
