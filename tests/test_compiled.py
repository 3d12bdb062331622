"""What is compiled is compiled anew when a rule changes, and only then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sim import compiled


def test_every_module_with_compiled_code_counts_in_the_name_of_the_cache(root: Path) -> None:
    """Every module that the compiled entries import when they are loaded, and everything that those import.

    In a process of its own, where nothing else has been imported.
    """
    code = (
        "import sys, numba\n"
        "import sim.ensemble\n"
        "from numba.core.dispatcher import Dispatcher\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if name.startswith('sim.') and any(\n"
        "        isinstance(v, Dispatcher) and v.py_func.__module__ == name for v in vars(module).values()\n"
        "    ):\n"
        "        print(name)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    modules = found.stdout.split()
    assert "sim.ensemble" in modules
    assert "sim.agents.armed_group" in modules
    for name in modules:
        path = name.removeprefix("sim.").replace(".", "/") + ".py"
        assert path in compiled.RULES or path.split("/")[0] in compiled.RULES, name


def test_the_digest_of_the_rules_is_that_of_the_rules_alone() -> None:
    all_, rules = compiled.source_digest(), compiled.source_digest(compiled.RULES)
    assert all_ != rules
    assert rules == compiled.source_digest(compiled.RULES)
    assert compiled.source_digest(["week.py"]) != compiled.source_digest(["chance.py"])
