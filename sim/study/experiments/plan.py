"""From an experiment to its tasks: every run numbered, and a hash of all that the runs depend on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim import __version__, parameters
from sim.scenario.errors import ScenarioError
from sim.study import provenance
from sim.study.experiments.design import Value, points
from sim.study.experiments.experiment import MOST_RUNS, Experiment, Wrong
from sim.study.experiments.task import Recipe, Task, code_digest

CHUNK = 1_000_000
"""District-weeks of a task: about two seconds of work, so that little is lost when one is killed."""
SPEC_WORDS = {
    "version": "the version of drawdown",
    "code_sha256": "the code of the model or the runner",
    "experiment_sha256": "the experiment's file",
    "scenarios": "files of a scenario",
    "schedules": "a schedule",
    "parameters": "the declared parameters",
    "points": "the points of the design (another version of SciPy or SALib?)",
}
"""What a change of each entry of a specification means."""


@dataclass(frozen=True, repr=False)
class Plan:
    """An experiment made ready to run."""

    experiment: Experiment
    recipe: Recipe
    points: Sequence[Mapping[str, Value]]
    spec: Mapping[str, Any]
    """What the results depend on; its hash names the parts."""
    chunk: int
    """Runs of a task."""

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<Plan of {self.recipe.name!r}: {self.runs:,d} runs in {len(self.chunks()):,d} tasks>"

    @property
    def runs(self) -> int:
        """Number of runs in all."""
        return self.recipe.runs

    def chunks(self, shard: tuple[int, int] = (1, 1)) -> list[tuple[int, int]]:
        """Return (first run, count) of the tasks of a shard: (3, 40) is the third of forty.

        The tasks of an experiment are the same for any number of workers and shards.
        """
        number, of = shard
        all_ = [(f, min(self.chunk, self.runs - f)) for f in range(0, self.runs, self.chunk)]
        return all_[number - 1 :: of]

    def task(self, first: int, count: int) -> Task:
        """Return the task of some consecutive runs."""
        places = (self.recipe.place(run)[1] for run in _steps(first, count, self.recipe.replicates))
        return Task(self.recipe, first, count, {p: self.points[p] for p in places})


def _steps(first: int, count: int, step: int) -> Iterator[int]:
    """Yield a run of each (point, schedule) that a range of runs touches."""
    run = first
    while run < first + count:
        yield run
        run += step - run % step


def plan(experiment: Experiment | str | os.PathLike[str]) -> Plan:
    """Return the plan of an experiment.

    Raises `ScenarioError`, naming file and line, for what cannot be right, and `Missing` if its design needs
    a library that is not installed.
    """
    asked = experiment if isinstance(experiment, Experiment) else Experiment.load(experiment)
    try:
        return _plan(asked)
    except Wrong as error:
        raise ScenarioError(asked.file or asked.name, error.problem, where=error.where) from None


def _plan(asked: Experiment) -> Plan:
    if asked.file is None:
        asked.check()
    cases = asked.cases()
    made = [asked.plans(case) for case in cases]
    factors = asked.factors()
    found = points(asked)
    keys = dict.fromkeys(key for _, numbers in made[0] for key in numbers)
    levers = {f"lever_{key}": tuple(numbers.get(key) for _, numbers in made[0]) for key in keys}
    digests = {case.name: provenance.case_digest(case) for case in cases}
    spec = {
        "software": "drawdown",
        "version": __version__,
        "code_sha256": code_digest(),
        "experiment_sha256": asked.digest,
        "scenarios": digests,
        "schedules": [[json.loads(p.model_dump_json()) for p, _ in plans] for plans in made],
        "parameters": sha256({n: (p.default, p.low, p.high) for n, p in parameters.PARAMETERS.items()}),
        "points": sha256(found),
    }
    recipe = Recipe(
        key=sha256(spec)[:20],
        code=code_digest(),
        name=asked.file.parent.name if asked.file else asked.name,
        cases=tuple(cases),
        plans=tuple(tuple(p for p, _ in plans) for plans in made),
        levers=levers,
        factors=tuple(factors),
        points=len(found),
        replicates=asked.replicates,
        seed=asked.seed,
        own_chance=asked.own_chance,
        outcomes=tuple(asked.outcomes),
        weekly=tuple(asked.keep.weekly),
        weekly_replicates=asked.keep.replicates or asked.replicates,
        provenance=(
            ("experiment", asked.name),
            ("experiment_sha256", asked.digest),
            ("scenario_sha256", sha256(digests) if len(cases) > 1 else digests[cases[0].name]),
            ("code_sha256", code_digest()),
            ("version", __version__),
        ),
    )
    if recipe.runs > MOST_RUNS:
        raise Wrong(
            "design", f"makes {recipe.runs:,d} runs; at most {MOST_RUNS:,d} can be made, so vary less"
        )
    cells = max(case.weeks * len(case.districts) for case in cases)
    chunk = max(1, CHUNK // cells)
    for whole in (recipe.schedules * recipe.replicates, recipe.replicates):
        if chunk >= whole:  # points, or schedules, as a whole
            chunk -= chunk % whole
            break
    return Plan(asked, recipe, found, spec, chunk)


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return in words what is different between two specifications."""
    differ = [words for key, words in SPEC_WORDS.items() if before.get(key) != now.get(key)]
    return " and ".join([", ".join(differ[:-1]), differ[-1]] if len(differ) > 1 else differ) or "something"


def sha256(value: object) -> str:
    """Return the SHA-256 of anything that JSON can say (hexadecimal, 64 digits)."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
