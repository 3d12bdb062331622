"""The Mesa model: the same week, walked by agents that can be looked at and overridden."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import mesa
import networkx as nx
import numpy as np
import pandas as pd
from mesa.agent import AgentSet
from mesa.discrete_space import Cell, CellCollection, Network

from sim.agents.base import DistrictAgent
from sim.build import build
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule
from sim.week import DECLARED, Behaviour, week_with
from sim.world.people import census
from sim.world.start import begin
from sim.world.state import World

AGENT_TYPES: tuple[type[DistrictAgent], ...] = DECLARED.agents

ROOM_A_WEEK = 1000
"""Room for events a week if a log is kept; far more than a case of this size needs."""


class DistrictCell(Cell):
    """A district as a cell of the network: its row in the world, and whoever stands in it.

    Who is in it follows from the agents' rows, so nothing has to be kept in step and nothing is
    cached. Fields of its row are attributes, e.g. `cell.un_presence`.
    """

    model: DrawdownModel | None = None

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        return self.model.names["districts"][self.coordinate]  # type: ignore[union-attr,call-overload,no-any-return]

    @property
    def _agents(self) -> list[DistrictAgent]:
        if self.model is None:
            return []
        return [a for a in self.model.agents if a.rows["district"][a.row] == self.coordinate]

    @_agents.setter
    def _agents(self, agents: list[DistrictAgent]) -> None:
        """Mesa sets an empty list at first; who is here follows from the rows."""

    @property
    def neighborhood(self) -> CellCollection:
        """The districts that a route leads to directly."""
        return self.get_neighborhood()

    def get_neighborhood(self, radius: int = 1, include_center: bool = False) -> CellCollection:
        """Return the districts at most `radius` routes away."""
        found = {self}
        edge = {self}
        for _ in range(radius):
            edge = {other for cell in edge for other in cell.connections.values()} - found
            found |= edge
        cells = sorted(found if include_center else found - {self}, key=lambda cell: cell.coordinate)
        return CellCollection({cell: cell._agents for cell in cells}, random=self.random)

    def __getattr__(self, field: str) -> Any:
        model = self.__dict__.get("model")
        if model is None or field not in model.world.districts.dtype.names:
            raise AttributeError(field)
        return model.world.districts[field][self.coordinate].item()


class DistrictNetwork(Network):
    """The network of districts; its collections of cells are made when asked for, never stale."""

    @property
    def all_cells(self) -> CellCollection:
        """All districts."""
        return CellCollection({cell: cell._agents for cell in self._cells.values()}, random=self.random)


class DrawdownModel(mesa.Model):
    """One simulated world under one drawdown schedule, week by week.

    >>> model = Scenario.load("drc-monusco").model("actual", seed=1)
    >>> model.step()
    >>> model.armed_groups.agg("fighters", sum)

    `world` holds all state as tables; `pd.DataFrame(model.world.armed_groups)` is the population of
    armed groups. Agents are views of its rows. Chance is keyed by seed and replicate: Mesa's own
    generators are there for your additions and are not used by the model.
    """

    def __init__(
        self,
        scenario: Scenario | str,
        schedule: str | Schedule = COUNTERFACTUAL,
        *,
        seed: int = 0,
        replicate: int = 0,
        agents: Sequence[type[DistrictAgent]] = (),
        events: bool | int = False,
        rng: Any = None,
    ) -> None:
        """Set up the start of a run.

        Parameters
        ----------
        scenario: a scenario, or the name or folder of one.
        schedule: a schedule of the scenario by name ("none" always exists), or one made in Python.
        seed, replicate: which draw of chance and of uncertain estimates; the same pair gives the
            same world to the ensemble.
        agents: your own subclasses of agent types; each takes the place of the type it extends.
        events: keep an event log, with room for so many (True: plenty); see `events`.
        rng: seed for Mesa's generators (`model.rng`, `model.random`); default `seed`.
        """
        super().__init__(rng=seed if rng is None else rng)
        self.scenario = Scenario.load(scenario) if isinstance(scenario, str) else scenario
        self.schedule = self.scenario.schedule(schedule) if isinstance(schedule, str) else schedule
        self.world: World
        room = ROOM_A_WEEK * self.scenario.weeks if events is True else int(events)
        self.world, self.names = build(self.scenario, self.schedule, events=room)
        begin(self.world, seed, replicate)
        self.people_at_start = int(census(self.world))

        number = {d.id: i for i, d in enumerate(self.scenario.districts)}
        graph = nx.relabel_nodes(self.scenario.graph(), number)
        self.space = DistrictNetwork(graph, random=self.random, cell_klass=DistrictCell)
        for cell in self.space:
            cell.model = self

        self._sets: dict[str, AgentSet] = {}
        for base in AGENT_TYPES:
            chosen = [own for own in agents if issubclass(own, base)]
            if len(chosen) > 1:
                raise ValueError(f"{chosen[0].__name__} and {chosen[1].__name__} both extend {base.__name__}")
            kind = chosen[0] if chosen else base
            rows = range(len(getattr(self.world, base.table.name)))
            self._sets[base.table.name] = AgentSet([kind(self, row) for row in rows], random=self.random)
        unknown = [own for own in agents if not issubclass(own, AGENT_TYPES)]
        if unknown:
            raise ValueError(f"{unknown[0].__name__} extends none of the agent types")
        self._simulate = week_with(self._each)
        self._tables = {id(getattr(self.world, name)): name for name in self._sets}
        self.datacollector = mesa.DataCollector(model_reporters=REPORTERS)

    # -- who is there --------------------------------------------------------------------------

    @property
    def communities(self) -> AgentSet:
        """All communities."""
        return self._sets["communities"]

    @property
    def armed_groups(self) -> AgentSet:
        """All armed groups."""
        return self._sets["armed_groups"]

    @property
    def state_forces(self) -> AgentSet:
        """All army and police units."""
        return self._sets["state_forces"]

    @property
    def peacekeepers(self) -> AgentSet:
        """All units of the mission."""
        return self._sets["peacekeepers"]

    @property
    def humanitarians(self) -> AgentSet:
        """All humanitarian actors."""
        return self._sets["humanitarians"]

    @property
    def sites(self) -> np.recarray:
        """Camps and protection sites, one row each; their names are in `names["sites"]`."""
        return self.world.sites

    # -- time ----------------------------------------------------------------------------------

    @property
    def week(self) -> int:
        """Number of weeks simulated so far."""
        return int(self._week)

    @property
    def date(self) -> date:
        """First day of the week that comes next."""
        return self.scenario.date_of(self.week)

    _week = 0

    def step(self) -> None:
        """Simulate one week (see `sim.week.week`); does nothing after the last."""
        if self._week >= self.scenario.weeks:
            self.running = False
            return
        self._simulate(self.world, self._week)
        self._week += 1
        self.running = self._week < self.scenario.weeks
        self.datacollector.collect(self)

    def _each(self, world: World, table: np.recarray, behaviour: Behaviour) -> None:
        """Let the agents of a table act by the method named like the behaviour; districts by row."""
        name = self._tables.get(id(table))
        if name is None:
            for i in range(len(table)):
                behaviour(world, i)
        else:
            self._sets[name].do(behaviour.__name__)

    def run(self) -> DrawdownModel:
        """Step to the end, and return the model."""
        while self.week < self.scenario.weeks:
            self.step()
        return self

    # -- what happened -------------------------------------------------------------------------

    def census(self) -> int:
        """Return the number of persons in the world, the dead included; constant over a run."""
        return int(census(self.world))

    def history(self) -> pd.DataFrame:
        """Return what was recorded so far, one row a week and district (see `sim.world.record`)."""
        weeks, districts = self.week, len(self.world.districts)
        flat = pd.DataFrame(np.asarray(self.world.record[:weeks]).reshape(-1))
        flat.insert(0, "district", np.tile(np.array(self.names["districts"]), weeks))
        dates = pd.to_datetime([self.scenario.date_of(w) for w in range(weeks)])
        flat.insert(0, "date", np.repeat(dates, districts))
        return flat

    def events(self) -> pd.DataFrame:
        """Return the event log so far; see `sim.study.eventlog.as_frame`. Needs `events=True`."""
        from sim.study.eventlog import log_of

        return log_of(self)


def _this_week(name: str) -> Any:
    def total(model: DrawdownModel) -> float:
        return float(model.world.record[model.week - 1][name].sum())

    total.__doc__ = f"Sum of `{name}` over districts, this week."
    return total


REPORTERS = {
    name: _this_week(name)
    for name in (
        "killed_by_groups",
        "killed_by_state",
        "recorded_killed_by_groups",
        "recorded_killed_by_state",
        "fled",
        "returned",
        "hosted",
        "un_troops",
    )
}
