"""Compilation: one decorator, and one cache that notices every edit.

Behaviours are compiled by Numba. Numba's own cache looks only at the file in which a function is
defined, so an edit in a module that the function *calls* would go unnoticed. The cache folder is
therefore named by a digest of all sources that hold compiled code or what it is made of (`RULES`): an
edit there recompiles, undoing the edit finds the old result again, and an edit of anything else
recompiles nothing.

Set ``NUMBA_DISABLE_JIT=1`` to run every behaviour as plain Python, with the same results to the
last bit: under a debugger, or to measure coverage.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType
from typing import TypeVar

import numba
import numpy as np
from numba.core.registry import CPUDispatcher

_PACKAGE = Path(__file__).resolve().parent
_STALE_AFTER_DAYS = 30

F = TypeVar("F", bound=Callable[..., object])


RULES = (
    "agents", "world", "arithmetic.py", "chance.py", "compiled.py", "declare.py", "ensemble.py",
    "generate.py", "parameters.py", "registry.py", "week.py",
)  # fmt: skip
"""Where compiled code stands, and the tables and constants that it is made of (`tests/test_compiled.py`)."""


def source_digest(parts: Sequence[str] = ("",)) -> str:
    """Return the SHA-256 of Python sources of this package (hexadecimal, 64 digits).

    `parts`: files and folders of the package that count; default all of it.
    """
    digest = hashlib.sha256()
    files = {f for part in parts for f in [_PACKAGE / part, *(_PACKAGE / part).rglob("*.py")] if f.is_file()}
    for path in sorted(files):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(b"\0")
        digest.update(path.read_bytes())
        digest.update(b"\0")
    return digest.hexdigest()


def _cache_root() -> Path:
    """Return a folder for compiled code that this user can write to."""
    base = os.environ.get("DRAWDOWN_CACHE_DIR")
    if base:
        return Path(base)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    root = Path(home) / "drawdown"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            return root
    except OSError:
        return Path(tempfile.gettempdir()) / f"drawdown-{os.getuid() if hasattr(os, 'getuid') else 0}"


def _use_cache_for_these_sources() -> None:
    root = _cache_root()
    folder = root / f"compiled-{source_digest(RULES)[:16]}"
    if not folder.exists() and root.exists():
        stale_before = time.time() - _STALE_AFTER_DAYS * 86400
        for old in root.glob("compiled-*"):
            if old.stat().st_mtime < stale_before:
                shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


def is_compiled() -> bool:
    """Return whether the cache holds anything for these sources, so that a first run need not wait."""
    folder = Path(numba.config.CACHE_DIR)  # type: ignore[attr-defined]
    return bool(numba.config.DISABLE_JIT) or any(folder.rglob("*.nbc"))  # type: ignore[attr-defined]


_use_cache_for_these_sources()
if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    np.seterr(over="ignore")  # the random hash is arithmetic modulo 2**64 on purpose


_OPTIONS = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    # Behaviours allocate nothing, so the arrays of a `World` need no reference counts: counting them
    # at every call took two thirds of the time.
    "_nrt": False,
    "no_cfunc_wrapper": True,
}


class _Compiled(CPUDispatcher):
    """A compiled function whose entry from Python is made when Python first calls it.

    Compiled code calls it directly. An entry has to take a world of some forty arrays apart, which
    takes a quarter of a second to compile: a third of all compilation if every function had one.
    """

    def __call__(self, *args: object) -> object:
        entry = self.__dict__.get("entry")
        if entry is None:
            plain = self.py_func
            copy = FunctionType(
                plain.__code__, plain.__globals__, plain.__name__, plain.__defaults__, plain.__closure__
            )
            copy.__qualname__ = f"{plain.__qualname__} from Python"  # a name of its own in the cache
            entry = self.__dict__["entry"] = numba.njit(**_OPTIONS)(copy)
        return entry(*args)


def _compile(function: F, **more: bool) -> F:
    made = numba.njit(**_OPTIONS, **more, no_cpython_wrapper=True)(function)
    if not numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        made.__class__ = _Compiled
    return made  # type: ignore[no-any-return]


def compiled(function: F) -> F:
    """Compile `function` (cached on disk, without the GIL, strict IEEE arithmetic).

    Fast-math stays off and division follows NumPy (no exception on zero), so that compiled and
    plain-Python runs agree to the last bit. It may not allocate: no new arrays, no slices.
    """
    return _compile(function)


def behaviour(function: F) -> F:
    """Compile a behaviour, `function(world, i)`: as `compiled`, and merged into the week's loop.

    A world is some forty arrays, and handing them over costs more than many a behaviour does.
    Behaviours that seldom do anything are `compiled`, which takes less time to compile.
    """
    return _compile(function, forceinline=True)


def inlined(function: F) -> F:
    """Compile `function` into each of its callers, for one-liners and to take behaviours as arguments.

    A behaviour that is passed to a function that is *called* becomes a pointer, which Numba neither
    optimises nor caches; inlined, it is the behaviour itself.
    """
    return numba.njit(**_OPTIONS, inline="always")(function)  # type: ignore[no-any-return]
