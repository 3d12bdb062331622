"""The Mesa face of armed groups."""

from __future__ import annotations

from sim.agents.armed_group import beliefs, choice, means
from sim.agents.armed_group.table import TABLE
from sim.agents.base import DistrictAgent


class ArmedGroup(DistrictAgent):
    """An armed group, or a detachment of one, in a Mesa model. Override a method to change its mind."""

    table = TABLE

    def reorganise(self) -> None:
        """Appear, cross the border, demobilise, merge or split."""
        from sim.agents.faction import reorganise

        reorganise(self.world, self.row)

    def muster(self) -> None:
        """Be counted in its district."""
        means.muster(self.world, self.row)

    def observe(self) -> None:
        """See, or miss, patrols near by."""
        beliefs.observe(self.world, self.row)

    def decide(self) -> None:
        """Choose this week's action: set `choice` (see `Choice`), and `destination` if it moves."""
        choice.decide(self.world, self.row)

    def prepare(self) -> None:
        """Choose a community to attack, if that is the choice."""
        choice.prepare(self.world, self.row)

    def act(self) -> None:
        """Do what was chosen."""
        means.act(self.world, self.row)

    def expects_to_be_met(self, district: int | None = None) -> float:
        """Return the chance (0-1) it gives to being met if it attacks in `district` (default: here)."""
        d = self.district if district is None else district
        return float(beliefs.expects_to_be_met(self.world.beliefs[self.row, d], self.world.parameters[0]))
