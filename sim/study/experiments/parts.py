"""A finished task on the disk: a part that is whole or not there.

A part is written to a temporary name, flushed to the disk and renamed, so that a kill at any moment leaves
all of it or none. Whoever runs a task writes its part itself and returns only a receipt.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from sim.study.experiments import task as tasks
from sim.study.experiments.errors import OtherCode, StoreError
from sim.study.experiments.need import need
from sim.study.experiments.task import Measured, Receipt, Task

PARTS = "parts"


def run(task: Task, folder: Path) -> Receipt:
    """Run a task and write its part into the store in `folder`.

    Raises `OtherCode` if this program is not the one that planned it, and `OSError` if the part cannot be
    written; a run that raises is stored as failed.
    """
    if task.recipe.code != tasks.code_digest():
        raise OtherCode(
            "a worker runs another version of drawdown than the sweep was planned with; start it again, with "
            "workers from the same code"
        )
    start = time.perf_counter()
    measured = tasks.measure(task)
    put(folder, task, measured)
    return Receipt(task.first, task.count, measured.failed, time.perf_counter() - start)


def connect() -> Any:
    """Return a connection to DuckDB that holds nothing, asks files, and never asks the network."""
    duckdb = need("duckdb", "experiments", "a store of runs")
    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "threads": 1,
        },
    )


def put(folder: Path, task: Task, measured: Measured) -> None:
    """Write the part of a task. Raises `OSError` if it cannot be; nothing torn is left then."""
    parts = folder / PARTS
    if not parts.is_dir():
        raise StoreError(
            f"there is no folder {parts} on {socket.gethostname()}: every worker must see the same disk"
        )
    recipe = task.recipe
    if recipe.weekly:
        types = {"run": "BIGINT"} | dict.fromkeys(recipe.weekly, "FLOAT[]")
        _write(measured.weekly, types, parts / f"weekly-{task.name}.parquet")
    _write(measured.runs, recipe.types(), parts / f"{task.name}.parquet")  # last: it says that all is there


def _write(frame: pd.DataFrame, types: Mapping[str, str], path: Path) -> None:
    columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in types.items())
    connection = _own()
    connection.register("given", frame)
    try:
        copy(connection, f"SELECT {columns} FROM given", path)
    finally:
        connection.unregister("given")


def copy(connection: Any, query: str, path: Path) -> None:
    """Write the rows of a query to a Parquet file as a whole or not at all."""
    temporary = path.with_name(
        f".{path.stem}.{socket.gethostname()}-{os.getpid()}-{threading.get_ident()}.tmp"
    )
    duckdb = need("duckdb", "experiments", "a store of runs")
    quoted = str(temporary).replace("'", "''")
    try:
        try:
            connection.execute(f"COPY ({query}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
        except duckdb.Error as error:
            raise OSError(0, f"{str(error).splitlines()[0]}") from None
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


_local = threading.local()


def _own() -> Any:
    """Return the connection of this thread: making one takes longer than writing a part."""
    if not hasattr(_local, "connection"):
        _local.connection = connect()
    return _local.connection


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not everywhere can folders be flushed
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
