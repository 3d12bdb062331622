"""What an experiment says, in plain sentences that carry their uncertainty. 80 columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.scenario.case import COUNTERFACTUAL
from sim.show.numbers import listed, percent, rate, short, wrap
from sim.study.experiments import ablation, decide, discovery, turning
from sim.study.experiments.decide import Harm, Selection
from sim.study.experiments.discovery import Box
from sim.study.experiments.experiment import Experiment
from sim.study.experiments.importance import Importance, importance, what_would_tell
from sim.study.experiments.need import Missing
from sim.study.experiments.store import Results
from sim.study.experiments.turning import Curve, Turning
from sim.study.telling import knowing_all, plus_minus

CAVEAT = (
    "Simulated worlds compared: no forecast. The intervals are those of chance and of the uncertainties this "
    "experiment varies, over the ranges it gives them; other rules and other cases may answer otherwise."
)

FEWEST_POINTS = 40
"""Points below which no conditions are looked for."""


@dataclass(frozen=True)
class Analysis:
    """The answers of an experiment for one outcome in one scenario."""

    results: Results
    found: Harm
    at_most: float

    @classmethod
    def of(
        cls,
        results: Results,
        outcome: str | None = None,
        scenario: str | None = None,
        at_most: float | None = None,
    ) -> Analysis:
        """Return the answers; `at_most`: harm up to which a schedule is acceptable.

        By default none beyond the counterfactual's; without that, the median of all worlds.
        """
        found = decide.harm(results, outcome, scenario)
        limit = at_most
        if limit is None:
            limit = 0.0 if found.beyond_none else float(np.median(found.worlds))
        return cls(results, found, limit)

    @cached_property
    def criteria(self) -> pd.DataFrame:
        """Three ways to weigh harm, see `sim.study.experiments.decide.criteria`."""
        return decide.criteria(self.found, self.at_most)

    @cached_property
    def selection(self) -> Selection:
        """The schedules that cannot be told from the best."""
        return decide.best_set(self.found)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """How often one schedule does more harm than another in the same world."""
        return decide.worse(self.found)

    @cached_property
    def worst(self) -> str:
        """The schedule with the most mean harm."""
        names = self.criteria["schedule"]
        acting = [n for n in names if n != COUNTERFACTUAL] or list(names)
        return str(acting[-1])

    @cached_property
    def importance(self) -> Importance | str:
        """What matters to the harm of the worst schedule; why that cannot be said, if so."""
        try:
            return importance(self.results, self.found, self.worst)
        except (ValueError, Missing) as error:
            return str(error)

    @cached_property
    def changes(self) -> pd.DataFrame | None:
        """How the harm of the worst schedule changes with one thing at a time; None in other designs."""
        try:
            return ablation.changes(self.results, self.found, self.worst)
        except ValueError:
            return None

    @cached_property
    def main_effects(self) -> pd.DataFrame | None:
        """How the harm of the worst schedule changes over a grid; None in other designs."""
        try:
            return ablation.main_effects(self.results, self.found, self.worst)
        except ValueError:
            return None

    @cached_property
    def telling(self) -> pd.DataFrame | None:
        """What knowing each uncertainty would be worth before choosing; None where that cannot be said."""
        try:
            return what_would_tell(self.results, self.found)
        except ValueError:
            return None

    @cached_property
    def turnings(self) -> list[tuple[Curve, Turning]]:
        """Every lever along which harm can turn, and where it does."""
        return turning.turnings(self.found, self.results)

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row a point, what is varied as columns."""
        factors = self.results.provenance["factors"]
        frame = self.results.sql("SELECT DISTINCT ON (point) * FROM runs ORDER BY point, run")
        return frame[factors]

    def failing(self, schedule: str) -> np.ndarray:
        """Return at which points a schedule's mean harm is in the worst quarter of all points."""
        own = decide.mean_over(self.found.values, axis=1)[:, self.found.schedules.index(schedule)]
        return np.asarray(own > np.nanquantile(own, 0.75))

    @cached_property
    def box(self) -> Box | None:
        """The conditions under which the worst schedule does most harm."""
        if self.points.shape[1] == 0 or len(self.points) < FEWEST_POINTS:
            return None
        return discovery.find_box(self.points, self.failing(self.worst))


def page(a: Analysis) -> str:
    """Return the printed page of an experiment."""
    asked = Experiment.model_validate(a.results.provenance["experiment"])
    points, replicates, schedules = a.found.values.shape
    header = (
        f"{asked.title}. {len(a.found.worlds):,d} matched worlds ({points:,d} points x {replicates} "
        f"replicates, {asked.design.kind}) under {schedules} schedules."
    )
    blocks = [wrap(header)]
    if a.found.dropped:
        blocks.append(wrap(f"{a.found.dropped:,d} worlds are left out because a run in them failed."))
    blocks += [table(a), "\n".join(wrap(s, hanging="  ") for s in which(a))]
    blocks.append("\n".join(wrap(s, hanging="  ") for s in (*what_matters(a), *when(a), *to_find_out(a))))
    blocks.append("\n".join(wrap(s, hanging="  ") for s in along(a)))
    blocks.append(
        wrap(f"Expected beforehand: {' '.join(asked.expected.split())}", hanging="  ")
        + "\n"
        + wrap(f"Because: {' '.join(asked.why.split())}", hanging="  ")
    )
    blocks.append(wrap(CAVEAT))
    return "\n\n".join(b for b in blocks if b)


NAME = 25
"""Letters of a schedule's name that stand in one line with its numbers."""


def table(a: Analysis) -> str:
    """Return three criteria side by side, the least mean harm first."""
    label = a.found.words
    rows = a.criteria
    if a.found.beyond_none:
        rows = rows[rows["schedule"] != COUNTERFACTUAL]
    lines = [
        wrap(f"{label[0].upper()}{label[1:]}"),
        f"{'':<27}{'':>9}{'95 % interval':>17}{'worst 20th':>11}{'largest':>8}{'at most':>8}",
        f"{'schedule':<27}{'mean':>9}{'of the mean':>17}{'of worlds':>11}{'regret':>8}{short(a.at_most):>8}",
        "-" * 80,
    ]
    for r in rows.itertuples():
        interval = "-" if math.isnan(r.mean_low) else f"{short(r.mean_low)} to {short(r.mean_high)}"
        mark = "*" if r.schedule in a.selection.kept and len(a.found.choices) > 1 else " "
        name = r.schedule
        if len(name) > NAME:  # a line of its own
            lines.append(f"{mark} {fitted(name, 78)}")
            mark = name = " "
        lines.append(
            f"{mark} {name:<{NAME}}{short(r.mean):>9}{interval:>17}{short(r.worst):>11}"
            f"{short(r.regret):>8}{percent(r.satisfied):>8}"
        )
    lines.append("-" * 80)
    best = "* cannot be told from the best. " if len(a.found.choices) > 1 else ""
    lines.append(
        wrap(
            f"{best}Regret: what choosing it costs beyond the best schedule of the same point, at the point "
            "where that is most. At most: share of worlds with no more harm than that."
        )
    )
    return "\n".join(lines)


def fitted(name: str, room: int) -> str:
    """Return a name with as much left out of its middle as is too long: its end tells levers apart."""
    if len(name) <= room:
        return name
    end = room // 2
    return f"{name[: room - end - 2]}..{name[-end:]}"


def which(a: Analysis) -> list[str]:
    """Say which schedules may be the best, what would tell more, and how the worst compares."""
    chosen = a.selection
    sure = f"with {100 * chosen.level:g} % confidence over all comparisons together"
    if len(a.found.choices) == 1:
        return tail(a)
    said = []
    if chosen.units < decide.FEWEST_UNITS:
        return [
            f"{chosen.units} independent {chosen.unit}s are too few to tell schedules apart; give at least "
            f"{decide.FEWEST_UNITS}, better 30."
        ]
    if len(chosen.kept) == 1:
        rest = (
            f": {listed(chosen.excluded)} {'is' if len(chosen.excluded) == 1 else 'are'} worse"
            if chosen.excluded
            else ""
        )
        said.append(f"Least harm, {sure}: {chosen.best}{rest}.")
    else:
        said.append(
            f"The least harm is done by one of {listed(chosen.kept)}, {sure}; these runs cannot say which. "
            f"Lowest so far: {chosen.best}."
        )
    for name, more, apart in chosen.advice:
        if more:
            runs = more * chosen.runs_a_unit
            said.append(
                f"{name} or {chosen.best}: about {more:,d} more {chosen.unit}s ({runs:,d} runs of each "
                f"schedule) would tell; they differ by less than {short(apart)} on average."
            )
        else:
            said.append(
                f"{name} or {chosen.best}: no sensible number of runs would tell; they differ by less than "
                f"{short(apart)} on average."
            )
    by = {
        "mean harm": a.criteria.sort_values("mean", kind="stable"),
        "the worst twentieth of worlds": a.criteria.sort_values("worst", kind="stable"),
        "largest regret": a.criteria.sort_values("regret", kind="stable"),
    }
    firsts = {
        words: next(n for n in f["schedule"] if n != COUNTERFACTUAL or not a.found.beyond_none)
        for words, f in by.items()
        if set(f["schedule"]) != {COUNTERFACTUAL}
    }
    if len(set(firsts.values())) > 1:
        named = "; ".join(f"by {words} {name}" for words, name in firsts.items())
        said.append(f"The criteria disagree on the lowest: {named}.")
    elif firsts:
        said.append(f"All three criteria put {next(iter(firsts.values()))} lowest.")
    return [*said, *_pairs(a), *tail(a)]


def tail(a: Analysis) -> list[str]:
    """Say how much of the worst schedule's harm falls on few worlds, if much does."""
    share = decide.tail_share(a.found, a.worst)
    if not share > 3 * decide.WORST:
        return []
    return [
        f"The worst twentieth of worlds holds {percent(share)} of the harm of {a.worst}: a mean says little "
        "of a single world."
    ]


def _pairs(a: Analysis) -> list[str]:
    best, worst = a.selection.best, a.worst
    if best == worst:
        return []
    pair = a.pairs[
        ((a.pairs["schedule"] == worst) & (a.pairs["than"] == best))
        | ((a.pairs["schedule"] == best) & (a.pairs["than"] == worst))
    ].iloc[0]
    turned = pair["schedule"] == best
    share = 1 - pair["worse"] if turned else pair["worse"]
    low, high = (1 - pair["high"], 1 - pair["low"]) if turned else (pair["low"], pair["high"])
    return [
        f"{worst} does more harm than {best} in {percent(share)} of matched worlds (95 % interval "
        f"{percent(low)} to {percent(high)})."
    ]


def what_matters(a: Analysis) -> list[str]:
    """Say which uncertainties decide the harm of the worst schedule."""
    if a.changes is not None:
        return one_at_a_time(a, a.changes)
    if a.main_effects is not None:
        return over_the_grid(a, a.main_effects)
    if not a.results.provenance["factors"]:
        return []
    found = a.importance
    if isinstance(found, str):
        return [f"What matters cannot be said: {found}."]
    count = len(found.table)
    size = short if found.method == "Morris" else "{:.2g}".format  # in units of harm, or 0 to 1
    said = []
    if found.deciding:
        shown = [
            f"{r.factor} ({size(r.effect)}, {size(r.low)} to {size(r.high)})"
            for r in found.table[found.table["matters"]].head(5).itertuples()
        ]
        more = f" and {len(found.deciding) - 5} more" if len(found.deciding) > 5 else ""
        said.append(
            f"{len(found.deciding)} of the {count} uncertainties clearly matter to the harm of {a.worst} "
            f"({found.method}, 95 % interval): {listed(shown)}{more}."
        )
    else:
        said.append(
            f"None of the {count} uncertainties clearly matters to the harm of {a.worst} ({found.method}); "
            "more points may show some."
        )
    if not math.isnan(found.magnified):
        said.append(
            f"Ignorance of what is varied is magnified {found.magnified:.1f} times in that harm "
            "(coefficients of variation)."
        )
    return said


def when(a: Analysis) -> list[str]:
    """Say under which conditions the worst schedule does most harm, as a sentence."""
    if a.points.shape[1] == 0 or len(a.points) < FEWEST_POINTS:
        return []
    if a.box is None:
        return [f"No conditions tell when {a.worst} does most harm better than chance."]
    conditions = [condition(name, limit) for name, limit in a.box.limits.items()]
    chance = max(*a.box.quasi_p.values(), 1e-4)
    return [
        f"{a.worst} is in its worst quarter mostly where {listed(conditions)}: {percent(a.box.coverage)} of "
        f"those points lie there (coverage), and {percent(a.box.density)} of what lies there is one of them "
        f"(density; {percent(a.box.base)} of all points). Without meaning a condition would do this with a "
        f"probability of {chance:.1g} at most (quasi-p; one of {a.points.shape[1]} that were tried)."
    ]


def one_at_a_time(a: Analysis, rows: pd.DataFrame) -> list[str]:
    """Say how the harm of the worst schedule changes if one thing is different."""
    whole = float(decide.mean_over(a.found.values, axis=1)[0, a.found.schedules.index(a.worst)])
    clear = rows[rows["clear"]]
    tried = f"{len(rows)} changes were tried, one at a time, in the same {a.found.values.shape[1]:,d} worlds"
    if clear.empty:
        return [f"{tried}: none clearly changes the harm of {a.worst} ({short(whole)}) among all together."]
    named = [
        f"{r.factor} {in_words(r.value)} {rate(r.change, sign=True)} ({rate(r.low, sign=True)} to "
        f"{rate(r.high, sign=True)})"
        for r in clear.head(5).itertuples()
    ]
    more = f"; {len(clear) - 5} more are in changes.csv" if len(clear) > 5 else ""
    return [
        f"{tried}. {len(clear)} of them clearly {'change' if len(clear) > 1 else 'changes'} the harm of "
        f"{a.worst} ({short(whole)}), judged together: {'; '.join(named)}{more}."
    ]


def over_the_grid(a: Analysis, rows: pd.DataFrame) -> list[str]:
    """Say how the harm of the worst schedule changes over a grid, and whether one factor does for another."""
    told = [
        f"{r.factor} ({r.low_value:g} to {r.high_value:g})" if isinstance(r.low_value, float)
        else f"{r.factor} ({r.low_value} to {r.high_value})"
        for r in rows.itertuples()
    ]  # fmt: skip
    sizes = [
        f"{rate(r.change, sign=True)} ({rate(r.low, sign=True)} to {rate(r.high, sign=True)}"
        f"{'' if r.clear else ', not told'})"
        for r in rows.itertuples()
    ]
    alone = [f"{t} {s}" for t, s, given in zip(told, sizes, rows["given"], strict=True) if not given]
    said = [
        f"Over the grid the harm of {a.worst} changes, from the lowest value to the highest, by "
        f"{'; '.join(alone)}. 95 % intervals over matched worlds; told among all of these together."
    ]
    for r, size in zip(rows.itertuples(), sizes, strict=True):
        if r.given and r.clear:
            said.append(
                f"With {r.given} at its highest value rather than its lowest, what {r.factor} does changes "
                f"by {size}."
            )
    if (rows["given"] != "").any() and not rows.loc[rows["given"] != "", "clear"].any():
        said.append("Of no two can it be told that one changes what the other does.")
    return said


def in_words(value: object) -> str:
    """Return what is different in words: "off", "= lanchester", "= 0.3"."""
    return str(value) if value == "off" else f"= {value:.3g}" if isinstance(value, float) else f"= {value}"


def to_find_out(a: Analysis) -> list[str]:
    """Say what would be worth finding out before a schedule is chosen."""
    if a.telling is None:
        return []
    whole = knowing_all(a.found.by_point[:, [a.found.schedules.index(s) for s in a.found.choices]])
    clear = a.telling[a.telling["clear"]]
    among = f"one of {len(a.found.choices)} schedules is chosen"
    if clear.empty:
        return [
            f"Of {len(a.telling)} uncertainties none is clearly worth finding out before {among}: to know a "
            f"point whole, its chance included, would avoid {short(whole)}."
        ]
    named = [f"{r.fact} ({plus_minus(r.worth, r.error)})" for r in clear.head(5).itertuples()]
    more = f" and {len(clear) - 5} more" if len(clear) > 5 else ""
    return [
        f"Worth finding out before {among}: {listed(named)}{more}. In harm avoided on average (± standard "
        f"error), each by itself; to know a point whole, its chance included, would avoid {short(whole)}."
    ]


def condition(name: str, limit: discovery.Limits) -> str:
    """Return one restriction in words."""
    if isinstance(limit, frozenset):
        return f"{name} is {' or '.join(sorted(limit))}"
    low, high = limit
    if math.isinf(low):
        return f"{name} is at most {high:.3g}"
    if math.isinf(high):
        return f"{name} is at least {low:.3g}"
    return f"{name} is {low:.3g} to {high:.3g}"


MOST_CURVES = 8
"""Levers that the page speaks of."""


def along(a: Analysis) -> list[str]:
    """Say along which levers there is a cliff, and where; those that can be told first."""
    located = sorted(a.turnings, key=lambda item: item[1].p_value)
    said = [f"Along {curve.name}: {found.words}." for curve, found in located[:MOST_CURVES]]
    if len(located) > MOST_CURVES:
        said.append(f"{len(located) - MOST_CURVES} more curves are in turning.csv.")
    if len(located) > 1:
        said.append("Each curve is judged by itself: of twenty without a cliff one shows some.")
    return said


def tables(a: Analysis) -> dict[str, pd.DataFrame]:
    """Return the tables behind the page, by the name of the file that each becomes."""
    made = {"criteria": a.criteria, "pairs": a.pairs}
    if a.changes is not None:
        made["changes"] = a.changes
    if a.main_effects is not None:
        made["main-effects"] = a.main_effects
    if a.turnings:
        made["turning"] = turning.table(a.turnings)
    if a.telling is not None:
        made["what-would-tell"] = a.telling
    if isinstance(a.importance, str):
        return made
    return made | {"importance": a.importance.table}


def second_opinion(a: Analysis) -> str:
    """Return a decision tree for the conditions under which the worst schedule does most harm.

    Empty if there are too few points, or scikit-learn is not installed.
    """
    if a.points.shape[1] == 0 or len(a.points) < FEWEST_POINTS:
        return ""
    try:
        grown = discovery.tree(a.points, a.failing(a.worst))
    except Missing:
        return ""
    question = f"Is {a.worst} in its worst quarter of points?"
    return f"{question} Weights: [points where it is not, where it is].\n{grown}"
