"""The state of a whole simulated world: the tables that every behaviour reads and writes.

A behaviour has the form ``behaviour(world, i)``: it acts for row `i` of its own table. Tables are
NumPy record arrays, and a row that is taken out of one (``unit = world.state_forces[s]``) is a view:
what is written to it stands in the table, compiled or not. A behaviour takes its rows out at the top and
hands them to the rules, so that a rule says what it may read and write, and needs no world to be tried.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.declare import Field, Table
from sim.pointer import PointedTo
from sim.world.codes import Harm, Perpetrator, Standing

ARMED_GROUPS, STATE_FORCES, MILITIAS, CRIMINALS = Perpetrator
KILLED, INJURED, ABDUCTED, SEXUAL_VIOLENCE = Harm
REBEL, PRO_GOVERNMENT, FOREIGN, COMMUNAL, GANG = Standing

NEVER = 1 << 40
"""A week that never comes."""

NEAR = 12
"""How many districts (itself first, then by dry-season travel time) an actor in a district can reach
at all. Interactions run over this list, so the cost of a week grows linearly with the districts."""

# What thins out on the way between districts, as indices into `World.decay`.
TRAVEL = 0  # of those who walk or drive there and back: herders, mediators
FLIGHT = 1
DECAYS = 2
# What thins out on the way from a post to a place, as indices into `World.left`. The first two: + the
# posture of a unit.
PATROL = 0
ANSWER = 2
EAR = 4
STATE_ANSWER = 5
LEFTS = 6

RAIDS = 4
"""Most attacks on one place in a week; a place that more would fall on has nobody left to attack."""

LONGEST_REPORT_DELAY = 26
"""Reports that take longer than this many weeks are counted in the last of them."""

MONTH = 4
"""Weeks between two rounds of slow decisions (recruiting, leaving out of fear); agents take turns, so
that each week some decide."""
QUARTER = 13
"""Weeks between two rounds of still slower ones (moving base, coming home)."""

WEEKS_A_YEAR = 52.18
"""For rates that are told by the year."""

CLOCK = Table(
    "clock",
    "The week that is being simulated, and the run it belongs to; one row.",
    (
        Field("week", "i8", "weeks", "weeks since the start of the run, from 0"),
        Field("weeks", "i8", "weeks", "length of the run"),
        Field("season", "i8", "-", "0 dry, 1 wet"),
        Field("seed", "i8", "-", "seed of the study"),
        Field("replicate", "i8", "-", "replicate: which draw of chance and of uncertain estimates"),
        Field("before", "i8", "weeks", "weeks of the spin-up before week 0, numbered -1, -2, ... backwards"),
        Field("attacks", "i8", "attacks", "attacks on civilians by armed groups this week (`World.attacks`)"),
        Field("events", "i8", "events", "events so far, if a log is kept"),
    ),
)

BELIEFS = Table(
    "beliefs",
    "What an armed group believes about a district or a place, as counts of what it saw and heard.",
    (
        Field("detect_yes", "f8", "observations", "evidence that an act there is noticed"),
        Field("detect_no", "f8", "observations", "evidence that it passes unnoticed"),
        Field("answer_yes", "f8", "observations", "evidence that an act that is noticed is answered"),
        Field("answer_no", "f8", "observations", "evidence that it is not"),
        Field(
            "belief_week", "i8", "week", "the week in which that evidence was last made to fade", start=-NEVER
        ),
    ),
)
CANDIDATES = Table(
    "candidates",
    "Rows of some table among which one is drawn, by weight (`sim.chance.pick`).",
    (
        Field("row", "i8", "row", "the candidate"),
        Field("weight", "f8", "-", "its weight, 0 or more"),
    ),
)


class _Tables(NamedTuple):
    clock: np.recarray
    """One row, see `CLOCK`."""
    keys: np.ndarray
    """uint64 (1,): the key of this week's random draws."""
    parameters: np.recarray
    """One row: every parameter by name."""
    calendar: np.ndarray
    """int64 (weeks of spin-up + weeks,): season of each week, 0 dry, 1 wet."""
    votes: np.ndarray
    """float64 (the same): how near a national vote is, 1 in its week, 0 beyond `vote_weeks`."""
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
    """int64 (D, N): the districts within reach of each, itself first; -1 fills up.
    ``for k in range(here.near_count): n = world.near[d, k]``."""
    hours: np.ndarray
    """float64 (2, D, N): travel hours to them in the dry and the wet season (0 to itself)."""
    neighbours: np.ndarray
    """int64 (D, N): places in `near` of the districts to which a route leads directly, itself first; -1
    fills up. ``for j in range(here.neighbour_count): n = world.near[d, world.neighbours[d, j]]``."""
    decay: np.ndarray
    """float64 (`DECAYS`, 2, D, N): what is left of travel and of the inclination to flee after the way to a
    near district, by season (`sim.world.ways`)."""
    posts: np.recarray
    """(P,) where units act from: the mission's bases in their order, then the centre of each district, see
    `sim.world.ways.POSTS`."""
    reach: np.ndarray
    """int64 (P, M): the places (communities) within reach of each post, nearest first; -1 fills up.
    ``for k in range(world.posts[i].count): c = world.reach[i, k]``."""
    way: np.ndarray
    """float64 (2, P, M): travel hours to them in the dry and the wet season."""
    left: np.ndarray
    """float64 (`LEFTS`, 2, P, M): what is left of patrols, answers and hearing after that way, by season."""
    refuge: np.ndarray
    """float64 (D, N): attraction of the near districts as refuges this week, summed up to each."""
    communities: np.recarray
    """(C,) sorted by district, see `sim.agents.community.TABLE`."""
    displaced: np.ndarray
    """int64 (C, N + 1): persons of each community displaced within district `near[home, k]`; the
    last column holds those who left the country."""
    armed_groups: np.recarray
    """(G,) see `sim.agents.armed_group.TABLE`."""
    factions: np.recarray
    """(2 G,) see `sim.agents.campaign.TABLE`; the second G are for groups that form or split off."""
    beliefs: np.recarray
    """(G, D) what each group believes about each district (`BELIEFS`, `sim.agents.armed_group.observe`)."""
    held: np.recarray
    """(G, K) what each group believes about the places of the district it is based in, in their order: the
    first is that of ``districts[d].first_community``. K: most places of a district."""
    attacks: np.recarray
    """(`RAIDS` C,): attacks on civilians by armed groups this week, see `sim.world.attack.TABLE`; the first
    ``clock[0].attacks`` rows."""
    state_forces: np.recarray
    """see `sim.agents.state_force.TABLE`."""
    men: np.ndarray
    """float64 (S, K): share of each state unit's men at each place of its district."""
    peacekeepers: np.recarray
    """see `sim.agents.peacekeeper.TABLE`."""
    humanitarians: np.recarray
    """see `sim.agents.humanitarian.TABLE`."""
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
    candidates: np.recarray
    """Room for those among whom one is drawn by weight, see `CANDIDATES`; nothing is kept in it."""
    events: np.recarray
    """(E,): the event log (`sim.world.events.EVENTS`); empty if none is kept."""


class World(PointedTo, _Tables):
    """All state of one simulated world. D districts, C communities (places), G armed groups, N = `NEAR`.

    A NamedTuple of arrays; compiled code takes it as one pointer (`sim.pointer`).
    """

    def __repr__(self) -> str:
        """Say what is in it."""
        filled = (
            (name, len(table)) for name, table in self._asdict().items() if isinstance(table, np.recarray)
        )
        return (
            f"<World in week {int(self.clock[0].week)}: "
            + ", ".join(f"{n} {name}" for name, n in filled)
            + ">"
        )
