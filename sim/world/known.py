"""What is known of violence: four fading memories that a district's incidents leave behind.

The mission, the state and the people each remember incidents of late in a district, and reports of abuse
by state forces are remembered apart. An incident adds `1 / alarm_memory` to those who learn of it, and
all fade by that share a week, so that each memory is the mean number of incidents a week of late.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import inlined


@inlined
def mission_learns(here: np.record, p: np.record) -> None:
    """Let the mission learn of one more incident in district `here`."""
    here.alarm += 1.0 / p.alarm_memory


@inlined
def state_learns(here: np.record, p: np.record) -> None:
    """Let the state learn of one more incident in district `here`."""
    here.known_threat += 1.0 / p.alarm_memory


@inlined
def people_learn(here: np.record, p: np.record) -> None:
    """Let people talk of one more attack or clash in district `here`."""
    here.danger += 1.0 / p.alarm_memory


@inlined
def abuse_is_known(here: np.record, p: np.record) -> None:
    """Let one more report of abuse by state forces in district `here` be known."""
    here.known_abuse += 1.0 / p.alarm_memory


@inlined
def fade(here: np.record, p: np.record) -> None:
    """Forget a week's share of all of it."""
    keep = 1.0 - 1.0 / p.alarm_memory
    here.alarm *= keep
    here.known_threat *= keep
    here.danger *= keep
    here.known_abuse *= keep
