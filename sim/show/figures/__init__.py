"""Figures of a comparison: one file a figure, all in one style (`sim.show.figures.style`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.show.figures.cliff import cliff
from sim.show.figures.differences import differences
from sim.show.figures.fan import fan
from sim.show.figures.timeline import draw_timeline, spans, timeline, troops_over
from sim.show.figures.where import district_maps

if TYPE_CHECKING:
    from sim.study.compare import Comparison

__all__ = [
    "cliff",
    "differences",
    "district_maps",
    "draw_timeline",
    "fan",
    "save_all",
    "spans",
    "timeline",
    "troops_over",
]


def save_all(result: Comparison, folder: Path) -> list[Path]:
    """Write every figure of a comparison as PNG; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {"timeline": timeline(result), "differences": differences(result), "maps": district_maps(result)}
    for name in result.names:
        made[f"fan-{name}"] = fan(result, name)
    files = []
    for name, figure in made.items():
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=150, metadata={"Software": None})
        files.append(path)
    return files
