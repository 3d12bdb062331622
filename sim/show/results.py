"""The results folder of a comparison: written as a whole, or not at all.

Everything is written into a hidden folder beside the target, `.NAME-XXXXXXXX`, which carries a mark, and
changes places with the target in one step at the end. Whatever an earlier run left by being killed is put
right or removed by the next one (`claim`).
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.scenario.case import Scenario
from sim.scenario.schema import Schedule
from sim.show import text
from sim.study import parts, provenance
from sim.study.comparison import TABLES
from sim.study.draws import Draws

if TYPE_CHECKING:
    from sim.study.comparison import Comparison, Stage

PROVENANCE = provenance.FILE
MARK = "drawdown-unfinished.txt"
_MARK_TEXT = "A result of drawdown that is being written. Safe to delete when no command is running.\n"
_held: set[Path] = set()
_guard = threading.Lock()


class NotOurs(FileExistsError):
    """The folder exists and is not a result that may be replaced."""


class Busy(RuntimeError):
    """Another command is writing to the same folder."""


class FiguresFailed(RuntimeError):
    """A result is written, but figures could not be drawn; `reasons` says of each why."""

    def __init__(self, folder: Path, reasons: Mapping[str, str]) -> None:
        listed = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        super().__init__(
            f"the tables are written to {folder}, but {len(reasons)} figure{'s' * (len(reasons) > 1)} could "
            f"not be drawn ({listed})"
        )
        self.folder = folder
        self.reasons = dict(reasons)


# -- where to ---------------------------------------------------------------------------------------


def target(folder: Path) -> Path:
    """Return the real folder behind the one given: a link stays a link, and what it points at is written."""
    return Path(os.path.realpath(folder))


def check_target(folder: Path) -> None:
    """Raise `NotOurs` if `folder` cannot become a result: it holds something else, or we stand in it."""
    real = target(folder)
    here = Path.cwd().resolve()
    if real == here or real in here.parents:
        raise NotOurs(
            f"{folder} is the folder you are in or one above it, which a result would replace; name one in "
            "it, e.g. --out result"
        )
    if not os.path.lexists(real):
        return
    if not real.is_dir():
        raise NotOurs(f"{folder} is a file; give --out the name of a folder")
    if any(real.iterdir()) and not (real / PROVENANCE).is_file():
        raise NotOurs(
            f"{folder} holds files that are not a result of drawdown; choose another folder with --out"
        )
    if not os.access(real, os.W_OK | os.X_OK):
        raise NotOurs(f"{folder} may not be changed by you; choose another folder with --out")


def parts_folder(folder: Path) -> Path:
    """Return where finished parts are kept while a result is under way."""
    real = target(folder)
    return real.parent / f"{real.name}.parts"  # of the root too, which is refused like any folder above us


@contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Hold a target for this process, and put right what a killed run left beside it.

    Raises `Busy` if another process holds it, and `OSError` if nothing can be written there. A process
    that has died holds nothing.
    """
    real = target(folder)
    with _guard:
        if real in _held:
            raise Busy(f"this process is writing to {folder} already; wait for it, or choose another folder")
        _held.add(real)
    lock = parts_folder(folder) / parts.LOCK
    try:
        parts.check(lock.parent)
        made = missing_folders(lock.parent)
        descriptor = _lock(lock, folder)
        try:
            recover(real)
            yield
        finally:
            if not (lock.parent / parts.MARK).exists():  # nothing is kept there
                lock.unlink(missing_ok=True)
                for empty in (lock.parent, *([] if real.exists() else made)):
                    try:
                        empty.rmdir()
                    except OSError:
                        break
            os.close(descriptor)
    finally:
        with _guard:
            _held.discard(real)


def missing_folders(folder: Path) -> list[Path]:
    """Return the folders above `folder` that do not exist yet, the innermost first."""
    return [above for above in folder.parents if not above.exists()]


def _lock(file: Path, folder: Path) -> int:
    """Lock a file and write our number into it; returns its descriptor. Raises `Busy`."""
    while True:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        except FileNotFoundError:  # its folder was removed just now by the one who had it
            continue
        try:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # not on this system: two runs at once are the user's to avoid
            pass
        except OSError as error:
            holder = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise Busy(
                f"another drawdown (process {holder}) is writing to {folder}; wait for it, or choose another "
                "folder with --out"
            ) from None
        try:
            if os.path.samestat(os.fstat(descriptor), os.stat(file)):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)  # it was removed by the one who had it: lock the one that is there now


def recover(real: Path) -> None:
    """Put back a result that a killed run had moved out of the way, and remove what it left.

    Only folders with our mark are touched; the caller holds the target.
    """
    for left in sorted(real.parent.glob(f".{_escaped(real.name)}-*")):
        if not (left / MARK).is_file():
            continue
        old = left / "old"
        if (old / PROVENANCE).is_file() and not os.path.lexists(real):
            old.rename(real)
        shutil.rmtree(left, ignore_errors=True)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def rehearse(
    case: Scenario, plans: Sequence[Schedule], seed: int, folder: Path, draws: Draws | None = None
) -> None:
    """Write a small made-up result of these schedules beside the target and remove it again.

    What cannot be written is known before the first run. Raises what `save` would.
    """
    from sim.study.compare import empty

    check_target(folder)
    real = target(folder)
    missing = missing_folders(real)
    real.parent.mkdir(parents=True, exist_ok=True)
    workshop = _workshop(real)
    try:
        made = workshop / "result"
        made.mkdir()
        _write_tables(empty(case, plans, seed, draws), made, lambda _: None)
        longest = max(len(f"fan-{plan.name}.png") for plan in plans)
        (made / ("x" * longest)).touch()
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
        for one in missing:  # nothing is left of it
            try:
                one.rmdir()
            except OSError:
                break


# -- writing ----------------------------------------------------------------------------------------


def save(result: Comparison, folder: Path, *, figures: bool = True, stage: Stage | None = None) -> Path:
    """Write tables, trajectories, totals, text, scenario, provenance and figures to a folder.

    Everything is written beside the folder and moved into place at the end; an earlier result there is
    replaced in the same moment. Raises `NotOurs` if the folder holds anything else, `Busy` if another
    process writes to it, `OSError` if it cannot be written (an earlier result is then as it was), and
    `FiguresFailed` if all is written but some figures.
    """
    check_target(folder)
    real = target(folder)
    if real in _held:
        return _save(result, folder, real, figures, stage)
    with claim(folder):
        return _save(result, folder, real, figures, stage)


def _save(result: Comparison, folder: Path, real: Path, figures: bool, stage: Stage | None) -> Path:
    say = stage or (lambda _: None)
    real.parent.mkdir(parents=True, exist_ok=True)
    workshop = _workshop(real)
    try:
        made = workshop / "result"
        made.mkdir()
        digests = _write_tables(result, made, say)
        failed = _draw(result, made / "figures", say) if figures else {}
        told = {**result.provenance, "sha256": digests}
        if failed:
            told["figures_failed"] = failed
        _write_text(made / PROVENANCE, json.dumps(told, indent=1, default=str) + "\n")
        say("moving the result into place")
        _sync(made)
        _exchange(made, real, workshop)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    if failed:
        raise FiguresFailed(folder, failed)
    return folder


def _workshop(real: Path) -> Path:
    """Make the hidden folder in which a result is written, with our mark."""
    workshop = Path(tempfile.mkdtemp(prefix=f".{real.name}-", dir=real.parent))
    try:
        (workshop / MARK).write_text(_MARK_TEXT)
    except BaseException:
        shutil.rmtree(workshop, ignore_errors=True)
        raise
    return workshop


def _write_tables(result: Comparison, folder: Path, say: Stage) -> dict[str, str]:
    """Write everything but figures and provenance; returns SHA-256 digests of the numbers by name."""
    say("measuring differences")
    tables = {"summary": result.summary}
    tables |= {name: getattr(result, name) for name in TABLES}
    digests = {name: digest(getattr(result, name).values) for name in ("totals", "weekly", "places")}
    for name, frame in tables.items():
        say(f"writing {name}.csv")
        whole = None if name == "massacres" else "%.10g"
        frame.to_csv(folder / f"{name}.csv", index=False, float_format=whole, lineterminator="\n")
        digests[name] = file_digest(folder / f"{name}.csv")
    say("writing trajectories.nc")
    result.trajectories.to_netcdf(folder / "trajectories.nc", engine="scipy")
    say("writing totals.nc")
    result.run_totals.to_netcdf(folder / "totals.nc", engine="scipy")
    if result.draws is not None:
        (folder / provenance.DRAWS).write_bytes(result.draws.csv().encode())
        digests["draws"] = file_digest(folder / provenance.DRAWS)
    _write_text(folder / "summary.txt", text.page(result))
    provenance.copy_scenario(result.scenario, folder)
    return digests


def digest(values: np.ndarray) -> str:
    """Return the SHA-256 of numbers, the same on any machine."""
    plain = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    return hashlib.sha256(plain.data).hexdigest()


def file_digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as open_file:
        return hashlib.file_digest(open_file, "sha256").hexdigest()


def _draw(result: Comparison, folder: Path, say: Stage) -> dict[str, str]:
    """Draw every figure; returns the reasons of those that could not be."""
    from sim.show import figures

    folder.mkdir()
    failed = {}
    for name, draw in figures.drawings(result).items():
        say(f"drawing {name}.png")
        file = folder / f"{name}.png"
        try:
            draw().savefig(file, dpi=150, metadata={"Software": None})
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS):
                raise  # no matter of this figure
            failed[name] = f"{type(error).__name__}: {error}"
        except Exception as error:
            file.unlink(missing_ok=True)
            failed[name] = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return failed


def _write_text(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")


def _sync(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        if path.is_file() or (path.is_dir() and os.name == "posix"):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _exchange(made: Path, real: Path, workshop: Path) -> None:
    """Move a finished folder into place, and what was there to the workshop: in one step if possible."""
    if not os.path.lexists(real):
        made.rename(real)
    elif not _swap(made, real):
        old = workshop / "old"
        real.rename(old)
        try:
            made.rename(real)
        except BaseException:
            old.rename(real)
            raise
    if os.name == "posix":
        descriptor = os.open(real.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _swap(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; returns False where the system cannot."""
    if sys.platform != "linux":
        return False
    at_cwd, exchange = -100, 2
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return renameat2(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), exchange) == 0
