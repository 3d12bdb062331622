"""Finished blocks of a comparison, kept on disk until the whole is written.

A part is named by a hash of everything that made it (scenario, schedules, parameters, seed, code),
so that going on after a stop is nothing but looking for parts. A part is written to a temporary
name, flushed, and renamed: a kill at any moment leaves either a whole part or none.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MARK = "drawdown-parts.txt"
_TEXT = "Finished parts of a comparison under way. Safe to delete when none is running.\n"


@dataclass(frozen=True)
class Block:
    """Results of some replicates under every schedule (S schedules, B replicates)."""

    totals: np.ndarray
    """float64 (S, B, metrics)"""
    weekly: np.ndarray
    """float32 (S, B, weeks, series)"""
    places: np.ndarray
    """float32 (S, B, half-years, districts, measures)"""
    people: np.ndarray
    """int64 (S, B, 2): persons at the start and at the end"""
    vacuums: pd.DataFrame
    cliffs: pd.DataFrame
    massacres: pd.DataFrame

    @property
    def replicates(self) -> int:
        """Number of replicates in it."""
        return int(self.totals.shape[1])


def check(folder: Path) -> None:
    """Raise `FileExistsError` if `folder` exists and is not a folder of parts."""
    if folder.exists() and not (folder / MARK).is_file():
        raise FileExistsError(f"{folder} exists and is not a folder of finished parts; move it away")


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

    def _path(self, first: int, count: int) -> Path:
        return self.folder / f"{self.key}-{first:07d}-{count}.npz"

    def get(self, first: int, count: int) -> Block | None:
        """Return a part if it is there and whole."""
        path = self._path(first, count)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
                return Block(
                    **{name: data[name] for name in ("totals", "weekly", "places", "people")},
                    vacuums=_frame(data, "vacuums"),
                    cliffs=_frame(data, "cliffs"),
                    massacres=_frame(data, "massacres"),
                )
        except (FileNotFoundError, zipfile.BadZipFile, KeyError, ValueError, OSError):
            return None

    def put(self, first: int, block: Block) -> None:
        """Keep a part."""
        path = self._path(first, block.replicates)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            arrays = {name: getattr(block, name) for name in ("totals", "weekly", "places", "people")}
            for name in ("vacuums", "cliffs", "massacres"):
                arrays |= _columns(getattr(block, name), name)
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)


def _columns(frame: pd.DataFrame, name: str) -> dict[str, np.ndarray]:
    """Return the columns of a table as arrays without objects: text becomes fixed-width text."""
    columns = {f"{name}/{column}": frame[column].to_numpy() for column in frame}
    return {key: c if c.dtype.kind in "biuf" else c.astype(str) for key, c in columns.items()}


def _frame(data: Mapping[str, np.ndarray], name: str) -> pd.DataFrame:
    prefix = f"{name}/"
    return pd.DataFrame({k.removeprefix(prefix): data[k] for k in data if k.startswith(prefix)})
