"""Processes of this machine that run tasks: each its own interpreter, spoken to through pipes.

A process is started as `python -m sim.study.experiments.worker`, so that scripts and notebooks need no
`if __name__ == "__main__"`, and one that is killed takes no other with it. It runs one task at a time and
goes when its parent goes: the pipe that it listens to is then closed.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from sim.study.experiments import parts
from sim.study.experiments import task as tasks


class Died(RuntimeError):
    """A worker process ended in the middle of a task."""


class Worker:
    """One worker process."""

    def __init__(self, folder: Path) -> None:
        """Start it; it will write to the store in `folder`."""
        root = str(tasks.PACKAGE.parent)
        before = os.environ.get("PYTHONPATH")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, *([before] if before else [])])}
        flags: dict[str, Any] = (
            {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
            if sys.platform == "win32"
            else {"start_new_session": True}
        )  # Ctrl-C reaches the parent alone, who lets tasks end
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sim.study.experiments.worker", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            **flags,
        )

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def run(self, task: tasks.Task) -> tasks.Receipt:
        """Let it run a task. Raises what the task raised, and `Died` if the process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(task, self._process.stdin)
            self._process.stdin.flush()
            answer = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            code = self._process.wait()
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise Died(f"a worker process ended by {how}") from None
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, tasks.Receipt)
        return answer

    def stop(self) -> None:
        """End the process, at once if it is in the middle of a task."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()


def main(folder: Path) -> None:
    """Run tasks that come through standard input until it is closed."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not get among the answers
    inbox = sys.stdin.buffer
    waiting: queue.SimpleQueue[tasks.Task] = queue.SimpleQueue()

    def listen() -> None:
        while True:
            try:
                waiting.put(pickle.load(inbox))
            except (EOFError, OSError, pickle.UnpicklingError):
                os._exit(0)  # the parent is gone, in the middle of a task or not

    threading.Thread(target=listen, daemon=True).start()
    while True:
        task = waiting.get()
        try:
            answer: tasks.Receipt | Exception = parts.run(task, folder)
        except Exception as error:
            answer = error
        try:
            content = pickle.dumps(answer)
        except Exception:  # an error that cannot travel
            content = pickle.dumps(RuntimeError(f"{type(answer).__name__}: {answer}"))
        answers.write(content)
        answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
