"""The printed page of a comparison: what was counted, what the runs say, how sure that is. 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.measures import METRIC, Difference
from sim.scenario.case import COUNTERFACTUAL
from sim.show.numbers import listed, more_or_fewer, number, percent, rate, short, signed, wrap
from sim.show.sentences import Claim, Sentence, answers_in_order
from sim.study.answers import OUTCOMES, Answers
from sim.study.evidence import MOVES, Evidence, evidence

if TYPE_CHECKING:
    from sim.study.comparison import Comparison

__all__ = ["more_or_fewer", "number", "page", "sentences", "signed", "table", "title_of", "wrap"]

CAVEAT = "Simulated worlds compared: no forecast, and no toll of what happened."
ACTUAL = " 'actual' carries out in them what the mission did; it is not what happened."
HEADINGS = {
    "killed": ("killed", ""),
    "killed_by_criminals": ("killed by", "criminals"),
    "excess_deaths": ("dead of", "want"),
    "fled": ("flights", ""),
    "vacuum_weeks": ("weeks in", "a vacuum"),
}
COUNTED = (
    "Killed: civilians, by armed groups, state forces, communal militias. Want: excess deaths for lack of "
    "food and care. Not counted: fighters, soldiers, anything after the last week. More in summary.csv."
)


def title_of(result: Comparison, name: str) -> str:
    """Return the title of a schedule."""
    return next(s.title for s in result.schedules if s.name == name)


def cannot_tell(d: Difference) -> bool:
    """Return whether the runs leave the sign of a mean difference open."""
    return not d.clear


# -- tables -----------------------------------------------------------------------------------------


def _interval(d: Difference) -> str:
    if d.mean_low != d.mean_low:
        return "too few worlds"
    return f"{short(d.mean_low, True)} to {short(d.mean_high, True)}"


def table(result: Comparison, metric: str = "killed", answers: Answers | None = None) -> str:
    """Return one metric against the counterfactual: how likely first, the mean last. At most 80 columns."""
    a = answers or Answers.of(result)
    label = METRIC[metric].label
    lines = [
        wrap(f"{label[0].upper()}{label[1:]}: more than with no base closed, in the same world"),
        f"{'':<19}{'troops':>8}{'more in':>8}{'nine worlds in ten':>19}{'mean':>8}{'95 % interval':>18}",
        f"{'schedule':<19}{'left':>8}{f'of {a.worlds}':>8}{'lie between':>19}{'':>8}{'of that mean':>18}",
        "-" * 80,
    ]
    for name in a.ordered:
        if metric in a.values:
            d = a.difference(metric, name)
        else:
            d = result.difference(metric, name)
        left = short(float(a.troops_left[a.row(name)]))
        spread = f"{short(d.low, True)} to {short(d.high, True)}" if a.worlds > 1 else "one world"
        lines.append(
            f"{name[:18]:<19}{left:>8}{d.higher:>8}{spread:>19}{short(d.mean, True):>8}{_interval(d):>18}"
        )
    there = short(float(a.troops_left[-1])) if len(a.troops_left) else "-"
    lines.append(f"{COUNTERFACTUAL:<19}{there:>8}{'-':>8}{'-':>19}{'-':>8}{'-':>18}")
    return "\n".join(lines)


def outcomes(a: Answers) -> str:
    """Return all outcomes side by side: in all under the counterfactual, and more under each schedule."""
    columns = [*OUTCOMES, "troops"]
    headings = {**HEADINGS, "troops": ("troop-", "years")}

    def line(label: str, cells: list[str]) -> str:
        return f"{label[:19]:<20}" + "".join(f"{cell:>10}" for cell in cells)

    def own(metric: str, name: str) -> str:
        if metric == "troops":
            return short(a.troop_years(name) - a.troop_years(), True)
        if not a.paired(metric, name).any():
            return "same"
        mean = short(a.difference(metric, name).mean, True)
        return mean if a.told(metric, name) else f"({mean})"

    rows = [(name, [own(c, name) for c in columns]) for name in a.ordered]
    levels = [a.total(m) for m in OUTCOMES] + [a.troop_years()]
    years = a.years
    yearly = [short(x / years) for x in levels]
    per = [rate(x / years / a.people * 1e5) for x in levels[:-2]] + ["-", "-"]
    lines = [
        "What is counted: in all under 'none', and more or fewer than that (means)",
        line("", [headings[c][0] for c in columns]),
        line("schedule", [headings[c][1] for c in columns]),
        "-" * 80,
        line("none, in all", [short(x) for x in levels]),
        line("a year", yearly),
        line("a year per 100,000", per),
        *(line(name, cells) for name, cells in rows),
        "-" * 80,
    ]
    unsure = a.enough and any("(" in cell for _, cells in rows for cell in cells)
    notes = "In brackets: not told from 'none' (all pairs judged together). " if unsure else ""
    notes += (
        f"Weeks in a vacuum: under 'none' {short(a.total('vacuum_weeks'))} of {number(a.district_weeks)} "
        f"district-weeks ({len(a.districts)} districts, {a.weeks} weeks). {COUNTED}"
    )
    return "\n".join([*lines, wrap(notes)])


# -- how sure ---------------------------------------------------------------------------------------


def confidence(a: Answers, e: Evidence) -> list[Sentence]:
    """Say how sure the evidence makes us, and why; apart from how often it comes out in the runs."""
    counts = (
        f"{e.guesses} of {e.parameters} parameters and {e.weak_rows} of {e.rows} rows of the case's tables "
        "are guesses or estimates"
    )
    claims = [
        Claim("evidence", (e.guesses, e.parameters, e.weak_rows, e.rows)),
        Claim("rating", place=e.rating),
    ]
    if not e.measured:
        return [
            Sentence(
                f"Confidence: {e.rating}, because {counts}, and it was not measured which of them move this "
                "answer.",
                tuple(claims),
            )
        ]
    said = [
        Sentence(
            f"Confidence: {e.rating}, because of the {len(e.moving)} parameters that alone move the excess "
            f"of '{e.schedule}' clearly by {percent(MOVES)} or more {e.moving_guesses} are guesses (between "
            f"their ends it is {signed(e.lowest)} to {signed(e.highest)}, by default {signed(e.default)}); "
            f"{counts}.",
            (
                *claims,
                Claim("moving", (len(e.moving), e.moving_guesses, MOVES)),
                Claim("reach", (e.lowest, e.highest, e.default)),
            ),
        )
    ]
    if e.undone:
        parts = listed([f"{name} {end} ({signed(mean)})" for name, end, mean in e.undone[:3]])
        more = f" and {len(e.undone) - 3} more" if len(e.undone) > 3 else ""
        word = "A guess decides" if len(e.undone) == 1 else "Guesses decide"
        said.append(
            Sentence(
                f"{word}: alone at an end of its range, the excess of '{e.schedule}' is not clear or turns "
                f"with {parts}{more}.",
                tuple(Claim("undone", (mean,), place=f"{name} {end}") for name, end, mean in e.undone),
            )
        )
    return said


def able_army(a: Answers) -> str:
    """Say what this result does not answer, and which command does."""
    return (
        "This result does not say: in it state forces are as able as the case's tables have them. Try: "
        f"drawdown compare {a.case} --set state_act_chance=1 --set state_answer_reach=6 --out results/able"
    )


# -- the page ---------------------------------------------------------------------------------------


def sentences(result: Comparison) -> list[str]:
    """Return what the runs say, in plain sentences that carry their uncertainty."""
    a = Answers.of(result)
    said = [s for _, group in answers_in_order(a, every=True) for s in group]
    said += confidence(a, evidence(result.scenario))
    return [s.text for s in said]


def checks(result: Comparison) -> str:
    """Return the line of checks that travels with the numbers."""
    passed = [name for name, ok in result.provenance["checks"].items() if ok]
    failed = [name for name, ok in result.provenance["checks"].items() if not ok]
    line = f"Checks passed: {'; '.join(passed) or 'none'}."
    return f"{line} FAILED: {'; '.join(failed)}." if failed else line


def answered(question: str, sentences: Sequence[str]) -> str:
    """Return a question and its answer: one paragraph, or a list where there is much to say."""
    if len(sentences) <= 2:
        return wrap(" ".join([question, *sentences]), "", "  ")
    return "\n".join([question, *(wrap(s, "- ", "  ") for s in sentences)])


def page(result: Comparison, details: bool = False) -> str:
    """Return the whole answer as text of 80 columns; `details`: the sentences of every schedule."""
    case = result.scenario
    a = Answers.of(result)
    head = (
        f"{a.worlds} matched runs (worlds) of {a.weeks} weeks ({a.years:.1f} years from "
        f"{case.header.start}), each under {len(result.names)} schedules; {len(a.districts)} districts, "
        f"{number(a.people)} people; seed {result.seed}."
    )
    caveat = CAVEAT + (ACTUAL if "actual" in a.names else "")
    known = "plausible, others in each world" if result.draws else "one set in every world"
    blocks = ["\n".join((case.header.title, wrap(head), wrap(f"Parameters: {known}."), wrap(caveat)))]
    if a.names:
        blocks.append(table(result, "killed", a))
    blocks.append(outcomes(a))
    asked = [
        *((title, [s.text for s in said]) for title, said in answers_in_order(a, every=details)),
        ("Would an able army change it?", [able_army(a)]),
        ("How sure does the evidence make us?", [s.text for s in confidence(a, evidence(case))]),
    ]
    last = [wrap(line) for line in (checks(result), result.note) if line]
    blocks.append("\n".join([*(answered(*one) for one in asked), *last]))
    return "\n\n".join(blocks) + "\n"
