"""Sentences that follow from the numbers: each carries the claims it makes, and is no stronger than them.

A function here takes `Answers` and returns a `Sentence`, or None where there is nothing to say. Its claims
are what a reader takes from it, as data: the tests compute them again from the tables, and find every
number that is printed among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sim.intervals import FEWEST
from sim.measures import Difference
from sim.scenario.case import COUNTERFACTUAL
from sim.show.numbers import listed, more_or_fewer, number, percent, signed
from sim.study.answers import (
    NEXT_TO_NOTHING,
    REIMBURSEMENT,
    SATURATED,
    Answers,
)

NOUN = {
    "killed": "killed",
    "excess_deaths": "dead of want",
    "deaths": "deaths of all kinds counted",
    "fled": "flights",
    "vacuum_weeks": "weeks in a vacuum",
}
MOST_TURNS = 2
"""Pairs whose order turns that are spelt out; the rest are counted."""


@dataclass(frozen=True)
class Claim:
    """One thing that a sentence says: `kind` about `metric`, of schedule `a` against `b`.

    `value`: the number or numbers that go with it. The kinds are those of `tests/claims.py`,
    which computes each of them from the tables.
    """

    kind: str
    value: tuple[float, ...] = ()
    metric: str = "killed"
    a: str = ""
    b: str = COUNTERFACTUAL
    place: str = ""


@dataclass(frozen=True)
class Sentence:
    """Text, and the claims that it makes."""

    text: str
    claims: tuple[Claim, ...]

    def __str__(self) -> str:
        """Return the text."""
        return self.text


def _told(a: Answers, metric: str, x: str, y: str = COUNTERFACTUAL) -> Claim:
    return Claim("told", (float(a.told(metric, x, y)),), metric, x, y)


def _quoted(names: Sequence[str]) -> str:
    return listed([f"'{n}'" for n in names])


def _mean(d: Difference, metric: str, x: str, y: str = COUNTERFACTUAL) -> tuple[str, list[Claim]]:
    """Return "79 fewer killed on average (-132 to -28)" and its claims."""
    claims = [
        Claim("mean", (d.mean,), metric, x, y),
        Claim("interval", (d.mean_low, d.mean_high), metric, x, y),
    ]
    return f"{more_or_fewer(d.mean)} on average ({signed(d.mean_low)} to {signed(d.mean_high)})", claims


def _worlds(d: Difference, metric: str, x: str, y: str = COUNTERFACTUAL) -> tuple[str, list[Claim]]:
    """Return "fewer in 118 of 200 worlds", in the direction of the mean, and its claim."""
    more = d.mean > 0
    count = d.higher if more else d.lower
    kind = "more in" if more else "fewer in"
    return f"{kind} {count} of {d.runs} worlds", [Claim(kind, (count, d.runs), metric, x, y)]


# -- can they be told apart -------------------------------------------------------------------------


def too_few(a: Answers) -> Sentence | None:
    """Say that there are too few worlds for any statement about means."""
    if a.enough or not a.names:
        return None
    return Sentence(
        f"Too few worlds for an interval: {a.worlds}, and the method needs {FEWEST}. Nothing below says what "
        "to expect; use more replicates.",
        (Claim("too few", (a.worlds, FEWEST)),),
    )


def against_none(a: Answers) -> list[Sentence]:
    """Say which schedules the runs can tell from the world in which the bases stay."""
    if not a.enough or not a.names:
        return []
    said = []
    groups = {1: "More", -1: "Fewer"}
    for sign, word in groups.items():
        names = [n for n in a.ordered if a.told("killed", n) == sign]
        if names:
            said.append(
                Sentence(
                    f"{word} killed than with no base closed, beyond chance: {_quoted(names)}.",
                    tuple(_told(a, "killed", n) for n in names),
                )
            )
    alike = [n for n in a.ordered if a.told("killed", n) == 0]
    for n in alike:
        if not a.paired("killed", n).any():
            said.append(
                Sentence(
                    f"'{n}' has exactly as many killed as 'none' in each of {a.worlds} worlds.",
                    (Claim("same", (a.worlds,), "killed", n),),
                )
            )
    unsure = [n for n in alike if a.paired("killed", n).any()]
    alone = [n for n in unsure if a.difference("killed", n).clear]
    parts, claims = _ranges(a, alone, COUNTERFACTUAL)
    if alone:
        said.append(
            Sentence(
                f"Clear only if looked at alone, not among {a.pairs} pairs: {listed(parts)} from 'none'.",
                (*claims, Claim("pairs", (a.pairs,))),
            )
        )
    parts, claims = _ranges(a, [n for n in unsure if n not in alone], COUNTERFACTUAL)
    if parts:
        said.append(
            Sentence(f"By those killed the runs cannot tell {listed(parts)} from 'none'.", tuple(claims))
        )
    return said


def _ranges(a: Answers, names: Sequence[str], against: str) -> tuple[list[str], list[Claim]]:
    """Return "'fast' (-12 to +98)" of each, with its claims: not told apart, and the interval."""
    parts, claims = [], []
    for n in names:
        d = a.difference("killed", n, against)
        parts.append(f"'{n}' ({signed(d.mean_low)} to {signed(d.mean_high)})")
        claims.append(_told(a, "killed", n, against))
        claims.append(Claim("interval", (d.mean_low, d.mean_high), "killed", n, against))
    return parts, claims


def few_bad_worlds(a: Answers) -> list[Sentence]:
    """Say where the mean goes one way and most worlds go the other."""
    said = []
    for n in a.ordered if a.enough else ():
        d = a.difference("killed", n)
        if a.told("killed", n) > 0 and d.higher < d.lower:
            said.append(
                Sentence(
                    f"'{n}': the mean is above zero although more worlds have fewer killed ({d.lower} of "
                    f"{d.runs}) than more ({d.higher}): a few bad worlds decide.",
                    (
                        _told(a, "killed", n),
                        Claim("fewer in", (d.lower, d.runs), "killed", n),
                        Claim("more in", (d.higher, d.runs), "killed", n),
                    ),
                )
            )
    return said


def among_schedules(a: Answers, details: bool = False) -> list[Sentence]:
    """Compare the schedules: each with the reference, then which cannot be told apart."""
    if not a.enough or len(a.names) < 2:
        return []
    first = a.reference
    others = [n for n in a.ordered if n != first]
    told = [n for n in others if a.told("killed", n, first)]
    said = []
    for n in told:
        d = a.difference("killed", n, first)
        worlds, more = _worlds(d, "killed", n, first)
        mean, claims = _mean(d, "killed", n, first)
        said.append(
            Sentence(
                f"'{n}' against '{first}': {worlds}, {mean}.", (_told(a, "killed", n, first), *more, *claims)
            )
        )
    alike = [n for n in others if n not in told]
    pairs = list(combinations(others, 2))
    same = [(x, y) for x, y in pairs if not a.told("killed", x, y)]
    rest = (
        *(_told(a, "killed", x, y) for x, y in same),
        Claim("alike", (len(pairs), len(same)), "killed", first),
    )
    if len(alike) == len(others) > 2 and same == pairs and not details:
        claims = [_told(a, "killed", n, first) for n in others]
        return [
            Sentence(
                f"The runs cannot tell any schedule from '{first}', nor from each other ({a.pairs} pairs "
                "with 'none').",
                (*claims, *rest, Claim("pairs", (a.pairs,))),
            )
        ]
    alone = [n for n in alike if a.difference("killed", n, first).clear]
    parts, claims = _ranges(a, alone, first)
    if parts:
        said.append(
            Sentence(
                f"Clear only if looked at alone, not among {a.pairs} pairs: {listed(parts)} from '{first}'.",
                (*claims, Claim("pairs", (a.pairs,))),
            )
        )
    parts, claims = _ranges(a, [n for n in alike if n not in alone], first)
    unsure = [f"{listed(parts)} from '{first}'"] if parts else []
    none_told = same == pairs and len(pairs) > 1
    if same and not none_told and (len(same) <= 4 or details):
        unsure += [f"'{x}' from '{y}'" for x, y in same]
        claims += rest
        same = []
    if unsure:
        said.append(Sentence(f"The runs cannot tell {'; '.join(unsure)}.", tuple(claims)))
    if same and none_told:
        said.append(Sentence(f"The runs cannot tell the others apart ({len(pairs)} pairs).", rest))
    elif same:
        said.append(
            Sentence(
                f"Of the {len(pairs)} pairs of the others the runs cannot tell {len(same)} apart "
                "(summary.csv).",
                rest,
            )
        )
    return said


def together(a: Answers) -> Sentence | None:
    """Say how many comparisons were judged together, and at what level."""
    if not a.enough or not a.names:
        return None
    return Sentence(
        f"All {a.pairs} pairs are judged together (Holm): at most a 5 % chance that any is told apart "
        "falsely. In brackets: each mean's own 95 % interval.",
        (Claim("pairs", (a.pairs,)), Claim("level", (5, 95))),
    )


# -- plausible worlds -------------------------------------------------------------------------------


def plausible(a: Answers, name: str) -> Sentence | None:
    """Say how far a schedule's difference spreads over worlds with plausible parameters, and with what."""
    if not a.drawn or not a.enough or name not in a.names:
        return None
    x = a.paired("killed", name)
    d = a.difference("killed", name)
    worse = d.higher / d.runs
    deciders = a.deciders(name)
    claims = [Claim("median", (d.median,), "killed", name), Claim("spread", (d.low, d.high), "killed", name)]
    claims += [Claim("worse", (worse, len(x)), "killed", name)]
    parts = []
    for parameter, rho, low, high in deciders:
        parts.append(f"'{parameter}' ({rho:+.2f}, {low:+.2f} to {high:+.2f})")
        claims.append(Claim("goes with", (rho, low, high), "killed", name, place=parameter))
    what = (
        f"It goes most with {listed(parts)}: rank correlations over worlds."
        if parts
        else f"With none of the {len(a.drawn)} parameters does it go beyond chance."
    )
    if not parts:
        claims.append(Claim("goes with none", (len(a.drawn),), "killed", name))
    return Sentence(
        f"'{name}': {signed(d.median)} killed in the middle one of {len(x)} plausible worlds, "
        f"{signed(d.low)} to {signed(d.high)} in nine of ten, more than 'none' in {percent(worse)}. {what}",
        tuple(claims),
    )


def plausible_worlds(a: Answers) -> Sentence | None:
    """Say that worlds differ in their parameters too."""
    if not a.drawn:
        return None
    return Sentence(
        f"Worlds differ in chance and in {len(a.drawn)} parameters that the record leaves open; both are in "
        f"every interval here. Some {a.distinct} sets of them were drawn.",
        (Claim("drawn", (len(a.drawn), a.distinct)),),
    )


# -- where, when, who -------------------------------------------------------------------------------


def shown(a: Answers) -> list[str]:
    """Return the schedules whose course is told: the reference, and the one that differs most from 'none'."""
    if not a.names or not a.enough:
        return []
    clear = [n for n in a.ordered if a.told("killed", n)]
    largest = max(clear, key=lambda n: abs(a.difference("killed", n).mean), default=a.reference)
    return list(dict.fromkeys((a.reference, largest)))


def where(a: Answers, name: str) -> Sentence | None:
    """Say which districts carry the difference of a schedule, if it is clear."""
    if not a.told("killed", name):
        return None
    whole = a.difference("killed", name).mean
    what = "more" if whole > 0 else "fewer"
    carriers = a.carriers(name)
    if not carriers:
        return Sentence(
            f"'{name}': the runs cannot tell in which districts.",
            (_told(a, "killed", name), Claim("no place", (), "killed", name)),
        )
    parts = []
    claims: list[Claim] = [_told(a, "killed", name), Claim("mean", (whole,), "killed", name)]
    for i, (place, mean, worlds) in enumerate(carriers):
        where_ = f"{what} in {worlds} of {a.kept} worlds" if i == 0 else f"{worlds}"
        parts.append(f"{place} {signed(mean)} ({where_})")
        claims += [Claim("place", (mean, worlds, a.kept), "killed", name, place=place)]
    share = sum(m for _, m, _ in carriers) / whole
    claims.append(Claim("places share", (share, len(carriers)), "killed", name))
    total = (
        f"together {percent(share)} of its {signed(whole)}"
        if share <= 1
        else f"more than its whole {signed(whole)}, as other districts go the other way"
    )
    return Sentence(f"'{name}': {listed(parts)}; {total}.", tuple(claims))


def when(a: Answers, name: str) -> Sentence | None:
    """Say from when on the difference in killed is clear."""
    if not a.enough:
        return None
    first = a.clear_from(name)
    closes = a.first_closure.get(name)
    start = f"first closure {closes}" if closes else "no base closes"
    if not a.told("killed", name):
        return Sentence(
            f"'{name}': {start}; the runs cannot tell those killed from 'none' by the end.",
            (_told(a, "killed", name),),
        )
    if first is None:
        return Sentence(
            f"'{name}': {start}; the difference in killed does not become clear within the run.",
            (Claim("never clear", (), "killed", name),),
        )
    return Sentence(
        f"'{name}': {start}; in all killed so far the difference is clear from {a.half_years[first]} on.",
        (Claim("clear from", (first,), "killed", name),),
    )


def who(a: Answers, name: str) -> Sentence | None:
    """Say who made good the protection that closures took, and how often nobody did."""
    f = a.filled.get(name)
    if f is None:
        return None
    claims = [
        Claim("closures", (f.closures, f.took), "", name),
        Claim("filled by", (f.nobody, f.state, f.un, f.took), "", name),
    ]
    start = f"'{name}': of {number(f.closures)} closures in all worlds {number(f.took)} took protection away"
    if f.took == 0:
        return Sentence(
            f"'{name}': none of {number(f.closures)} closures took protection away.", (claims[0],)
        )
    return Sentence(
        f"{start}; four fifths of it was made good by nobody to the end in {number(f.nobody)} "
        f"({percent(f.nobody / f.took)}), by state forces in {number(f.state)} "
        f"({percent(f.state / f.took)}), by other UN units in {number(f.un)} ({percent(f.un / f.took)}).",
        (*claims, Claim("fifths", (4, 5))),
    )


# -- other deaths, and what would be seen -----------------------------------------------------------


def left_out(a: Answers, name: str) -> Sentence | None:
    """Say what the killed leave out: other deaths that move with a schedule, and all together."""
    if not a.enough or name not in a.names:
        return None
    d = a.difference("excess_deaths", name)
    every = a.difference("deaths", name)
    sign = a.told("excess_deaths", name)
    killed = a.difference("killed", name)
    claims = [
        _told(a, "excess_deaths", name),
        Claim("mean", (d.mean,), "excess_deaths", name),
        Claim("interval", (d.mean_low, d.mean_high), "excess_deaths", name),
        Claim("mean", (killed.mean,), "killed", name),
        Claim("mean", (every.mean,), "deaths", name),
        Claim("interval", (every.mean_low, every.mean_high), "deaths", name),
    ]
    if sign:
        start = (
            f"'{name}': {more_or_fewer(d.mean)} dead of want ({signed(d.mean_low)} to {signed(d.mean_high)})"
        )
    else:
        start = (
            f"'{name}': the runs cannot tell the dead of want from those under 'none' "
            f"({signed(d.mean_low)} to {signed(d.mean_high)})"
        )
    return Sentence(
        f"{start} beside {signed(killed.mean)} killed; with those killed by criminals {signed(every.mean)} "
        f"in all ({signed(every.mean_low)} to {signed(every.mean_high)}).",
        tuple(claims),
    )


def turning(a: Answers) -> list[Sentence]:
    """Say whether the order of schedules turns with the outcome, where the runs can tell."""
    if not a.enough or not a.names:
        return []
    turns = a.turns()
    count = len({frozenset(t[:2]) for t in turns})
    if not turns:
        return [
            Sentence(
                "No pair of schedules is told apart one way by the killed and the other way by deaths from "
                "want, all deaths, flights or weeks in a vacuum.",
                (Claim("turns", (0.0,)),),
            )
        ]
    said = []
    spelt: dict[frozenset[str], Sentence] = {}
    for x, y, one, other in turns:
        key = frozenset((x, y))
        if key in spelt:
            continue
        more, less = a.difference(one, x, y), a.difference(other, x, y)
        spelt[key] = Sentence(
            f"The order turns: '{x}' has more {NOUN[one]} than '{y}' ({signed(more.mean)}) and fewer "
            f"{NOUN[other]} ({signed(less.mean)}).",
            (
                _told(a, one, x, y),
                _told(a, other, x, y),
                Claim("mean", (more.mean,), one, x, y),
                Claim("mean", (less.mean,), other, x, y),
            ),
        )
    said = list(spelt.values())[:MOST_TURNS]
    if count > MOST_TURNS:
        said.append(
            Sentence(
                f"It turns for {count} of {a.pairs} pairs.",
                (Claim("turns", (count,)), Claim("pairs", (a.pairs,))),
            )
        )
    return said


def on_record(a: Answers) -> Sentence | None:
    """Say how much of the excess would be on the simulated record, beside how much of all killed is."""
    names = [n for n in shown(a) if a.told("killed", n)]
    if not names:
        return None
    level = a.total("recorded_killed") / a.total("killed") if a.total("killed") else 0.0
    parts: list[str] = []
    claims: list[Claim] = [Claim("record usual", (level,))]
    words = {-1: "a smaller share", 1: "a larger share", 0: "about that share, as far as the runs can tell,"}
    for n in names:
        side, own, _ = a.recorded_less(n)
        recorded = a.difference("recorded_killed", n)
        parts.append(
            f"of {'that' if parts else 'the difference'} of '{n}' {words[side]} ({signed(recorded.mean)} of "
            f"{signed(a.difference('killed', n).mean)})"
        )
        claims += [
            _told(a, "killed", n),
            Claim("record side", (side,), "killed", n),
            Claim("record share", (own,), "killed", n),
            Claim("mean", (recorded.mean,), "recorded_killed", n),
            Claim("mean", (a.difference("killed", n).mean,), "killed", n),
        ]
    return Sentence(
        f"Simulated observers put {percent(level)} of all killed under 'none' on record; {listed(parts)}.",
        tuple(claims),
    )


# -- cost -------------------------------------------------------------------------------------------


def cost(a: Answers) -> Sentence | None:
    """Say what each schedule takes in troop-years, and in reimbursements to governments."""
    if not a.names:
        return None
    whole = a.troop_years()
    dollars = REIMBURSEMENT * 12.0
    parts = []
    claims = [Claim("rate", (REIMBURSEMENT,))]
    for n in a.ordered:
        own = a.troop_years(n) - whole
        parts.append(f"'{n}' {signed(own * dollars / 1e6)}")
        claims += [Claim("troop-years more", (own, own * dollars / 1e6), "", n)]
    return Sentence(
        f"In US$ m at the UN's ${REIMBURSEMENT:,.0f} a person a month (troops and formed police), a part of "
        f"what a mission costs, against 'none': {'; '.join(parts)}.",
        tuple(claims),
    )


# -- what limits the answer -------------------------------------------------------------------------


def saturated(a: Answers) -> Sentence | None:
    """Say that vacuums have little room to rise."""
    share = a.in_vacuum
    if share < SATURATED:
        return None
    return Sentence(
        f"Weeks in a vacuum say little here: under 'none', with every base there, {percent(share)} of all "
        f"district-weeks are in one already.",
        (Claim("saturated", (share,)),),
    )


def next_to_nothing(a: Answers) -> Sentence | None:
    """Say that closures take hardly any protection in this case."""
    names = [n for n in a.ordered if n in a.filled]
    if not names or max(a.filled[n].depth for n in names) >= NEXT_TO_NOTHING:
        return None
    deepest = max(names, key=lambda n: a.filled[n].depth)
    depth = a.filled[deepest].depth
    return Sentence(
        f"In this case bases protect next to nothing: a closure takes at most {depth * 100:.1f} points off "
        f"the chance (in %) that an attack is met, on average ('{deepest}'). What the schedules change "
        "comes from elsewhere (observers, aid, police, host).",
        (Claim("depth at most", (depth * 100,), "", deepest),),
    )


# -- in order ---------------------------------------------------------------------------------------


def answers_in_order(a: Answers, every: bool = False) -> list[tuple[str, list[Sentence]]]:
    """Return questions and the sentences that answer them; `every`: of all schedules, not of one or two."""
    told = list(a.ordered) if every else shown(a)
    few = too_few(a)
    wants = [a.reference] if a.names else []
    if every:
        wants = list(a.ordered)
    groups: list[tuple[str, list[Sentence | None]]] = [
        (
            "What do plausible worlds say?",
            [*(plausible(a, n) for n in (wants if every else told or wants)), plausible_worlds(a)],
        ),
        (
            "Can the schedules be told apart, by those killed?",
            [
                few,
                *against_none(a),
                *few_bad_worlds(a),
                *among_schedules(a, every),
                together(a),
            ],
        ),
        ("Where does it happen?", [where(a, n) for n in told] if a.enough else []),
        ("When does it begin?", [when(a, n) for n in told]),
        (
            "Who fills the gap?",
            [*(who(a, n) for n in (told if every else a.ordered[:1])), next_to_nothing(a)],
        ),
        ("What do the killed leave out?", [*(left_out(a, n) for n in wants), on_record(a)]),
        ("Does the order hold by other outcomes?", [*turning(a), saturated(a)]),
        ("What does it cost?", [cost(a)]),
    ]
    kept = [(title, [s for s in said if s is not None]) for title, said in groups]
    return [(title, said) for title, said in kept if said]
