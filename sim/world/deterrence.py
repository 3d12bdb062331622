"""Deterrence: what the chance of being met does to attacks on civilians.

The one number on which every answer rests. It has two rival forms, chosen by the scenario's rule
`deterrence`: on the rate of attacks, in proportion, or on the choice among all that a group can do in a week.
At one level of violence the first lets a closure add more than the second.
"""

from __future__ import annotations

import numpy as np

from sim.arithmetic import exp, log
from sim.compiled import compiled, inlined
from sim.declare import Mechanism, Parameter, Rule

DETERRENCE = Rule(
    "deterrence",
    "what the chance of being met acts on",
    {
        "rate": "the rate of attacks, in proportion (hurdle, then intensity)",
        "choice": "the choice among all that a group can do in a week (hurdle, then logit)",
    },
)
CHOICE = DETERRENCE.number("choice")

PART = "deterrence"

# fmt: off
PARAMETERS = (
    Parameter("decisiveness", 2.2, "1/value", 1.0, 5.0,
              "logit precision, the inverse noise of choice: log odds per unit of value (the weekly value of "
              "fully taxing a rich district)",
              "no source; form logit (evidence 3)"),
    Parameter("met_cost", 1.4, "value", 0.2, 6.0,
              "loss expected from being met by peacekeepers or soldiers during an attack",
              "no source; the size of deterrence, and with it every answer, rests on it. Set against the "
              "effect of a whole mission, on which the literature has anything from none (Kocher) to -98 % "
              "at 8,000 troops (Hultman et al.; E2a)"),
    Parameter("choice_met_cost", 2.0, "value", 0.2, 6.0,
              "the same where the rule `deterrence` is `choice`",
              "no source"),
    Parameter("deterring_odds", 0.5, "1", 0.25, 0.8,
              "protection 'deters' if it cuts the attacks of an informed group to this part or less",
              "definition, for the measure of security vacuums"),
)

MECHANISMS = (
    Mechanism(
        "deterrence", "armed groups",
        "armed groups weigh the chance of being met",
        "E2a", {"met_cost": 0.0, "choice_met_cost": 0.0},
        "without it no protection deters, so that by definition every district with an armed group is "
        "in a security vacuum",
    ),
)
# fmt: on


@inlined
def cost_of_being_met(p: np.record) -> float:
    """Return the loss that a group expects from being met during an attack, by the rule `deterrence`."""
    return p.choice_met_cost if p.deterrence == CHOICE else p.met_cost


@compiled
def deterred(met: float, p: np.record) -> float:
    """Return the part (0-1) of its attacks that a group still makes if it expects to be `met` (0-1)."""
    return exp(-p.decisiveness * cost_of_being_met(p) * met)


@inlined
def deters(met: float, p: np.record) -> bool:
    """Return whether a chance of being met (0-1) cuts the attacks of a group that knows it enough."""
    return p.decisiveness * cost_of_being_met(p) * met >= -log(p.deterring_odds)
