"""Patterns that show only across worlds: closures in quiet and active places, exits under different hosts.

Patterns 9 and 10 are reported and never tuned to. The three hosts are one invented country, so that only
the host and the manner of leaving differ; the real cases differ in everything.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim import measures
from sim.ensemble import Ensemble
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.study.validate import EDGE, FAILS, HOLDS, UNKNOWN, Check, Validation, table_of, validate
from sim.world.state import WEEKS_A_YEAR

WORLDS = ("drc-monusco", "darfur-unamid", "liberia-unmil", "corridor")
"""Eastern-DRC-like, Darfur-like, Liberia-like, and an invented one."""
HOSTS = {
    "able": "state forces able, willing, paid and disciplined; bases close in four steps with half a year's "
    "notice",
    "weak": "state forces as in the invented case; all bases close at once, without notice",
    "hostile": "state forces abusive and unwilling, the mission restricted, monitors kept out; all bases "
    "close at once, without notice",
}
"""The hosts of pattern 10."""
PATTERNS = {
    1: "severity of attacks is heavy-tailed",
    2: "attacks cluster in time",
    3: "violence spreads more by expansion than by relocation",
    4: "troops lower armed groups' violence more than the state's",
    5: "police, not troops, lower crime and post-war violence",
    6: "immediate response to 10-30 % of attacks",
    7: "200-500 people displaced per death",
    8: "3-16 % of the displaced return in a year",
    9: "closing quiet bases changes little on average, with a heavy tail in active conflict only",
    10: "an orderly exit into able and willing forces is safer than one into weak or hostile ones",
    11: "recorded harm can fall while true harm rises",
    12: "without peacekeepers violence is higher, and not total",
    13: "violence and control relate as in Kalyvas",
}
"""The thirteen patterns, in a few words."""


@dataclass(frozen=True)
class Across:
    """Validations of several worlds, and the checks that need more than one of them."""

    worlds: tuple[Validation, ...]
    checks: tuple[Check, ...]
    hosts: dict[str, np.ndarray]
    """Civilians killed beyond the matched world, per 100,000 people and year, by kind of host: (runs,)."""

    def verdict(self, pattern: int) -> tuple[str, list[Check]]:
        """Return the verdict on a pattern and the checks it rests on.

        Patterns 1-4, 6-8, 11-13 in the first world, on which parameters were set; 5 in every world that
        has police and crime; 9 and 10 across worlds. All checks must hold.
        """

        def own(world: Validation) -> list[Check]:
            return [c for c in world.checks if c.number.rstrip("abc") == str(pattern)]

        if pattern == 5:
            found = [c for world in self.worlds for c in own(world) if c.verdict != UNKNOWN]
        else:
            found = own(self.worlds[0])
        found += [c for c in self.checks if c.number.rstrip("abc") == str(pattern)]
        told = [c.verdict for c in found if c.verdict != UNKNOWN]
        if not told:
            return UNKNOWN, found
        if all(v == HOLDS for v in told):
            return HOLDS, found
        if HOLDS in told:
            return "in part", found
        return (FAILS if FAILS in told else EDGE), found

    def frame(self) -> pd.DataFrame:
        """Return every check of every world, and across worlds, as one table."""
        parts = {w.case.name: w.checks for w in self.worlds} | {"across": self.checks}
        whole = pd.concat([table_of(c).assign(world=name) for name, c in parts.items()], ignore_index=True)
        return whole[["world", *(c for c in whole.columns if c != "world")]]


def validate_worlds(
    cases: Sequence[Scenario],
    *,
    replicates: int = 40,
    seed: int = 1,
    own_parameters: bool = False,
    progress: Callable[[int, int], None] | None = None,
    stop: threading.Event | None = None,
) -> Across:
    """Validate each case under its "actual" schedule, and measure what shows only across worlds.

    All cases have one parameter set: the values that a scenario.toml sets for itself are left out
    (`Scenario.with_defaults`) unless `own_parameters`. Other parameters and errors as
    `sim.study.validate.validate`.
    """
    total = replicates * (len(cases) + len(HOSTS))
    done = 0

    def tick(step: int, _: int) -> None:
        if progress:
            progress(done + step, total)

    worlds = []
    for case in cases:
        world = case if own_parameters else case.with_defaults()
        worlds.append(validate(world, replicates=replicates, seed=seed, progress=tick, stop=stop))
        done += replicates
    hosts = {}
    for name in HOSTS:
        if stop is not None and stop.is_set():
            raise InterruptedError(f"stopped after {done} of {total} replicates")
        hosts[name] = excess_of_exit(*host(name), replicates=replicates, seed=seed)
        done += replicates
        tick(0, 0)
    return Across(tuple(worlds), tuple(_checks(worlds, hosts)), hosts)


def host(name: str) -> tuple[Scenario, str]:
    """Return the invented case under a kind of host (`HOSTS`), and the schedule of the exit."""
    case = Scenario.load("corridor")
    header = case.header
    forces = case.state_forces
    schedule = "fast:bases=all"
    if name == "able":
        able = {"capability": 0.8, "will": 0.85, "discipline": 0.9, "arrears_weeks": 0.0}
        forces = tuple(f.model_copy(update=able) for f in forces)
        schedule = "phased:bases=all+steps=4+notice=26"
    elif name == "hostile":
        forces = tuple(
            f.model_copy(update={"will": 0.3 * f.will, "discipline": 0.3 * f.discipline}) for f in forces
        )
        stance = header.host.model_copy(update={"consent": 0.7, "blocks_monitoring": 1.0})
        header = header.model_copy(update={"host": stance})
    elif name != "weak":
        raise ValueError(f"there is no host {name!r}; choose one of {', '.join(HOSTS)}")
    return replace(case, header=header, state_forces=forces, schedules={}), schedule


def excess_of_exit(case: Scenario, schedule: str, *, replicates: int, seed: int) -> np.ndarray:
    """Return civilians killed beyond the matched world, per 100,000 and year from the first closure on."""
    plan = case.schedule(schedule)
    first = int(measures.closures(case, plan)["week"].min())
    people = sum(d.population for d in case.districts)
    years = (case.weeks - first) / WEEKS_A_YEAR
    own, matched = (
        measures.summed(Ensemble(case, s).run(seed, 0, replicates).records, measures.KILLED).sum(axis=(1, 2))
        for s in (plan, COUNTERFACTUAL)
    )
    return np.asarray(1e5 * (own - matched) / people / years)


def _checks(worlds: Sequence[Validation], hosts: dict[str, np.ndarray]) -> list[Check]:
    inf = math.inf
    never = "reported, never tuned to"
    active = [w for w in worlds if w.active and len(w.closures)]
    quiet = [w for w in worlds if not w.active and len(w.closures)]
    nothing = np.zeros(0)

    def by_run(world: Validation, column: str, rows: pd.Series | None = None) -> np.ndarray:
        frame = world.closures if rows is None else world.closures[rows]
        return np.asarray(frame.groupby("run")[column].mean())

    changes = [by_run(w, "change", w.closures["quiet"]) for w in worlds if w.closures["quiet"].any()]
    top = [_top_of_rises(w.closures) for w in active]
    after_war = [by_run(w, "excess") for w in quiet]
    by_name = {w.case.name: w for w in worlds}
    darfur, liberia = by_name.get("darfur-unamid"), by_name.get("liberia-unmil")
    weak_less_able = hosts["weak"] - hosts["able"]
    hostile_less_able = hosts["hostile"] - hosts["able"]
    return [
        Check(
            "9a", "change of log(1 + deaths) in the year after quiet bases close, against the matched world",
            (-0.1, 0.1), "", "facts B, C", np.concatenate(changes) if changes else nothing, never,
            "quiet: no recorded deaths in the year before",
        ),
        Check(
            "9b", "active conflict: share of the rise in deaths at the worst twentieth of closures",
            (50.0, 100.0), "%", "fact E (80 %)", np.concatenate(top) if top else nothing, never, "",
        ),
        Check(
            "9c", "no active conflict: more killed in the year after a closure", (-0.5, 0.5), "persons",
            "fact E", np.concatenate(after_war) if after_war else nothing, never, "",
        ),
        Check(
            "10a", "excess of the exit in the Darfur-like world, less that in the Liberia-like one",
            (0.0, inf), "killed per 100,000 a year", "evidence 4, 10",
            darfur.exits - liberia.exits if darfur and liberia else nothing, never,
            "real cases, which differ in everything",
        ),
        Check(
            "10b", "excess of a hasty exit into weak forces, less that of an orderly one into able ones",
            (0.0, inf), "killed per 100,000 a year", "evidence 4, 10", weak_less_able, never,
            "one invented country",
        ),
        Check(
            "10c", "excess of a hasty exit from a hostile host, less that of an orderly one into able forces",
            (0.0, inf), "killed per 100,000 a year", "evidence 4, 10", hostile_less_able, never,
            "one invented country",
        ),
    ]  # fmt: skip


def _top_of_rises(closures: pd.DataFrame) -> np.ndarray:
    """Return, by run, the part (%) of all rises in deaths that the worst twentieth of closures hold."""
    shares = []
    for _, rows in closures.groupby("run"):
        rises = np.sort(np.maximum(rows["excess"].to_numpy(), 0.0))[::-1]
        if rises.sum() > 0:
            shares.append(100.0 * rises[: max(1, round(0.05 * len(rises)))].sum() / rises.sum())
    return np.array(shares)
