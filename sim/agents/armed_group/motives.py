"""What draws armed groups, each as a value a week: 1 is the value of fully taxing the richest district.

Attacks on civilians have four motives (`Motives`). What violence is for has two rival forms, chosen by the
scenario's rule `target` in `motives` and nowhere else: control and information (Kalyvas 2006), or gain
against expected cost alone.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.arithmetic import clip, exp
from sim.compiled import compiled, inlined
from sim.declare import PROHIBITIVE, Mechanism, Parameter, Rule
from sim.world.attack import resistance
from sim.world.codes import Standing
from sim.world.deterrence import cost_of_being_met
from sim.world.district import ungoverned
from sim.world.fight import defenders, expects_to_win

TARGET = Rule(
    "target",
    "what violence is for",
    {
        "control": "control and information (Kalyvas)",
        "expected-cost": "gain against expected cost alone",
    },
)
EXPECTED_COST = TARGET.number("expected-cost")

CONTROL_ZONE = 10.392304845413264
"""6 sqrt(3): brings the maximum of c(1-c)|2c-1| to 1."""

PART = "armed group: motives"

# fmt: off
PARAMETERS = (
    Parameter("attack_hurdle", 0.5, "value", 0.0, 1.5,
              "what draws a group to attack civilians must be worth more than this, or it does not attack",
              "no source; without it the noise of choice kills where nobody has a reason to"),
    Parameter("attack_rate", 0.22, "1/week/value", 0.02, 3.0,
              "attacks a week of a group of 150 fighters whom nobody meets, per unit of what draws it beyond "
              "the hurdle",
              "set so that violence in the DRC case has the recorded order of magnitude", "computed"),
    Parameter("attack_size", 150.0, "fighters", 50.0, 500.0,
              "fighters at which that rate holds; it grows with the square root of theirs",
              "no source"),
    Parameter("attack_size_most", 3.0, "1", 1.0, 6.0,
              "largest factor by which size raises that rate",
              "no source"),
    Parameter("ungoverned_access", 0.3, "1", 0.1, 0.7,
              "part of the ungoverned ground within its reach that a group can tax without controlling it",
              "no source"),
    Parameter("passive_income", 0.3, "1", 0.0, 0.6,
              "part of the income from ground it controls that comes in without a week of taxing",
              "no source"),
    Parameter("tax_exposure", 0.15, "1", 0.0, 0.5,
              "part of the cost of being met that taxing risks, compared with attacking",
              "no source"),
    Parameter("aim_base", 0.5, "1", 0.1, 1.0,
              "worth of income, or of ground, to a group that does not aim at it; a full aim adds 1",
              "no source; every group has to live"),
    Parameter("aid_prize", 0.6, "value", 0.1, 2.0,
              "value of robbing much aid (100 staff at work: 63 %) to a hungry group that lives for income",
              "no source for the size; incidents follow exposure (E2g)"),
    Parameter("aid_prize_fed", 0.5, "1", 0.0, 1.0,
              "part of that prize for a group whose stores are full; empty stores add 1",
              "no source"),
    Parameter("aid_exposed", 100.0, "persons", 20.0, 500.0,
              "aid staff at work in a district at which 63 % of that prize is within reach",
              "no source"),
    Parameter("aid_standing", 0.5, "value", 0.0, 1.5,
              "loss of standing that robbing aid which everybody accepts costs a group",
              "direction: acceptance protects aid (evidence 3, HUM); size not in any source"),
    Parameter("rob_effort", 1.1, "value", 0.3, 3.0,
              "effort of an attack on aid",
              "set so that incidents in the DRC case have the recorded order of magnitude (OCHA: 93 in North "
              "Kivu in 2020)", "computed"),
    Parameter("rob_exposure", 0.5, "1", 0.1, 1.0,
              "part of the cost of being met that robbing aid risks, compared with attacking a community",
              "no source; a convoy is stopped for minutes"),
    Parameter("attack_effort", 1.27, "value", 0.4, 2.3,
              "effort and repute that an attack on civilians costs whoever attacks",
              "set so that violence in the DRC case has the recorded order of magnitude", "computed"),
    Parameter("control_violence", 0.7, "value", 0.1, 1.5,
              "value of selective violence where it is needed and informed most (Kalyvas zones 2 and 4)",
              "form: Kalyvas 2006 (evidence 3); size not in any source", "abstract"),
    Parameter("indiscriminate_violence", 0.2, "value", 0.0, 1.0,
              "value of indiscriminate violence where all people are with the other side and none informs",
              "form: Kalyvas 2006 (evidence 3: in proportion to 1 - information); size not in any source",
              "abstract"),
    Parameter("plain_violence", 0.51, "value", 0.05, 1.0,
              "value of violence against civilians wherever it happens, where the rule `target` is "
              "expected-cost; takes the place of `control_violence`, `indiscriminate_violence` and "
              "`ruler_restraint`",
              "form: deterrence as expected cost (evidence 3); set so that both rules give one level"),
    Parameter("loot_violence", 0.7, "value", 0.1, 1.5,
              "value of looting to a group whose stores are empty",
              "no source"),
    Parameter("reprisal_violence", 0.5, "value", 0.0, 1.5,
              "value of reprisal per unit of grudge",
              "no source; self-excitation is 37-50 % of events (E2f)"),
    Parameter("ruler_restraint", 0.5, "value", 0.0, 1.5,
              "loss of standing that attacking its own subjects costs a group that fully controls them",
              "direction: E2d (Arjona et al.); size not in any source", "abstract"),
    Parameter("average_abusiveness", 0.5, "0-1", 0.2, 0.8,
              "abusiveness at which the values of violence hold; they grow in proportion to it",
              "a convention: the middle of the scale"),
    Parameter("ungoverned_informed", 0.5, "1", 0.0, 1.0,
              "share of people on ungoverned ground who would tell a group who is against it",
              "no source; half, as nobody is there to reward or punish them"),
    Parameter("contest_horizon", 9.0, "weeks", 2.0, 26.0,
              "weeks of income from ground it might win that count in its choice",
              "no source"),
    Parameter("contest_cost", 0.15, "value", 0.03, 1.0,
              "cost of a fight, and again as much if it is lost",
              "no source"),
    Parameter("hiding_value", 1.0, "value", 0.2, 3.0,
              "value of lying low, per unit of recent losses, where the land conceals well",
              "no source"),
    Parameter("move_cost", 0.7, "value", 0.1, 4.0,
              "cost of moving base, before distance and roots",
              "no source"),
    Parameter("foothold", 0.1, "1", 0.02, 0.3,
              "share of a district a group expects to control soon after moving there",
              "no source"),
    Parameter("move_hours_cost", 0.03, "value/hour", 0.0, 0.1,
              "cost of distance when moving",
              "no source"),
    Parameter("root_cost", 1.5, "value", 0.0, 3.0,
              "what full rootedness adds to the cost of moving",
              "no source; local militias rarely leave home"),
    Parameter("fighters_per_km", 4.0, "fighters/km", 1.0, 12.0,
              "fighters, per square root of the area, that reach 63 % of a district",
              "no source"),
    Parameter("fighters_per_1000", 0.5, "fighters", 0.1, 3.0,
              "fighters per 1,000 people that this takes besides",
              "no source"),
)

MECHANISMS = (
    Mechanism(
        "control-violence", "armed groups",
        "selective violence where one side dominates without full control",
        "Kalyvas 2006", {"control_violence": 0.0},
    ),
    Mechanism(
        "indiscriminate-violence", "armed groups",
        "indiscriminate violence where people are with the other side and none informs",
        "Kalyvas 2006", {"indiscriminate_violence": 0.0},
        "revenge stays indiscriminate where nobody informs",
    ),
    Mechanism(
        "looting", "armed groups",
        "hungry groups loot",
        "guess", {"loot_violence": 0.0, "loot_weeks": 0.0},
    ),
    Mechanism(
        "reprisals", "armed groups",
        "groups take revenge for denunciations and losses",
        "E2f", {"reprisal_violence": 0.0},
    ),
    Mechanism(
        "ruler-restraint", "armed groups",
        "groups spare those they rule",
        "E2d", {"ruler_restraint": 0.0},
    ),
    Mechanism(
        "attacks", "armed groups",
        "armed groups attack civilians",
        "-", {"attack_hurdle": PROHIBITIVE},
    ),
    Mechanism(
        "contests", "armed groups",
        "armed groups fight for control",
        "Hirshleifer 1989", {"contest_cost": PROHIBITIVE},
    ),
    Mechanism(
        "group-moves", "armed groups",
        "armed groups move to other districts",
        "E2f", {"move_cost": PROHIBITIVE},
    ),
    Mechanism(
        "aid-attacks", "aid",
        "armed groups rob aid, and work is suspended",
        "E2g", {"rob_effort": PROHIBITIVE},
    ),
)
# fmt: on


class Motives(NamedTuple):
    """What draws a group to attack civilians, as values a week."""

    selective: float
    indiscriminate: float
    loot: float
    revenge: float


@compiled
def control_zone(control: float) -> float:
    """Return the need and the means for selective violence (0-1) at a share of control (0-1).

    Nothing to gain under full control, nobody to inform without any, neither at parity: largest
    where one side dominates without full control (Kalyvas 2006; evidence 3 gives
    c(1-c)|2c-1|, scaled here to a maximum of 1, at 0.21 and 0.79).
    """
    return CONTROL_ZONE * control * (1.0 - control) * abs(2.0 * control - 1.0)


@compiled
def coverage(group: np.record, here: np.record, p: np.record) -> float:
    """Return the share (0-1) of a district that a group is strong enough to cover.

    It takes fighters to cover ground, and more to hold people: a city is small and hard to hold.
    """
    people = here.residents + here.hosted
    need = p.fighters_per_km * here.breadth + p.fighters_per_1000 * people / 1000.0
    return 1.0 - exp(-group.fighters / need)


@compiled
def tax_value(group: np.record, here: np.record, control: float, covers: float, p: np.record) -> float:
    """Return the weekly value of taxing a district (1: the richest, wholly).

    `control`: share of it the group controls, `covers`: share it is strong enough to cover.
    """
    access = control + p.ungoverned_access * ungoverned(here) * covers
    return here.worth * access * (p.aim_base + group.aim_rent)


@compiled
def information(here: np.record, control: float, p: np.record) -> float:
    """Return the share (0-1) of people who would tell a group with `control` of a district who is against it.

    People inform whoever controls them (Kalyvas 2006); on ungoverned ground, half of them.
    """
    return clip(control + p.ungoverned_informed * ungoverned(here), 0.0, 1.0)


@inlined
def hunger(group: np.record, p: np.record) -> float:
    """Return the empty part (0-1) of a group's stores."""
    return 1.0 - group.supply / p.supply_cap


@compiled
def motives_by_control(known: float, hostile: float, p: np.record) -> tuple[float, float]:
    """Return the values of selective and of indiscriminate violence, by control and information.

    `known`: share of people who inform; `hostile`: share under somebody else's control, on whom
    indiscriminate violence falls, the more so the fewer inform (Kalyvas 2006).
    """
    return p.control_violence * control_zone(known), p.indiscriminate_violence * hostile * (1.0 - known)


@compiled
def motives_by_cost(known: float, p: np.record) -> tuple[float, float]:
    """Return the same where violence has one plain value wherever it happens; the known are selected."""
    return p.plain_violence * known, p.plain_violence * (1.0 - known)


@compiled
def motives(group: np.record, here: np.record, control: float, p: np.record) -> Motives:
    """Return what draws a group with `control` of a district to attack civilians there."""
    known = information(here, control, p)
    if p.target == EXPECTED_COST:
        selective, indiscriminate = motives_by_cost(known, p)
    else:
        hostile = clip(1.0 - control - ungoverned(here), 0.0, 1.0)
        selective, indiscriminate = motives_by_control(known, hostile, p)
    return Motives(
        selective,
        indiscriminate,
        p.loot_violence * hunger(group, p),
        p.reprisal_violence * min(group.grudge, 1.0),
    )


@compiled
def restraint(group: np.record, control: float, p: np.record) -> float:
    """Return what attacking its own subjects costs a group in standing; nothing by expected cost alone."""
    if p.target == EXPECTED_COST:
        return 0.0
    return p.ruler_restraint * control * group.aim_rule


@compiled
def attack_motive(group: np.record, here: np.record, control: float, p: np.record) -> float:
    """Return what draws a group with `control` of a district to attack civilians there, beyond the hurdle.

    0 or less: it has no reason to. The chance of being met is not in it (`deterred`).
    """
    draws = motives(group, here, control, p)
    gain = draws.selective + draws.indiscriminate + draws.loot + draws.revenge
    return (
        gain / p.average_abusiveness * group.abusiveness
        - restraint(group, control, p)
        - p.resist_cost * resistance(here.militia, group.fighters)
        - p.attack_hurdle
    )


@compiled
def attack_rate(group: np.record, motive: float, tempo: float, p: np.record) -> float:
    """Return the attacks a week of a group with a `motive` beyond the hurdle, if nobody met it.

    `tempo`: how often it attacks, relative to `attack_rate` (`sim.agents.campaign`).
    """
    if motive <= 0.0:
        return 0.0
    size = min(p.attack_size_most, math.sqrt(group.fighters / p.attack_size))
    return p.attack_rate * motive * size * tempo


@compiled
def attack_value(group: np.record, here: np.record, control: float, met: float, p: np.record) -> float:
    """Return the value of an attack on civilians in a district, beside the other things to do there.

    `control`: share of it the group controls, `met`: chance it gives to being met there. Without a motive
    beyond the hurdle none at all.
    """
    motive = attack_motive(group, here, control, p)
    if motive <= 0.0:
        return -math.inf
    risk = cost_of_being_met(p) * met * (1.0 - group.undeterred)
    return motive + p.attack_hurdle - p.attack_effort - risk


@compiled
def rob_value(group: np.record, here: np.record, met: float, p: np.record) -> float:
    """Return the value of robbing aid in a district, where `met` is its belief to be met.

    Prize by how much aid is about and how hungry it is; against it effort, standing with people who
    accept the aid, and the risk.
    """
    if here.aid_staff <= 0.0:
        return -math.inf
    exposed = 1.0 - exp(-here.aid_staff / p.aid_exposed)
    accepted = here.aid_accepted / here.aid_staff
    return (
        p.aid_prize * exposed * (p.aim_base + group.aim_rent) * (p.aid_prize_fed + hunger(group, p))
        - p.aid_standing * accepted * (1.0 - group.abusiveness)
        - p.rob_effort
        - p.rob_exposure * cost_of_being_met(p) * met
    )


@compiled
def contest_value(group: np.record, here: np.record, p: np.record) -> float:
    """Return the value of fighting for control of its district."""
    ground = max(0.0, here.group_control - group.control)
    groups = here.group_strength - group.fighters
    state = 0.0
    if group.standing != Standing.PRO_GOVERNMENT:
        ground += here.state_control
        state = defenders(here, p)
    win = expects_to_win(here, float(group.fighters), groups, state, p)
    prize = p.contest_horizon * p.contest_step * ground * here.worth
    return prize * win * (p.aim_base + group.aim_rule) - p.contest_cost * (2.0 - win)


@inlined
def hiding(group: np.record, here: np.record, p: np.record) -> float:
    """Return the value of lying low in a district."""
    return p.hiding_value * here.concealment * group.hurt


@compiled
def move_value(
    group: np.record, there: np.record, hours: float, met: float, stay: float, p: np.record
) -> float:
    """Return the value of moving to a district `hours` away, where staying is worth `stay` a week.

    `met`: chance that it gives to being met if it attacks there.
    """
    crowd = 1.0 - expects_to_win(there, float(group.fighters), there.group_strength, defenders(there, p), p)
    best = max(
        tax_value(group, there, p.foothold, coverage(group, there, p), p),
        attack_value(group, there, p.foothold, met, p),
    )
    return (
        (best - stay)
        + group.hurt * p.hiding_value
        - crowd
        - p.move_cost
        - p.root_cost * group.rootedness
        - p.move_hours_cost * hours
    )
