"""The turn of the week: the date, the season, and a clean sheet for what is counted by the week."""

from __future__ import annotations

import math

from sim.chance import fold, run_key
from sim.compiled import behaviour
from sim.world.state import World


@behaviour
def begin_week(world: World, week: int) -> None:
    """Set the clock to `week` and clear everything that is counted within one week."""
    clock = world.clock
    clock[0].week = week
    clock[0].season = world.calendar[week]
    world.keys[0] = fold(run_key(clock[0].seed, clock[0].replicate), week + 1)
    t = world.districts
    for d in range(len(t)):
        t[d].un_troops = 0
        t[d].un_police = 0
        t[d].policing = 0.0
        t[d].soldiers = 0
        t[d].police = 0
        t[d].mediation = 0.0
        t[d].raids = 0
        t[d].un_patrols = 0.0
        t[d].un_miss = 1.0
        t[d].un_listening = 0.0
        t[d].state_patrols = 0.0
        t[d].state_miss = 1.0
        t[d].state_strength = 0.0
        t[d].first_group = -1
        t[d].first_unit = -1
        t[d].group_strength = 0.0
        t[d].group_control = 0.0
        t[d].ruler_control = 0.0
        t[d].monitors = 0.0
        t[d].attacks = 0
        t[d].clashes = 0
        t[d].abuses = 0
        t[d].alerts = 0
        t[d].heard = 0
        t[d].fled = 0
        t[d].returned = 0
        t[d].aid_delivered = 0.0
        t[d].aid_incidents = 0
        t[d].closed = 0
        t[d].unexplained = 0.0
        t[d].un_women = 0.0
        t[d].went_home = 0
        t[d].sent_home = 0
        t[d].site_attacks = 0
        t[d].killed_in_sites = 0
        t[d].assaulted_at_sites = 0
        t[d].excess_deaths = 0
        t[d].selective = 0
        t[d].indiscriminate = 0
        t[d].aid_staff = 0.0
        t[d].aid_accepted = 0.0
        t[d].first_aid = -1
        for perpetrator in range(4):
            for kind in range(4):
                world.harm[d, perpetrator, kind] = 0
    if len(world.sites) > 0:
        units = world.peacekeepers
        for u in range(len(units)):
            units[u].guarding = 0
    community = world.communities
    for c in range(len(community)):
        community[c].raider = -1
        community[c].accompanied = 0.0
        community[c].noticed = 0
        community[c].lead = 0.0
        community[c].alerted = 0
        community[c].heard_un = 0
        community[c].heard_state = 0
        community[c].arrival = math.inf
        community[c].answered_by = 0
        community[c].uprooted = 0
        community[c].shock = 0.0
        community[c].event = -1
