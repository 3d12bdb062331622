"""How fights between armed actors are decided, and what they cost.

Two laws stand side by side, chosen by the scenario's rule `contest` in three functions and nowhere else: the
state against a group (`state_wins`), a group against a group (`group_wins`), and what a group reckons
before it fights (`expects_to_win`). By the ratio of strengths each side wins as often as its share of
the strength (Hirshleifer 1989). By Lanchester's laws strength counts by its square where both sides see
whom they fire at, and a group that hides among people is hit only as far as they inform (Deitchman 1962;
Atkinson, Gutfraind & Kress 2012). Evidence 3, contests.
"""

from __future__ import annotations

import numpy as np

from sim import chance
from sim.arithmetic import clip, exp, log, power
from sim.compiled import compiled, inlined
from sim.declare import Mechanism, Parameter, Rule
from sim.world.state import World

CONTEST = Rule(
    "contest",
    "who wins a fight",
    {
        "ratio": "contest success by relative strength",
        "lanchester": "Lanchester attrition in which the people's support informs",
    },
)
LANCHESTER = CONTEST.number("lanchester")

PART = "fights"

# fmt: off
PARAMETERS = (
    Parameter("contest_step", 0.15, "1", 0.05, 0.4,
              "share of the loser's control that changes hands in a won clash",
              "no source"),
    Parameter("contest_sharpness", 1.0, "1", 0.5, 2.0,
              "exponent of strength in the contest success function",
              "form: Hirshleifer 1989 (evidence 3, from memory)", "memory"),
    Parameter("lanchester_edge", 1.0, "1", 0.3, 3.0,
              "losses that a fighter inflicts in a Lanchester fight, relative to a soldier",
              "no source; for the rival rule `contest = lanchester`"),
    Parameter("informed_least", 0.05, "1", 0.01, 0.3,
              "share of state fire that is aimed where nobody informs (Lanchester with popular support)",
              "form: Deitchman 1962; Atkinson, Gutfraind & Kress 2012 (evidence 3, form from memory)",
              "memory"),
    Parameter("offensive_gain", 0.15, "1", 0.05, 0.5,
              "share of a group's control that a won offensive takes",
              "no source"),
    Parameter("clash_loss", 0.025, "1", 0.005, 0.08,
              "share of those engaged that the loser of a clash loses",
              "set so that deaths of soldiers have the recorded order (KST: 723 in the Kivus in two years)"),
    Parameter("winner_loss", 0.33, "1", 0.1, 0.8,
              "losses of the winner of a clash, relative to the loser",
              "no source"),
    Parameter("un_support", 0.25, "1", 0.0, 1.0,
              "weight of UN troops based in a district when state forces there are attacked",
              "no source; force is almost never used (E2c, OIOS)"),
    Parameter("loss_grudge", 5.0, "1", 0.0, 20.0,
              "grudge caused by losing all fighters (in proportion for a part)",
              "no source"),
    Parameter("locality_size", 1000.0, "persons", 300.0, 4000.0,
              "median size of a locality that is attacked or fought over (log-normal)",
              "no source"),
    Parameter("locality_spread", 1.0, "1", 0.3, 2.0,
              "standard deviation of the logarithm of that size",
              "no source"),
)

MECHANISMS = (
    Mechanism(
        "un-support", "the mission",
        "UN troops count when state forces are attacked",
        "guess", {"un_support": 0.0},
    ),
)
# fmt: on


@compiled
def ratio_success(mine: float, theirs: float, sharpness: float) -> float:
    """Return the chance (0-1) that the first of two sides wins (ratio form, Hirshleifer 1989)."""
    a = power(mine, sharpness)
    b = power(theirs, sharpness)
    if a + b <= 0.0:
        return 0.5
    return a / (a + b)


@compiled
def lanchester_square(mine: float, theirs: float, sharpness: float) -> float:
    """Return the chance (0-1) that the first of two sides wins where both see whom they fire at.

    Lanchester's square law: strength counts by its square; the chance is the ratio of the two.
    """
    return ratio_success(mine * mine, theirs * theirs, sharpness)


@compiled
def lanchester_hidden(state: float, group: float, informed: float, people: float, edge: float) -> float:
    """Return the chance (0-1) that the state beats a group that hides among `people`.

    Deitchman's mixed law with information (Deitchman 1962; Atkinson, Gutfraind & Kress 2012): the
    group's fire is aimed, dS/dt = -edge G; of the state's only the share m `informed` is, the rest
    falls on G in proportion to its share of the people, dG/dt = -S (m + (1 - m) G / P). The
    invariant of these compares S^2 / 2 with edge x the integral of g / (m + (1 - m) g / P) from 0
    to G; the chance is the ratio of the two, as chance decides single fights.
    """
    if state <= 0.0 or group <= 0.0:
        return 0.5 if state == group else (1.0 if state > group else 0.0)
    m = clip(informed, 0.001, 1.0)
    z = (1.0 - m) * group / (m * max(people, group))
    # integral = G^2 / m x (z - ln(1 + z)) / z^2, which tends to 1/2 for small z
    part = 0.5 - z / 3.0 if z < 1e-3 else (z - log(1.0 + z)) / (z * z)
    hidden = edge * group * group / m * part
    open_field = 0.5 * state * state
    return open_field / (open_field + hidden)


@compiled
def informed_share(here: np.record, p: np.record) -> float:
    """Return the share (0-1) of state fire that is aimed: people inform who trust the state and dare to."""
    support = here.trust_state * (1.0 - here.group_control)
    return p.informed_least + (1.0 - p.informed_least) * support


@compiled
def state_wins(here: np.record, state: float, group: float, p: np.record) -> float:
    """Return the chance (0-1) that `state` effective soldiers beat `group` fighters in a district.

    By the rule `contest`: the ratio of strengths, or Lanchester's law with the people's support.
    """
    if p.contest != LANCHESTER:
        return ratio_success(state, group, p.contest_sharpness)
    return lanchester_hidden(state, group, informed_share(here, p), here.residents, p.lanchester_edge)


@compiled
def group_wins(mine: float, theirs: float, p: np.record) -> float:
    """Return the chance (0-1) that one armed group beats another, by the rule `contest`."""
    if p.contest != LANCHESTER:
        return ratio_success(mine, theirs, p.contest_sharpness)
    return lanchester_square(mine, theirs, p.contest_sharpness)


@compiled
def expects_to_win(here: np.record, mine: float, groups: float, state: float, p: np.record) -> float:
    """Return the chance (0-1) that a group of `mine` fighters gives to winning a fight in a district.

    Against other `groups` and the `state` there (effective fighters), by the law that will decide it.
    The ratio form takes them as one opponent. Lanchester's laws differ for the two, so the opponent is
    one of them, by strength.
    """
    if p.contest != LANCHESTER:
        return ratio_success(mine, groups + state, p.contest_sharpness)
    if groups + state <= 0.0:
        return group_wins(mine, 0.0, p)
    against_state = 1.0 - state_wins(here, state, mine, p)
    against_groups = group_wins(mine, groups, p)
    return (state * against_state + groups * against_groups) / (groups + state)


@inlined
def defenders(here: np.record, p: np.record) -> float:
    """Return the strength (effective fighters) of the state, with UN support, in a district."""
    return here.state_strength + p.un_support * here.un_troops


@inlined
def loss(won: bool, p: np.record) -> float:
    """Return the share (0-1) of those engaged in a clash whom the side that `won`, or did not, loses."""
    return p.clash_loss * p.winner_loss if won else p.clash_loss


@compiled
def lose_fighters(
    group: np.record, u: float, engaged: int, share: float, ledger: np.record, p: np.record
) -> None:
    """Lose `share` of as many fighters as were engaged, remember it, and bear a grudge.

    As many are engaged as the weaker side has: the stronger does not lose more for being larger.
    """
    if group.fighters <= 0:
        return
    killed = chance.binomial(u, min(engaged, group.fighters), share)
    group.hurt += killed / group.fighters
    group.grudge += p.loss_grudge * killed / group.fighters
    group.fighters -= killed
    ledger.fighters_killed += killed


@compiled
def state_loses(world: World, d: int, u: float, engaged: int, share: float) -> None:
    """Let the first state unit in district `d` lose `share` of as many as were engaged."""
    s = world.districts[d].first_unit
    if s < 0:
        return
    unit = world.state_forces[s]
    killed = chance.binomial(u, min(engaged, unit.personnel), share)
    unit.personnel -= killed
    world.ledger[0].soldiers_killed += killed


@compiled
def locality(people: int, u: float, p: np.record) -> int:
    """Return the size of a locality among `people` (log-normal, no larger than they are)."""
    return min(people, int(p.locality_size * exp(p.locality_spread * chance.normal(u))))


@compiled
def uproot(world: World, d: int, stream: int, agent: int, draw: int, event: int) -> None:
    """Endanger the people of one locality of district `d` by a clash, `event` (uses two draws)."""
    here = world.districts[d]
    key = world.keys[0]
    p = world.parameters[0]
    communities = here.end_community - here.first_community
    c = here.first_community + int(chance.uniform(key, stream, agent, draw) * communities)
    community = world.communities[c]
    community.uprooted += locality(community.residents, chance.uniform(key, stream, agent, draw + 1), p)
    community.event = event
    community.shock += p.shock_attack
