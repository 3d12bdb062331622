"""Golden baselines: numbers that may change only on purpose.

    pytest tests/test_golden.py --update-golden

writes them anew; then say under "Results change" in CHANGELOG.md what changed, and why.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds import small

from sim import Scenario
from sim.ensemble import Ensemble

FILE = Path(__file__).parent / "golden" / "baselines.json"


def measured(drc: Scenario) -> dict[str, dict[str, float]]:
    """Return sums of every recorded field over two replicates of each of some runs."""
    runs = {
        "small, close-alpha": Ensemble(small(), "close-alpha").run(1, 0, 2).records,
        **{
            f"drc-monusco, {name}": Ensemble(drc, name).run(1, 0, 2).records
            for name in ("actual", "none", "full-exit")
        },
    }
    return {
        run: {name: float(records[name].sum(dtype="f8")) for name in records.dtype.names}
        for run, records in runs.items()
    }


def test_results_have_not_changed(drc: Scenario, request: pytest.FixtureRequest) -> None:
    now = measured(drc)
    if request.config.getoption("--update-golden"):
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(now, indent=1) + "\n")
        pytest.skip("golden baselines written anew")
    assert now == json.loads(FILE.read_text())
