"""What a briefing says, as templates with typed slots; each sentence is no stronger than its numbers.

A function here takes `Facts` and returns sentences. How likely something is comes from the matched worlds, a
number with a word beside it; how sure we are of that comes from the evidence, in sentences of its own. What
the runs cannot tell is said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations

from sim.brief.facts import PERPETRATORS, RINGS, SIDE_BY_SIDE, Facts
from sim.brief.slots import (
    Day,
    Listed,
    Month,
    Name,
    Number,
    Percent,
    Sentence,
    Signed,
    Slot,
    Title,
    say,
    say_many,
    together,
)
from sim.intervals import FEWEST
from sim.measures import Difference
from sim.scenario.case import COUNTERFACTUAL
from sim.show.sentences import MOST_TURNS, Claim
from sim.study.answers import NEXT_TO_NOTHING, REIMBURSEMENT, SATURATED
from sim.study.evidence import MOVES

SHARES = (
    (1.0, say("all")),
    (0.95, say("nearly all")),
    (0.75, say("most")),
    (0.55, say("more than half")),
    (0.45, say("about half")),
    (0.25, say("less than half")),
    (0.05, say("few")),
    (0.0, say("almost none")),
)
"""From which share of worlds which word is used beside the number; none at all has its own."""
NONE = say("none")
OUTCOME = {
    "killed": say("civilians killed"),
    "excess_deaths": say("deaths from want"),
    "deaths": say("deaths of all kinds counted"),
    "fled": say("flights"),
    "vacuum_weeks": say("weeks in a security vacuum"),
}
RING = {
    "own": say("districts whose base closes"),
    "neighbour": say("their neighbours by road"),
    "other": say("all other districts"),
}
PERPETRATOR = {
    "killed_by_groups": say("armed groups"),
    "killed_by_state": say("state forces"),
    "killed_by_militias": say("communal militias"),
    "killed_by_criminals": say("criminals, counted apart"),
}
GUESSED = {
    "average_abusiveness": say("how abusive an average armed group is"),
    "recruit_rate": say("how fast a well-supplied group recruits among an angry people"),
    "attack_hurdle": say("how much an attack on civilians must promise before a group makes it"),
    "militia_share": say("how many people take up arms where nobody protects them"),
    "recruit_base": say("how ready people without any grievance are to join a group"),
    "met_cost": say("what a group expects to lose if it is met during an attack"),
    "attack_size": say("the size of a group from which it attacks often"),
    "rest_pull": say("how fast a group shrinks or grows to what it can feed"),
    "answer_reach": say("how far from its base a unit still comes to an attack"),
    "loot_violence": say("how much violence a hungry group uses to loot"),
    "telephone_chance": say("how often an alert gets through without an alert network"),
    "violence_longest": say("how long an attack can last"),
    "abuse_deaths": say("how many people an undisciplined unit of the state kills in an incident"),
    "decisiveness": say("how closely groups follow what serves them"),
    "ready_companies": say("how many free companies it takes for a patrol to be at hand"),
    "move_cost": say("what it costs a group to move its base"),
    "district_feeds": say("how many fighters the richest district can keep"),
    "trust_settled": say("the trust to which people return when nothing happens"),
    "belief_kept": say("how long groups remember what they have seen"),
    "contest_step": say("how much control changes hands in a fight that is won"),
}
"""Guesses that move a main result, in words; others are named as `drawdown parameters` has them."""
RATING = {"low": say("low"), "moderate": say("moderate"), "high": say("high")}
STAY = say("every base stays")


# -- parts ------------------------------------------------------------------------------------------------


def word(part: int, of: int) -> Sentence:
    """Return the word for a share of worlds."""
    share = part / of
    own = Claim("word", (part, of))
    if part == 0:
        return Sentence(NONE.template, own=(own,))
    found = next(s for least, s in SHARES if share >= least or least == 0.0)
    return Sentence(found.template, own=(own,))


def worlds(d: Difference, metric: str, a: str, b: str = COUNTERFACTUAL, more: bool = True) -> Sentence:
    """Return "38 of 40 matched worlds (95%, nearly all)": where a has more (or fewer) than b."""
    n = d.higher if more else d.lower
    return say(
        "{n} of {of} matched worlds ({share}, {word})",
        Claim("more in" if more else "fewer in", (n, d.runs), metric, a, b),
        n=Number(n),
        of=Number(d.runs),
        share=Percent(n / d.runs),
        word=word(n, d.runs),
    )


def title(f: Facts, name: str) -> Title:
    """Return the title of a schedule, to be quoted."""
    return Title(*f.label(name))


def titles(f: Facts, names: Sequence[str]) -> Listed:
    """Return the titles of schedules."""
    return Listed(tuple(title(f, n) for n in names))


def told(f: Facts, metric: str, a: str, b: str = COUNTERFACTUAL) -> Claim:
    """Return the claim on whether two schedules are told apart."""
    return Claim("told", (float(f.answers.told(metric, a, b)),), metric, a, b)


def _spread(d: Difference, metric: str, a: str, b: str = COUNTERFACTUAL) -> tuple[Claim, ...]:
    return (Claim("median", (d.median,), metric, a, b), Claim("worst", (d.worst,), metric, a, b))


# -- the question, and what to know before ----------------------------------------------------------------


def question(f: Facts) -> Sentence:
    """Return the question that the briefing answers."""
    return say_many(
        "In the same simulated world, with the same chance events: what is different for civilians if bases "
        "close in one way rather than all staying, between {start} and {end}?",
        "In the same simulated world, with the same chance events: what is different for civilians if bases "
        "close in one of {n} ways rather than all staying, between {start} and {end}?",
        len(f.answers.names),
        n=Number(len(f.answers.names)),
        start=Month(f.start),
        end=Month(f.end),
    )


def no_forecast(f: Facts) -> Sentence:
    """Say that nothing here is a forecast."""
    return say(
        "This is not a forecast. Simulated worlds are compared with one another: nothing here says what will "
        "happen in a real place, and no total is an estimate of what did happen."
    )


def how_sure(f: Facts) -> Sentence:
    """Say how sure the evidence makes us, and why; apart from how often anything happens in the runs."""
    e = f.evidence
    counts = say(
        "{guesses} of the model's {parameters} parameters and {weak} of the {rows} rows of the case's "
        "tables are guesses or estimates",
        Claim("evidence", (e.guesses, e.parameters, e.weak_rows, e.rows)),
        guesses=Number(e.guesses),
        parameters=Number(e.parameters),
        weak=Number(e.weak_rows),
        rows=Number(e.rows),
    )
    rating = Claim("rating", place=e.rating)
    if not e.measured:
        return say(
            "How sure the evidence makes us: {rating}. {counts}, and which of them move the answer was not "
            "measured for these schedules.",
            rating,
            rating=RATING[e.rating],
            counts=counts,
        )
    return say(
        "How sure the evidence makes us: {rating}. Of the {moving} parameters that alone move the answer by "
        "{moves} or more {guessed} are guesses; {counts}.",
        rating,
        Claim("moving", (len(e.moving), e.moving_guesses, MOVES)),
        rating=RATING[e.rating],
        moving=Number(len(e.moving)),
        moves=Percent(MOVES),
        guessed=Number(e.moving_guesses),
        counts=counts,
    )


def ignorance(f: Facts) -> Sentence:
    """Say how few parameters matter, and by how much ignorance of all of them is magnified."""
    found = say(
        "{matter} of the {parameters} parameters move a main result by {edge} or more, each over its range; "
        "ignorance of all of them together is magnified {times} times in the deaths that closures add "
        "(measured on a full exit in the DRC case). Trust which schedule does more harm before you trust "
        "how much.",
        Claim("ignorance", (len(f.matter), f.evidence.parameters, 0.3, f.magnified)),
        matter=Number(len(f.matter)),
        parameters=Number(f.evidence.parameters),
        edge=Percent(0.3),
        times=Number(f.magnified, 1),
    )
    if not f.older:
        return found
    claim = Claim("older")
    return together(
        found,
        say("Both figures were measured before the rules last changed, and not again since.", claim),
    )


def one_number(f: Facts) -> Sentence:
    """Say that what a base prevents has no source."""
    return say(
        "How much a base prevents has no measured size. Whoever believes that bases prevent more, or less, "
        "than this model has them do should read every difference as larger, or smaller."
    )


def actual(f: Facts) -> list[Sentence]:
    """Say what a schedule that carries out what happened is not."""
    if "actual" not in f.answers.names:
        return []
    return [
        say(
            "{actual} carries out, in simulated worlds, what the mission did; it is not what happened there.",
            actual=title(f, "actual"),
        )
    ]


# -- can they be told apart -------------------------------------------------------------------------------


def too_few(f: Facts) -> list[Sentence]:
    """Say that there are too few worlds for any statement about means."""
    a = f.answers
    if a.enough or not a.names:
        return []
    return [
        say_many(
            "Too few worlds to tell anything apart: there is {n}, and the method needs {fewest}. Nothing "
            "below says what to expect.",
            "Too few worlds to tell anything apart: there are {n}, and the method needs {fewest}. Nothing "
            "below says what to expect.",
            a.worlds,
            Claim("too few", (a.worlds, FEWEST)),
            n=Number(a.worlds),
            fewest=Number(FEWEST),
        )
    ]


def against_none(f: Facts) -> list[Sentence]:
    """Say which schedules the runs can tell from the world in which every base stays."""
    a = f.answers
    if not a.enough:
        return []
    said = []
    groups = {
        1: say("More civilians are killed than if every base stays, beyond chance, under {names}."),
        -1: say("Fewer civilians are killed than if every base stays, beyond chance, under {names}."),
    }
    every = {
        1: say(
            "More civilians are killed than if every base stays, beyond chance, under each of the "
            "{n} schedules."
        ),
        -1: say(
            "Fewer civilians are killed than if every base stays, beyond chance, under each of the "
            "{n} schedules."
        ),
    }
    for sign, template in groups.items():
        names = [n for n in f.ordered if a.told("killed", n) == sign]
        claims = tuple(told(f, "killed", n) for n in names)
        if len(names) == len(a.names) > 3:
            said.append(Sentence(every[sign].template, {"n": Number(len(names))}, claims))
        elif names:
            said.append(Sentence(template.template, {"names": titles(f, names)}, claims))
    alike = [n for n in f.ordered if a.told("killed", n) == 0]
    same = [n for n in alike if not a.paired("killed", n).any()]
    unsure = [n for n in alike if n not in same]
    if len(unsure) == len(a.names) > 3:
        said.append(
            say(
                "By the civilians killed the runs cannot tell any of the {n} schedules from the same worlds "
                "with every base.",
                *(told(f, "killed", n) for n in unsure),
                n=Number(len(unsure)),
            )
        )
    elif unsure:
        said.append(
            say(
                "The runs cannot tell {names} from the same worlds with every base, by the civilians killed.",
                *(told(f, "killed", n) for n in unsure),
                names=titles(f, unsure),
            )
        )
    for n in same:
        said.append(
            say(
                "Under {name} exactly as many civilians are killed as if every base stays, in each of {n} "
                "worlds.",
                Claim("same", (a.worlds,), "killed", n),
                name=title(f, n),
                n=Number(a.worlds),
            )
        )
    return said


def want_beside(f: Facts) -> list[Sentence]:
    """Say of schedules that the killed do not tell from every base staying whether deaths from want do."""
    a = f.answers
    unsure = [n for n in f.ordered if a.told("killed", n) == 0 and a.paired("killed", n).any()]
    more = [n for n in unsure if a.told("excess_deaths", n) > 0]
    if not a.enough or not more:
        return []
    claims = tuple(told(f, "excess_deaths", n) for n in more)
    if len(more) == len(a.names) > 3:
        return [
            say(
                "But more people die of want than if every base stays, beyond chance, under each of the {n} "
                "schedules.",
                *claims,
                n=Number(len(more)),
            )
        ]
    return [
        say(
            "But more people die of want than if every base stays, beyond chance, under {names}.",
            *claims,
            names=titles(f, more),
        )
    ]


def two_middles(f: Facts) -> Sentence:
    """Say what a median is beside an average, where both are given."""
    return say(
        "Medians here are of the world in the middle; averages are of all worlds, and a few bad worlds raise "
        "them. Schedules are told apart by averages."
    )


def how_likely(f: Facts, name: str) -> Sentence:
    """Say in how many worlds a schedule has more killed, and how many: median and worst twentieth."""
    d = f.answers.difference("killed", name)
    more = d.higher >= d.lower
    slots: dict[str, Slot] = {
        "name": title(f, name),
        "worlds": worlds(d, "killed", name, more=more),
        "median": Signed(d.median),
        "worst": Signed(d.worst),
    }
    if more:
        template = say(
            "{name}: more killed in {worlds}; {median} in the median world, {worst} in the worst twentieth "
            "of worlds."
        )
    else:
        template = say(
            "{name}: fewer killed in {worlds}; {median} in the median world, {worst} in the worst twentieth "
            "of worlds."
        )
    return Sentence(template.template, slots, _spread(d, "killed", name))


def few_bad_worlds(f: Facts) -> list[Sentence]:
    """Say where the mean goes one way and most worlds go the other."""
    said = []
    for n in f.ordered if f.answers.enough else ():
        d = f.answers.difference("killed", n)
        if f.answers.told("killed", n) > 0 and d.higher < d.lower:
            said.append(
                say(
                    "{name}: a few bad worlds decide. On average more are killed, although fewer are in "
                    "{worlds}.",
                    told(f, "killed", n),
                    name=title(f, n),
                    worlds=worlds(d, "killed", n, more=False),
                )
            )
    return said


def first_two(f: Facts) -> list[Sentence]:
    """Say whether the schedule with fewest killed can be told from the next, and what would tell."""
    a = f.answers
    if not a.enough or len(a.names) < 2:
        return []
    best, second = f.ordered[:2]
    d = a.difference("killed", second, best)
    if a.told("killed", second, best):
        return [
            say(
                "Fewest are killed under {best}. It can be told from the next, {second}, under which more "
                "are killed in {worlds}; {median} in the median world.",
                told(f, "killed", second, best),
                Claim("fewest", place=best),
                Claim("median", (d.median,), "killed", second, best),
                best=title(f, best),
                second=title(f, second),
                worlds=worlds(d, "killed", second, best),
                median=Signed(d.median),
            )
        ]
    if not a.paired("killed", second, best).any():
        return [
            say(
                "{best} and {second}, the two of lowest mean, have exactly as many killed in each of "
                "{n} worlds.",
                Claim("same", (a.worlds,), "killed", best, second),
                Claim("fewest", place=best),
                best=title(f, best),
                second=title(f, second),
                n=Number(a.worlds),
            )
        ]
    alike = say(
        "{best} and {second}, the two of lowest mean, cannot be told apart: more are killed under {second} "
        "in {worlds}.",
        told(f, "killed", second, best),
        Claim("fewest", place=best),
        best=title(f, best),
        second=title(f, second),
        worlds=worlds(d, "killed", second, best),
    )
    return [together(alike, would_tell(f, best, second))]


def would_tell(f: Facts, best: str, second: str) -> Sentence:
    """Say how many worlds would tell two schedules apart."""
    n = f.needed(best, second)
    claim = Claim("needed", (float(n or 0),), "killed", best, second)
    if n is None:
        return say(
            "No sensible number of further worlds would tell them; choose between them by other things.",
            claim,
        )
    if n <= f.answers.worlds:
        return say(
            "As a single pair these {have} worlds might be enough; judged together with all other pairs they "
            "are not.",
            claim,
            have=Number(f.answers.worlds),
        )
    return say(
        "If they differ as much as it looks, about {n} worlds would tell (there are {have}); no number of "
        "worlds mends what is guessed.",
        claim,
        n=Number(n),
        have=Number(f.answers.worlds),
    )


def worst(f: Facts) -> list[Sentence]:
    """Say whether the schedule with most killed can be told from the others."""
    a = f.answers
    if not a.enough or len(a.names) < 3:
        return []
    last = f.ordered[-1]
    others = [n for n in f.ordered if n != last]
    apart = [n for n in others if a.told("killed", last, n) > 0]
    claims = tuple(told(f, "killed", last, n) for n in others)
    if len(apart) == len(others):
        return [
            say(
                "Most are killed under {name}, more than under each of the others, beyond chance.",
                *claims,
                name=title(f, last),
            )
        ]
    if not apart:
        return [
            say(
                "Most are killed under {name}, but the runs cannot tell it from any of the others.",
                *claims,
                name=title(f, last),
            )
        ]
    return [
        say(
            "Most are killed under {name}; the runs tell it from {apart}, and cannot tell it from {rest}.",
            *claims,
            name=title(f, last),
            apart=titles(f, apart),
            rest=titles(f, [n for n in others if n not in apart]),
        )
    ]


def ties(f: Facts) -> Sentence | None:
    """Say how many pairs of schedules can be told apart, all judged together."""
    a = f.answers
    if not a.enough or len(a.names) < 2:
        return None
    pairs = list(combinations(a.names, 2))
    apart = sum(a.told("killed", x, y) != 0 for x, y in pairs)
    claims = (Claim("apart", (len(pairs), apart)), *(told(f, "killed", x, y) for x, y in pairs))
    if apart:
        found = say_many(
            "Of {pairs} pairs of schedules {n} can be told apart by the civilians killed.",
            "Of {pairs} pairs of schedules {n} can be told apart by the civilians killed.",
            apart,
            *claims,
            pairs=Number(len(pairs)),
            n=Number(apart),
        )
    else:
        found = say_many(
            "The one pair of schedules cannot be told apart by the civilians killed.",
            "Of {pairs} pairs of schedules none can be told apart by the civilians killed.",
            len(pairs),
            *claims,
            pairs=Number(len(pairs)),
        )
    judged = say(
        "All pairs, also those with every base staying, are judged together: there is at most a {chance} "
        "chance that any is told apart falsely (Holm).",
        Claim("level", (5, 95)),
        chance=Percent(0.05),
    )
    return together(found, judged)


def main(f: Facts) -> list[str]:
    """Return the schedules whose course is told on the first page: those with fewest and most killed."""
    return list(dict.fromkeys((f.ordered[-1], f.ordered[0]))) if f.answers.names else []


# -- other harm -------------------------------------------------------------------------------------------


def beside(f: Facts, name: str) -> Sentence:
    """Say what the killed leave out: deaths from want and flights, by worlds, median and worst twentieth."""
    parts = []
    a = f.answers
    for metric in SIDE_BY_SIDE[1:]:
        d = a.difference(metric, name)
        own = (*_spread(d, metric, name), told(f, metric, name))
        slots: dict[str, Slot] = {
            "what": OUTCOME[metric],
            "median": Signed(d.median),
            "worst": Signed(d.worst),
            "worlds": worlds(d, metric, name),
        }
        if a.enough and not a.told(metric, name):
            part = say(
                "{what} cannot be told from every base staying: more in {worlds}, {median} in the median "
                "world"
            )
        else:
            part = say(
                "{what} {median} in the median world, {worst} in the worst twentieth, more in {worlds}"
            )
        parts.append(Sentence(part.template, slots, own))
    return say(
        "Besides those killed, under {name}: {parts}.",
        name=title(f, name),
        parts=Listed(tuple(parts), "; "),
    )


def turning(f: Facts) -> list[Sentence]:
    """Say whether the order of schedules turns with the outcome, where the runs can tell."""
    a = f.answers
    if not a.enough or not a.names:
        return []
    turns = a.turns()
    if not turns:
        return [
            say(
                "By other outcomes: no pair is told apart one way by those killed and the other way by "
                "deaths from want, all deaths counted, flights or weeks in a security vacuum.",
                Claim("turns", (0.0,)),
            )
        ]
    spelt: dict[frozenset[str], Sentence] = {}
    for x, y, one, other in turns:
        key = frozenset((x, y))
        if key not in spelt:
            spelt[key] = say(
                "The order turns with what is counted: {x} has more {one} than {y}, and fewer {other}.",
                told(f, one, x, y),
                told(f, other, x, y),
                x=title_or_stay(f, x),
                y=title_or_stay(f, y),
                one=OUTCOME[one],
                other=OUTCOME[other],
            )
    said = list(spelt.values())[:MOST_TURNS]
    if len(spelt) > MOST_TURNS:
        said.append(
            say(
                "It turns for {n} of {pairs} pairs.",
                Claim("turns", (len(spelt),)),
                Claim("pairs", (a.pairs,)),
                n=Number(len(spelt)),
                pairs=Number(a.pairs),
            )
        )
    return said


def title_or_stay(f: Facts, name: str) -> Slot:
    """Return the title of a schedule, or what the counterfactual is called here."""
    return Title(STAY.template) if name == COUNTERFACTUAL else title(f, name)


def saturated(f: Facts) -> list[Sentence]:
    """Say that vacuums have little room to rise."""
    share = f.answers.in_vacuum
    if share < SATURATED:
        return []
    return [
        say(
            "Weeks in a security vacuum say little here: with every base there {share} of all "
            "district-weeks are in one already.",
            Claim("saturated", (share,)),
            share=Percent(share),
        )
    ]


def next_to_nothing(f: Facts) -> list[Sentence]:
    """Say where closures take next to no protection away."""
    filled = f.answers.filled
    if not filled or max(x.depth for x in filled.values()) >= NEXT_TO_NOTHING:
        return []
    depth = max(x.depth for x in filled.values())
    return [
        say(
            "In this case bases protect next to nothing: a closure takes at most {depth} points in 100 off "
            "the chance that an attack is met. What the schedules change comes from elsewhere: observers, "
            "aid, police, the host.",
            Claim("depth at most", (depth * 100,)),
            depth=Number(depth * 100, 1),
        )
    ]


# -- where, when, who -------------------------------------------------------------------------------------


def where(f: Facts, name: str) -> list[Sentence]:
    """Say which places carry the difference of a schedule, if it is clear."""
    a = f.answers
    if not a.told("killed", name):
        return []
    carriers = a.carriers(name)
    if not carriers:
        return [
            say(
                "Where, under {name}: the runs cannot tell in which districts.",
                told(f, "killed", name),
                Claim("no place", (), "killed", name),
                name=title(f, name),
            )
        ]
    more = a.difference("killed", name).mean > 0
    parts: list[Slot] = []
    for place, mean, n in carriers:
        claim = Claim("place", (mean, n, a.kept), "killed", name, place=place)
        part = (
            say("{place} ({mean} on average, more in {n} of {of} worlds)", claim)
            if more
            else say("{place} ({mean} on average, fewer in {n} of {of} worlds)", claim)
        )
        slots: dict[str, Slot] = {
            "place": Name(place),
            "mean": Signed(mean),
            "n": Number(n),
            "of": Number(a.kept),
        }
        parts.append(Sentence(part.template, slots, part.own))
    return [
        say(
            "Where, under {name}: {places}.",
            told(f, "killed", name),
            name=title(f, name),
            places=Listed(tuple(parts)),
        )
    ]


def when(f: Facts, name: str) -> list[Sentence]:
    """Say from when on the difference is clear, and how long it takes to come."""
    a = f.answers
    closes = a.first_closure.get(name)
    if not a.enough or not closes or not a.told("killed", name):
        return []
    first, half, rest = a.clear_from(name), f.half_by(name), f.last_share(name)
    said = []
    day = Day(date.fromisoformat(closes))
    if first is None:
        said.append(
            say(
                "When, under {name}: the first base closes on {closes}; those killed so far do not differ "
                "clearly at any half-year's end that lasts.",
                Claim("never clear", (), "killed", name),
                name=title(f, name),
                closes=day,
            )
        )
    else:
        said.append(
            say(
                "When, under {name}: the first base closes on {closes}; in all killed so far the difference "
                "is clear from {clear} on.",
                Claim("clear from", (first,), "killed", name),
                name=title(f, name),
                closes=day,
                clear=Month(date.fromisoformat(a.half_years[first])),
            )
        )
    if half is not None and rest is not None:
        slots: dict[str, Slot] = {
            "half": Month(date.fromisoformat(a.half_years[half])),
            "last": Percent(max(rest, 0.0)),
            "end": Month(f.end),
        }
        claims = (
            Claim("half by", (half,), "killed", name),
            Claim("last year", (max(rest, 0.0),), "killed", name),
        )
        if rest >= STILL:
            template = say(
                "Watch to the end and beyond: half of the difference has come by {half}, {last} of it in the "
                "last year of the run, and it has not stopped by {end}."
            )
        else:
            template = say(
                "Half of the difference has come by {half}, {last} of it in the last year of the run, to "
                "{end}."
            )
        said.append(Sentence(template.template, slots, claims))
    return [together(*said)]


STILL = 0.05
"""Share of the difference in the last year of a run from which it counts as not having stopped."""


def who(f: Facts, name: str) -> list[Sentence]:
    """Say who made good the protection that closures took, and how often nobody did."""
    found = f.answers.filled.get(name)
    if found is None:
        return []
    if found.took == 0:
        return [
            say(
                "Who fills the gap, under {name}: none of {n} closures in all worlds took protection away.",
                Claim("closures", (found.closures, found.took), "", name),
                name=title(f, name),
                n=Number(found.closures),
            )
        ]
    return [
        say(
            "Who fills the gap, under {name}: after {nobody} of {took} closures that took protection away "
            "({share}, {word}; all worlds together) nobody made good four fifths of it before the end; after "
            "{state} state forces did, after {un} other UN units, which may have left later.",
            Claim("closures", (found.closures, found.took), "", name),
            Claim("filled by", (found.nobody, found.state, found.un, found.took), "", name),
            name=title(f, name),
            took=Number(found.took),
            nobody=Number(found.nobody),
            share=Percent(found.nobody / found.took),
            word=Sentence(
                word(found.nobody, found.took).template, own=(Claim("word", (found.nobody, found.took)),)
            ),
            state=Number(found.state),
            un=Number(found.un),
        )
    ]


def bases_matter(f: Facts, name: str, most: int = 3) -> list[Sentence]:
    """Say whose closing takes most protection from most people."""
    own = f.bases_of(name)[:most]
    if not own:
        return []
    parts = [
        say(
            "{base} ({depth} fewer of 100 attacks met, where {people} people live)",
            Claim("base", (100 * b.depth, b.people), "", name, place=b.base),
            base=Name(b.base),
            depth=Number(100 * b.depth),
            people=Number(b.people),
        )
        for b in own
    ]
    return [
        say(
            "The bases whose closing takes most protection from most people, under {name}: {bases}.",
            name=title(f, name),
            bases=Listed(tuple(parts)),
        )
    ]


def rings(f: Facts, name: str) -> list[Sentence]:
    """Say how the difference divides between districts with closures, neighbours and others."""
    if not f.answers.told("killed", name):
        return []
    parts = [
        _part(f.ring(name, k), RING[ring], Claim("ring", (), ring, name)) for k, ring in enumerate(RINGS)
    ]
    return [
        say(
            "Killed under {name}, more or fewer than if every base stays: {parts}.",
            told(f, "killed", name),
            name=title(f, name),
            parts=Listed(tuple(parts), "; "),
        )
    ]


def perpetrators(f: Facts, name: str) -> list[Sentence]:
    """Say by whom more are killed."""
    if not f.answers.enough:
        return []
    parts = []
    for metric in PERPETRATORS:
        part = f.perpetrator(name, metric)
        if part.higher or part.lower:
            parts.append(_part(part, PERPETRATOR[metric], Claim("by", (), metric, name)))
    if not parts:
        return []
    return [
        say(
            "Killed under {name}, more or fewer than if every base stays, by: {parts}.",
            name=title(f, name),
            parts=Listed(tuple(parts), "; "),
        )
    ]


def _part(d: Difference, what: Sentence, kind: Claim) -> Sentence:
    claim = replace(kind, value=(d.mean, float(d.higher), float(d.runs)))
    slots: dict[str, Slot] = {
        "what": what,
        "mean": Signed(d.mean),
        "n": Number(d.higher),
        "of": Number(d.runs),
    }
    if d.clear or not (d.higher or d.lower):
        template = say("{what} {mean} on average (more in {n} of {of} worlds)")
    else:
        template = say(
            "{what} {mean} on average, which cannot be told from nothing (more in {n} of {of} worlds)"
        )
    clear = Claim("part clear", (float(d.clear),), kind.metric, kind.a)
    return Sentence(template.template, slots, (claim, clear))


# -- cost -------------------------------------------------------------------------------------------------


def cost(f: Facts) -> list[Sentence]:
    """Say what is counted as cost, and between what the schedules lie."""
    if not f.answers.names:
        return []
    by = sorted(f.answers.names, key=f.saved)
    least, most = by[0], by[-1]
    claims = [Claim("rate", (REIMBURSEMENT,))]
    claims += [
        Claim("troop-years more", (f.saved(n), f.millions(n)), "", n) for n in dict.fromkeys((least, most))
    ]
    if least == most:
        return [
            say(
                "Cost, at the US$ {rate} a month that the UN pays governments for a soldier or formed "
                "police officer (a part of what a mission costs), more (+) or less (−) than if every base "
                "stays: US$ {a} million under {least}.",
                *claims,
                rate=Number(REIMBURSEMENT),
                least=title(f, least),
                a=Signed(f.millions(least)),
            )
        ]
    return [
        say(
            "Cost, at the US$ {rate} a month that the UN pays governments for a soldier or formed police "
            "officer (a part of what a mission costs), more (+) or less (−) than if every base stays: from "
            "US$ {a} million under {least} to {b} million under {most}.",
            *claims,
            rate=Number(REIMBURSEMENT),
            least=title(f, least),
            a=Signed(f.millions(least)),
            most=title(f, most),
            b=Signed(f.millions(most)),
        )
    ]


# -- what would change the ranking ------------------------------------------------------------------------


def guesses_decide(f: Facts) -> list[Sentence]:
    """Say which guesses undo the answer, or which parameters to look at."""
    e = f.evidence
    if e.undone:
        return [
            say(
                "Guesses that alone, at an end of their range, undo the excess of {name}: {which}.",
                *(Claim("undone", (mean,), place=f"{name} {end}") for name, end, mean in e.undone[:4]),
                name=title(f, e.schedule) if e.schedule in f.titles else Name(e.schedule),
                which=Listed(tuple(_guess(name, end) for name, end, _ in e.undone[:4]), "; "),
            )
        ]
    from sim.parameters import PARAMETERS

    guessed = [n for n in f.matter if n in PARAMETERS and PARAMETERS[n].certainty == "guess"][:4]
    if not guessed:
        return []
    found = say(
        "What to find out in the field first, as the guesses that move the results most: {which} "
        "(`drawdown parameters` says more of each).",
        which=Listed(tuple(_guess(n) for n in guessed), "; "),
    )
    if not f.older:
        return [found]
    told = say("Which these are was measured before the rules last changed.", Claim("older"))
    return [together(found, told)]


def _guess(name: str, end: str = "") -> Slot:
    """Return a parameter in words, with its name as commands take it."""
    shown = Name(f"`{name}`" + (f" ({end})" if end else ""))
    return say("{words} ({name})", words=GUESSED[name], name=shown) if name in GUESSED else shown


def able_army(f: Facts) -> Sentence:
    """Say that the army is as able as the tables say."""
    return say(
        "An able army would change it: here state forces are as able, as willing and as disciplined as the "
        "case's tables say. Run it again with other values before concluding that nobody could fill a gap."
    )


def cannot_say(f: Facts) -> list[Sentence]:
    """Say what the model cannot say."""
    return [
        say(
            "When or where anybody will be killed: it has no forecast, and its worlds are not scenarios of "
            "one."
        ),
        say("How many were killed in the real place: its totals are of simulated worlds."),
        say(
            "Anything after the last week of the run, {end}: harm that comes later is not counted.",
            end=Month(f.end),
        ),
        say("Harm to fighters, soldiers and peacekeepers: they are not counted among the killed."),
        say(
            "Decisions taken outside the mission area: elections, peace agreements, wars between states, "
            "budgets."
        ),
        say(
            "What a mission does beside protecting: mediation, elections, reform of the security sector are "
            "in it only in part."
        ),
    ]
