"""The mechanisms of the model by name, and what switches each of them off.

A mechanism is off when the parameters it works through have values at which it does nothing: a
chance of zero, a cost nobody would pay. So a model without a mechanism is the same code with other
numbers: nothing is slower, and nothing else can change. `Scenario.without`, `without` in a
scenario.toml and `--without` take these names.

The values lie outside the parameters' declared ranges on purpose: those say what is plausible, and
a world without a mechanism is a question, not a claim about the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.scenario.errors import did_you_mean

NEVER = 1e9
"""A cost that no utility outweighs."""
SILENCE = -60.0
"""Log odds at which nothing is ever told (a chance of 1e-26)."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Something in the model that can be switched off by name.

    `off` holds the parameters' values without it (none for the season, which works through the
    calendar). `reaches` says what else changes without it.
    """

    name: str
    part: str
    meaning: str
    source: str
    off: Mapping[str, float]
    reaches: str = ""


MECHANISMS: Mapping[str, Mechanism] = {
    m.name: m
    for m in (
        Mechanism(
            "un-patrols", "the mission",
            "peacekeepers patrol and are seen",
            "E1-3, E2a", {"patrols_per_company": 0.0},
            "also escorts, oversight, crowding out and the mission's part of the record",
        ),
        Mechanism(
            "un-answers", "the mission",
            "peacekeepers answer alerts",
            "E1-3, E2c", {"un_act_chance": 0.0},
        ),
        Mechanism(
            "triage", "the mission",
            "patrols follow recent alarms",
            "E1-4", {"triage": 0.0},
        ),
        Mechanism(
            "un-support", "the mission",
            "UN troops count when state forces are attacked",
            "guess", {"un_support": 0.0},
        ),
        Mechanism(
            "escort", "the mission",
            "UN presence prevents attacks on aid",
            "E1-51", {"escort": 0.0},
        ),
        Mechanism(
            "oversight", "the mission",
            "patrols and monitors who see and report prevent abuse by state forces",
            "E1-45", {"oversight": 0.0},
        ),
        Mechanism(
            "warnings", "communities",
            "communities notice attacks in time and call for help",
            "E1-10", {"notice_chance": 0.0, "warn_baseline": SILENCE},
            "nobody answers any more, as nobody calls",
        ),
        Mechanism(
            "alert-networks", "communities",
            "alert networks carry more alerts to a base than chance telephones do",
            "E1-10", {"network_gain": 1.0},
        ),
        Mechanism(
            "fear-of-retaliation", "communities",
            "people keep silent where armed groups control the district",
            "Kalyvas 2006, Wheeler 2005", {"warn_retaliation": 0.0},
        ),
        Mechanism(
            "trust-learning", "communities",
            "trust in mission and state follows what becomes of alerts, and abuse",
            "guess", {"trust_gain": 0.0, "trust_loss": 0.0, "trust_fade": 0.0, "abuse_trust_loss": 0.0},
        ),
        Mechanism(
            "closure-fear", "communities",
            "a closure that nobody explained frightens people",
            "E1-5, E1-49", {"fear_closure": 0.0},
        ),
        Mechanism(
            "flight", "communities",
            "people flee violence",
            "E2d", {"uprooted_share": 0.0, "panic_rate": 0.0},
        ),
        Mechanism(
            "return", "communities",
            "displaced people come home",
            "E1-35, E2d", {"return_rate": 0.0},
        ),
        Mechanism(
            "deterrence", "armed groups",
            "armed groups weigh the chance of being met",
            "E2a", {"met_cost": 0.0},
            "without it no protection deters, so that by definition every district with an armed group is "
            "in a security vacuum",
        ),
        Mechanism(
            "learning", "armed groups",
            "armed groups learn whether acts are noticed and answered, from sight, experience and hearsay",
            "evidence 3", {"own_weight": 0.0, "sight_weight": 0.0, "hearsay_weight": 0.0},
            "everybody keeps the prior belief for ever",
        ),
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
            "taking-sides", "armed groups",
            "people comply after selective violence, and turn from a group after indiscriminate violence",
            "Kalyvas 2006; against it Lyall 2009", {"compliance": 0.0, "backlash": 0.0},
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
            "-", {"attack_effort": NEVER},
        ),
        Mechanism(
            "contests", "armed groups",
            "armed groups fight for control",
            "Hirshleifer 1989", {"contest_cost": NEVER},
        ),
        Mechanism(
            "taking-ground", "armed groups",
            "armed groups take over ungoverned ground",
            "Raleigh & Dowd 2013", {"group_hold": 0.0},
        ),
        Mechanism(
            "group-moves", "armed groups",
            "armed groups move to other districts",
            "E2f", {"move_cost": NEVER},
        ),
        Mechanism(
            "recruitment", "armed groups",
            "well-supplied groups find recruits among the aggrieved",
            "evidence 3", {"recruit_rate": 0.0},
        ),
        Mechanism(
            "desertion", "armed groups",
            "fighters of hungry groups go home",
            "guess", {"desert_rate": 0.0},
        ),
        Mechanism(
            "state-patrols", "state forces",
            "state forces patrol and hold ground",
            "E1-1", {"state_patrols_per_100": 0.0},
        ),
        Mechanism(
            "state-answers", "state forces",
            "state forces answer alerts",
            "E1-1", {"state_act_chance": 0.0},
        ),
        Mechanism(
            "state-redeployment", "state forces",
            "state forces move into gaps",
            "E1-1", {"review_chance": 0.0},
        ),
        Mechanism(
            "offensives", "state forces",
            "the army attacks armed groups",
            "guess", {"offensive_rate": 0.0},
        ),
        Mechanism(
            "crowding-out", "state forces",
            "state forces leave work to the mission where it is present",
            "E1-27", {"crowding_out": 0.0},
        ),
        Mechanism(
            "arrears", "state forces",
            "unpaid state forces work less and prey more",
            "E1-21", {"arrears_weight": 0.0, "abuse_arrears": 0.0},
        ),
        Mechanism(
            "state-abuse", "state forces",
            "state forces prey on civilians",
            "E1-21", {"abuse_rate": 0.0},
        ),
        Mechanism(
            "mentoring", "state forces",
            "the mission trains and advises state units, and what that brings fades without it",
            "E1-22", {"mentor_rate": 0.0},
        ),
        Mechanism(
            "due-diligence", "state forces",
            "the mission withholds support where abuse is reported",
            "E1-26", {"due_diligence": 0.0},
        ),
        Mechanism(
            "accountability", "state forces",
            "well-organised communities hold state forces to account",
            "E1-48", {"accountability": 0.0},
        ),
        Mechanism(
            "policing", "crime",
            "police prevent crime",
            "E1-8, E2a", {"arrest": 0.0},
        ),
        Mechanism(
            "detention", "crime",
            "police detain members of small armed bands",
            "E2a", {"detain_rate": 0.0},
        ),
        Mechanism(
            "crime-of-ex-combatants", "crime",
            "former fighters without work or programme raise crime",
            "E2e", {"crime_of_idle": 0.0},
        ),
        Mechanism(
            "self-defence", "communities",
            "communities that are afraid and trust nobody arm themselves",
            "guess", {"militia_share": 0.0},
        ),
        Mechanism(
            "communal-violence", "communities",
            "communities attack each other where tension is high",
            "E1-20", {"raid_rate": 0.0},
        ),
        Mechanism(
            "revenge-of-communities", "communities",
            "communities take revenge for attacks by others",
            "E2f", {"raid_revenge": 0.0},
        ),
        Mechanism(
            "calming", "the mission",
            "patrols, police and mediation prevent attacks between communities",
            "E1-20, E1-44", {"raid_calmed": 0.0, "tension_mediated": 0.0},
        ),
        Mechanism(
            "elections", "surroundings",
            "national votes raise tension, and abuse by state forces",
            "E1-46", {"vote_tension": 0.0, "vote_abuse": 0.0},
        ),
        Mechanism(
            "hate-speech", "armed groups",
            "groups that claim to fight for a people pay for hate speech",
            "E1-55", {"hate_rate": 0.0, "hate_cost": 0.0},
        ),
        Mechanism(
            "consent", "surroundings",
            "the host restricts a mission that reports on its forces",
            "E1-18", {"consent_reports": 0.0},
        ),
        Mechanism(
            "rumours", "surroundings",
            "rumours against the mission start where it fails or leaves unexplained, and spread",
            "E1-49, Trithart 2022",
            {"rumour_closure": 0.0, "rumour_failure": 0.0},
        ),
        Mechanism(
            "robust-action", "the mission",
            "units with a mandate to do so attack armed groups",
            "E1-70, E1-76", {"robust_rate": 0.0},
            "only cases with such units",
        ),
        Mechanism(
            "shared-alerts", "the mission",
            "the mission passes alerts on to state forces",
            "E1-73", {"alerts_shared": 0.0},
        ),
        Mechanism(
            "projects", "the mission",
            "small works around bases win trust, and leave anger when they end",
            "E1-54", {"project_trust": 0.0, "project_loss": 0.0},
        ),
        Mechanism(
            "onset", "armed groups",
            "new armed groups form where people are angry and the state is not there",
            "E1-58", {"onset_rate": 0.0},
        ),
        Mechanism(
            "splintering", "armed groups",
            "groups split after losses",
            "evidence 3", {"splinter_rate": 0.0},
        ),
        Mechanism(
            "merging", "armed groups",
            "small groups join stronger ones",
            "evidence 3", {"merge_rate": 0.0},
        ),
        Mechanism(
            "sanctuary", "armed groups",
            "groups that lose withdraw across a border, and come back",
            "E1-62", {"cross_rate": 0.0},
        ),
        Mechanism(
            "demobilisation", "armed groups",
            "groups let fighters go where a programme has places",
            "E1-37", {"demobilise_share": 0.0, "demobilise_value": -NEVER},
        ),
        Mechanism(
            "reintegration", "communities",
            "former fighters become civilians, sooner in a programme",
            "E1-37, E2e", {"reintegrate_rate": 0.0, "drift_rate": 0.0},
        ),
        Mechanism(
            "remobilisation", "armed groups",
            "groups call up former fighters",
            "E2e", {"remobilise_rate": 0.0},
        ),
        Mechanism(
            "aid", "aid",
            "relief agencies deliver aid",
            "evidence 3", {"staff_reach": 0.0},
        ),
        Mechanism(
            "aid-attacks", "aid",
            "armed groups rob aid, and work is suspended",
            "E2g", {"rob_effort": NEVER},
        ),
        Mechanism(
            "diversion", "aid",
            "robbed aid supplies armed groups",
            "E1-53", {"diverted_weeks": 0.0},
        ),
        Mechanism(
            "excess-mortality", "aid",
            "need that stays unmet for months costs lives",
            "guess; orders of magnitude of emergencies", {"excess_mortality": 0.0},
        ),
        Mechanism(
            "financial-cliff", "aid",
            "funding of relief, of state pay and of programmes falls once the mission has gone",
            "E1-39, E1-71", {"funding_cliff": 0.0},
        ),
        Mechanism(
            "partisan-aid", "aid",
            "armed groups take aid that works beside the mission for a part of it",
            "E1-52", {"partisan_loss": 0.0},
        ),
        Mechanism(
            "unarmed-protection", "aid",
            "unarmed teams accompany communities and mediate",
            "E1-47",
            {"team_notice": 0.0, "team_organisation": 0.0, "team_restraint": 0.0, "team_mediation": 1e30},
            "they still see and report",
        ),
        Mechanism(
            "site-guards", "camps",
            "peacekeepers and police guard the perimeter of camps and protection sites",
            "E1-30, E1-31", {"guards_per_1000": 1e30},
            "peacekeepers who guard a site stay tied down",
        ),
        Mechanism(
            "site-attacks", "camps",
            "armed groups attack camps",
            "E1-32", {"site_target": 0.0},
        ),
        Mechanism(
            "site-surroundings", "camps",
            "sexual violence on the way for firewood and water",
            "E1-9", {"forage_rate": 0.0},
        ),
        Mechanism(
            "militarisation", "camps",
            "armed groups settle and recruit in camps",
            "E1-32", {"militarise_rate": 0.0, "camp_recruits": 0.0},
        ),
        Mechanism(
            "forced-return", "camps",
            "states that run camps send people home, safe or not",
            "E1-33, E1-75", {"push_rate": 0.0},
        ),
        Mechanism(
            "monitors-blocked", "the record of harm",
            "a host keeps human-rights monitors out once the mission has gone",
            "E1-19", {"monitors_blocked": 0.0},
        ),
        Mechanism(
            "women-in-patrols", "the mission",
            "patrols with women hear more, and more of sexual violence is told",
            "E1-56, E1-78", {"women_listening": 0.0, "women_record": 0.0},
        ),
        Mechanism(
            "record-by-mission", "the record of harm",
            "the mission sees and records harm",
            "E1-11", {"record_un": 0.0, "record_alert": 0.0},
            "mission and state act on the record",
        ),
        Mechanism(
            "record-by-monitors", "the record of harm",
            "humanitarian and rights monitors see and report harm",
            "E1-12", {"monitor_sees": 0.0, "relief_sees": 0.0},
            "they also watch state forces",
        ),
        Mechanism(
            "record-by-media", "the record of harm",
            "media and telephones report harm",
            "E2g", {"record_media": 0.0, "record_urban": 0.0, "record_large": 0.0},
        ),
        Mechanism(
            "network-handover", "the mission",
            "alert networks that are handed over go on carrying more than chance telephones do",
            "E1-13", {"handed_over_kept": 0.0, "relay_kept": 0.0},
            "only schedules that hand them over",
        ),
        Mechanism(
            "assessment-bias", "the mission",
            "the mission overestimates state forces when it looks at benchmarks",
            "E1-65", {"assessment_bias": 0.0},
            "only schedules with gates or triggers on them",
        ),
        Mechanism(
            "follow-on-mediation", "the mission",
            "a follow-on presence mediates quarrels between communities",
            "E1-43, E1-44",
            {f"{kind}_mediation": 0.0 for kind in ("country", "political", "police", "regional")},
            "only schedules that start one, as with the next three",
        ),
        Mechanism(
            "follow-on-monitoring", "the mission",
            "a follow-on presence sees harm and watches state forces",
            "E1-12, E1-43",
            {f"{kind}_monitoring": 0.0 for kind in ("country", "political", "police", "regional")},
        ),
        Mechanism(
            "follow-on-mentoring", "the mission",
            "a follow-on presence trains and advises state forces",
            "E1-22, E1-43",
            {f"{kind}_mentoring": 0.0 for kind in ("country", "political", "police", "regional")},
        ),
        Mechanism(
            "follow-on-policing", "the mission",
            "a police-only mission polices",
            "E1-8", {"police_per_1000": 0.0},
        ),
        Mechanism(
            "season", "surroundings",
            "roads are slower in the wet season",
            "E2a", {},
            "without it it is always dry",
        ),
    )
}  # fmt: skip


class MechanismError(ValueError):
    """There is no mechanism of that name."""


def check(names: Iterable[str]) -> None:
    """Raise `MechanismError` unless all `names` are mechanisms."""
    for name in names:
        if name not in MECHANISMS:
            raise MechanismError(f"there is no mechanism {name!r}; {did_you_mean(name, MECHANISMS)}")


def values_without(names: Iterable[str]) -> dict[str, float]:
    """Return the parameter values that switch these mechanisms off."""
    return {parameter: value for name in names for parameter, value in MECHANISMS[name].off.items()}
