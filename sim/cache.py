"""The cache of compiled code: what a piece of it is named by, where it lies, and whom it trusts.

One file holds the code of one entry (`sim.compiled`). It is named by a digest of all that the code is
made of: the entry and every rule below it, the constants that they read, and how all of it is compiled
(`fingerprint`). So an edit of a rule recompiles the entries that reach the rule, undoing the edit finds
the old code again, and an edit of anything else, comments included, recompiles nothing.

Loading such a file runs what it says, so nothing is loaded that another user could have written: the
folder and each file must belong to this user (or to root) and be closed to writing by others. What is
damaged is said, removed and made anew; where nothing can be kept, the program says so and goes on.
Only files that begin with `_MARK` are ever deleted, when nobody has used them for a month.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import platform
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.serialize import dumps

_PACKAGE = Path(__file__).resolve().parent
_PROGRAM = "drawdown"
_MARK = b"drawdown compiled code 1\n"
_KEPT_DAYS = 30
_MAKERS = ("compiled.py", "pointer.py", "whole.py")
"""The files that say how code is compiled."""

_log = logging.getLogger(__name__)


# -- what code is named by -------------------------------------------------------------------------


def fingerprint(function: Any) -> str:
    """Return the SHA-256 of what the compiled code of `function` is made of (hexadecimal, 64 digits).

    Compiled code is frozen: it holds the code of all functions that it calls, and the values that the
    names in them have. So all that can be reached by names is counted, and rather too much than too
    little: ``chance.SIGHT`` counts whatever of `chance` has a name that the function uses.
    """
    digest = hashlib.sha256()
    for name in _MAKERS:
        digest.update((_PACKAGE / name).read_bytes())
    seen: set[int] = set()
    todo = [getattr(function, "py_func", function)]
    parts = []
    while todo:
        plain = todo.pop()
        if id(plain) not in seen:
            seen.add(id(plain))
            described, below = _describe(plain)
            parts.append(described)
            todo += below
    for part in sorted(parts):
        digest.update(part.encode())
    return digest.hexdigest()


def _describe(plain: FunctionType) -> tuple[str, list[FunctionType]]:
    """Return all that one function says, as text, and the compiled functions that it names."""
    below: list[FunctionType] = []
    names: set[str] = set()

    def code(of: CodeType, documented: bool) -> list[Any]:
        names.update(of.co_names)
        constants = [c for c in of.co_consts if not (documented and c == plain.__doc__)]
        inner = [code(c, False) if isinstance(c, CodeType) else value(c) for c in constants]
        return [of.co_code.hex(), of.co_names, of.co_varnames, of.co_freevars, of.co_argcount, inner]

    def value(of: Any) -> Any:
        if isinstance(of, Enum):
            return (type(of).__qualname__, of.name, value(of.value))
        if isinstance(of, type) and issubclass(of, Enum):
            return [value(member) for member in of]
        if of is None or isinstance(of, bool | int | float | complex | str | bytes | np.generic):
            return (type(of).__name__, repr(of))
        if isinstance(of, tuple | list):
            return [value(item) for item in of]
        if isinstance(of, np.ndarray):
            return (str(of.dtype), of.shape, of.tobytes().hex())
        if isinstance(of, Dispatcher):
            below.append(of.py_func)
        # of anything else compiled code can hold no more than which it is: a module, a type, a built-in
        return f"{getattr(of, '__module__', '')}.{getattr(of, '__qualname__', type(of).__qualname__)}"

    said = code(plain.__code__, True)
    known = {name: plain.__globals__[name] for name in names if name in plain.__globals__}
    for module in [m for m in known.values() if isinstance(m, ModuleType)]:
        for name in names:
            if hasattr(module, name):
                known[f"{module.__name__}.{name}"] = getattr(module, name)
    cells = [value(cell.cell_contents) for cell in plain.__closure__ or ()]
    meant = [(name, value(known[name])) for name in sorted(known)]
    return repr((plain.__module__, plain.__qualname__, said, value(plain.__defaults__), cells, meant)), below


# -- where it lies, and whom it trusts ---------------------------------------------------------------


class Untrusted(OSError):
    """Somebody else wrote what lies there, or could have."""


@cache
def folder() -> Path | None:
    """Return the folder of compiled code, made if need be; None, and said once, if there can be none."""
    chosen = os.environ.get("DRAWDOWN_CACHE_DIR")
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"))
    shared = Path(tempfile.gettempdir()) / f"{_PROGRAM}-{_me()}"
    reasons = []
    for base in [Path(chosen)] if chosen else [home / _PROGRAM, shared]:
        try:
            return _made(base, closed=base == shared)
        except OSError as error:
            reasons.append(str(error) if isinstance(error, Untrusted) else f"{base}: {error.strerror}")
    _log.warning(
        "Compiled code cannot be kept, so every command compiles the model anew: %s. To keep it, set "
        "DRAWDOWN_CACHE_DIR to a folder of your own.",
        "; ".join(reasons),
    )
    return None


def _made(base: Path, closed: bool) -> Path:
    """Return the folder of compiled code in `base`; `closed`: others can make things where `base` is."""
    if str(base).startswith("~"):
        raise OSError(0, "the home of this user is not known")
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    if closed:
        _trust(base, os.lstat(base))
    made = base / "compiled"
    made.mkdir(mode=0o700, exist_ok=True)
    _trust(made, os.lstat(made))
    return made


def _me() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _trust(path: Path, status: os.stat_result) -> None:
    """Raise Untrusted unless this is a folder or file of this user (or of root) that others cannot write."""
    if not hasattr(os, "getuid"):
        return  # there are neither owners nor modes; and the temporary folder is the user's own
    if stat.S_ISLNK(status.st_mode):
        raise Untrusted(f"{path} is a link")
    if status.st_uid not in (_me(), 0):
        raise Untrusted(f"{path} belongs to another user")
    if status.st_mode & 0o022:
        raise Untrusted(f"{path} can be written by others (close it by: chmod go-w {path})")


class Kept(_Cache):  # type: ignore[misc]
    """What Numba asks for the code of one entry, and hands it to."""

    def __init__(self, function: Any, name: str) -> None:
        """Keep the code of `function` under `name` and its fingerprint."""
        self._begins = f"{name}.{fingerprint(function)[:32]}."

    @property
    def cache_path(self) -> str | None:
        """The folder, for Numba's statistics."""
        return str(folder())

    def exists(self) -> bool:
        """Return whether code of this entry is kept, for arguments of some kind and some processor."""
        where = folder()
        return where is not None and any(where.glob(f"{self._begins}*"))

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """Return the code for these types of arguments, None if it must be compiled."""
        path = self._path(sig, target_context)
        content = None if path is None else _read(path)
        if content is None:
            return None
        target_context.refresh()
        try:
            return CompileResult._rebuild(target_context, *pickle.loads(content))
        except Exception as error:  # whatever unpickling raises: the answer is to compile anew
            _log.warning("Compiled code in %s is of no use (%s) and is made anew.", path, error)
            return None

    def save_overload(self, sig: Any, data: CompileResult) -> None:
        """Keep new code; delete what nobody has used for a month."""
        path = self._path(sig, data.target_context)
        if path is None or data.library.has_dynamic_globals:
            return
        try:
            _write(path, dumps(data._reduce()))
            _delete_unused(path.parent)
        except OSError as error:
            _log.warning("Compiled code could not be kept in %s: %s.", path.parent, error.strerror)

    def _path(self, sig: Any, target_context: Any) -> Path | None:
        where = folder()
        if where is None:
            return None
        machine = (target_context.codegen().magic_tuple(), platform.python_version())
        libraries = (numba.__version__, llvmlite.__version__, np.__version__)
        digest = hashlib.sha256(repr((str(sig), machine, libraries)).encode()).hexdigest()
        return where / f"{self._begins}{digest[:16]}"

    @contextmanager
    def turn(self, sig: Any, target_context: Any) -> Iterator[None]:
        """Let one process at a time compile this: the others wait, and then find it here."""
        path = self._path(sig, target_context)
        file = None
        with suppress(ImportError, OSError):  # not everywhere can files be locked; then all compile
            import fcntl

            if path is not None:
                file = open(path.with_name(f"turn-{path.name[-1]}"), "w")  # noqa: SIM115
                fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if file is not None:
                file.close()

    def enable(self) -> None:
        """Do nothing: it is always on."""

    def disable(self) -> None:
        """Do nothing: it is always on."""

    def flush(self) -> None:
        """Do nothing: what is no longer wanted has another name."""


def _read(path: Path) -> bytes | None:
    """Return the content of a file of compiled code; None if there is none, or none to rely on."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with open(number, "rb") as file:
            status = os.fstat(number)
            _trust(path, status)
            whole = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        _log.warning("Compiled code is made anew: %s.", error)
        return None
    head = _head(path, content := whole[len(_MARK) + 32 :])
    if whole[: len(head)] != head:
        _log.warning("Compiled code in %s is damaged and is made anew.", path)
        return None
    if time.time() - status.st_mtime > 86400:
        with suppress(OSError):
            os.utime(path)  # it is in use
    return content


def _write(path: Path, content: bytes) -> None:
    """Write a file of compiled code so that others find all of it, or nothing."""
    number, part = tempfile.mkstemp(prefix="part-", dir=path.parent)  # nobody else can read or write it
    try:
        with open(number, "wb") as file:
            file.write(_head(path, content))
            file.write(content)
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise


def _head(path: Path, content: bytes) -> bytes:
    """Return how a file of this name and content begins."""
    return _MARK + hashlib.sha256(path.name.encode() + b"\0" + content).digest()


def _delete_unused(where: Path) -> None:
    """Delete the files with our mark that nobody has used for a month, and nothing else."""
    before = time.time() - _KEPT_DAYS * 86400
    for path in where.iterdir():
        with suppress(OSError):
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode) and status.st_mtime < before:
                with path.open("rb") as file:
                    ours = file.read(len(_MARK)) == _MARK
                if ours:
                    path.unlink()
