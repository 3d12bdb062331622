"""Files made by others, opened so that none can hang or fill the memory: plain, gzipped, or in a zip.

What lies in a zip archive, and a sheet of a workbook, is named as if the archive were a folder:
`adm.zip/caf_adm2.shp`, `people.xlsx/adm2`.
"""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from sim.scenario.errors import ScenarioError, did_you_mean

LARGEST = 2_000_000_000
"""Bytes of a table, unpacked; UCDP GED of the whole world has about 300 million."""
LARGEST_MAP = 1_000_000_000
"""Bytes of a map, which is read as a whole; the most detailed national files have a few hundred million."""
LARGEST_BOOK = 500_000_000
"""Bytes of a workbook's parts, unpacked: it is read as a whole too."""


@dataclass(frozen=True)
class Source:
    """A file that is there, and what in it is meant ('' if not said)."""

    file: Path
    inner: str
    kind: str
    """What its first bytes say it is: 'plain', 'gzip', 'zip', 'book' (a workbook)."""

    @property
    def path(self) -> Path:
        """How the person who asked for it writes it."""
        return self.file / self.inner if self.inner else self.file

    def error(self, problem: str, *, line: int | None = None, where: str = "") -> ScenarioError:
        """Return an error that names it."""
        return ScenarioError(self.path, problem, line=line, where=where)


def find(path: Path, largest: int = LARGEST) -> Source:
    """Return what a path means. Raises `ScenarioError` for what is no readable file of a fair size."""
    file = path
    try:
        while not file.exists() and file.parent != file:
            file = file.parent
        inner = path.relative_to(file).as_posix() if file != path else ""
        mode = file.stat()
        if stat.S_ISDIR(mode.st_mode):
            # the path itself, or the nearest part of it that is there
            problem = "is a folder; name a file in it" if not inner else "there is no such file"
            raise ScenarioError(path, problem)
        if not stat.S_ISREG(mode.st_mode):
            raise ScenarioError(path, "is a pipe or a device; save what comes from it as a file first")
        if mode.st_size > largest:
            raise ScenarioError(path, f"has {mode.st_size:,d} bytes, at most {largest:,d} are read; cut it")
        with file.open("rb") as start:
            head = start.read(8)
        kind = _kind(file, head)
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        raise ScenarioError(path, f"cannot be read: {_reason(error)}") from None
    if inner and kind not in ("zip", "book"):
        raise ScenarioError(path, f"there is no such file; {file} is neither a folder nor an archive")
    return Source(file, inner, kind)


def _reason(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__


def _kind(file: Path, head: bytes) -> str:
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "book"  # Excel before 2007
    if head[:2] != b"PK":
        return "plain"
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
                return "zip"
            if sum(i.file_size for i in archive.infolist()) > LARGEST_BOOK:
                raise ScenarioError(file, f"unpacks to more than {LARGEST_BOOK:,d} bytes; save it as CSV")
            return "book"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        problem = f"is a damaged zip archive or workbook ({_reason(error)}); fetch it again"
        raise ScenarioError(file, problem) from None


def members(source: Source, endings: tuple[str, ...]) -> list[str]:
    """Return the names in a zip archive that end so, without those that macOS and others add."""
    try:
        with zipfile.ZipFile(source.file) as archive:
            names = [i.filename for i in archive.infolist() if not i.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise source.error(f"is a damaged zip archive ({_reason(error)}); fetch it again") from None
    good = [n for n in names if not n.startswith("__MACOSX/") and not n.rpartition("/")[2].startswith(".")]
    return sorted(n for n in good if n.casefold().endswith(endings))


def chosen(source: Source, endings: tuple[str, ...], what: str) -> str:
    """Return the one name in a zip archive that is meant. Raises `ScenarioError` with those there are."""
    there = members(source, endings)
    if source.inner:
        if source.inner in there:
            return source.inner
        raise source.error(f"there is no {what} of this name in {source.file.name}; " + _offer(source, there))
    if len(there) == 1:
        return there[0]
    if not there:
        raise source.error(f"holds no {what} ({', '.join(endings)})")
    raise source.error(f"holds {len(there)} {what}s; " + _offer(source, there))


def _offer(source: Source, there: list[str]) -> str:
    if not there:
        return "it holds none"
    if source.inner:
        return did_you_mean(source.inner, there)
    more = f" and {len(there) - 12} more" if len(there) > 12 else ""
    return f"name one of them: {', '.join(str(source.file / n) for n in there[:12])}{more}"


@contextmanager
def stream(source: Source, inner: str = "", largest: int = LARGEST) -> Iterator[io.BufferedReader]:
    """Open a file, unpacked, or `inner` of a zip archive; reading it never gives more than `largest` bytes.

    Whatever goes wrong while it is read becomes a `ScenarioError`.
    """
    try:
        if source.kind == "zip":
            with zipfile.ZipFile(source.file) as archive, archive.open(inner) as raw:
                yield io.BufferedReader(_Limited(raw, source, largest))
        elif source.kind == "gzip":
            with gzip.open(source.file) as packed:
                yield io.BufferedReader(_Limited(cast("IO[bytes]", packed), source, largest))
        else:
            with source.file.open("rb") as plain:
                yield plain
    except ScenarioError:
        raise
    except RuntimeError as error:  # how zipfile says that there is a password
        raise source.error(f"cannot be unpacked: {_reason(error)}") from None
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, KeyError) as error:
        problem = f"cannot be read to its end ({_reason(error)}); is it damaged? fetch it again"
        raise source.error(problem) from None


class _Limited(io.RawIOBase):
    """A stream of bytes that raises `ScenarioError` when there are too many of them."""

    def __init__(self, raw: IO[bytes], source: Source, most: int) -> None:
        self._raw, self._source, self._left = raw, source, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._raw.read(len(view))
        self._left -= len(data)
        if self._left < 0:
            raise self._source.error("unpacks to more bytes than any such file has; is it one?")
        view[: len(data)] = data
        return len(data)


def whole(source: Source, inner: str = "", largest: int = LARGEST_MAP) -> bytes:
    """Return the bytes of a file, unpacked."""
    with stream(source, inner, largest) as raw:
        return raw.read()
