"""Random draws that are a pure function of who draws what, when.

Every draw is keyed by (seed, replicate, week, stream, agent, draw): `stream` says which behaviour
asks, `agent` which row, `draw` which of its draws. Nothing is stored and nothing is consumed, so
two schedules on the same replicate share every shock that their difference does not cause, the
order in which agents act does not matter, and any number of threads or processes gives the same
bits.

The hash is the finaliser of splitmix64 (Steele, Lea & Flood 2014): seed, replicate and week are
folded into a key once a week, the other ids are added to it in large odd steps, as splitmix64 adds
its counter, and the sum is mixed. Each
distribution uses *one* uniform and inverts a distribution function, so that a small change of a
probability changes an outcome only where it must (common random numbers couple best that way).
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np

from sim.arithmetic import exp, log
from sim.compiled import compiled, inlined

# Streams: one number a behaviour. A number is never reused for another purpose, because that
# would silently change every stored result.
START = 1
SIGHT = 2
DECIDE = 3
PREPARE = 4
WARN = 5
ANSWER_UN = 6
ANSWER_STATE = 7
STRIKE = 8
CONTEST = 9
PREY = 11
FLEE = 12
RETURN = 13
DELIVER = 14
OBSERVE = 15
REDEPLOY = 16
PAY = 17
RECRUIT = 18
CRIME = 19
REINTEGRATE = 20
ARM = 21
RAID = 22
FACTION = 23
ROB = 24
UN_FIGHT = 25
ONSET = 26
SLIP = 40
DEMAND = 41
GUARD = 50
SITE = 51
FORAGE = 52
PUSH = 53
SHELTER = 54
CAMP_RECRUIT = 55
NEED = 56
ACCOMPANY = 57
PLACE_SIGHT = 60
ANSWER_POST = 61
ATTACK = 62
SETTLE = 63
TAKE_OVER = 64
CAMPAIGN = 65
TRUCE = 66
OPERATION = 67
COMMAND = 68
PURSUE = 69

# Draws within a stream: what each number decides. Streams with a single draw use `ONLY`; those that draw
# for every row of something (a community, a near district) say from where on. Two draws with one key would
# be the same number; a test runs worlds and looks for them (`tests/test_chance.py`).
ONLY = 0
"""The draw of a stream that has no other."""


class Start(IntEnum):
    """Draws of `START`, for a district, a group, a state unit."""

    PEOPLE = 0
    FIGHTERS = 1
    PERSONNEL = 2


class Prepare(IntEnum):
    """Draws of `PREPARE`, for an armed group. Those of `DECIDE` are its choices (`armed_group.Choice`)."""

    TARGET = 0
    """Where an attack falls that was chosen before the place was."""
    ON_SITES = 1
    """How many attacks on camps."""
    WHICH_SITE = 2
    ON_PLACES = 3
    """How many attacks on a place: one draw for each place of the district."""
    ABROAD = 100_000
    """How many in an adjacent district: one draw for each, by its row."""
    WHERE_ABROAD = 200_000
    """On which place of it: `SPREE` draws for each district, by its row."""


SPREE = 8
"""Attacks of a group in one adjacent district in a week, at most."""


class Attack(IntEnum):
    """Draws of `ATTACK`: what it is for (by `sim.world.attack.who`), and whether it is averted (by place)."""

    MODE = 0
    AVERTED = 1
    """One for each attack that a group sets out to, in the place's name."""


class Warn(IntEnum):
    """Draws of `WARN`, for an attack (`sim.world.attack.who`)."""

    NOTICE = 0
    TELL = 1
    """One decision: whoever would call the mission calls the state where it has gone."""
    LINE = 2
    """And one telephone."""
    LEAD = 3
    SHARE = 4
    UN_SEES = 5
    STATE_SEES = 6


class Strike(IntEnum):
    """Draws of `STRIKE` (on a community) and `SITE` (on a camp), for an attack (`sim.world.attack.who`)."""

    LENGTH = 0
    TOLL = 1
    """The first of five, see `Toll`."""
    KEPT = 6
    ANSWER_LOSS = 7
    MILITIA_LOSS = 8
    RESISTED_LOSS = 9
    VICTIMS = 16
    """The first of those that say whose people the dead were."""
    SITE_VICTIMS = 1000
    SITE_KEPT = 2000


class Toll(IntEnum):
    """Draws of what an attack does, counted from its first."""

    LOCALITY = 0
    DEATHS = 1
    INJURED = 2
    ABDUCTED = 3
    ASSAULTED = 4


class Contest(IntEnum):
    """Draws of `CONTEST`, for the armed group that begins the fight."""

    OPPONENT = 0
    UPROOT = 1
    """And the next."""
    WIN = 4
    OWN_LOSS = 5
    THEIR_LOSS = 6


class Fight(IntEnum):
    """Draws of `UN_FIGHT` and `OPERATION`, for the unit or the district whose army attacks."""

    BEGIN = 0
    UPROOT = 1
    """And the next."""
    WIN = 4
    GROUP_LOSS = 5
    OWN_LOSS = 6


class Flee(IntEnum):
    """Draws of `FLEE`, for a community."""

    GROUPS = 0
    REFUGE = 1
    """One for each group that leaves, or for each near district."""


class Recruit(IntEnum):
    """Draws of `RECRUIT`, for an armed group."""

    COMMUNITY = 0
    JOIN = 1
    DESERT = 2
    REMOBILISE = 3
    DETAIN = 4
    FORM_AGAIN = 5


class Raid(IntEnum):
    """Draws of `RAID`, for the community that attacks."""

    HAPPENS = 0
    VICTIM = 1
    LENGTH = 2
    MET = 3
    ARRIVAL = 4
    TOLL = 5
    """The first of five, see `Toll`."""
    VICTIMS = 16
    """The first of those that say whose people the dead were."""


class Faction(IntEnum):
    """Draws of `FACTION`, for an armed group."""

    COME_BACK = 0
    CROSS = 1
    DEMOBILISE = 2
    COMMUNITY = 3
    MERGE = 4
    SPLIT = 5
    PART = 6


class Onset(IntEnum):
    """Draws of `ONSET`, for a district."""

    HAPPENS = 0
    SIZE = 1


class Rob(IntEnum):
    """Draws of `ROB`, for an armed group."""

    DECIDE = 0
    ESCORT = 1
    VICTIM = 2
    SUSPENSION = 3


class Accompany(IntEnum):
    """Draws of `ACCOMPANY`, for a state unit."""

    ABUSE = 1


class Redeploy(IntEnum):
    """Draws of `REDEPLOY`, for a state unit."""

    REVIEW = 0
    OBEY = 1
    DELAY = 2


class Answer(IntEnum):
    """Draws of `ANSWER_UN`, `ANSWER_STATE` and `ANSWER_POST`, for a unit or a base, about one attack.

    Counted from the attack's first (`sim.world.alert.alert_draw`).
    """

    ACT = 0
    DEPART = 1


class Prey(IntEnum):
    """Draws of `PREY`, for a state unit."""

    HAPPENS = 0
    COMMUNITY = 1
    DEATHS = 2
    INJURED = 3
    DETAINED = 4
    ASSAULTED = 5
    VICTIMS = 16
    """The first of those that say whose people the dead were."""


class Guard(IntEnum):
    """Draws of `GUARD`, for a site: four for each attack on its place."""

    UN_ACTS = 0
    UN_COMES = 1
    STATE_ACTS = 2
    STATE_COMES = 3


class Push(IntEnum):
    """Draws of `PUSH`, for a site."""

    LEAVE = 0
    HOMES = 1
    """The first of those that say whose people they were."""


class Shelter(IntEnum):
    """Draws of `SHELTER`, for a site."""

    WENT_HOME = 0
    MOVE = 1


class CampRecruit(IntEnum):
    """Draws of `CAMP_RECRUIT`, for a site: one for each armed group, by its row, and whose people joined."""

    HOMES = 1000
    """Times the group's row + 1: the first of those that say it."""


class Crime(IntEnum):
    """Draws of `CRIME`, for a community."""

    DEATHS = 0
    INJURED = 1
    ABDUCTED = 2
    ASSAULTED = 3
    VICTIMS = 16
    """The first of those that say whose people the dead were."""


class Observe(IntEnum):
    """Draws of `OBSERVE`, for an incident."""

    SEEN = 0
    DELAY = 1
    COUNT = 2
    """One for each kind of harm."""


class Need(IntEnum):
    """Draws of `NEED`, for a district."""

    DEATHS = 0
    AMONG_HOSTED = 1
    IN_SITES = 2
    RESIDENTS = 3
    """One for each community of the district."""
    SITES = 100
    """One for each site of the world."""
    HOMES = 1000
    """The first of those that say whose people the displaced dead were."""


class Kill(IntEnum):
    """Draws that say whose people the dead were, counted from their first (`sim.world.people.kill`)."""

    AMONG_HOSTED = 0
    HOMES = 1
    """One for each community with people there."""
    ABUSE = 1


class Campaigning(IntEnum):
    """Draws of `CAMPAIGN`, for a faction; at the start for what it begins with."""

    CHANGES = 0
    TO = 1
    BACKING = 2
    TEMPO = 3


class Peace(IntEnum):
    """Draws of `TRUCE`, for a district."""

    BEGINS = 0
    ENDS = 1


class Command(IntEnum):
    """Draws of `COMMAND`, for a state unit; at the start for the commander that it has."""

    CHANGES = 0
    WHO = 1


class Operation(IntEnum):
    """Draws of `OPERATION`, for a district; those of the fight itself are `Fight`."""

    HAPPENS = 10
    INCIDENTS = 11
    WITHDRAWS = 12
    EACH = 100_000
    """Times the incident's number + 1: from where on its own draws count, the next."""
    COMMUNITY = 0
    DEATHS = 1
    INJURED = 2
    DETAINED = 3
    ASSAULTED = 4
    VICTIMS = 16
    """The first of those that say whose people the dead were."""


class Slip(IntEnum):
    """Draws of `SLIP`, for a base, and for the mission (numbered after the last base)."""

    BASE = 0
    MISSION = 1


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
# Steps of the ids within a week: odd, without a short pattern of bits, and in no simple ratio, so
# that different ids give different numbers to mix (tests look for collisions and correlations).
_STREAM_STEP = np.uint64(0x9E3779B97F4A7C15)
_AGENT_STEP = np.uint64(0xD1B54A32D192ED03)
_DRAW_STEP = np.uint64(0xAEF17502108EF2D9)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S30 = np.uint64(30)
_S27 = np.uint64(27)
_S31 = np.uint64(31)
_S11 = np.uint64(11)
_TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53
_ROUNDING = 1e-6  # far more than exp and log here may be off by


@compiled
def mix(z: np.uint64) -> np.uint64:
    """Return `z` with its bits mixed (a bijection of the 64-bit integers)."""
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@compiled
def fold(key: np.uint64, number: int) -> np.uint64:
    """Return a key in which `number` (an integer from 0) has been folded into `key`."""
    return mix(np.uint64(key) ^ mix(np.uint64(number) * _GOLDEN + _GOLDEN))


@compiled
def run_key(seed: int, replicate: int) -> np.uint64:
    """Return the key of one replicate of one seed."""
    return fold(fold(np.uint64(0), seed), replicate)


@compiled
def uniform(key: np.uint64, stream: int, agent: int, draw: int) -> float:
    """Return a number strictly between 0 and 1. `key` is the week's key (`world.keys[0]`)."""
    z = (
        np.uint64(key)
        + np.uint64(stream) * _STREAM_STEP
        + np.uint64(agent) * _AGENT_STEP
        + np.uint64(draw) * _DRAW_STEP
    )
    return (float(mix(z) >> _S11) + 0.5) * _TO_UNIT


@compiled
def exponential(u: float, mean: float) -> float:
    """Return an exponential time with the given mean, from a uniform `u`."""
    return -mean * log(u)


@compiled
def gumbel(u: float) -> float:
    """Return a standard Gumbel value; adding one to each utility makes the maximum a logit choice."""
    return -log(-log(u))


@compiled
def normal(u: float) -> float:
    """Return the standard normal quantile of `u` (P. J. Acklam's rational approximation, error 1e-9)."""
    if u < 0.02425:
        q = math.sqrt(-2.0 * log(u))
        return _normal_tail(q)
    if u > 0.97575:
        q = math.sqrt(-2.0 * log(1.0 - u))
        return -_normal_tail(q)
    q = u - 0.5
    r = q * q
    top = -3.969683028665376e01
    top = top * r + 2.209460984245205e02
    top = top * r - 2.759285104469687e02
    top = top * r + 1.383577518672690e02
    top = top * r - 3.066479806614716e01
    top = top * r + 2.506628277459239e00
    bottom = -5.447609879822406e01
    bottom = bottom * r + 1.615858368580409e02
    bottom = bottom * r - 1.556989798598866e02
    bottom = bottom * r + 6.680131188771972e01
    bottom = bottom * r - 1.328068155288572e01
    bottom = bottom * r + 1.0
    return top * q / bottom


@compiled
def _normal_tail(q: float) -> float:
    top = -7.784894002430293e-03
    top = top * q - 3.223964580411365e-01
    top = top * q - 2.400758277161838e00
    top = top * q - 2.549732539343734e00
    top = top * q + 4.374664141464968e00
    top = top * q + 2.938163982698783e00
    bottom = 7.784695709041462e-03
    bottom = bottom * q + 3.224671290700398e-01
    bottom = bottom * q + 2.445134137142996e00
    bottom = bottom * q + 3.754408661907416e00
    bottom = bottom * q + 1.0
    return top / bottom


@compiled
def triangular(u: float, low: float, best: float, high: float) -> float:
    """Return a value of the triangular distribution on [low, high] with its mode at `best`."""
    if high <= low:
        return best
    cut = (best - low) / (high - low)
    if u < cut:
        return low + math.sqrt(u * (high - low) * (best - low))
    return high - math.sqrt((1.0 - u) * (high - low) * (high - best))


@compiled
def whole(u: float, x: float) -> int:
    """Round x >= 0 to a whole number of persons, up or down by chance, with mean x."""
    floor = math.floor(x)
    return int(floor) + (1 if u < x - floor else 0)


@compiled
def poisson(u: float, mean: float) -> int:
    """Return a Poisson count from one uniform (inversion; above a mean of 50 a rounded normal)."""
    if mean <= 0.0:
        return 0
    if mean > 50.0:
        return max(0, int(math.floor(mean + math.sqrt(mean) * normal(u) + 0.5)))
    if u < 1.0 - mean - _ROUNDING:
        return 0  # as e**-mean is never below 1 - mean: most draws of rare events end here, without exp
    p = exp(-mean)
    total = p
    n = 0
    while u > total and n < 400:
        n += 1
        p *= mean / n
        total += p
    return n


@compiled
def binomial(u: float, n: int, p: float) -> int:
    """Return a binomial count of n persons, each with probability p, from one uniform.

    Inversion while the rarer outcome has a mean of at most 50, a rounded normal above; always
    between 0 and n.
    """
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    if p > 0.5:
        return n - binomial_rare(1.0 - u, n, 1.0 - p)
    return binomial_rare(u, n, p)


@compiled
def binomial_rare(u: float, n: int, p: float) -> int:
    """Return a binomial count for 0 < p <= 0.5."""
    mean = n * p
    if mean > 50.0:
        x = math.floor(mean + math.sqrt(mean * (1.0 - p)) * normal(u) + 0.5)
        return min(n, max(0, int(x)))
    if u < 1.0 - mean - _ROUNDING:
        return 0  # as (1 - p)**n is never below 1 - n p
    q = exp(n * log(1.0 - p))
    total = q
    k = 0
    odds = p / (1.0 - p)
    while u > total and k < n and k < 400:
        q *= odds * (n - k) / (k + 1.0)
        k += 1
        total += q
    return k


@inlined
def offer(candidates: np.recarray, n: int, row: int, weight: float) -> int:
    """Add a candidate to `n` that stand there already; returns how many they are now."""
    candidates[n].row = row
    candidates[n].weight = weight
    return n + 1


@compiled
def pick(candidates: np.recarray, n: int, x: float) -> int:
    """Return the row of that of the first `n` candidates on which `x` falls; -1 if there are none.

    `x`: from 0 to the sum of their weights; the last one takes what rounding carries beyond it.
    """
    if n == 0:
        return -1
    for i in range(n):
        x -= candidates[i].weight
        if x <= 0.0:
            return candidates[i].row
    return candidates[n - 1].row


@compiled
def geometric(u: float, mean: float) -> int:
    """Return a geometric count (0, 1, ...; at most 200) with the given mean, from one uniform."""
    if mean <= 0.0:
        return 0
    ratio = mean / (1.0 + mean)
    n = 0
    tail = ratio
    while u < tail and n < 200:
        n += 1
        tail *= ratio
    return n
