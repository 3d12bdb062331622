"""Compilation: decorators for rules, and the entries by which Python calls them.

A rule that another rule calls is compiled as a part of that (`sim.whole`). When Python calls a rule, a
whole is made and kept on disk (`sim.cache`): the week of the ensemble is one such entry, each behaviour
that an agent of the Mesa model calls is another.

Set ``NUMBA_DISABLE_JIT=1`` to run every behaviour as plain Python, with the same results to the
last bit: under a debugger, or to measure coverage.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core.registry import CPUDispatcher
from numba.core.targetconfig import TargetConfig
from numba.core.types import Type, unliteral  # type: ignore[attr-defined]

from sim import cache, whole
from sim.pointer import PointedTo

_PACKAGE = Path(__file__).resolve().parent

F = TypeVar("F", bound=Callable[..., object])

if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    np.seterr(over="ignore")  # the random hash is arithmetic modulo 2**64 on purpose


def source_digest() -> str:
    """Return the SHA-256 of all Python sources of this package (hexadecimal, 64 digits)."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(b"\0")
        digest.update(path.read_bytes())
        digest.update(b"\0")
    return digest.hexdigest()


_OPTIONS = {
    "nogil": True,
    "error_model": "numpy",
    # Behaviours allocate nothing, so the arrays of a `World` need no reference counts: counting them
    # at every call took two thirds of the time.
    "_nrt": False,
    "no_cfunc_wrapper": True,
}
_RULE = {**_OPTIONS, "no_cpython_wrapper": True}
_ENTRY = {**_OPTIONS}
if whole.available():
    _RULE["pipeline_class"] = whole.Part
    _ENTRY["pipeline_class"] = whole.Whole

    def _same_options(self: TargetConfig, other: object) -> bool:
        if isinstance(other, TargetConfig):
            return self is other or self._values == other._values or self.values() == other.values()
        return NotImplemented

    # Numba keys much of what it remembers by its own options, and compares all fifty of them two hundred
    # thousand times while it compiles the model. Mostly the few that are set are equal.
    TargetConfig.__eq__ = _same_options
    TargetConfig.__hash__ = lambda self: hash(type(self))


class _Entry(CPUDispatcher):  # type: ignore[misc]
    """What Python calls of a compiled function: a copy of it, and of all the rules below it."""

    def compile(self, sig: Any) -> Any:
        """Load what is kept of it, or compile it, with the garbage collector off.

        The collector would look through Numba's growing trees again and again.
        """
        collecting = gc.isenabled()
        gc.disable()
        try:
            with self._cache.turn(sig, self.targetctx):
                return super().compile(sig)
        finally:
            if collecting:
                gc.enable()


class _Compiled(CPUDispatcher):  # type: ignore[misc]
    """A compiled function whose entry from Python is made when Python first calls it.

    Compiled code calls it directly.
    """

    def get_call_template(self, args: Sequence[Type], kws: dict[str, Type]) -> object:
        """Compile once for whole numbers, and not anew for every number that a caller spells out."""
        return super().get_call_template(tuple(unliteral(a) for a in args), kws)

    def __call__(self, *args: Any) -> Any:
        """Run the code that was made for arguments of these classes."""
        # the agents of one Mesa run call a million times: this is most of what a call costs
        try:
            code = self._codes[(*map(type, args),)]
        except KeyError:
            code = self._codes[(*map(type, args),)] = self._code_for(args)
        return code(*args)

    @cached_property
    def _codes(self) -> dict[tuple[type, ...], Callable[..., Any]]:
        return {}

    @cached_property
    def entry(self) -> _Entry:
        """What Python calls; for arguments of other types it compiles other code."""
        plain = self.py_func
        copy = FunctionType(
            plain.__code__, plain.__globals__, plain.__name__, plain.__defaults__, plain.__closure__
        )
        entry = numba.njit(**_ENTRY)(copy)
        entry.__class__ = _Entry
        entry._cache = cache.Kept(self, f"{plain.__module__.rpartition('.')[2]}.{plain.__qualname__}")
        return entry

    def _code_for(self, args: Sequence[Any]) -> Callable[..., Any]:
        entry = self.entry
        if args and isinstance(args[0], PointedTo) and all(isinstance(a, _NUMBERS) for a in args[1:]):
            # Numba would look at every table at every call, to find again that a world is a world
            kinds = tuple(numba.typeof(a) for a in args)
            entry.compile(kinds)
            return entry.overloads[kinds].entry_point  # type: ignore[no-any-return]
        return entry  # type: ignore[no-any-return]


def is_compiled(*functions: Any) -> bool:
    """Return whether Python can call all these compiled functions without a wait for compilation."""
    return all(numba.config.DISABLE_JIT or f.entry._cache.exists() for f in functions)  # type: ignore[attr-defined]


_NUMBERS = (int, float, np.integer, np.floating)


def _compile(function: F, **more: bool | str) -> F:
    made = numba.njit(**_RULE, **more)(function)
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
    """Compile a behaviour, `function(world, i)`: as `compiled`, and merged into the week's loop."""
    return _compile(function, forceinline=True)


def inlined(function: F) -> F:
    """Compile `function` into each of its callers: for one-liners."""
    return _compile(function, forceinline=True)


def spliced(function: F) -> F:
    """Put the text of `function` in the place of each call: for functions that take behaviours.

    A behaviour that is passed to a function that is *called* becomes a pointer, which Numba neither
    optimises nor caches; here it is the behaviour itself.
    """
    return _compile(function, inline="always")
