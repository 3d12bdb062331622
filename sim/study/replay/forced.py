"""A world in which recorded incidents happen in place of what armed groups would do.

Flight, return, warning, answers and the record are then judged given the violence: what people do about
attacks is the model's own, which attacks there are is not. An incident is an attack on a place that kills a
given number of people; all that follows from an attack follows from the rule (`sim.world.attack.strike`), to
which the deaths are given by setting, for that attack alone, the parameters that they come from.

>>> world = Replay(case, [Incident(week=3, district="akobo", killed=12)], seed=1)
>>> world.run()
>>> world.history()["fled"]
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from sim.agents.armed_group import ArmedGroup
from sim.mechanisms import MECHANISMS
from sim.model import DrawdownModel
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule
from sim.scenario.tables import ArmedGroupRow
from sim.world.attack import BAND, attack, resistance, strike
from sim.world.codes import Answer, Choice, Mode
from sim.world.state import RAIDS, World

OWN_VIOLENCE = (
    "attacks",
    "site-attacks",
    "aid-attacks",
    "state-abuse",
    "communal-violence",
    "campaigns",
    "operations",
    "contests",
    "onset",
    "remobilisation",
    "splintering",
    "hate-speech",
)
"""Mechanisms by which the model makes violence of its own; those that it has are switched off."""
STRENGTH = 300
"""Fighters of the nominal group that carries out what happens in a district."""


class Incident(NamedTuple):
    """Somebody was killed in a district in a week of the run."""

    week: int
    district: str
    killed: int


class Warned(NamedTuple):
    """What became of the warning of a forced attack."""

    week: int
    district: int
    killed: int
    noticed: bool
    alerted: bool
    heard: bool
    by_un: bool
    by_state: bool


class Forced(ArmedGroup):
    """A nominal group that does what is due in its district, and nothing else."""

    model: Replay

    def observe(self) -> None:
        """Know nothing: what it does is not its choice."""

    def decide(self) -> None:
        """Lie low; keep its strength, which no attack is about."""
        self.choice = Choice.LIE_LOW
        if self.row < len(self.world.districts):  # further rows are kept for groups that form later
            self.fighters = STRENGTH

    def prepare(self) -> None:
        """Enter the attacks that are due."""
        due = self.model.due(self.district) if self.row < len(self.world.districts) else ()
        for place, killed in due:
            row = attack(self.world, self.row, place, -1, Mode.LOOTING)
            if row >= 0:
                self.choice = Choice.ATTACK
                self.model.killing[row] = killed

    def act(self) -> None:
        """Carry them out."""
        row = self.first_attack if self.choice == Choice.ATTACK else -1
        while row >= 0:
            with forcing(self.world, row, self.model.killing[row]):
                strike(self.world, row)
            self.model.happened(row)
            row = int(self.world.attacks["next_own"][row])

    def reorganise(self) -> None:
        """Stay as it is."""


@contextmanager
def forcing(world: World, row: int, killed: int) -> Iterator[None]:
    """Set the parameters from which deaths come so that attack `row` kills so many, and back."""
    p = world.parameters[0]
    one = world.attacks[row]
    fighters = world.armed_groups[one.group].fighters
    left = math.sqrt(fighters / BAND) * (1.0 - resistance(world.communities[one.community].militia, fighters))
    if one.noticed == 1:
        left *= 1.0 - p.evacuated_share
    names = ("violence_scale", "violence_growth", "locality_share")
    before = [float(p[name]) for name in names]
    # a hair above the whole number, which rounding may not fall below
    p.violence_scale, p.violence_growth, p.locality_share = (killed + 1e-9) / left, 0.0, 1.0
    try:
        yield
    finally:
        p.violence_scale, p.violence_growth, p.locality_share = before


class Replay(DrawdownModel):
    """A Mesa model of a case in which incidents happen as given; see the module."""

    def __init__(
        self,
        case: Scenario,
        incidents: Iterable[Incident],
        schedule: str | Schedule = COUNTERFACTUAL,
        *,
        seed: int = 0,
        replicate: int = 0,
        agents: Any = (),
    ) -> None:
        """Set up the start of a run, without a spin-up: violence begins with the first incident.

        `agents`: your own subclasses of other agent types. Raises `ValueError` for an incident in a district
        that the case does not have, or that kills nobody.
        """
        super().__init__(emptied(case), schedule, seed=seed, replicate=replicate, agents=(*agents, Forced))
        rows = {d.id: i for i, d in enumerate(case.districts)}
        self.killing: dict[int, int] = {}
        self.warnings: list[Warned] = []
        self.left_out = 0
        """Killed in incidents that found no place: after the end, or more than places can be attacked."""
        self.stocks: list[tuple[int, int]] = []
        """Displaced in the country and abroad at the end of each week."""
        self._due: dict[tuple[int, int], list[int]] = defaultdict(list)
        for one in incidents:
            if one.district not in rows:
                raise ValueError(f"incident in week {one.week}: the case has no district {one.district!r}")
            if one.killed < 1:
                raise ValueError(
                    f"incident in {one.district}, week {one.week}: killed {one.killed}, not 1 or more"
                )
            self._due[one.week, rows[one.district]].append(one.killed)

    def due(self, district: int) -> list[tuple[int, int]]:
        """Return place and killed of each attack due in a district this week, the gravest first.

        Places by turns, each as often as it has people; more than places can suffer fall together.
        """
        killed = sorted(self._due.get((self._week, district), ()), reverse=True)
        here = self.world.districts[district]
        people = np.asarray(self.world.communities["residents"][here.first_community : here.end_community])
        room = RAIDS * int((people > 0).sum())
        if not killed or room == 0:
            self.left_out += sum(killed)
            return []
        killed, rest = killed[:room], killed[room:]
        for n, more in enumerate(rest):
            killed[n % room] += more
        taken = np.zeros(len(people), int)
        placed = []
        for n, number in enumerate(killed):
            free = np.where(taken < RAIDS, people, 0)
            x = (0.5 + (self._week * 31 + n) * 0.6180339887498949) % 1.0 * free.sum()
            k = int(np.searchsorted(np.cumsum(free), x, side="right"))
            taken[k] += 1
            placed.append((int(here.first_community) + k, number))
        return placed

    def happened(self, row: int) -> None:
        """Keep what became of the warning of an attack."""
        one = self.world.attacks[row]
        self.warnings.append(
            Warned(
                week=self._week,
                district=int(self.world.communities[one.community].district),
                killed=self.killing[row],
                noticed=bool(one.noticed),
                alerted=bool(one.alerted),
                heard=bool(one.heard_un or one.heard_state),
                by_un=bool(one.answered_by == Answer.UN),
                by_state=bool(one.answered_by == Answer.STATE),
            )
        )

    def step(self) -> None:
        """Simulate one week, and count the displaced."""
        self.killing.clear()
        super().step()
        abroad = int(self.world.displaced[:, -1].sum())
        self.stocks.append((int(self.world.districts["hosted"].sum()), abroad))


def emptied(case: Scenario) -> Scenario:
    """Return a case without violence of its own: one nominal group a district, and no spin-up."""
    groups = tuple(
        ArmedGroupRow(
            group=f"those who attack in {d.id}"[:120],
            faction=d.id,
            kind="pro-government",  # whom state forces do not fight
            district=d.id,
            fighters_low=STRENGTH,
            fighters=STRENGTH,
            fighters_high=STRENGTH,
            aim_rule=0.0,
            aim_rent=0.0,
            abusiveness=0.5,
            rootedness=1.0,
            control=0.0,
            source="nominal",
            certainty="invented",
        )
        for d in case.districts
    )
    districts = tuple(d.model_copy(update={"crime": 0.0}) for d in case.districts)
    quiet = replace(case, armed_groups=groups, districts=districts)
    return quiet.without(*(m for m in OWN_VIOLENCE if m in MECHANISMS)).with_parameters(spin_up=0.0)
