"""The state of a whole simulated world: the tables that every behaviour reads and writes.

A behaviour has the form ``behaviour(world, i)``: it acts for row `i` of its own table. Tables are
NumPy record arrays; read and write through the array (``world.armed_groups[g].fighters``), never
through a row that was taken out of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.declare import Field, Table

# Perpetrators and kinds of harm, as indices into `World.harm`.
# Typed, as Numba would compile what they are handed to anew for each literal number.
ARMED_GROUPS: int = np.int64(0)  # type: ignore[assignment]
STATE_FORCES: int = np.int64(1)  # type: ignore[assignment]
MILITIAS: int = np.int64(2)  # type: ignore[assignment]
CRIMINALS: int = np.int64(3)  # type: ignore[assignment]
PERPETRATORS = ("armed groups", "state forces", "communal militias", "criminals")
KILLED = 0
INJURED = 1
ABDUCTED = 2
SEXUAL_VIOLENCE = 3
KINDS = ("killed", "injured", "abducted", "sexual violence")

# Standing of an armed group with the state.
REBEL = 0
PRO_GOVERNMENT = 1
FOREIGN = 2
COMMUNAL = 3
GANG = 4

NEVER = 1 << 40
"""A week that never comes."""

NEAR = 12
"""How many districts (itself first, then by dry-season travel time) an actor in a district can reach
at all. Interactions run over this list, so the cost of a week grows linearly with the districts."""

# What reaches how far, as indices into `World.reach`. The first three: static units; + 1: mobile.
PATROL = 0
ANSWER = 2  # to the centre of a district
ANSWER_MEAN = 4  # to its average inhabitant
ALERT = 6
FLIGHT = 7
REACHES = 8

LONGEST_REPORT_DELAY = 26
"""Reports that take longer than this many weeks are counted in the last of them."""

MONTH = 4
"""Weeks between two rounds of slow decisions (recruiting, leaving out of fear); agents take turns, so
that each week some decide."""
QUARTER = 13
"""Weeks between two rounds of still slower ones (moving base, coming home)."""

CLOCK = Table(
    "clock",
    "The week that is being simulated, and the key of its random draws; one row.",
    (
        Field("week", "i8", "weeks", "weeks since the start of the run, from 0"),
        Field("weeks", "i8", "weeks", "length of the run"),
        Field("season", "i8", "-", "0 dry, 1 wet"),
        Field("seed", "i8", "-", "seed of the study"),
        Field("replicate", "i8", "-", "replicate: which draw of chance and of uncertain estimates"),
        Field("events", "i8", "events", "events so far, if a log is kept"),
    ),
)


class World(NamedTuple):
    """All state of one simulated world. D districts, C communities, G armed groups, N = `NEAR`."""

    clock: np.recarray
    """One row, see `CLOCK`."""
    keys: np.ndarray
    """uint64 (1,): the key of this week's random draws."""
    parameters: np.recarray
    """One row: every parameter by name."""
    calendar: np.ndarray
    """int64 (weeks,): season of each week, 0 dry, 1 wet."""
    votes: np.ndarray
    """float64 (weeks,): how near a national vote is, 1 in its week, 0 beyond `vote_weeks`."""
    host: np.recarray
    """One row: the host government (`sim.world.host.HOST`)."""
    programme: np.recarray
    """One row: demobilisation and reintegration (`sim.agents.ex_combatant.PROGRAMME`)."""
    schedule: np.recarray
    """The drawdown schedule, one row an action, by week (`sim.world.mission.tables.SCHEDULE`)."""
    bases: np.recarray
    """(B,) the mission's bases (`sim.world.mission.tables.BASES`)."""
    gates: np.recarray
    """Gates at which actions wait, one row a gated action (`sim.world.mission.tables.GATES`)."""
    triggers: np.recarray
    """What the mission does when something passes a level (`sim.world.mission.tables.TRIGGERS`)."""
    mission: np.recarray
    """One row: mission headquarters, and the follow-on presence (`sim.world.mission.tables.MISSION`)."""
    districts: np.recarray
    """(D,) see `sim.world.district.TABLE`."""
    near: np.ndarray
    """int64 (D, N): the districts within reach of each, itself first; -1 fills up."""
    hours: np.ndarray
    """float64 (2, D, N): travel hours to them in the dry and the wet season (0 to itself)."""
    adjacent: np.ndarray
    """int64 (D, N): 1 where a route leads directly to that near district (and for itself)."""
    reach: np.ndarray
    """float64 (`REACHES`, 2, D, N): what is left of presence, answers, alerts and the inclination to flee
    after the way to a near district, by season (`sim.world.reach`)."""
    refuge: np.ndarray
    """float64 (D, N): attraction of the near districts as refuges this week, summed up to each."""
    communities: np.recarray
    """(C,) sorted by district, see `sim.agents.community.TABLE`."""
    displaced: np.ndarray
    """int64 (C, N + 1): persons of each community displaced within district `near[home, k]`; the
    last column holds those who left the country."""
    armed_groups: np.recarray
    """(G,) see `sim.agents.armed_group.TABLE`."""
    detect_yes: np.ndarray
    """float64 (G, D): weight of evidence that an act in a district is noticed. With `detect_no`,
    `answer_yes` and `answer_no` these are a group's beliefs (`sim.agents.armed_group.observe`)."""
    detect_no: np.ndarray
    """float64 (G, D): weight of evidence that it passes unnoticed."""
    answer_yes: np.ndarray
    """float64 (G, D): weight of evidence that an act that is noticed is answered."""
    answer_no: np.ndarray
    """float64 (G, D): weight of evidence that it is not."""
    belief_week: np.ndarray
    """int64 (G, D): the week in which those weights were last brought up to date."""
    state_forces: np.recarray
    """see `sim.agents.state_force.TABLE`."""
    peacekeepers: np.recarray
    """see `sim.agents.peacekeeper.TABLE`."""
    humanitarians: np.recarray
    """see `sim.agents.humanitarian.TABLE`."""
    traders: np.recarray
    """see `sim.agents.trader.TABLE`."""
    sites: np.recarray
    """Camps and protection sites, see `sim.world.site.TABLE`; none in most scenarios."""
    donors: np.recarray
    """One row, see `sim.world.donors.TABLE`."""
    harm: np.ndarray
    """int64 (D, perpetrators, kinds): civilians harmed this week."""
    recorded: np.ndarray
    """int64 (D, perpetrators, kinds): civilians whose harm entered the record this week."""
    pending: np.ndarray
    """int64 (D, `LONGEST_REPORT_DELAY` + 1, perpetrators, kinds): reports under way."""
    ledger: np.recarray
    """One row: where people went who are no longer civilians (`sim.world.people.LEDGER`)."""
    record: np.recarray
    """(weeks, D): what is written down at the end of each week (`sim.world.record.TABLE`)."""
    events: np.recarray
    """(E,): the event log (`sim.world.events.EVENTS`); empty if none is kept."""
