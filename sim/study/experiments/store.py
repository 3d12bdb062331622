"""Where the runs of an experiment are kept: parts that are whole or not there, and one table at the end.

    FOLDER/provenance.json     what made it
    FOLDER/experiment.toml     the experiment, byte for byte
    FOLDER/scenarios/NAME/     its scenarios
    FOLDER/parts/*.parquet     finished tasks, named by the hash of what made them and by their runs
    FOLDER/runs.parquet        one row a run, once all are there
    FOLDER/weekly.parquet      trajectories, if any are kept

A part is written to a temporary name, flushed to the disk and renamed, so that a kill at any moment leaves
all of it or none. Anybody can read while others write. DuckDB writes and asks; it is never a shared file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sim import measures
from sim.study import provenance
from sim.study.experiments.errors import Busy, StoreError
from sim.study.experiments.need import need
from sim.study.experiments.parts import PARTS, connect, copy
from sim.study.experiments.plan import Plan, changed

PROVENANCE = provenance.FILE
RUNS = "runs.parquet"
WEEKLY = "weekly.parquet"
_PART = re.compile(r"([0-9a-f]{20})-(\d{10,})-(\d+)\.parquet")


# -- the store --------------------------------------------------------------------------------------


class Store:
    """The folder of one experiment, open to be added to."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Open or make the folder.

        Raises `StoreError` if it holds another experiment, or this one made by other files or code, `Missing`
        without DuckDB, and `OSError` if it cannot be made.
        """
        need("duckdb", "experiments", "a sweep")
        self.folder = Path(folder)
        self.plan = plan
        check(self.folder, plan)
        first = not (self.folder / PROVENANCE).exists()
        (self.folder / PARTS).mkdir(parents=True, exist_ok=True)
        if first:
            self._describe()

    def _describe(self) -> None:
        """Write down what is being made, the provenance last: its presence says that all is there."""
        plan = self.plan
        if plan.experiment.file:
            _replace(self.folder / "experiment.toml", plan.experiment.file.read_bytes())
        for case in plan.recipe.cases:
            target = self.folder / "scenarios" / case.name
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            provenance.copy_scenario(case, target)
        told = {
            **plan.spec,
            "key": plan.recipe.key,
            "name": plan.experiment.name,
            "experiment": json.loads(plan.experiment.model_dump_json()),
            "runs": plan.runs,
            "columns": plan.recipe.types(),
            "factors": [factor.column for factor in plan.recipe.factors],
            **provenance.environment(),
        }
        _replace(self.folder / PROVENANCE, (json.dumps(told, indent=1, default=str) + "\n").encode())

    def parts(self) -> dict[int, Path]:
        """Return the parts that are there and whole, by their first run."""
        found = {}
        for path in (self.folder / PARTS).glob(f"{self.plan.recipe.key}-*.parquet"):
            match = _PART.fullmatch(path.name)
            if match and _whole(path):
                found[int(match.group(2))] = path
        return dict(sorted(found.items()))

    @property
    def complete(self) -> bool:
        """Whether the table of all runs is there."""
        return (self.folder / RUNS).exists()

    def failed(self) -> list[int]:
        """Return the runs that failed, as far as runs were made."""
        if not self.complete and not self.parts():
            return []
        rows = connect().execute(f"SELECT run FROM ({_query(self.folder)}) WHERE failed ORDER BY run")
        return [int(run) for (run,) in rows.fetchall()]

    def finish(self, more: Sequence[Path] = ()) -> bool:
        """Put the parts together into one table, if all runs are there; returns whether they are.

        `more`: folders of other stores of the same plan, whose parts count too. Parts that are newer than
        the table (runs tried again) replace its rows.
        """
        parts = self.parts()
        for other in more:
            for first, path in Store(other, self.plan).parts().items():
                parts.setdefault(first, path)
        chunks = dict(self.plan.chunks())
        covered = {first: path for first, path in sorted(parts.items()) if first in chunks}
        if self.complete and not covered:
            self._clean()
            return True
        if self.complete:
            self._unpack({first: n for first, n in chunks.items() if first not in covered})
            return self.finish(more)
        if set(covered) != set(chunks):
            return False
        # weekly first: the table of runs says that all is there
        if self.plan.recipe.weekly:
            self._put_together(WEEKLY, [path.with_name(f"weekly-{path.name}") for path in covered.values()])
        self._put_together(RUNS, list(covered.values()))
        self._clean()
        return True

    def _unpack(self, chunks: Mapping[int, int]) -> None:
        """Make parts of the finished table again, beside those of runs that were tried again."""
        names = {RUNS: "", WEEKLY: "weekly-"} if self.plan.recipe.weekly else {RUNS: ""}
        connection = connect()
        for first, count in chunks.items():
            part = f"{self.plan.recipe.key}-{first:010d}-{count}.parquet"
            for table, prefix in reversed(names.items()):
                rows = f"run >= {first} AND run < {first + count}"
                query = f"SELECT * FROM read_parquet({_text(self.folder / table)}) WHERE {rows}"
                copy(connection, query, self.folder / PARTS / f"{prefix}{part}")
        (self.folder / RUNS).unlink()

    def _put_together(self, name: str, parts: Sequence[Path]) -> None:
        query = f"SELECT * FROM read_parquet([{', '.join(map(_text, parts))}])"
        connection = connect()
        if name == RUNS:
            n, distinct = connection.execute(
                f"SELECT count(*), count(DISTINCT run) FROM ({query})"
            ).fetchone()
            if n != self.plan.runs or distinct != n:
                raise StoreError(
                    f"{self.folder}: the parts hold {n:,d} rows of {distinct:,d} runs, and the experiment "
                    f"has {self.plan.runs:,d}; a part is damaged: delete {self.folder / PARTS} and run again"
                )
        copy(connection, query, self.folder / name)

    def _clean(self) -> None:
        """Remove the parts, which the table now holds, and what killed workers left."""
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)
        (self.folder / PARTS).mkdir(exist_ok=True)

    @contextmanager
    def claim(self, shard: tuple[int, int]) -> Iterator[None]:
        """Hold the folder, or a shard of it, for this process. Raises `Busy` if another one holds it.

        It saves work; nothing depends on it: two who write the same part write the same bytes.
        """
        path = self.folder / f".lock-{shard[0]}-of-{shard[1]}"
        with path.open("a+") as file:
            try:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except ImportError:
                pass
            except OSError:
                file.seek(0)
                raise Busy(
                    f"another sweep (process {file.read(20).strip() or 'unknown'}) is writing to "
                    f"{self.folder}; wait for it, or share the work with it by --shard 1/2 and --shard 2/2"
                ) from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield


def check(folder: Path, plan: Plan) -> None:
    """Raise `StoreError` unless a folder is free for this plan, or holds what it has made so far."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise StoreError(f"{folder} is a file; name a folder by --out")
    file = folder / PROVENANCE
    if not file.exists():
        others = [p.name for p in folder.iterdir() if p.name not in (PARTS, "scenarios", "experiment.toml")]
        if [name for name in others if not name.startswith(".")]:
            raise StoreError(f"{folder} holds {others[0]} and no sweep; name another folder by --out")
        return
    told = read_provenance(folder)
    if told.get("key") != plan.recipe.key:
        what = changed(told, plan.spec)
        raise StoreError(
            f"{folder} holds runs that were made before {what} changed; they are not mixed with new ones: "
            "move the folder away, or name another by --out"
        )


def read_provenance(folder: Path) -> dict[str, Any]:
    """Return what a store says of how it was made. Raises `StoreError`."""
    file = folder / PROVENANCE
    try:
        told = json.loads(file.read_bytes())
        if not isinstance(told, dict) or "key" not in told:
            raise ValueError("it is not that of a sweep")
    except FileNotFoundError:
        raise StoreError(
            f"{folder} holds no sweep: there is no {PROVENANCE}; run `drawdown sweep` first"
        ) from None
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{file} cannot be read ({error}); restore it, or sweep into another folder"
        ) from None
    return told


def _whole(path: Path) -> bool:
    """Return whether a Parquet file begins and ends as one."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(-4, os.SEEK_END)
            return head == file.read(4) == b"PAR1"
    except OSError:
        return False


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _text(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    return f"'{quoted}'"


# -- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Results:
    """The runs of an experiment, as far as they were made. See `read`."""

    folder: Path
    provenance: Mapping[str, Any]

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run: where it belongs, parameters, outcomes, whether it failed, and what made it."""
        return self.sql("SELECT * FROM runs ORDER BY run")

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes, the one that decides first."""
        return tuple(self.provenance["experiment"]["outcomes"])

    @property
    def complete(self) -> bool:
        """Whether all runs were made."""
        return (self.folder / RUNS).exists()

    def sql(self, query: str) -> pd.DataFrame:
        """Return the answer to a query; the tables are `runs`, and `weekly` if trajectories are kept.

        The same query works in any DuckDB on the file `runs.parquet`.
        """
        connection = connect()
        connection.execute(f"CREATE VIEW runs AS {_query(self.folder)}")
        if self.provenance["experiment"]["keep"]["weekly"]:
            connection.execute(f"CREATE VIEW weekly AS {_query(self.folder, weekly=True)}")
        return connection.execute(query).df()  # type: ignore[no-any-return]

    def dataset(self) -> xr.Dataset:
        """Return the outcomes of every run as (scenario, point, schedule, replicate), NaN where it failed.

        `replicate` counts from 0 at each point; what was varied is given along (scenario, point).
        """
        frame = self.runs
        factors = self.provenance["factors"]
        scenarios = list(dict.fromkeys(frame["scenario"]))
        schedules = list(dict.fromkeys(frame["schedule"]))
        size = (len(scenarios), int(frame["point"].max()) + 1, len(schedules), -1)
        if not self.complete:
            raise StoreError(f"{self.folder} is not complete; run the same sweep again to finish it")
        dims = ("scenario", "point", "schedule", "replicate")
        data: dict[str, Any] = {}
        for name in self.outcomes:
            metric = measures.METRIC[name]
            values = frame[name].to_numpy(float).reshape(size)
            data[name] = (dims, values, {"long_name": metric.label, "units": metric.unit})
        for name in factors:
            values = frame[name].to_numpy().reshape(size)[:, :, 0, 0]
            data[name] = (dims[:2], values)
        return xr.Dataset(
            data,
            coords={"scenario": scenarios, "schedule": schedules},
            attrs={k: self.provenance[k] for k in ("name", "experiment_sha256", "code_sha256", "version")},
        )

    def weekly(self) -> xr.Dataset:
        """Return the trajectories that are kept: series over (run, week)."""
        frame = self.sql("SELECT * FROM weekly ORDER BY run")
        series = [name for name in frame if name != "run"]
        data = {name: (("run", "week"), np.stack(frame[name].to_numpy())) for name in series}
        return xr.Dataset(data, coords={"run": frame["run"].to_numpy()})

    def digest(self) -> str:
        """Return the SHA-256 of what the tables say, whoever wrote them in how many parts."""
        digest = hashlib.sha256()
        tables = ["runs"] + ["weekly"] * bool(self.provenance["experiment"]["keep"]["weekly"])
        for table in tables:
            frame = self.sql(f"SELECT * FROM {table} ORDER BY run")
            for name in frame:
                digest.update(f"{name}:".encode())
                for value in frame[name]:
                    said = value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode()
                    digest.update(said + b";")
        return digest.hexdigest()

    def __repr__(self) -> str:
        """Say what it is."""
        made = self.sql("SELECT count(*) AS n, coalesce(sum(failed::INT), 0) AS f FROM runs").iloc[0]
        failed = f", {int(made.f):,d} failed" if made.f else ""
        return (
            f"<Results of experiment {self.provenance['name']!r} in {self.folder}: {int(made.n):,d} of "
            f"{self.provenance['runs']:,d} runs{failed}>"
        )


def read(folder: str | os.PathLike[str]) -> Results:
    """Read the results of a sweep. Raises `StoreError` if there are none in that folder."""
    place = Path(folder)
    told = read_provenance(place)
    if not (place / RUNS).exists() and not list((place / PARTS).glob(f"{told['key']}-*.parquet")):
        raise StoreError(f"{place} holds no finished run yet; run the same sweep again")
    return Results(place, told)


def _query(folder: Path, weekly: bool = False) -> str:
    """Return the query for all rows that are there; parts count for more than an older table."""
    key = read_provenance(folder)["key"]
    table = folder / (WEEKLY if weekly else RUNS)
    pattern = f"weekly-{key}-*.parquet" if weekly else f"{key}-*.parquet"
    parts = [p for p in sorted((folder / PARTS).glob(pattern)) if _whole(p)]
    queries = []
    if parts:
        queries.append(f"SELECT * FROM read_parquet([{', '.join(map(_text, parts))}])")
    if table.exists():
        spans = [_PART.fullmatch(p.name.removeprefix("weekly-")) for p in parts]
        outside = "".join(
            f" AND NOT (run >= {int(m[2])} AND run < {int(m[2]) + int(m[3])})" for m in spans if m
        )
        queries.append(f"SELECT * FROM read_parquet({_text(table)}) WHERE TRUE{outside}")
    if not queries:
        raise StoreError(f"{folder} holds no finished run yet; run the same sweep again")
    return " UNION ALL ".join(queries)
