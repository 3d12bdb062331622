"""Tasks on the workers of a Dask scheduler, with the same function and the same results."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from sim.study.experiments.errors import StoreError
from sim.study.experiments.need import need

PATIENCE = 30
"""Seconds to wait for a scheduler that does not answer."""


@contextmanager
def connected(address: str) -> Iterator[Executor]:
    """Connect to the scheduler at `address` and give an executor that runs tasks on its workers.

    Raises `StoreError` if nobody answers there or it has no workers, and `Missing` without Dask.
    """
    distributed = need("distributed", "cluster", "--scheduler")
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise StoreError(
            f"no Dask scheduler answers at {address} ({error}); start one: dask scheduler"
        ) from None
    with client:
        if not client.nthreads():
            raise StoreError(
                f"the scheduler at {address} has no workers; start some: dask worker {address} --nthreads 1"
            )
        yield _Watched(client)


class _Watched(Executor):
    """Dask's executor, but a scheduler that dies ends the sweep: without this it would wait for ever."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        """Hand over a task; raises `StoreError` if the scheduler is gone."""
        self.check()
        return self._executor.submit(*args, **kwargs)

    def check(self) -> None:
        """Raise `StoreError` if the scheduler is gone."""
        if self._client.status != "running":
            raise StoreError(LOST)


LOST = "the Dask scheduler is gone; what was finished is kept: start it anew and run the same command again"
