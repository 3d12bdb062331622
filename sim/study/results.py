"""The results folder of a comparison: written as a whole, or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sim.show import text

if TYPE_CHECKING:
    from sim.study.compare import Comparison

PROVENANCE = "provenance.json"


class NotOurs(FileExistsError):
    """The folder exists and is not a result that may be replaced."""


def check_target(folder: Path) -> None:
    """Raise `NotOurs` if `folder` exists and is neither empty nor an earlier result."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise NotOurs(f"{folder} is a file; give --out the name of a folder")
    if any(folder.iterdir()) and not (folder / PROVENANCE).is_file():
        raise NotOurs(
            f"{folder} holds files that are not a result of drawdown; choose another folder with --out"
        )


def parts_folder(folder: Path) -> Path:
    """Return where finished parts are kept while a result is under way."""
    return folder.with_name(folder.name + ".parts")


def save(result: Comparison, folder: Path, *, figures: bool = True) -> Path:
    """Write summary, trajectories, vacuums, cliffs, massacres, provenance, text and figures to a folder.

    Everything is written beside the folder and moved into place at the end; an earlier result there
    is replaced in the same moment. Raises `NotOurs` if the folder holds anything else.
    """
    check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        temporary.chmod(0o755)
        result.summary.to_csv(
            temporary / "summary.csv", index=False, float_format="%.10g", lineterminator="\n"
        )
        result.trajectories.to_netcdf(temporary / "trajectories.nc", engine="scipy")
        result.vacuums.to_csv(
            temporary / "vacuums.csv", index=False, float_format="%.10g", lineterminator="\n"
        )
        result.cliffs.to_csv(temporary / "cliffs.csv", index=False, float_format="%.10g", lineterminator="\n")
        result.massacres.to_csv(temporary / "massacres.csv", index=False, lineterminator="\n")
        (temporary / "summary.txt").write_text(text.page(result), encoding="utf-8")
        if figures:
            from sim.show.figures import save_all

            save_all(result, temporary / "figures")
        provenance = json.dumps(result.provenance, indent=1, default=str)
        (temporary / PROVENANCE).write_text(provenance + "\n", encoding="utf-8")
        _sync(temporary)
        _replace(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return folder


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _replace(temporary: Path, folder: Path) -> None:
    """Move a finished folder into place, an earlier one out of the way first."""
    if not folder.exists():
        temporary.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.rename(old / "result")
    temporary.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
