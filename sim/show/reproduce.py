"""Make a finished result again, from what it carries, and say whether the numbers are the same."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim import __version__
from sim.compiled import source_digest
from sim.show import results
from sim.study import provenance
from sim.study.compare import Progress, compare
from sim.study.comparison import Comparison, Stage
from sim.study.provenance import Made, ProvenanceError, Result

NUMBERS = ("totals", "weekly", "places")
"""What is compared as numbers; the rest are files named after it, with .csv."""


@dataclass(frozen=True)
class Reproduction:
    """A result made again, beside what the first one says of itself."""

    first: Result
    again: Comparison
    sha256: Mapping[str, str]
    """Digests of what was made again, by name; the first's are in its provenance."""
    figures_failed: str = ""
    """Why figures of what was made again could not be drawn, if so."""

    @property
    def differs(self) -> list[str]:
        """Names of what has other bits than in the first."""
        return [name for name, value in self.first.made.sha256.items() if self.sha256.get(name) != value]

    @property
    def same(self) -> bool:
        """Whether all numbers have the same bits."""
        return not self.differs

    @property
    def changed(self) -> list[str]:
        """Files of the first result that are no longer as they were written."""
        found = []
        for name, value in self.first.made.sha256.items():
            file = self.first.folder / f"{name}.csv"
            if name not in NUMBERS and (not file.is_file() or results.file_digest(file) != value):
                found.append(file.name)
        return found

    @property
    def circumstances(self) -> list[str]:
        """What differs between now and when the first was made: versions, code, machine."""
        return circumstances(self.first.made)

    def report(self) -> str:
        """Say in words whether the result came out the same, and what may be behind it if not."""
        made = self.first.made
        what = f"{made.replicates} matched runs of {made.scenario} under {len(made.schedules)} schedules"
        lines = [f"{self.first.folder}: {what}, seed {made.seed}, made again."]
        if self.same:
            lines.append(f"The same to the last bit: {', '.join(made.sha256)}.")
        else:
            alike = [name for name in made.sha256 if name not in self.differs]
            lines.append(f"DIFFERENT: {', '.join(self.differs)}. The same: {', '.join(alike) or 'nothing'}.")
        if self.circumstances:
            lines.append("Not as when it was made: " + "; ".join(self.circumstances) + ".")
        elif not self.same:
            lines.append("Versions, code and machine are those it was made with; its provenance was changed?")
        if self.changed:
            lines.append(f"Changed in {self.first.folder} since it was written: {', '.join(self.changed)}.")
        if self.figures_failed:
            lines.append(f"{self.figures_failed}.")
        return "\n".join(lines)


def circumstances(made: Made) -> list[str]:
    """Return what differs between now and what a provenance says: versions, code, machine."""
    now: dict[str, Any] = provenance.environment()
    pairs = [("drawdown", made.version, __version__), ("python", made.python, now["python"])]
    pairs += [("machine", made.machine, now["machine"]), ("processor", made.processor, now["processor"])]
    names = sorted({*made.libraries, *now["libraries"]})
    pairs += [(n, made.libraries.get(n, "none"), now["libraries"].get(n, "none")) for n in names]
    pairs.append(("code", made.code_sha256[:12], source_digest()[:12]))
    return [f"{name} was {then}, is {is_}" for name, then, is_ in pairs if then != is_]


def reproduce(
    folder: Path,
    *,
    out: Path | None = None,
    figures: bool = True,
    threads: int | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    stage: Stage | None = None,
) -> Reproduction:
    """Run the comparison of a result again, from its own copy of the scenario, and compare the bits.

    `out`: also write what was made again to this folder. Raises `ProvenanceError` for what is no result or
    one that lacks what it takes, and what `compare` and `save` raise.
    """
    first = provenance.read(folder)
    if not first.made.sha256:
        raise ProvenanceError(
            f"{first.file} has no digests of the numbers (sha256): an older version wrote it; compare anew"
        )
    if out is not None and results.target(out) == results.target(folder):
        raise ProvenanceError(f"{out} is the result itself; give --out another folder")
    again = compare(
        first.case(),
        first.made.schedules,
        replicates=first.made.replicates,
        seed=first.made.seed,
        threads=threads,
        progress=progress,
        parts_folder=results.parts_folder(out) if out else None,
        stop=stop,
        stage=stage,
        parameters=first.draws() or "default",
    )
    if out is not None:
        failed = ""
        try:
            again.save(out, figures=figures, stage=stage)
        except results.FiguresFailed as error:  # the numbers are written all the same
            failed = str(error)
        return Reproduction(first, again, provenance.read(out).made.sha256, failed)
    with tempfile.TemporaryDirectory(prefix="drawdown-") as temporary:
        again.save(Path(temporary) / "again", figures=False, stage=stage)
        digests = provenance.read(Path(temporary) / "again").made.sha256
    return Reproduction(first, again, digests)
