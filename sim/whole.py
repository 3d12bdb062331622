"""Compile rules as one whole: each to intermediate code only, and to machine code once, at the entry.

Numba makes machine code of every function by itself, although a rule that only other rules call never
runs by itself: its code is optimised there, again in each caller that it is merged into, and so on up to
the week. Here a rule (`Part`) stops at intermediate code, and the function that Python calls (`Whole`)
collects all the rules below it, is optimised once, and becomes machine code. That halves compilation, and
its memory.

This leans on parts of Numba that are not its public face. `available` says whether they are as they were
when this was written; where they are not, everything is compiled in Numba's ordinary way, with the same
bits, in about twice the time. ``DRAWDOWN_ORDINARY_NUMBA=1`` asks for that way.
"""

from __future__ import annotations

import os
from typing import Any

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

_USED = (
    "_ensure_finalized", "_raise_if_finalized", "_get_module_for_linking", "_optimize_final_module",
    "_finalize_final_module", "enable_object_caching", "get_pointer_to_function", "finalize",
)  # fmt: skip
"""What `_PartLibrary` and `_WholeLibrary` replace or call of Numba's `JITCodeLibrary`."""


def available() -> bool:
    """Return whether Numba is as this file expects it."""
    return (
        os.environ.get("DRAWDOWN_ORDINARY_NUMBA", "0") in ("", "0")
        and numba.version_info.short == (0, 68)
        and all(hasattr(JITCodeLibrary, name) for name in _USED)
    )


class _PartLibrary(JITCodeLibrary):  # type: ignore[misc]
    """The intermediate code of one rule, which is finished as soon as it is written."""

    def finalize(self) -> None:
        """Leave it as it is: neither linked to what it calls, nor optimised, nor made machine code."""
        self._raise_if_finalized()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0: there is no machine code that a pointer could point to."""
        return 0

    @property
    def codegen(self) -> Any:
        """Numba's code generator, of which Numba wants one thing more that cannot be had."""
        return _WithoutEnvironment(self._codegen)


class _WithoutEnvironment:
    """A code generator that does not tell machine code, as there is none, where its Python objects are.

    Rules use none.
    """

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, name: str, environment: object) -> None:
        """Do nothing."""


class _WholeLibrary(JITCodeLibrary):  # type: ignore[misc]
    """The code of an entry and of all rules below it."""

    def finalize(self) -> None:
        """Link in every rule once, optimise, and make machine code."""
        self._raise_if_finalized()
        below: dict[Any, None] = {}

        def collect(library: Any) -> None:
            if library in below:
                return
            if isinstance(library, _PartLibrary):
                for called in library._linking_libraries:
                    collect(called)
            below[library] = None
            self._reload_init.update(library._reload_init)

        for library in self._linking_libraries:
            collect(library)
        for library in reversed(below):  # callers first: only what somebody has asked for is linked in
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._optimize_final_module()
        self._final_module.verify()
        self._finalize_final_module()


def _compiler(library: type[JITCodeLibrary]) -> type[CompilerBase]:
    """Return Numba's compiler, made to put what it writes into a library of this kind."""

    @register_pass(mutates_CFG=True, analysis_only=False)
    class Lowering(NativeLowering):  # type: ignore[misc]
        _name = f"native_lowering_to{library.__name__}"

        def run_pass(self, state: Any) -> bool:
            if state.library is None:
                state.library = library(state.targetctx.codegen(), state.func_id.func_qualname)
                state.library.enable_object_caching()
            return bool(super().run_pass(state))

    class Compiler(CompilerBase):  # type: ignore[misc]
        def define_pipelines(self) -> list[Any]:
            pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
            pipeline.passes = [(Lowering if p is NativeLowering else p, why) for p, why in pipeline.passes]
            pipeline._finalized = False
            pipeline.finalize()
            return [pipeline]

    return Compiler


Part = _compiler(_PartLibrary)
Whole = _compiler(_WholeLibrary)
