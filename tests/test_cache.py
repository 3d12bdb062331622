"""Compiled code is found again when it is the same, and never loaded from where others can write."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import pytest

from sim import cache
from sim.compiled import compiled, is_compiled

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let compiled code be kept in a folder of this test."""
    monkeypatch.setenv("DRAWDOWN_CACHE_DIR", str(tmp_path / "kept"))
    cache.folder.cache_clear()
    where = cache.folder()
    assert where == tmp_path / "kept" / "compiled"
    yield where
    cache.folder.cache_clear()


# -- what code is named by -------------------------------------------------------------------------

RULES = """
from sim.compiled import compiled

LEVEL = 3
TABLE = (1.0, 2.0)

@compiled
def below(x):
    '''What it says.'''
    return x * LEVEL

@compiled
def other(x):
    return x

@compiled
def entry(x, step=1):
    return below(x) + TABLE[0] + far.NUMBER
"""


def name_of(source: str, number: int = 5, spare: int = 0) -> str:
    """Return the fingerprint of `entry` in this source, which imports a module `far`."""
    far = ModuleType("far")
    far.NUMBER, far.SPARE = number, spare  # type: ignore[attr-defined]
    names: dict[str, Any] = {"__name__": "rules", "far": far}
    exec(source, names)
    return cache.fingerprint(names["entry"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x * LEVEL", "return x / LEVEL"),
        ("LEVEL = 3", "LEVEL = 4"),
        ("LEVEL = 3", "LEVEL = 3.0"),
        ("(1.0, 2.0)", "(1.5, 2.0)"),
        ("step=1", "step=2"),
        ("below(x) +", "other(x) +"),
        ("TABLE[0]", "TABLE[1]"),
    ],
)
def test_an_edit_of_what_an_entry_reaches_gives_another_name(old: str, new: str) -> None:
    assert name_of(RULES) != name_of(RULES.replace(old, new))


def test_a_constant_of_another_module_counts_if_its_name_is_used() -> None:
    assert name_of(RULES) != name_of(RULES, number=6)
    assert name_of(RULES) == name_of(RULES, spare=1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("What it says.", "What it says, in other words."),
        ("return x * LEVEL", "return x * LEVEL  # as seen in Ituri"),
        ("LEVEL = 3", "\n\nLEVEL = 3"),
        ("    return x\n", "    return x + 1.0\n"),
    ],
    ids=["docstring", "comment", "lines", "a rule it does not reach"],
)
def test_an_edit_of_anything_else_gives_the_same_name(old: str, new: str) -> None:
    assert RULES.count(old) >= 1
    assert name_of(RULES) == name_of(RULES.replace(old, new))


# -- what is found again ---------------------------------------------------------------------------


def adder(by: float) -> Any:
    """Return a new compiled function that adds `by`, as a new process would have it."""

    def add(x):  # type: ignore[no-untyped-def]
        return x + by

    return compiled(add)


def files(where: Path) -> list[Path]:
    """Return the files of compiled code in a folder."""
    return [f for f in where.iterdir() if not f.name.startswith("turn-")]


def compilations(function: Any) -> int:
    """Return how often an entry was compiled, rather than loaded."""
    return sum(function.entry.stats.cache_misses.values())


def test_code_is_compiled_once_and_then_loaded(kept: Path) -> None:
    first, second, other = adder(1.0), adder(1.0), adder(2.0)
    assert not is_compiled(first)
    assert first(1.0) == 2.0
    assert is_compiled(first, second)
    assert not is_compiled(first, other)
    assert second(1.0) == 2.0
    assert (compilations(first), compilations(second)) == (1, 0)
    assert other(1.0) == 3.0
    assert len(files(kept)) == 2


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def write_something_else(path: Path) -> None:
    path.write_bytes(b"not compiled code")


def move_other_code_here(path: Path) -> None:
    other = adder(17.0)
    other(1.0)
    (theirs,) = (f for f in files(path.parent) if f != path)
    theirs.rename(path)


def write_what_cannot_be_loaded(path: Path) -> None:
    cache._write(path, b"no pickle, but written as if it were")


@pytest.mark.parametrize(
    "damage",
    [truncate, empty, flip_a_bit, write_something_else, move_other_code_here, write_what_cannot_be_loaded],
)
def test_damaged_code_is_said_and_made_anew(
    kept: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    adder(1.0)(1.0)
    (path,) = files(kept)
    damage(path)
    again = adder(1.0)
    assert again(1.0) == 2.0
    assert compilations(again) == 1
    assert "made anew" in caplog.text
    caplog.clear()
    once_more = adder(1.0)
    assert once_more(1.0) == 2.0
    assert compilations(once_more) == 0
    assert caplog.text == ""


def test_a_full_disk_is_said_and_nothing_is_left_behind(
    kept: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert adder(1.0)(1.0) == 2.0
    assert files(kept) == []
    assert "No space left on device" in caplog.text


def test_one_compiles_while_others_wait(kept: Path) -> None:
    function = adder(1.0)
    entry = function.entry
    sig = (numba.float64,)
    with entry._cache.turn(sig, entry.targetctx):
        thread = threading.Thread(target=function, args=(1.0,))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        assert files(kept) == []
    thread.join(30)
    assert not thread.is_alive()
    assert len(files(kept)) == 1


# -- whom it trusts ---------------------------------------------------------------------------------

posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX")


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file or folder belong to somebody else, or be somebody else."""
    if os.getuid() == 0:
        os.chown(path, 4711, 4711)
    else:
        mine = os.getuid()
        monkeypatch.setattr(cache, "_me", lambda: mine + 1)


@posix
@pytest.mark.parametrize("how", ["another owner", "open to others", "a link"])
def test_code_that_others_could_have_written_is_not_loaded(
    kept: Path, how: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    adder(1.0)(1.0)
    (path,) = files(kept)
    if how == "another owner":
        give_away(path, monkeypatch)
    elif how == "open to others":
        path.chmod(0o666)
    else:
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    again = adder(1.0)
    assert again(1.0) == 2.0
    assert compilations(again) == 1
    assert str(path) in caplog.text


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder that is tried in the shared temporary folder, as the home takes no folder."""
    (tmp_path / "home").write_text("a file")
    (tmp_path / "tmp").mkdir()
    monkeypatch.delenv("DRAWDOWN_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    cache.folder.cache_clear()
    yield tmp_path / "tmp" / f"drawdown-{os.getuid() if os.name == 'posix' else 0}"
    cache.folder.cache_clear()


@posix
def test_without_a_home_it_is_a_closed_folder_among_temporary_files(nowhere: Path) -> None:
    assert cache.folder() == nowhere / "compiled"
    assert nowhere.stat().st_mode & 0o777 == 0o700
    assert (nowhere / "compiled").stat().st_mode & 0o777 == 0o700


@posix
@pytest.mark.parametrize("trap", ["another's folder", "open folder", "link", "open folder within"])
def test_a_folder_that_somebody_made_before_is_refused_with_a_remedy(
    nowhere: Path,
    trap: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if trap == "link":
        (tmp_path / "theirs").mkdir()
        nowhere.symlink_to(tmp_path / "theirs")
    else:
        nowhere.mkdir(mode=0o700)
        if trap == "another's folder":
            give_away(nowhere, monkeypatch)
            nowhere = nowhere.rename(nowhere.with_name(f"drawdown-{cache._me()}"))
        elif trap == "open folder":
            nowhere.chmod(0o777)
        else:
            (nowhere / "compiled").mkdir()
            (nowhere / "compiled").chmod(0o770)
    assert cache.folder() is None
    assert str(nowhere) in caplog.text
    assert "DRAWDOWN_CACHE_DIR" in caplog.text
    assert adder(3.0)(1.0) == 4.0  # compiled, and not kept
    assert not is_compiled(adder(3.0))


# -- what it deletes --------------------------------------------------------------------------------


def test_only_code_that_nobody_used_for_a_month_is_deleted(kept: Path, tmp_path: Path) -> None:
    month_ago = time.time() - 40 * 86400
    used, unused = kept / "rule.used.0", kept / "rule.unused.0"
    for path in (used, unused):
        cache._write(path, b"code")
    foreign = kept / "notes.txt"
    foreign.write_text("keep me")
    older = kept / "compiled-0123456789abcdef"
    older.mkdir()
    (older / "thesis.tex").write_text("keep me")
    outside = tmp_path / "outside"
    cache._write(outside, b"code")
    (kept / "link").symlink_to(outside)
    for path in (used, unused, foreign, older, outside):
        os.utime(path, (month_ago, month_ago))
    assert cache._read(used) == b"code"  # so it is in use
    adder(1.0)(1.0)  # new code: time to clean up
    assert not unused.exists()
    assert used.exists()
    assert foreign.exists()
    assert (older / "thesis.tex").exists()
    assert outside.exists()


def test_a_file_is_written_whole_or_not_at_all(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kept / "rule.0"
    cache._write(path, b"old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cache._write(path, b"new")
    assert cache._read(path) == b"old"
    assert files(kept) == [path]
