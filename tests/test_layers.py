"""Imports point one way: nothing below knows what is above it."""

from __future__ import annotations

import ast
from pathlib import Path

LAYERS = (
    ("sim.whole", "sim.pointer", "sim.cache"),
    ("sim.compiled", "sim.arithmetic", "sim.declare", "sim.generate", "sim.registry", "sim.intervals"),
    ("sim.chance",),
    ("sim.world.codes",),
    ("sim.world.state",),
    ("sim.world",),
    ("sim.agents",),
    ("sim.parameters", "sim.week", "sim.world.start"),
    ("sim.scenario", "sim.mechanisms"),
    ("sim.build", "sim.timetable"),
    ("sim.model", "sim.ensemble"),
    ("sim.measures",),
    ("sim.show.text", "sim.show.maps", "sim.show.figures", "sim.show.chronicle", "sim.study", "sim.show"),
    ("sim.cli_import",),
    ("sim.cli",),
)


def layer(module: str) -> int:
    """Return the layer of a module: the deepest prefix that is listed."""
    best = max(
        (name for group in LAYERS for name in group if module == name or module.startswith(name + ".")),
        key=len,
    )
    return next(i for i, group in enumerate(LAYERS) if best in group)


def test_imports_point_down(root: Path) -> None:
    for path in sorted((root / "sim").rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        if module == "sim":
            continue
        tree = ast.parse(path.read_text())
        for node in tree.body:  # at the top of the file; imports inside functions and for types are free
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sim."):
                names = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
            elif isinstance(node, ast.ImportFrom) and node.module == "sim":
                names = [f"sim.{a.name}" for a in node.names if (root / "sim" / f"{a.name}.py").exists()]
            else:
                continue
            for name in names[:1]:
                assert layer(name) <= layer(module), f"{module} imports {name} from above"
