"""The host government's stance: consent to the mission, closeness to it, votes, and the media.

What the government does with its soldiers stands in `sim.agents.state_force`. Here is what it lets
others do. Consent is the game of Duursma 2019, 2020 and Sebastián & Gorur 2018 (evidence 3, read as
abstracts only): a government whose own forces are reported for abuse restricts those who report.
"""

from __future__ import annotations

import numpy as np

from sim.arithmetic import clip
from sim.compiled import compiled
from sim.declare import Field, Mechanism, Parameter, Table
from sim.world.codes import HARMS, Perpetrator
from sim.world.state import World

HOST = Table(
    "host",
    "The host government; one row.",
    (
        Field("consent", "f8", "0-1", "how far it lets the mission move and act", column="consent"),
        Field("first_consent", "f8", "0-1", "the same at the start, to which it returns", column="consent"),
        Field("alignment", "f8", "0-1", "how far the mission has tied itself to it", column="alignment"),
        Field(
            "blocks_monitoring",
            "f8",
            "0-1",
            "how far it keeps monitors out once the mission has left",
            column="blocks_monitoring",
        ),
        Field(
            "media_freedom",
            "f8",
            "0-1",
            "how freely media report and counter hate speech",
            column="media_freedom",
        ),
        Field(
            "mission_there", "i8", "flag", "1 while the mission has troops or police in the country", start=1
        ),
        Field("vote", "f8", "0-1", "how near a national vote is this week"),
    ),
)

PART = "host government"

# fmt: off
PARAMETERS = (
    Parameter("consent_reports", 0.00002, "1/report", 0.0, 0.0005,
              "share of its consent that the host withdraws for each person whom its forces are on record "
              "to have harmed, while the mission is there to report",
              "direction: Duursma 2019 (evidence 3); size not in any source", "abstract"),
    Parameter("consent_withdrawn", 0.9, "1", 0.3, 1.0,
              "largest share of its consent that the host withdraws in a week",
              "no source"),
    Parameter("consent_return", 0.02, "1/week", 0.005, 0.1,
              "share of the way back to its first consent that the host goes in a week",
              "no source"),
    Parameter("vote_weeks", 10.0, "weeks", 4.0, 26.0,
              "weeks before and after a national vote over which it raises tension",
              "no source; S1 and S3 (E1-46) say that elections raise tension"),
    Parameter("vote_tension", 0.04, "1/week", 0.0, 0.15,
              "step of tension between communities towards 1 in the week of a vote",
              "direction S1, S3 (E1-46); size not in any source"),
    Parameter("vote_abuse", 0.5, "1", 0.0, 2.0,
              "how much a vote raises abuse by state forces in its week",
              "direction S1 (E1-46); size not in any source"),
)
# fmt: on

# fmt: off
MECHANISMS = (
    Mechanism(
        "elections", "surroundings",
        "national votes raise tension, and abuse by state forces",
        "E1-46", {"vote_tension": 0.0, "vote_abuse": 0.0},
    ),
    Mechanism(
        "consent", "surroundings",
        "the host restricts a mission that reports on its forces",
        "E1-18", {"consent_reports": 0.0},
    ),
)
# fmt: on


@compiled
def govern(world: World, h: int) -> None:
    """Look at the calendar of votes and at what is reported of its forces, and let the mission move."""
    host = world.host[h]
    host.vote = world.votes[world.clock[0].week + world.clock[0].before]
    there = 0
    reported = 0.0
    for d in range(len(world.districts)):
        there += world.districts[d].un_troops + world.districts[d].un_police
        for kind in range(HARMS):
            reported += world.recorded[d, Perpetrator.STATE_FORCES, kind]
    host.mission_there = 1 if there > 0 else 0
    # once the mission has gone there is nobody whom restrictions would hit
    consent_to(host, reported if there > 0 else 0.0, world.parameters[0])


@compiled
def consent_to(host: np.record, reported: float, p: np.record) -> None:
    """Let the host's consent return to what it was, less what it withdraws for `reported` victims."""
    consent = host.consent + p.consent_return * (host.first_consent - host.consent)
    host.consent = consent * (1.0 - clip(p.consent_reports * reported, 0.0, p.consent_withdrawn))
