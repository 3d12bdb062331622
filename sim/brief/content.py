"""What stands in a briefing, as a tree of typed pieces: without a language, and without a format.

`sim.brief.html` and `sim.brief.typeset` set the same tree.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from matplotlib.figure import Figure as Drawn

from sim.brief import figures, sentences
from sim.brief.facts import PERPETRATORS, RINGS, SIDE_BY_SIDE, Facts
from sim.brief.language import Language
from sim.brief.sentences import OUTCOME
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
from sim.intervals import LEVEL
from sim.mechanisms import MECHANISMS
from sim.scenario.case import COUNTERFACTUAL
from sim.study.comparison import Comparison

MOST_BASES = 24
"""Bases in the table of closings; further ones are in the data."""
TOP_BASES = 6


@dataclass(frozen=True)
class Data:
    """The numbers behind a figure or a table, to download."""

    name: str
    """Of its file, without ending."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Text:
    """Sentences, one after the other; `points`: each a point of a list."""

    sentences: tuple[Sentence, ...]
    points: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table; columns that follow each other with the same group share its heading."""

    title: Slot
    group: Slot | None = None
    number: bool = True


@dataclass(frozen=True)
class Table:
    """A table: its first column names the rows."""

    name: str
    title: Sentence
    columns: tuple[Column, ...]
    rows: tuple[tuple[Slot, ...], ...]
    note: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure: what it shows, what one sees in it (for those who do not), and how to read it."""

    name: str
    title: Sentence
    alt: tuple[Sentence, ...]
    read: tuple[Sentence, ...]
    draw: Callable[[Language], Drawn]
    data: Data
    _drawn: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def svg(self, lang: Language) -> str:
        """Return it drawn, once for each language."""
        if lang.code not in self._drawn:
            self._drawn[lang.code] = figures.svg(self.draw(lang), self.name[:3])
        return self._drawn[lang.code]


Block = Text | Table | Figure


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; `boxed`: set off from the rest."""

    name: str
    title: Sentence
    blocks: tuple[Block, ...]
    boxed: bool = False


@dataclass(frozen=True)
class Brief:
    """A whole briefing."""

    title: Slot
    kind: Sentence
    question: Sentence
    first: tuple[Section, ...]
    """The page to forward."""
    foot: tuple[Sentence, ...]
    """The line under it: what made it, and what was checked."""
    annex: tuple[Section, ...]
    made: date
    data: tuple[Data, ...] = field(default=())


def brief(result: Comparison) -> Brief:
    """Return the briefing of a comparison."""
    f = Facts.of(result)
    drawn = _figures(f, result)
    return Brief(
        title=Title(f.title, quoted=False),
        kind=say("Briefing: drawdown schedules compared"),
        question=sentences.question(f),
        first=_first(f, drawn),
        foot=_foot(f, result),
        annex=_annex(f, result, drawn),
        made=datetime.fromisoformat(result.provenance["finished"]).date(),
        data=(_summary(result), _data_bases(f), *(one.data for one in drawn.values())),
    )


# -- the page to forward ----------------------------------------------------------------------------------


def _first(f: Facts, drawn: Mapping[str, Figure]) -> tuple[Section, ...]:
    caveats = (
        sentences.no_forecast(f),
        together(sentences.how_sure(f), sentences.ignorance(f)),
        sentences.one_number(f),
    )
    a = f.answers
    said: list[Sentence] = [*sentences.too_few(f)]
    if not a.names:
        said.append(say("No schedule was compared: there is nothing to tell apart."))
    said += [*sentences.against_none(f), *sentences.want_beside(f), *sentences.first_two(f)]
    if a.names:
        said.append(together(sentences.how_likely(f, f.ordered[-1]), sentences.two_middles(f)))
        said += sentences.few_bad_worlds(f)[:1]
        watched = sentences.main(f)
        said.append(sentences.beside(f, watched[0]))
        place = next((x for n in watched for x in sentences.where(f, n)), None)
        said += [place] if place else []
        said += sentences.when(f, watched[0])
        said += sentences.who(f, watched[0])[:1]
        said += sentences.cost(f)
    return (
        Section("before", say("Before you read"), (Text(caveats, points=True),), boxed=True),
        Section(
            "says",
            say("What the runs say, and how likely it is"),
            (Text(tuple(said), points=True), drawn["dots"], _side_by_side(f)),
        ),
    )


def _foot(f: Facts, result: Comparison) -> tuple[Sentence, ...]:
    made = result.provenance
    passed = [name for name, ok in made["checks"].items() if ok]
    failed = [name for name, ok in made["checks"].items() if not ok]
    slots: dict[str, Slot] = {
        "version": Name(str(made["version"])),
        "n": Number(f.answers.worlds),
        "weeks": Number(f.answers.weeks),
        "seed": Name(str(f.seed)),
    }
    totals = str(made.get("sha256", {}).get("totals", ""))
    said = [
        say(
            "drawdown {version}, {n} matched worlds of {weeks} weeks, seed {seed}, result {hash}.",
            hash=Name(totals[:12]),
            **slots,
        )
        if totals
        else say("drawdown {version}, {n} matched worlds of {weeks} weeks, seed {seed}, not saved.", **slots)
    ]
    if passed:
        said.append(say("Checks passed: {checks}.", checks=Listed(tuple(_check(c) for c in passed), "; ")))
    if failed:
        said.append(say("CHECKS FAILED: {checks}.", checks=Listed(tuple(_check(c) for c in failed), "; ")))
    return tuple(said)


CHECKS = {
    "people conserved in every run": say("people conserved in every run"),
    "no value missing or below zero": say("no value missing or below zero"),
}


def _check(name: str) -> Slot:
    return CHECKS.get(name, Name(name))


def _row_title(f: Facts, name: str) -> Slot:
    return Title(*f.label(name), quoted=False)


def _side_by_side(f: Facts) -> Table:
    a = f.answers
    columns = [Column(say("Schedule"), number=False), Column(say("troops left"))]
    more = say_many("more in, of {n}", "more in, of {n}", a.worlds, n=Number(a.worlds))
    for metric in SIDE_BY_SIDE:
        group = OUTCOME[metric]
        columns += [
            Column(more, group),
            Column(say("median"), group),
            Column(say("worst 20th"), group),
        ]
    columns.append(Column(say("cost, US$ million")))
    rows = []
    for name in f.ordered:
        cells: list[Slot] = [_row_title(f, name), Number(float(a.troops_left[a.row(name)]))]
        for metric in SIDE_BY_SIDE:
            d = a.difference(metric, name)
            told = bool(a.told(metric, name)) or not a.enough
            cells += [Number(d.higher), Signed(d.median, told), Signed(d.worst, told)]
        cells.append(Signed(f.millions(name)))
        rows.append(tuple(cells))
    dash = Name("–")
    stay: list[Slot] = [
        say("every base stays, in all"),
        Number(float(a.troops_left[-1]) if len(a.troops_left) else 0),
    ]
    for metric in SIDE_BY_SIDE:
        stay += [dash, Number(_median(f, metric)), dash]
    rows.append((*stay, dash))
    note = [
        say(
            "More in: in how many worlds there are more than in the same world with every base. Worst 20th: "
            "mean of the worst twentieth of worlds. In brackets: cannot be told from every base staying. "
            "Flights are counted each time somebody flees."
        )
    ]
    tail = math.ceil(0.05 * a.worlds)
    if a.worlds < 100:
        note.append(
            say_many(
                "Of {of} worlds the worst twentieth is {n}: a weak number.",
                "Of {of} worlds the worst twentieth are {n}: a weak number.",
                tail,
                of=Number(a.worlds),
                n=Number(tail),
            )
        )
    return Table(
        "side-by-side",
        say("Killed, dead of want, displaced: side by side"),
        tuple(columns),
        tuple(rows),
        tuple(note),
    )


def _median(f: Facts, metric: str) -> float:
    import numpy as np

    return float(np.median(f.answers.values[metric][-1]))


# -- the annex --------------------------------------------------------------------------------------------


def _annex(f: Facts, result: Comparison, drawn: Mapping[str, Figure]) -> tuple[Section, ...]:
    a = f.answers
    if not a.names:
        return (_cannot(f), _made(f, result))
    order: list[Sentence] = [*sentences.worst(f)]
    tie = sentences.ties(f)
    order += [tie] if tie else []
    order += [sentences.how_likely(f, n) for n in f.ordered]
    order += [sentences.beside(f, n) for n in sentences.main(f)]
    main = sentences.main(f)
    where = [s for n in main for s in sentences.where(f, n)]
    where += [s for n in main for s in sentences.rings(f, n)]
    where += [s for n in main for s in sentences.perpetrators(f, n)]
    watch = [s for n in main for s in sentences.when(f, n)]
    if not watch:
        watch = [
            say(
                "The runs do not tell those killed from every base staying: they give no date from which "
                "to watch."
            )
        ]
    who = [s for n in main for s in sentences.who(f, n)]
    bases = [s for n in main[:1] for s in sentences.bases_matter(f, n)]
    change = [
        *sentences.first_two(f),
        *sentences.turning(f),
        *sentences.saturated(f),
        *sentences.next_to_nothing(f),
        *sentences.guesses_decide(f),
        sentences.able_army(f),
    ]
    return (
        Section("order", say("Which is worse, and how likely"), (Text(tuple(order), points=True),)),
        Section(
            "closures",
            say("When each base closes, where, and who fills the gap"),
            (_closings(f), Text(tuple(who), points=True), _filled(f), drawn["cliffs"]),
        ),
        Section(
            "where",
            say("Where the harm lies, and by whom"),
            (Text(tuple(where), points=True), drawn["parts"], drawn["places"]),
        ),
        Section(
            "watch",
            say("How long to watch, and which bases matter most"),
            (Text(tuple(watch), points=True), drawn["courses"], Text(tuple(bases)), _top_bases(f)),
        ),
        Section(
            "cost",
            say("What it costs against what it does"),
            (Text(tuple(sentences.cost(f))), drawn["costs"]),
        ),
        Section("change", say("What would change the ranking"), (Text(tuple(change), points=True),)),
        _cannot(f),
        _made(f, result),
    )


def _closings(f: Facts) -> Table:
    names = f.ordered
    bases = sorted(
        {b for n in names for b in f.closing[n]},
        key=lambda b: (min(f.closing[n].get(b, date.max) for n in names), b),
    )
    home = {b.base: b.district for b in f.bases}
    dash = Name("–")
    rows = []
    for base in bases[:MOST_BASES]:
        days = (f.closing[n].get(base) for n in names)
        rows.append(
            (Name(base), Name(home.get(base, "")), *(Month(d, short=True) if d else dash for d in days))
        )
    columns = (
        Column(say("Base"), number=False),
        Column(say("District"), number=False),
        *(Column(_row_title(f, n)) for n in names),
    )
    note = [say("As planned; – : it stays.")]
    if len(bases) > MOST_BASES:
        note.append(
            say(
                "The first {n} of {of} bases to close; the others are in the data.",
                n=Number(MOST_BASES),
                of=Number(len(bases)),
            )
        )
    return Table("closings", say("When each base closes"), columns, tuple(rows), tuple(note))


def _filled(f: Facts) -> Table:
    rows = []
    for name in f.ordered:
        own = f.answers.filled.get(name)
        if own is None:
            continue
        part = [Percent(x / own.took) if own.took else Name("–") for x in (own.nobody, own.state, own.un)]
        rows.append((_row_title(f, name), Number(own.closures), Number(own.took), *part))
    columns = (
        Column(say("Schedule"), number=False),
        Column(say("closures in all worlds")),
        Column(say("took protection away")),
        Column(say("nobody"), say("four fifths made good by")),
        Column(say("state forces"), say("four fifths made good by")),
        Column(say("other UN units"), say("four fifths made good by")),
    )
    return Table("filled", say("Who fills the gap"), columns, tuple(rows))


def _top_bases(f: Facts) -> Table:
    rows = []
    for name in sentences.main(f)[:1]:
        for b in f.bases_of(name)[:TOP_BASES]:
            rows.append(
                (
                    Name(b.base),
                    Name(b.district),
                    Number(100 * b.depth, 1),
                    Number(b.people),
                    Percent(b.nobody / b.took) if b.took else Name("–"),
                )
            )
    columns = (
        Column(say("Base"), number=False),
        Column(say("District"), number=False),
        Column(say("attacks met less often, in 100")),
        Column(say("people in its district")),
        Column(say("nobody fills")),
    )
    title = say(
        "The bases whose closing takes most protection from most people, under {name}",
        name=sentences.title(f, sentences.main(f)[0]),
    )
    note = say(
        "In the quarter after the closure, mean of all worlds. Bases of one district share its loss: one "
        "of them is named."
    )
    return Table("bases", title, columns, tuple(rows), (note,))


def _cannot(f: Facts) -> Section:
    return Section(
        "cannot", say("What the model cannot say"), (Text(tuple(sentences.cannot_say(f)), points=True),)
    )


def _made(f: Facts, result: Comparison) -> Section:
    made = result.provenance
    off = result.scenario.switched_off
    at_work = [m for m in MECHANISMS.values() if m.name not in off]
    keys = _keys(m.source for m in at_work)
    digests = made.get("sha256", {})
    said = [
        say(
            "Made by drawdown {version} from the case {case}, {day}: {n} matched worlds, each under "
            "{schedules} schedules and with every base staying; seed {seed}.",
            version=Name(str(made["version"])),
            case=Name(result.scenario.name),
            day=Day(datetime.fromisoformat(made["finished"]).date()),
            n=Number(f.answers.worlds),
            schedules=Number(len(f.answers.names)),
            seed=Name(str(f.seed)),
        ),
        say(
            "SHA-256: code {code}; case {scenario}; totals {totals}.",
            code=Name(str(made["code_sha256"])[:16]),
            scenario=Name(str(made["scenario_sha256"])[:16]),
            totals=Name(str(digests.get("totals", "–"))[:16]),
        ),
        say(
            "The same result again: `drawdown reproduce RESULT`; one of its events, told: `drawdown "
            "explain RESULT`."
        ),
        say(
            "{n} mechanisms are at work, after these sources (`docs/sources.md` says what each is and how "
            "sure): {keys}.",
            n=Number(len(at_work)),
            keys=Name(keys),
        ),
        *_foot(f, result)[1:],
        *sentences.actual(f),
    ]
    if off:
        said.append(say("Switched off in it: {off}.", off=Listed(tuple(Name(n) for n in off))))
    changed = sorted(result.scenario.overrides)
    if changed:
        said.append(
            say_many(
                "{n} parameter has another value than the case sets: {which}.",
                "{n} parameters have other values than the case sets: {which}.",
                len(changed),
                n=Number(len(changed)),
                which=Name(", ".join(changed[:6]) + (" ..." if len(changed) > 6 else "")),
            )
        )
    names = tuple(
        say("{title} is {name}", title=sentences.title_or_stay(f, n), name=Name(f"`{n}`"))
        for n in (*f.ordered, COUNTERFACTUAL)
    )
    said.append(say("Schedules by the names that commands take: {names}.", names=Listed(names, "; ")))
    return Section("made", say("How it was made"), (Text(tuple(said), points=True),))


def _keys(sources: Iterable[str]) -> str:
    """Return the keys of sources, those of one list together: "E1 (1, 3, 4), E2a, E2c"."""
    found = sorted({key for text in sources for key in KEY.findall(text)})
    items: dict[str, list[int]] = {}
    for key in found:
        head, _, number = key.partition("-")
        items.setdefault(head, []).extend([int(number)] if number else [])
    return ", ".join(f"{h} ({', '.join(map(str, sorted(n)))})" if n else h for h, n in items.items())


KEY = re.compile(r"\b[ES]\d+[a-z]?(?:-\d+)?\b")
"""A key of docs/sources.md."""


# -- figures ----------------------------------------------------------------------------------------------


def _figures(f: Facts, result: Comparison) -> dict[str, Figure]:
    """Return the figures by name."""
    a = f.answers
    if not a.names:
        return {"dots": _figure_dots(f, result)}
    scope: dict[str, Slot] = {"n": Number(a.worlds), "start": Month(f.start), "end": Month(f.end)}
    kept: dict[str, Slot] = {**scope, "n": Number(a.kept)}
    ends = sentences.main(f)
    return {
        "dots": _figure_dots(f, result),
        "cliffs": Figure(
            "cliffs",
            say(
                "The cliff: who protects before and after a base closes. Attacks that somebody meets, in "
                "100, in the district of the closing base; mean of all its closures in {n} matched worlds",
                **{"n": scope["n"]},
            ),
            alt=tuple(s for n in ends for s in sentences.who(f, n)),
            read=(
                say(
                    "How to read it: the coloured height left of the line is protection before, right of it "
                    "after the closure; the gap up to the dashed line is what the closure took."
                ),
            ),
            draw=lambda lang: figures.cliffs(f, result, lang),
            data=_data_cliffs(f, result),
        ),
        "places": Figure(
            "places",
            say(
                "Where: civilians killed a year per 100,000 people, more or fewer than if every base stays; "
                "{start} to {end}, mean of {n} matched worlds",
                **kept,
            ),
            alt=tuple(s for n in ends for s in sentences.where(f, n)) or tuple(sentences.against_none(f)),
            read=(
                say(
                    "How to read it: orange districts have more killed, violet fewer; white is what the runs "
                    "cannot tell from no difference. At the end of the run: ▲ all bases of the district "
                    "open, half-filled some closed, × all closed."
                ),
                OUTLINED if result.scenario.outlines else CELLS,
            ),
            draw=lambda lang: figures.places(f, result, lang),
            data=_data_places(f, result),
        ),
        "parts": Figure(
            "parts",
            say(
                "Where those killed live, and by whom they are killed: more or fewer than if every base "
                "stays, {start} to {end}; mean of {n} matched worlds with its {level} interval",
                level=Percent(LEVEL),
                **scope,
            ),
            alt=tuple(s for n in ends for s in (*sentences.rings(f, n), *sentences.perpetrators(f, n))),
            read=(
                say(
                    "How to read it: each mark is a mean, the line through it where that mean may lie by "
                    "chance alone; a hollow mark cannot be told from nothing."
                ),
            ),
            draw=lambda lang: figures.parts(f, result, lang),
            data=_data_parts(f),
        ),
        "courses": Figure(
            "courses",
            say(
                "When: all civilians killed so far, more or fewer than if every base stays, by half-years "
                "from {start} to {end}, in {n} matched worlds",
                **kept,
            ),
            alt=tuple(s for n in ends for s in sentences.when(f, n)) or tuple(sentences.against_none(f)),
            read=(
                say(
                    "How to read it: the line is the median world, the dark band half of all worlds, the "
                    "light band nine in ten; ticks below are closures, the dotted line is from when the "
                    "difference is clear."
                ),
            ),
            draw=lambda lang: figures.courses(f, result, lang),
            data=_data_courses(f),
        ),
        "costs": Figure(
            "costs",
            say(
                "What it costs against what it does: civilians killed (median, nine worlds in ten, and a "
                "bar for the worst twentieth) and US$ million, against every base staying, {start} to "
                "{end}, in {n} matched worlds",
                **scope,
            ),
            alt=tuple(sentences.cost(f)),
            read=(
                say(
                    "How to read it: farther left costs less, higher up kills more; the square is every base "
                    "staying. A schedule that lies right of and above another costs more and does more harm."
                ),
            ),
            draw=lambda lang: figures.costs(f, result, lang),
            data=_data_costs(f),
        ),
    }


OUTLINED = say("Outlines of districts are simplified; cities are discs.")
CELLS = say("Districts are cells around their middle points, cities discs: not surveyed borders.")


def _figure_dots(f: Facts, result: Comparison) -> Figure:
    a = f.answers
    count = min(figures.DOTS, a.worlds)
    own = {n: figures.quantiles(a.paired("killed", n)) for n in f.ordered}
    low, high = figures.cut(own)
    beyond = sum(int((v > max(high, 0)).sum() + (v < min(low, 0)).sum()) for v in own.values())
    read = [
        say(
            "How to read it: a dot is {share} in 100 worlds; right of the line more are killed than in the "
            "same world with every base. The tick under the dots is the median world. The spread is luck, "
            "which more runs do not narrow.",
            share=Number(100 / count, 0 if 100 % count == 0 else 1),
        )
    ]
    if beyond:
        read.append(
            say_many(
                "The axis is cut: {n} dot lies beyond its ends, marked by an arrow.",
                "The axis is cut: {n} dots lie beyond its ends, marked by arrows.",
                beyond,
                n=Number(beyond),
            )
        )
    return Figure(
        "dots",
        say(
            "Civilians killed beyond every base staying, {start} to {end}, whole area: {n} matched worlds "
            "of each schedule",
            n=Number(a.worlds),
            start=Month(f.start),
            end=Month(f.end),
        ),
        alt=tuple(sentences.how_likely(f, n) for n in f.ordered),
        read=tuple(read),
        draw=lambda lang: figures.dots(f, result, lang),
        data=Data(
            "dots",
            ("schedule", "dot", "killed_beyond_every_base_staying"),
            tuple((n, i + 1, float(x)) for n, v in own.items() for i, x in enumerate(v)),
        ),
    )


# -- data -------------------------------------------------------------------------------------------------


def _summary(result: Comparison) -> Data:
    wanted = (
        "killed",
        "excess_deaths",
        "fled",
        "deaths",
        "killed_by_criminals",
        "vacuum_weeks",
        "troop_weeks",
    )
    columns = (
        "schedule",
        "metric",
        "unit",
        "against",
        "runs",
        "difference_higher",
        "difference_lower",
        "difference_median",
        "difference_low",
        "difference_high",
        "difference_worst",
        "difference_mean",
        "difference_mean_low",
        "difference_mean_high",
        "told_apart",
    )
    frame = result.summary
    frame = frame[frame["metric"].isin(wanted) & (frame["schedule"] != COUNTERFACTUAL)]
    return Data("summary", columns, tuple(frame[list(columns)].itertuples(index=False, name=None)))


def _data_cliffs(f: Facts, result: Comparison) -> Data:
    rows = []
    for name in f.ordered:
        if (result.around["schedule"] == name).any():
            x, un, state, matched = figures.around(result, name)
            rows += [(name, int(w), *map(float, r)) for w, *r in zip(x, un, state, matched, strict=True)]
    return Data(
        "cliffs",
        (
            "schedule",
            "week_from_closure",
            "met_by_un_in_100",
            "met_by_state_in_100",
            "met_if_bases_stay_in_100",
        ),
        tuple(rows),
    )


def _data_places(f: Facts, result: Comparison) -> Data:
    a = f.answers
    people = {d.name: d.population for d in result.scenario.districts}
    rows = []
    for name in f.ordered:
        means = a.places[a.row(name)].mean(axis=0)
        higher = (a.places[a.row(name)] > 0).sum(axis=0)
        for place, mean, n in zip(a.districts, means, higher, strict=True):
            rate = float(mean) / a.years / people[place] * 1e5 if people[place] else 0.0
            rows.append((name, place, float(mean), rate, int(n), a.kept))
    return Data(
        "places",
        ("schedule", "district", "killed_mean_difference", "a_year_per_100000", "more_in", "of_worlds"),
        tuple(rows),
    )


def _data_parts(f: Facts) -> Data:
    rows = []
    for name in f.ordered:
        own = {r: f.ring(name, k) for k, r in enumerate(RINGS)} | {
            m: f.perpetrator(name, m) for m in PERPETRATORS
        }
        rows += [(name, what, d.mean, d.mean_low, d.mean_high, d.higher, d.runs) for what, d in own.items()]
    columns = ("schedule", "part", "mean_difference", "low_95", "high_95", "more_in", "of_worlds")
    return Data("parts", columns, tuple(rows))


def _data_bases(f: Facts) -> Data:
    rows = [
        (
            b.schedule,
            b.base,
            b.district,
            str(f.closing[b.schedule].get(b.base, "")),
            b.closures,
            b.took,
            b.depth,
            b.people,
            b.nobody,
            b.state,
            b.un,
        )
        for b in f.bases
    ]
    columns = (
        "schedule",
        "base",
        "district",
        "planned",
        "closures",
        "took_protection",
        "depth",
        "people",
        "made_good_by_nobody",
        "by_state_forces",
        "by_un",
    )
    return Data("bases", columns, tuple(rows))


def _data_courses(f: Facts) -> Data:
    import numpy as np

    a = f.answers
    rows = []
    for name in f.ordered:
        band = np.quantile(a.cumulated[a.row(name)], [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
        rows += [(name, day, *map(float, band[:, h])) for h, day in enumerate(a.half_years)]
    return Data("courses", ("schedule", "to", "p5", "p25", "median", "p75", "p95"), tuple(rows))


def _data_costs(f: Facts) -> Data:
    rows = []
    for name in f.ordered:
        d = f.answers.difference("killed", name)
        rows.append((name, f.saved(name), f.millions(name), d.median, d.low, d.high, d.worst))
    return Data(
        "costs",
        (
            "schedule",
            "troop_years_difference",
            "usd_million_difference",
            "killed_median",
            "killed_p5",
            "killed_p95",
            "killed_worst_twentieth",
        ),
        tuple(rows),
    )


def csv(data: Data, lang: Language) -> str:
    """Return data as a table for spreadsheets of a language: with ; and decimal commas in French."""
    import csv as plain
    import io

    def cell(value: Any) -> str:
        if isinstance(value, float):
            if math.isnan(value):
                return ""
            return f"{value:.6g}".replace(".", lang.decimal)
        return str(value)

    out = io.StringIO()
    writer = plain.writer(out, delimiter=";" if lang.decimal == "," else ",", lineterminator="\r\n")
    writer.writerow(data.columns)
    writer.writerows([cell(v) for v in row] for row in data.rows)
    return out.getvalue()


def all_sentences(made: Brief) -> Sequence[Sentence]:
    """Return every sentence of a briefing, those beside figures and tables included."""
    found: list[Sentence] = [made.kind, made.question, *made.foot]
    for section in (*made.first, *made.annex):
        found.append(section.title)
        for block in section.blocks:
            if isinstance(block, Text):
                found += block.sentences
            elif isinstance(block, Figure):
                found += [block.title, *block.alt, *block.read]
            else:
                found += [block.title, *block.note]
    return found
