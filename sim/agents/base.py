"""What all Mesa agents here share: an agent is the living face of a row.

The row in the world's table is the only state. Attributes read and write it, methods run the
compiled behaviour on it, and `cell` is derived from its district, so that there is nothing to keep
in step. Subclass an agent type and override a method to put other rules into the Mesa model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from sim.declare import Table
from sim.world.state import World

if TYPE_CHECKING:
    from mesa.discrete_space import Cell

    from sim.model import DrawdownModel


class RowAttribute:
    """An attribute of an agent that reads and writes one field of its row."""

    def __init__(self, name: str, unit: str, meaning: str) -> None:
        self.name = name
        self.__doc__ = f"{meaning} [{unit}]"

    def __get__(self, agent: DistrictAgent | None, owner: type | None = None) -> Any:
        if agent is None:
            return self
        return agent.rows[self.name][agent.row].item()

    def __set__(self, agent: DistrictAgent, value: float) -> None:
        agent.rows[self.name][agent.row] = value


class DistrictAgent(mesa.Agent):
    """An agent that is a row of one of the world's tables and stands in a district."""

    table: ClassVar[Table]
    """The table this agent type lives in; every field of it becomes an attribute."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "table" in cls.__dict__:
            for field in cls.table.fields:
                setattr(cls, field.name, RowAttribute(field.name, field.unit, field.meaning))

    def __init__(self, model: DrawdownModel, row: int) -> None:
        """Stand for row `row` of this type's table in the model's world."""
        super().__init__(model)
        self.row = row
        self.world: World = model.world
        self.rows: np.recarray = getattr(model.world, self.table.name)

    @property
    def name(self) -> str:
        """Its name in the scenario."""
        names: list[str] = self.model.names[self.table.name]
        return names[self.row]

    @property
    def cell(self) -> Cell:
        """The district it is in, as a cell of the model's network."""
        return self.model.space[int(self.rows["district"][self.row])]

    @cell.setter
    def cell(self, cell: Cell) -> None:
        self.rows["district"][self.row] = cell.coordinate

    def __repr__(self) -> str:
        """Say what it is and where."""
        return f"<{type(self).__name__} {self.name!r} in {self.cell.name}>"
