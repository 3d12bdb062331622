"""Rumours against the mission: they start where it fails people or leaves without a word, and spread.

A rumour is that the mission is about to leave, or in league with those who attack. It spreads by word
of mouth, like a contagion that people get over, and makes people afraid, silent towards the mission and
ready to stop its patrols.

Sources: misinformation against the mission, S1 (E1-55); expectations of departure, S3 (E1-49); rumours
that feed on unmet expectation and poor access to news, and hold up missions in the Central African
Republic, Mali and the Democratic Republic of the Congo (Trithart 2022, International Peace Institute);
peacekeepers kept from threatened places in Lubero by rumours of collusion (MONUSCO, 12 December 2025);
bases lost to crowds at Beni 2019 and Butembo 2022 (`scenarios/drc-monusco/units.csv`). The form is the
plainest of those in which a rumour spreads as an infection does (Daley & Kendall 1964). All sizes are
guesses.
"""

from __future__ import annotations

import numpy as np

from sim.arithmetic import clip
from sim.compiled import compiled
from sim.declare import Mechanism, Parameter
from sim.world.state import World

PART = "rumours"

# fmt: off
PARAMETERS = (
    Parameter("rumour_closure", 0.3, "1", 0.0, 0.8,
              "share of a district's people who come to believe a rumour when a base closes unexplained",
              "no source; direction E1-49, Trithart 2022"),
    Parameter("rumour_failure", 0.05, "1", 0.0, 0.3,
              "the same in a community whose alert the mission heard, and nobody came",
              "no source; direction Trithart 2022 (expectations that are not met)"),
    Parameter("rumour_spread", 0.06, "1/week", 0.0, 0.3,
              "rate at which somebody who believes it persuades others, where media are not free",
              "no source; below `rumour_fade`, so that rumours die out unless something feeds them"),
    Parameter("rumour_fade", 0.08, "1/week", 0.02, 0.3,
              "rate at which people get over it",
              "no source; three months"),
    Parameter("rumour_abroad", 0.2, "1", 0.0, 0.6,
              "weight of what is heard from adjacent districts, compared with one's own",
              "no source; as `told_from_next`"),
    Parameter("rumour_answered", 0.5, "1", 0.0, 1.0,
              "part of the spread that wholly free media, or full mediation by civilian teams, prevent",
              "no source; direction Trithart 2022 (missions that answer rumours quickly)"),
    Parameter("rumour_fear", 0.02, "1/week", 0.0, 0.1,
              "step of fear towards 1 in a week where everybody believes it",
              "no source; direction E1-49"),
    Parameter("rumour_mistrust", 0.03, "1/week", 0.0, 0.15,
              "share of its trust in the mission that a community loses in such a week",
              "no source; direction Trithart 2022"),
    Parameter("rumour_block", 0.4, "1", 0.0, 0.9,
              "share of patrols and answers that crowds stop where everybody believes it",
              "no source; direction MONUSCO 2025 (peacekeepers kept from threatened places)"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "rumours", "surroundings",
        "rumours against the mission start where it fails or leaves unexplained, and spread",
        "E1-49, Trithart 2022",
        {"rumour_closure": 0.0, "rumour_failure": 0.0},
    ),
)
# fmt: on


@compiled
def hear(world: World, d: int) -> None:
    """Hear what is believed in adjacent districts (before anybody changes his mind)."""
    here = world.districts[d]
    total = 0.0
    for j in range(1, here.neighbour_count):
        total += world.districts[world.near[d, world.neighbours[d, j]]].rumour
    here.rumour_near = total / (here.neighbour_count - 1) if here.neighbour_count > 1 else 0.0


@compiled
def believe(world: World, d: int) -> None:
    """Come to believe a rumour, pass it on, and get over it."""
    here = world.districts[d]
    failed = 0
    if here.heard > 0:
        for c in range(here.first_community, here.end_community):
            if world.communities[c].heard_un == 1 and world.communities[c].answered_by == 0:
                failed += 1
    here.rumour += rumour_step(here, failed, world.host[0], world.parameters[0])


@compiled
def rumour_step(here: np.record, failed: int, host: np.record, p: np.record) -> float:
    """Return by how much the share of a district's people who believe a rumour changes in a week.

    `failed`: how many of its communities called the mission, which heard, and nobody came.
    """
    source = here.rumour + p.rumour_abroad * here.rumour_near
    if source <= 0.0 and failed == 0 and here.unexplained <= 0.0:
        return 0.0
    media = 1.0 - p.rumour_answered * host.media_freedom
    talk = p.rumour_spread * source * media * (1.0 - p.rumour_answered * here.mediation)
    talk *= host.mission_there  # nobody repeats rumours about a mission that has gone
    unmoved = 1.0 - clip(talk, 0.0, 1.0)
    unmoved *= 1.0 - clip(p.rumour_closure * here.unexplained, 0.0, 1.0)
    unmoved *= 1.0 - p.rumour_failure * failed / (here.end_community - here.first_community)
    return (1.0 - unmoved) * (1.0 - here.rumour) - p.rumour_fade * here.rumour
