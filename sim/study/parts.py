"""Finished blocks of a comparison, kept on disk until the whole is written.

A part is named by a hash of everything that made it (scenario, schedules, parameters, seed, code),
so that going on after a stop is nothing but looking for parts. A part is written to a temporary
name, flushed, and renamed: a kill at any moment leaves either a whole part or none. Parts of a span
that is finished are merged into one, so that a folder of parts stays small.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MARK = "drawdown-parts.txt"
LOCK = "lock"
_TEXT = "Finished parts of a comparison under way. Safe to delete when none is running.\n"
SUMS = ("weekly_sum", "places_sum", "vacuum_sums", "cliff_sums", "around_sums")
ROWS = ("vacuums", "cliffs", "massacres")
_ARRAYS = ("totals", "people", "weekly", "places", *SUMS)


@dataclass(frozen=True)
class Block:
    """Results of some replicates under every schedule (S schedules, B replicates).

    Schedules, districts, bases and names of a few are numbers in its tables (positions), so that all is
    numbers. `weekly` and `places` have no replicates in blocks whose trajectories are not kept.
    """

    totals: np.ndarray
    """float64 (S, B, metrics)"""
    people: np.ndarray
    """int64 (S, B, 2): persons at the start and at the end"""
    weekly: np.ndarray
    """float32 (S, B or 0, weeks, series)"""
    places: np.ndarray
    """float32 (S, B or 0, half-years, districts, measures)"""
    weekly_sum: np.ndarray
    """float64 (S, weeks, series), over its replicates"""
    places_sum: np.ndarray
    """float64 (S, half-years, districts, measures), over its replicates"""
    vacuum_sums: np.ndarray
    """float64 (S, districts, `sim.study.tally.VACUUM_SUMS`)"""
    cliff_sums: np.ndarray
    """float64 (S, bases, `sim.study.tally.CLIFF_SUMS`)"""
    around_sums: np.ndarray
    """float32 (S, bases, lags, 1 + series), see `sim.study.around`"""
    vacuums: pd.DataFrame
    cliffs: pd.DataFrame
    massacres: pd.DataFrame
    covered: tuple[int, int]
    """Of how many of its first replicates `vacuums` and `cliffs` hold the rows."""

    @property
    def replicates(self) -> int:
        """Number of replicates in it."""
        return int(self.totals.shape[1])


def merged(blocks: Sequence[Block]) -> Block:
    """Return one block of blocks that follow each other. Sums are added in their order."""
    joined = {name: np.concatenate([getattr(b, name) for b in blocks], axis=1) for name in _ARRAYS[:4]}
    for name in SUMS:
        total = np.zeros_like(getattr(blocks[0], name))
        for block in blocks:
            total += getattr(block, name)
        joined[name] = total
    tables = {name: joined_rows([getattr(b, name) for b in blocks]) for name in ROWS}
    covered = (sum(b.covered[0] for b in blocks), sum(b.covered[1] for b in blocks))
    return Block(**joined, **tables, covered=covered)


def joined_rows(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of tables one after the other; columns keep their types where a table is empty."""
    full = [frame for frame in frames if len(frame)]
    return pd.concat(full, ignore_index=True) if full else frames[0].iloc[:0].reset_index(drop=True)


def without_rows(block: Block, table: str) -> Block:
    """Return a block without the rows of `vacuums` or `cliffs`."""
    at = ("vacuums", "cliffs").index(table)
    covered = (0, block.covered[1]) if at == 0 else (block.covered[0], 0)
    return replace(block, **{table: getattr(block, table).iloc[:0], "covered": covered})


def check(folder: Path) -> None:
    """Raise `FileExistsError` if `folder` exists and is not a folder of parts."""
    if folder.exists() and not (folder / MARK).is_file():
        inside = set(os.listdir(folder)) if folder.is_dir() else {"a file"}
        if inside - {LOCK}:  # a kill can leave one that holds nothing yet
            raise FileExistsError(f"{folder} exists and is not a folder of finished parts; move it away")


def any_kept(folder: Path) -> bool:
    """Return whether finished parts lie in a folder; none do where it cannot even be looked at."""
    try:
        return any(folder.glob("*.npz"))
    except OSError:
        return False


def remove(folder: Path) -> None:
    """Delete a folder of parts, if it is one."""
    if (folder / MARK).is_file():
        shutil.rmtree(folder, ignore_errors=True)


class Store:
    """A folder of parts that belong to one specification."""

    def __init__(self, folder: Path, spec: dict[str, Any]) -> None:
        """Open or make the folder. Raises `FileExistsError` if it holds something else."""
        self.folder = folder
        text = json.dumps(spec, sort_keys=True, default=str)
        self.key = hashlib.sha256(text.encode()).hexdigest()[:20]
        check(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text(_TEXT)
        for torn in folder.glob("*.tmp"):  # of a run that was killed: only one runs at a time
            torn.unlink(missing_ok=True)

    def _path(self, first: int, count: int) -> Path:
        return self.folder / f"{self.key}-{first:07d}-{count}.npz"

    def has(self, first: int, count: int) -> bool:
        """Return whether there is such a part, whole or torn."""
        return self._path(first, count).is_file()

    def get(self, first: int, count: int) -> Block | None:
        """Return a part if it is there and whole."""
        try:
            with self._path(first, count).open("rb") as file, np.load(file, allow_pickle=False) as data:
                block = Block(
                    **{name: data[name] for name in _ARRAYS},
                    **{name: _frame(data, name) for name in ROWS},
                    covered=(int(data["covered"][0]), int(data["covered"][1])),
                )
        except (FileNotFoundError, zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError):
            return None
        return block if block.replicates == count else None

    def put(self, first: int, block: Block) -> None:
        """Keep a part. Raises `OSError` if it cannot be written; the folder then holds nothing torn."""
        path = self._path(first, block.replicates)
        temporary = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
        try:
            with temporary.open("wb") as file:
                arrays = {name: getattr(block, name) for name in _ARRAYS}
                for name in ROWS:
                    arrays |= {
                        f"{name}/{c}": getattr(block, name)[c].to_numpy() for c in getattr(block, name)
                    }
                np.savez(file, allow_pickle=False, covered=np.array(block.covered), **arrays)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def merge(self, first: int, blocks: Sequence[Block]) -> None:
        """Keep blocks that follow each other as one part instead of one each."""
        self.put(first, merged(blocks))
        for block in blocks:
            self._path(first, block.replicates).unlink(missing_ok=True)
            first += block.replicates


def _frame(data: Mapping[str, np.ndarray], name: str) -> pd.DataFrame:
    prefix = f"{name}/"
    return pd.DataFrame({k.removeprefix(prefix): data[k] for k in data if k.startswith(prefix)})


assert {f.name for f in fields(Block)} == {*_ARRAYS, *ROWS, "covered"}
