"""The mission: it carries out the drawdown schedule, and decides what the schedule leaves open.

A schedule reaches the world as a table of dated actions on units. Under `none` only those are left
that belong to every schedule: units that move on or were temporary. An action changes nothing but
the unit it names, who listens to alert networks, and what communities are told; what follows is left
to the others.

What a schedule leaves open hangs on what the mission *knows*: gates (benchmarks that must be met before
an action) and triggers (what it does when something passes a level) look at its record and its own
assessment, not at the truth, and its assessment can be too good (`assessment_bias`, E1-65). Execution
is uncertain too: closures slip, and a host may demand that all be over soon (E1-17, E1-18).
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.arithmetic import clip, log
from sim.compiled import behaviour, compiled
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world import events, follow_on
from sim.world.codes import Listener, Posture, UnitKind
from sim.world.events import note
from sim.world.state import NEVER, World

CLOSE = 0
REDUCE = 1
CANCEL = 2
MOVE_ON = 3
ANNOUNCE = 4
HAND_OVER = 5
CONVERT = 6
RELOCATE = 7
OPEN = 8
DEPLOY = 9
LEAVE_TEAM = 10
END_MISSION = 11
FOLLOW_ON = 12
ACTIONS = (
    "close", "reduce", "cancel", "move on", "announce", "hand over", "convert", "relocate", "open",
    "deploy a state unit", "leave a team", "end the mission", "start a follow-on",
)  # fmt: skip

WAITING = 0
DONE = 1
GIVEN_UP = 2
STATES = ("waiting", "done", "given up")

# Benchmarks of gates and triggers, in the order of `sim.scenario.schema.BENCHMARKS`.
NETWORKS_HANDED_OVER = 0
STATE_CAPABILITY = 1
NOTICE_GIVEN = 2
RECORDED_VIOLENCE = 3
STATE_PRESENCE = 4
ARMED_GROUPS_SEEN = 5

PAUSE = 0
REOPEN = 1
REINFORCE = 2

HOURS_A_WEEK = 84.0
"""Hours a convoy travels in a week: twelve a day, as state forces do."""

SCHEDULE = Table(
    "schedule",
    "The drawdown schedule: one row an action on one unit.",
    (
        Field("week", "i8", "week", "week in which it is due: as planned, then moved by chance"),
        Field("action", "i8", "-", ", ".join(f"{i} {name}" for i, name in enumerate(ACTIONS))),
        Field("unit", "i8", "row", "the peacekeeper unit (state unit: deploy), -1 none"),
        Field("strength", "i8", "persons", "strength from then on (reduce, convert; -1 as it is)"),
        Field("notice", "f8", "weeks", "how long before communities were told and prepared, as planned"),
        Field("at_base", "i8", "-", "number of the base, -1 none"),
        Field("planned", "i8", "week", "week in which it was planned"),
        Field("day", "f8", "weeks", "the planned day, since the start of the run"),
        Field("district", "i8", "row", "where it takes effect; where to (relocate); -1 nowhere"),
        Field("hours", "f8", "hours", "way to the new district in the dry season (relocate)"),
        Field("hours_wet", "f8", "hours", "in the wet season"),
        Field("to", "i8", "-", "new listener (hand over), or kind of follow-on presence"),
        Field("whole", "i8", "flag", "1 if it is part of the end of the whole mission"),
        Field("gate", "i8", "row", "the gate at which it waits, -1 none"),
        Field("entry", "i8", "-", "number of the action in the schedule file, -1 from units.csv"),
        Field("status", "i8", "-", ", ".join(f"{i} {name}" for i, name in enumerate(STATES))),
        Field("done", "i8", "week", "week in which it was carried out, -1 not"),
    ),
)
BASES = Table(
    "bases",
    "The mission's bases, in the order of units.csv.",
    (
        Field("district", "i8", "row", "where it is"),
        Field("told", "f8", "weeks", "when communities were told of its closure, since the start; -1 not"),
        Field("closed", "i8", "week", "week in which it closed, -1 while open"),
        Field("left", "i8", "week", "week in which it last left a district, closed or relocated; -1 never"),
        Field("slip", "i8", "weeks", "by how much its closure slips in this replicate"),
    ),
)
GATES = Table(
    "gates",
    "Gates at which actions wait, one row a gated action.",
    (
        Field("benchmark", "i8", "-", "what is looked at"),
        Field("at_least", "i8", "flag", "1 met from the level on, 0 up to it"),
        Field("level", "f8", "-", "the level"),
        Field("weeks", "i8", "weeks", "over how many weeks it is averaged"),
        Field("district", "i8", "row", "where, -1 everywhere"),
        Field("at_base", "i8", "-", "base of the action, -1 none"),
        Field("longest", "i8", "weeks", "longest delay"),
        Field("stay", "i8", "flag", "1 if the action is given up after that, 0 if carried out"),
        Field("value", "f8", "-", "what the mission knows this week"),
        Field("met", "i8", "flag", "1 if it is met this week"),
        Field("waited", "i8", "flag", "1 once an action has waited at it"),
    ),
)
TRIGGERS = Table(
    "triggers",
    "What the mission does when something it knows passes a level.",
    (
        Field("benchmark", "i8", "-", "what is looked at"),
        Field("at_least", "i8", "flag", "1 fires from the level on, 0 up to it"),
        Field("level", "f8", "-", "the level"),
        Field("weeks", "i8", "weeks", "over how many weeks it is averaged"),
        Field("anywhere", "i8", "flag", "1 all districts are watched, 0 those of closed bases"),
        Field("does", "i8", "-", "0 pause, 1 reopen, 2 reinforce"),
        Field("lasts", "i8", "weeks", "how long a pause or reinforcement lasts"),
        Field("delay", "i8", "weeks", "weeks until a base reopens or the reserve arrives"),
        Field("unit", "i8", "row", "the reserve, -1 none"),
        Field("most", "i8", "-", "how often it can fire"),
        Field("fired", "i8", "-", "how often it has"),
        Field("until", "i8", "week", "week in which what it did is over"),
    ),
)
MISSION = Table(
    "mission",
    "Mission headquarters: what is uncertain in carrying out the schedule, and what follows; one row.",
    (
        Field("slippage", "f8", "weeks", "mean time by which closures come late, 0 never"),
        Field("demand_chance", "f8", "1/year", "chance in a year that the host demands exit"),
        Field("demand_weeks", "i8", "weeks", "time it then leaves"),
        Field("demand", "i8", "week", "week in which the host demands exit, in this replicate"),
        Field("paused", "i8", "week", "closures wait until this week"),
        Field("ended", "i8", "week", "week in which the mission ended, -1 not"),
        Field("follow_on", "i8", "-", "kind of follow-on presence, -1 none"),
        Field("follow_on_since", "i8", "week", "week in which it began"),
        Field("mentoring", "f8", "0-1", "mentoring of state units by it, relative to a full mission"),
    ),
)

PART = "mission"

# fmt: off
PARAMETERS = (
    Parameter("full_notice", 8.0, "weeks", 2.0, 26.0,
              "notice after which the closure of a base counts as fully explained to communities",
              "no source; direction S3 (E1-5: procedures for closing bases and telling communities)"),
    Parameter("relocation_time", 2.0, "weeks", 0.5, 8.0,
              "time that a base needs to pack up and set up elsewhere, besides the way",
              "no source"),
    Parameter("assessment_bias", 0.1, "0-1", -0.2, 0.4,
              "what the mission's assessment of state capability and presence adds to the truth",
              "direction S0 (E1-65: local capacity is overestimated); size not in any source"),
    Parameter("unseen_groups", 0.7, "1", 0.2, 1.0,
              "share of armed groups' fighters that the mission does not know of where it does not patrol",
              "no source; footprint lost is information lost (E1-11)"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "assessment-bias", "the mission",
        "the mission overestimates state forces when it looks at benchmarks",
        "E1-65", {"assessment_bias": 0.0},
        "only schedules with gates or triggers on them",
    ),
)
# fmt: on


@compiled
def draw_execution(world: World, key: np.uint64) -> None:
    """Draw what is uncertain in carrying out the schedule: closures that slip, and a host's demand.

    Draws are keyed by base and by nothing of the schedule, so that schedules share them.
    """
    m = world.mission
    m[0].demand = NEVER
    if m[0].demand_chance > 0.0:
        mean = 52.18 / -log(1.0 - m[0].demand_chance)
        after = chance.exponential(chance.uniform(key, chance.DEMAND, 0, chance.ONLY), mean)
        m[0].demand = int(min(after, 1e9))
    bases = world.bases
    slip = 0
    if m[0].slippage > 0.0:
        for b in range(len(bases)):
            u = chance.uniform(key, chance.SLIP, b, chance.Slip.BASE)
            bases[b].slip = int(chance.exponential(u, m[0].slippage))
        u = chance.uniform(key, chance.SLIP, len(bases), chance.Slip.MISSION)
        slip = int(chance.exponential(u, m[0].slippage))
    t = world.schedule
    for a in range(len(t)):
        action = t[a].action
        if t[a].whole == 1:
            t[a].week += slip
        elif action == CLOSE:
            t[a].week += bases[t[a].at_base].slip
        if t[a].entry < 0 or action in (OPEN, DEPLOY, CANCEL):
            continue
        if t[a].week > m[0].demand:
            soon = m[0].demand if action == ANNOUNCE else m[0].demand + m[0].demand_weeks
            t[a].week = min(t[a].week, soon)


@behaviour
def execute_schedule(world: World) -> None:
    """Open what opens this week, look at triggers and gates, and carry out the actions that are due."""
    open_units(world)
    week = world.clock[0].week
    if week == world.mission[0].demand:
        weeks = float(world.mission[0].demand_weeks)
        note(world.events, world.clock, events.DEMAND, -1, -1, -1, -1, weeks, 0.0, 0.0, 0.0, 0.0)
    for n in range(len(world.triggers)):
        watch(world, n)
    for n in range(len(world.gates)):
        assess(world, n)
    t = world.schedule
    for a in range(len(t)):
        if t[a].status != WAITING or t[a].week > week or held(world, a):
            continue
        t[a].status = DONE
        if carry_out(world, a):
            t[a].done = week
    follow_on.work(world)


@compiled
def open_units(world: World) -> None:
    """Open the units, of the mission and of the state, whose first week it is."""
    week = world.clock[0].week
    units = world.peacekeepers
    for u in range(len(units)):
        if units[u].opens == week:
            units[u].present = 1
            if week > 0:
                n = float(units[u].strength)
                d = units[u].district
                note(world.events, world.clock, events.OPENING, d, u, -1, -1, n, 0.0, 0.0, 0.0, 0.0)
    forces = world.state_forces
    for s in range(len(forces)):
        if forces[s].opens == week and week > 0:
            deploy(world, s)


@compiled
def deploy(world: World, s: int) -> None:
    """Let a state unit take up its post."""
    t = world.state_forces
    t[s].present = 1
    n = float(t[s].personnel)
    note(world.events, world.clock, events.DEPLOYMENT, t[s].district, s, -1, -1, n, 0.0, 0.0, 0.0, 0.0)


# -- what the mission knows -------------------------------------------------------------------------


@compiled
def known(world: World, benchmark: int, d: int, base: int, weeks: int) -> float:
    """Return what the mission knows of a benchmark in district `d`, -1 for everywhere.

    Call it from the second week on: contextual benchmarks are means over the last `weeks` weeks.
    """
    p = world.parameters[0]
    week = world.clock[0].week
    if benchmark == NOTICE_GIVEN:
        told = world.bases[base].told
        return week - told if told >= 0.0 else 0.0
    first = 0 if d < 0 else d
    end = len(world.districts) if d < 0 else d + 1
    places = end - first
    if benchmark == NETWORKS_HANDED_OVER:
        networks = 0
        others = 0
        for n in range(first, end):
            for c in range(world.districts[n].first_community, world.districts[n].end_community):
                if world.communities[c].alert_network == 1:
                    networks += 1
                    if world.communities[c].listener != Listener.UN:
                        others += 1
        return others / networks if networks > 0 else 1.0
    if benchmark == STATE_CAPABILITY:
        people = 0
        able = 0.0
        for s in range(len(world.state_forces)):
            here = world.state_forces[s].district
            if world.state_forces[s].present == 1 and here >= first and here < end:
                people += world.state_forces[s].personnel
                able += world.state_forces[s].personnel * world.state_forces[s].capability
        return clip(able / people + p.assessment_bias, 0.0, 1.0) if people > 0 else 0.0
    span = min(weeks, week)
    total = 0.0
    r = world.record
    for w in range(week - span, week):
        for n in range(first, end):
            if benchmark == RECORDED_VIOLENCE:
                total += np.float64(r[w, n].recorded_killed_by_groups)
                total += np.float64(r[w, n].recorded_killed_by_state)
                total += np.float64(r[w, n].recorded_killed_by_militias)
                total += np.float64(r[w, n].recorded_killed_by_criminals)
            elif benchmark == STATE_PRESENCE:
                there = np.float64(r[w, n].state_presence)
                total += clip(there + p.assessment_bias, 0.0, 1.0) / places
            else:
                unseen = p.unseen_groups * (1.0 - np.float64(r[w, n].un_presence))
                total += np.float64(r[w, n].armed) * (1.0 - unseen)
    return total / span


@compiled
def assess(world: World, n: int) -> None:
    """Find out whether the benchmark of a gate is met, as far as the mission knows."""
    t = world.gates
    t[n].met = 0
    if world.clock[0].week == 0:
        return  # nothing is known yet
    t[n].value = known(world, t[n].benchmark, t[n].district, t[n].at_base, t[n].weeks)
    reached = t[n].value >= t[n].level if t[n].at_least == 1 else t[n].value <= t[n].level
    t[n].met = 1 if reached else 0


@compiled
def held(world: World, a: int) -> bool:
    """Return whether an action that is due has to wait, at a gate or because closures are paused.

    Nothing waits beyond the time that a host's demand leaves. An action whose gate says so is given up
    after its longest delay.
    """
    t = world.schedule
    week = world.clock[0].week
    m = world.mission
    if t[a].entry < 0:
        return False
    if week >= m[0].demand + m[0].demand_weeks:
        return False
    if week < m[0].paused and withdraws(t[a].action):
        return True
    n = t[a].gate
    if n < 0:
        return False
    gates = world.gates
    if gates[n].met == 1:
        return False
    over = week >= t[a].week + gates[n].longest
    if over and gates[n].stay == 0:
        return False
    d = t[a].district
    if over:
        t[a].status = GIVEN_UP
        if gates[n].waited < 2:
            gates[n].waited = 2
            note(
                world.events, world.clock, events.GIVEN_UP, d, t[a].unit, -1, -1,
                gates[n].value, gates[n].level, float(week - t[a].week), 0.0, 0.0,
            )  # fmt: skip
    elif gates[n].waited == 0:
        gates[n].waited = 1
        note(
            world.events, world.clock, events.GATE, d, t[a].unit, -1, -1,
            gates[n].value, gates[n].level, 0.0, 0.0, 0.0,
        )  # fmt: skip
    return True


@compiled
def withdraws(action: int) -> bool:
    """Return whether an action takes troops away from where they are."""
    return action in (CLOSE, REDUCE, CONVERT, RELOCATE, END_MISSION)


# -- what it does -----------------------------------------------------------------------------------


@compiled
def carry_out(world: World, a: int) -> bool:
    """Carry out a row of the schedule; returns whether there was anything to do."""
    t = world.schedule
    log = world.events
    clock = world.clock
    week = clock[0].week
    action = t[a].action
    b = t[a].at_base
    u = t[a].unit
    if action == ANNOUNCE:
        world.bases[b].told = t[a].day + (t[a].week - t[a].planned)
        note(log, clock, events.ANNOUNCEMENT, t[a].district, u, -1, -1, 0.0, 0.0, 0.0, 0.0, 0.0)
        return True
    if action == HAND_OVER:
        d = world.bases[b].district
        handed = 0
        for c in range(world.districts[d].first_community, world.districts[d].end_community):
            if world.communities[c].alert_network == 1 and world.communities[c].listener != t[a].to:
                world.communities[c].listener = t[a].to
                handed += 1
        to = float(t[a].to)
        note(log, clock, events.HAND_OVER, d, u, -1, -1, float(handed), to, 0.0, 0.0, 0.0)
        return True
    if action == END_MISSION:
        world.mission[0].ended = week
        note(log, clock, events.MISSION_END, -1, -1, -1, -1, 0.0, 0.0, 0.0, 0.0, 0.0)
        return True
    if action == FOLLOW_ON:
        world.mission[0].follow_on = t[a].to
        world.mission[0].follow_on_since = week
        note(log, clock, events.FOLLOW_ON, -1, -1, -1, -1, float(t[a].to), 0.0, 0.0, 0.0, 0.0)
        return True
    if action == DEPLOY:
        deploy(world, u)
        return True

    units = world.peacekeepers
    d = units[u].district
    had = float(units[u].strength)
    if action in (OPEN, LEAVE_TEAM):
        if world.mission[0].ended >= 0:
            return False
        units[u].present = 1
        units[u].opens = week
        kind = events.OPENING if action == OPEN else events.TEAM
        note(log, clock, kind, d, u, -1, -1, had, 0.0, 0.0, 0.0, 0.0)
        return True
    if action == CANCEL:
        units[u].present = 0
        units[u].opens = -1
        return True
    if units[u].present == 0:
        if action != REDUCE and action != CONVERT and units[u].opens > week:
            units[u].opens = -1  # on its way, or still to come: it never arrives
        return False
    if action == MOVE_ON:
        note(log, clock, events.DEPARTURE, d, u, -1, -1, had, 0.0, 0.0, 0.0, 0.0)
        units[u].present = 0
    elif action == REDUCE:
        # as planned, the unit has what the schedule gives it; late, it may have less already
        late = week != t[a].planned
        units[u].strength = min(units[u].strength, t[a].strength) if late else t[a].strength
        left = float(units[u].strength)
        note(log, clock, events.REDUCTION, d, u, -1, -1, had, left, 0.0, 0.0, 0.0)
    elif action == CONVERT:
        if t[a].strength >= 0:
            units[u].strength = min(units[u].strength, t[a].strength)
        if units[u].kind == UnitKind.INFANTRY and units[u].posture == Posture.STATIC:
            units[u].posture = Posture.MOBILE
        left = float(units[u].strength)
        note(log, clock, events.CONVERSION, d, u, -1, -1, had, left, 0.0, 0.0, 0.0)
    elif action == RELOCATE:
        way = t[a].hours_wet if clock[0].season == 1 else t[a].hours
        weeks = 1 + int(world.parameters[0].relocation_time + way / HOURS_A_WEEK)
        to = t[a].district
        note(log, clock, events.RELOCATION, d, u, to, -1, had, float(weeks), 0.0, 0.0, 0.0)
        leave(world, a, d)
        units[u].present = 0
        units[u].district = to
        units[u].opens = week + weeks
        world.bases[b].district = to
    else:
        note(log, clock, events.CLOSURE, d, u, -1, -1, had, notice_of(world, a), 0.0, 0.0, 0.0)
        units[u].present = 0
        if world.bases[b].closed < 0:  # else it is a team or police that stayed behind who leave now
            leave(world, a, d)
            world.bases[b].closed = week
    return True


@compiled
def leave(world: World, a: int, d: int) -> None:
    """Let a base leave district `d`, once: communities learn of it, or knew."""
    week = world.clock[0].week
    b = world.schedule[a].at_base
    if world.bases[b].left == week:
        return
    world.bases[b].left = week
    told = clip(notice_of(world, a) / world.parameters[0].full_notice, 0.0, 1.0)
    world.districts[d].closed += 1
    world.districts[d].unexplained += 1.0 - told


@compiled
def notice_of(world: World, a: int) -> float:
    """Return for how many weeks communities have known of a closure that is carried out now.

    What was planned, if it comes as planned; longer if it comes late; at most the time since the host's
    demand if that brought it forward before they would have been told. An announcement of its own counts
    if it was earlier.
    """
    t = world.schedule
    week = world.clock[0].week
    notice = t[a].notice
    now = t[a].day + (week - t[a].planned)
    if notice > 0.0 and week > t[a].planned:
        notice += week - t[a].planned
    elif notice > 0.0 and week < t[a].planned:
        told = min(t[a].day - notice, float(world.mission[0].demand))
        notice = min(notice, max(0.0, now - told))
    told = world.bases[t[a].at_base].told
    if told >= 0.0:
        notice = max(notice, now - told)
    return notice


@compiled
def watch(world: World, n: int) -> None:
    """Fire a trigger if what it looks at passes its level in a district that it watches."""
    t = world.triggers
    week = world.clock[0].week
    u = t[n].unit
    if u >= 0 and world.peacekeepers[u].present == 1 and week >= t[n].until:
        units = world.peacekeepers
        note(
            world.events, world.clock, events.DEPARTURE, units[u].district, u, -1, -1,
            float(units[u].strength), 0.0, 0.0, 0.0, 0.0,
        )  # fmt: skip
        units[u].present = 0
    if t[n].fired >= t[n].most or week < t[n].until or week < t[n].weeks or week == 0:
        return
    if t[n].does == PAUSE and world.mission[0].ended >= 0:
        return
    for d in range(len(world.districts)):
        last = -1
        for b in range(len(world.bases)):
            if world.bases[b].district == d and world.bases[b].closed >= 0:
                if last < 0 or world.bases[b].closed > world.bases[last].closed:
                    last = b
        if last < 0 and t[n].anywhere == 0:
            continue
        value = known(world, t[n].benchmark, d, -1, t[n].weeks)
        if value >= t[n].level if t[n].at_least == 1 else value <= t[n].level:
            fire(world, n, d, last, value)
            return


@compiled
def fire(world: World, n: int, d: int, base: int, value: float) -> None:
    """Pause closures, reopen the base that closed last in district `d`, or send the reserve there."""
    t = world.triggers
    week = world.clock[0].week
    units = world.peacekeepers
    t[n].fired += 1
    if t[n].does == PAUSE:
        t[n].until = week + t[n].lasts
        world.mission[0].paused = max(world.mission[0].paused, t[n].until)
    elif t[n].does == REINFORCE:
        u = t[n].unit
        units[u].district = d
        units[u].opens = week + max(t[n].delay, 1)
        t[n].until = units[u].opens + t[n].lasts
    else:
        t[n].until = week + max(t[n].delay, 1)
        world.bases[base].closed = -1
        rows = world.schedule
        for a in range(len(rows)):
            if rows[a].action == CLOSE and rows[a].at_base == base and rows[a].done >= 0:
                units[rows[a].unit].opens = t[n].until
    does = float(t[n].does)
    over = float(t[n].until)
    note(world.events, world.clock, events.TRIGGER, d, -1, -1, -1, does, value, t[n].level, over, 0.0)
