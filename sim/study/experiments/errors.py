"""What can go wrong with a store or with whoever runs tasks; each message says what to do."""

from __future__ import annotations


class StoreError(RuntimeError):
    """A store that cannot be used as it is."""


class Busy(StoreError):
    """Another sweep writes to the same folder."""


class OtherCode(StoreError):
    """Whoever should run a task has another version of the program than whoever planned it."""
