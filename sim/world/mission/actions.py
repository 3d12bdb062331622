"""What a row of the schedule does, one function an action; returns whether there was anything to do.

What actions mean to those who write schedules, their keys and words, and the rows that they become stand in
`sim.scenario.actions`.
"""

from __future__ import annotations

from sim.arithmetic import clip
from sim.compiled import compiled
from sim.declare import Parameter
from sim.world import events
from sim.world.codes import Posture, UnitKind
from sim.world.events import note
from sim.world.state import World

ACTIONS: list[str] = []
"""What a row of the schedule can do; its place is its number in the table."""
_WITHDRAWALS: list[int] = []


def action(name: str, withdraws: bool = False) -> int:
    """Declare an action and return its number. `withdraws`: it takes troops away from where they are."""
    ACTIONS.append(name)
    if withdraws:
        _WITHDRAWALS.append(len(ACTIONS) - 1)
    return len(ACTIONS) - 1


CLOSE = action("close", withdraws=True)
REDUCE = action("reduce", withdraws=True)
CANCEL = action("cancel")
MOVE_ON = action("move on")
ANNOUNCE = action("announce")
HAND_OVER = action("hand over")
CONVERT = action("convert", withdraws=True)
RELOCATE = action("relocate", withdraws=True)
OPEN = action("open")
DEPLOY = action("deploy a state unit")
LEAVE_TEAM = action("leave a team")
END_MISSION = action("end the mission", withdraws=True)
FOLLOW_ON = action("start a follow-on")
WITHDRAWING = tuple(_WITHDRAWALS)

HOURS_A_WEEK = 84.0
"""Hours a convoy travels in a week: twelve a day, as state forces do."""

PART = "mission"

# fmt: off
PARAMETERS = (
    Parameter("full_notice", 8.0, "weeks", 2.0, 26.0,
              "notice after which the closure of a base counts as fully explained to communities",
              "no source; direction S3 (E1-5: procedures for closing bases and telling communities)"),
    Parameter("relocation_time", 2.0, "weeks", 0.5, 8.0,
              "time that a base needs to pack up and set up elsewhere, besides the way",
              "no source"),
)
# fmt: on


@compiled
def carry_out(world: World, a: int) -> bool:
    """Carry out row `a` of the schedule; returns whether there was anything to do."""
    action = world.schedule[a].action
    if action == ANNOUNCE:
        return announce(world, a)
    if action == HAND_OVER:
        return hand_over(world, a)
    if action == END_MISSION:
        return end_mission(world)
    if action == FOLLOW_ON:
        return start_follow_on(world, a)
    if action == DEPLOY:
        return deploy(world, world.schedule[a].unit)
    if action in (OPEN, LEAVE_TEAM):
        return open_unit(world, a)
    if action == CANCEL:
        return cancel(world, a)
    return change_unit(world, a)


@compiled
def change_unit(world: World, a: int) -> bool:
    """Carry out an action on a unit that is there; one that is not there has nothing to do."""
    t = world.schedule
    action = t[a].action
    unit = world.peacekeepers[t[a].unit]
    if unit.present == 0:
        if action not in (REDUCE, CONVERT) and unit.opens > world.clock[0].week:
            unit.opens = -1  # on its way, or still to come: it never arrives
        return False
    if action == MOVE_ON:
        move_on(world, a)
    elif action == REDUCE:
        reduce(world, a)
    elif action == CONVERT:
        convert(world, a)
    elif action == RELOCATE:
        relocate(world, a)
    else:
        close(world, a)
    return True


# -- communities and the mission as a whole ---------------------------------------------------------


@compiled
def announce(world: World, a: int) -> bool:
    """Tell communities that the base will close."""
    row = world.schedule[a]
    world.bases[row.at_base].told = row.day + (row.week - row.planned)
    note(
        world.events, world.clock, events.ANNOUNCEMENT, row.district, row.unit, -1, -1,
        0.0, 0.0, 0.0, 0.0, 0.0,
    )  # fmt: skip
    return True


@compiled
def hand_over(world: World, a: int) -> bool:
    """Give the alert networks of the base's district another listener."""
    row = world.schedule[a]
    d = world.bases[row.at_base].district
    handed = 0
    for c in range(world.districts[d].first_community, world.districts[d].end_community):
        community = world.communities[c]
        if community.alert_network == 1 and community.listener != row.to:
            community.listener = row.to
            handed += 1
    note(
        world.events, world.clock, events.HAND_OVER, d, row.unit, -1, -1,
        float(handed), float(row.to), 0.0, 0.0, 0.0,
    )  # fmt: skip
    return True


@compiled
def end_mission(world: World) -> bool:
    """End the mission: no base opens any more."""
    world.mission[0].ended = world.clock[0].week
    note(world.events, world.clock, events.MISSION_END, -1, -1, -1, -1, 0.0, 0.0, 0.0, 0.0, 0.0)
    return True


@compiled
def start_follow_on(world: World, a: int) -> bool:
    """Let a follow-on presence begin its work, in the place of an earlier one."""
    kind = world.schedule[a].to
    world.mission[0].follow_on = kind
    world.mission[0].follow_on_since = world.clock[0].week
    note(world.events, world.clock, events.FOLLOW_ON, -1, -1, -1, -1, float(kind), 0.0, 0.0, 0.0, 0.0)
    return True


# -- units that come --------------------------------------------------------------------------------


@compiled
def deploy(world: World, s: int) -> bool:
    """Let a state unit take up its post."""
    unit = world.state_forces[s]
    unit.present = 1
    n = float(unit.personnel)
    note(world.events, world.clock, events.DEPLOYMENT, unit.district, s, -1, -1, n, 0.0, 0.0, 0.0, 0.0)
    return True


@compiled
def open_unit(world: World, a: int) -> bool:
    """Open a unit that waits for it, or a civilian team that stays; nothing opens after the mission's end."""
    u = world.schedule[a].unit
    unit = world.peacekeepers[u]
    if world.mission[0].ended >= 0:
        return False
    unit.present = 1
    unit.opens = world.clock[0].week
    kind = events.OPENING if world.schedule[a].action == OPEN else events.TEAM
    n = float(unit.strength)
    note(world.events, world.clock, kind, unit.district, u, -1, -1, n, 0.0, 0.0, 0.0, 0.0)
    return True


@compiled
def cancel(world: World, a: int) -> bool:
    """Let a unit never come."""
    unit = world.peacekeepers[world.schedule[a].unit]
    unit.present = 0
    unit.opens = -1
    return True


# -- units that change or leave ---------------------------------------------------------------------


@compiled
def move_on(world: World, a: int) -> None:
    """Let a unit go that belongs elsewhere or was temporary."""
    u = world.schedule[a].unit
    unit = world.peacekeepers[u]
    n = float(unit.strength)
    note(world.events, world.clock, events.DEPARTURE, unit.district, u, -1, -1, n, 0.0, 0.0, 0.0, 0.0)
    unit.present = 0


@compiled
def reduce(world: World, a: int) -> None:
    """Leave a unit the strength that the schedule gives it; late, it may have less already."""
    row = world.schedule[a]
    unit = world.peacekeepers[row.unit]
    had = float(unit.strength)
    late = world.clock[0].week != row.planned
    unit.strength = min(unit.strength, row.strength) if late else row.strength
    note(
        world.events, world.clock, events.REDUCTION, unit.district, row.unit, -1, -1,
        had, float(unit.strength), 0.0, 0.0, 0.0,
    )  # fmt: skip


@compiled
def convert(world: World, a: int) -> None:
    """Make static infantry mobile, with less strength if the schedule says so."""
    row = world.schedule[a]
    unit = world.peacekeepers[row.unit]
    had = float(unit.strength)
    if row.strength >= 0:
        unit.strength = min(unit.strength, row.strength)
    if unit.kind == UnitKind.INFANTRY and unit.posture == Posture.STATIC:
        unit.posture = Posture.MOBILE
    note(
        world.events, world.clock, events.CONVERSION, unit.district, row.unit, -1, -1,
        had, float(unit.strength), 0.0, 0.0, 0.0,
    )  # fmt: skip


@compiled
def relocate(world: World, a: int) -> None:
    """Send a unit with its base to another district, where it arrives after the way and some weeks."""
    row = world.schedule[a]
    unit = world.peacekeepers[row.unit]
    here = unit.district
    way = row.hours_wet if world.clock[0].season == 1 else row.hours
    weeks = 1 + int(world.parameters[0].relocation_time + way / HOURS_A_WEEK)
    note(
        world.events, world.clock, events.RELOCATION, here, row.unit, row.district, -1,
        float(unit.strength), float(weeks), 0.0, 0.0, 0.0,
    )  # fmt: skip
    leave(world, a, here)
    unit.present = 0
    unit.district = row.district
    unit.post = len(world.bases) + row.district
    unit.opens = world.clock[0].week + weeks
    world.bases[row.at_base].district = row.district


@compiled
def close(world: World, a: int) -> None:
    """Close a base for one of its units."""
    row = world.schedule[a]
    unit = world.peacekeepers[row.unit]
    base = world.bases[row.at_base]
    note(
        world.events, world.clock, events.CLOSURE, unit.district, row.unit, -1, -1,
        float(unit.strength), notice_of(world, a), 0.0, 0.0, 0.0,
    )  # fmt: skip
    if unit.kind < UnitKind.OBSERVERS and unit.present == 1:
        base.troops += unit.strength
    unit.present = 0
    if base.closed < 0:  # else it is a team or police that stayed behind who leave now
        leave(world, a, unit.district)
        base.closed = world.clock[0].week


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
