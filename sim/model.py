"""The Mesa model: the same week, walked by agents that can be looked at and overridden."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from inspect import signature
from typing import Any, cast

import mesa
import networkx as nx
import numpy as np
import pandas as pd
from mesa.agent import AgentSet
from mesa.discrete_space import Cell, CellCollection, Network

from sim import markup
from sim.agents.base import DistrictAgent
from sim.build import build, check_whole
from sim.compiled import is_compiled
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Schedule
from sim.start import begin
from sim.week import DECLARED, Behaviour, behaviours, week_with
from sim.world.people import census
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

    def _clear_cache(self) -> None:
        """Newer versions of Mesa forget neighbourhoods when ways change; none is kept here."""

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


# Newer versions of Mesa place the nodes of a network on a plane; districts have their places on the map.
_NO_LAYOUT = {"layout": None} if "layout" in signature(Network.__init__).parameters else {}


class DrawdownModel(mesa.Model):
    """One simulated world under one drawdown schedule, week by week.

    >>> model = Scenario.load("drc-monusco").model("actual", seed=1)
    >>> model.step()
    >>> model.armed_groups.agg("fighters", sum)

    `world` holds all state as tables; `pd.DataFrame(model.world.armed_groups)` is the population of
    armed groups. Agents are views of its rows. Chance is keyed by seed and replicate: Mesa's own
    generators are there for your additions and are not used by the model.
    """

    scenario: Scenario = None  # type: ignore[assignment]
    """The case. (Newer versions of Mesa have a property of this name, which an attribute has to hide.)"""

    def __init__(
        self,
        scenario: Scenario | str,
        schedule: str | Schedule = COUNTERFACTUAL,
        *,
        seed: int | None = 0,
        replicate: int = 0,
        agents: Sequence[type[DistrictAgent]] = (),
        events: bool | int = False,
        reporters: Mapping[str, Callable[[DrawdownModel], Any]] | None = None,
        rng: Any = None,
    ) -> None:
        """Set up the start of a run.

        Parameters
        ----------
        scenario: a scenario, or the name or folder of one.
        schedule: a schedule of the scenario by name ("none" always exists), or one made in Python.
        seed, replicate: which draw of chance and of uncertain estimates; the same pair gives the
            same world to the ensemble. A seed of None, which newer versions of `mesa.batch_run` pass where
            their own `rng` names none, is 0.
        agents: your own subclasses of agent types; each takes the place of the type it extends.
        events: keep an event log, with room for so many (True: plenty); see `events`.
        reporters: what `datacollector` collects each week besides `REPORTERS`: functions of the model.
        rng: seed for Mesa's generators (`model.rng`, `model.random`); default `seed`.

        Raises `ScenarioError` for an unknown scenario or schedule, `ValueError` for a seed or replicate that
        is no whole number from 0 to 2^63 - 1, for two classes of your own that extend the same agent type,
        or one that extends none.
        """
        seed = 0 if seed is None else seed
        check_whole("seed", seed)
        check_whole("replicate", replicate)
        super().__init__(rng=seed if rng is None else rng)
        _warn_of_equal_iterations()
        self.scenario = Scenario.load(scenario) if isinstance(scenario, str) else scenario
        self.schedule = self.scenario.schedule(schedule) if isinstance(schedule, str) else schedule
        self.world: World
        room = ROOM_A_WEEK * self.scenario.weeks if events is True else int(events)
        self.world, self.names = build(self.scenario, self.schedule, events=room)
        begin(self.world, seed, replicate)
        self.people_at_start = int(census(self.world))

        number = {d.id: i for i, d in enumerate(self.scenario.districts)}
        graph = nx.relabel_nodes(self.scenario.graph(), number)
        self.space = DistrictNetwork(graph, random=self.random, cell_klass=DistrictCell, **_NO_LAYOUT)
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
        if not self._copied:
            for week in range(-int(self.world.clock[0].before), 0):
                self._simulate(self.world, week)
        self.datacollector = mesa.DataCollector(model_reporters={**REPORTERS, **(reporters or {})})
        self._own = frozenset(self.__dict__)  # what is set from here on is yours

    @staticmethod
    def is_compiled() -> bool:
        """Return whether a first run need not wait for compilation."""
        return is_compiled(begin, census, *behaviours())

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
    _copied = False
    """Whether it takes over the state of another model: it needs no spin-up of its own."""

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

    def __repr__(self) -> str:
        """Say what it is, and how far it has come."""
        clock = self.world.clock[0]
        which = f"{self.scenario.name!r} under {self.schedule.name!r}"
        draw = f"seed {int(clock.seed)}, replicate {int(clock.replicate)}"
        return f"<{type(self).__name__} of {which}: week {self.week} of {self.scenario.weeks}, {draw}>"

    def _repr_html_(self) -> str:
        done = self.world.record[: self.week]
        rows = [
            (name.replace("_", " "), f"{done[name].sum():,.0f}", f"{done[name][-1:].sum():,.0f}")
            for name in REPORTERS
        ]
        title = (
            f"{self.scenario.header.title}: {self.schedule.title}, week {self.week} of {self.scenario.weeks}"
        )
        return markup.table(title, ("", "so far, persons or person-weeks", "this week"), rows)

    # -- copies --------------------------------------------------------------------------------

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a model be copied and pickled, to branch from a week or to send it to another process.

        What is copied: the world, the weeks done, what was collected, the state of Mesa's generators, and
        attributes that you set on the model or its agents. Reporters and agent classes must be importable.
        """
        clock = self.world.clock[0]
        collector = self.datacollector
        settings = {
            "seed": int(clock.seed),
            "replicate": int(clock.replicate),
            "agents": tuple(_kind_of(agents) for agents in self._sets.values() if len(agents)),
            "events": len(self.world.events),
            "reporters": {n: f for n, f in collector.model_reporters.items() if n not in REPORTERS},
        }
        state = {
            "tables": {name: np.array(table) for name, table in self.world._asdict().items()},
            "week": self._week,
            "steps": self.steps,
            "running": self.running,
            "collected": collector.model_vars,
            "random": self.random.getstate(),
            "rng": self.rng.bit_generator.state,
            "yours": {n: v for n, v in self.__dict__.items() if n not in (*self._own, "_own")},
            "agents": {
                name: [{n: v for n, v in a.__dict__.items() if n not in _AGENT_OWN} for a in agents]
                for name, agents in self._sets.items()
            },
        }
        return _restored, (type(self), self.scenario, self.schedule, settings, state)

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


_AGENT_OWN = frozenset(("model", "row", "world", "rows", "unique_id", "pos", "_mesa_properties"))
"""Attributes that every agent has; others are a subclass's own."""


def _kind_of(agents: AgentSet) -> type[DistrictAgent]:
    return cast(type[DistrictAgent], type(next(iter(agents))))


def _restored(
    kind: type[DrawdownModel],
    scenario: Scenario,
    schedule: Schedule,
    settings: dict[str, Any],
    state: dict[str, Any],
) -> DrawdownModel:
    """Return a model in the state in which another was; see `DrawdownModel.__reduce__`."""
    model = kind.__new__(kind)
    model._copied = True
    DrawdownModel.__init__(model, scenario, schedule, **settings)  # a subclass may take other arguments
    for name, table in state["tables"].items():
        np.copyto(getattr(model.world, name), table)
    model._week = state["week"]
    model.steps = state["steps"]
    model.running = state["running"]
    model.datacollector.model_vars = state["collected"]
    model.random.setstate(state["random"])
    model.rng.bit_generator.state = state["rng"]
    model.__dict__.update(state["yours"])
    for name, own in state["agents"].items():
        for agent, attributes in zip(model._sets[name], own, strict=True):
            agent.__dict__.update(attributes)
    return model


def _warn_of_equal_iterations() -> None:
    """Warn where `mesa.batch_run` makes a model for a further iteration: it would be the same run again."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") != "mesa.batchrunner":
        frame = frame.f_back  # type: ignore[assignment]
    if frame is not None and frame.f_locals.get("iteration", 0) > 0:
        warnings.warn(
            "iterations of mesa.batch_run repeat the same run, as chance is keyed by seed and replicate; "
            'vary "replicate": range(n) among the parameters instead',
            UserWarning,
            stacklevel=2,
        )


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
