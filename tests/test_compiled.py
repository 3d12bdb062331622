"""Rules are compiled as parts of one whole; in Numba's ordinary way they give the same bits."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from worlds import small

from sim import cache, whole
from sim.build import build
from sim.compiled import compiled, source_digest
from sim.ensemble import Ensemble, simulate
from sim.model import DrawdownModel
from sim.week import behaviours, week_with

jit = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


@compiled
def scaled(x: float, k: int) -> float:
    """Return x k times; for the tests below."""
    return x * k


@compiled
def sum_of_three(x: float) -> float:
    """Return 6 x, asking for it in three parts."""
    return scaled(x, 1) + scaled(x, 2) + scaled(x, 3)


@jit
def test_a_rule_is_compiled_once_for_all_numbers_that_callers_spell_out() -> None:
    scaled.get_call_template((numba.float64, numba.types.literal(4)), {})
    scaled.get_call_template((numba.float64, numba.types.literal(5)), {})
    scaled.get_call_template((numba.float64, numba.int64), {})
    assert list(scaled.overloads) == [(numba.float64, numba.int64)]
    assert sum_of_three(1.5) == 9.0


@jit
def test_arguments_of_another_class_run_other_code() -> None:
    assert scaled(1.5, 2) == 3.0
    assert scaled(np.float32(1.5), 2) == 3.0
    assert scaled(3, 2) == 6
    assert isinstance(scaled(3, 2), int)


@jit
def test_the_garbage_collector_is_on_again_after_a_compilation_and_after_a_failure() -> None:
    @compiled
    def wrong(x):  # type: ignore[no-untyped-def]
        return x.there_is_no_such_thing

    with pytest.raises(numba.TypingError):
        wrong(1.0)
    assert gc.isenabled()
    assert scaled(2.5, 2) == 5.0
    assert gc.isenabled()


SOME_RULES = """
import hashlib, sys
sys.path.insert(0, {tests!r})
import numpy as np
from worlds import small
from sim import chance, compiled, whole
from sim.agents.armed_group import observe
from sim.build import build
from sim.start import begin
from sim.world.people import census
world, _ = build(small(), "close-alpha")
begin(world, 3, 2)
world.beliefs[0, 1].detect_yes = 2.5
world.clock[0].week = 9
observe(world, 0)
digest = hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in world))
digest.update(str([census(world), [chance.binomial(u / 50, 40, 0.2) for u in range(1, 50)]]).encode())
print(whole.available(), digest.hexdigest())
"""


@jit
def test_numbas_ordinary_way_gives_the_same_bits(root: Path) -> None:
    said = []
    for ordinary in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", SOME_RULES.format(tests=str(root / "tests"))],
            cwd=root,
            env={**os.environ, "DRAWDOWN_ORDINARY_NUMBA": ordinary},
            capture_output=True,
            text=True,
            check=True,
        )
        said.append(done.stdout.split())
    assert [available for available, _ in said] == ["True", "False"]
    assert said[0][1] == said[1][1]


def test_another_numba_is_used_in_its_ordinary_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAWDOWN_ORDINARY_NUMBA", raising=False)
    assert whole.available()
    with monkeypatch.context() as later:
        later.setattr(numba, "version_info", numba.version_info._replace(short=(0, 69)))
        assert not whole.available()
    with monkeypatch.context() as changed:
        changed.delattr(whole.JITCodeLibrary.__mro__[1], "_optimize_final_module")
        assert not whole.available()
    assert whole.available()


def test_behaviours_are_what_a_mesa_model_calls() -> None:
    world, _ = build(small(), "none")
    called = []
    week_with(lambda _world, _table, behaviour: called.append(behaviour))(world, 0)
    found = behaviours()
    if not numba.config.DISABLE_JIT:
        assert [f for f in found if f in called] == list(dict.fromkeys(called))
        assert {f.__name__ for f in found if f not in called} == {"begin_week", "clear", "execute_schedule"}


@jit
def test_each_way_to_run_a_model_knows_what_it_has_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = small(2)
    Ensemble(case, "none").run(1, 0, 1)
    case.model("none").run()
    assert Ensemble.is_compiled()
    assert DrawdownModel.is_compiled()
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    assert not Ensemble.is_compiled()
    (tmp_path / f"{simulate.entry._cache._begins}0").touch()
    assert Ensemble.is_compiled()
    assert not DrawdownModel.is_compiled()


def test_the_digest_of_all_sources_changes_with_any_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "show").mkdir()
    figure = tmp_path / "show" / "figure.py"
    figure.write_text("a = 1\n")
    monkeypatch.setattr("sim.compiled._PACKAGE", tmp_path)
    before = source_digest()
    assert source_digest() == before
    figure.write_text("a = 2\n")
    assert source_digest() != before
