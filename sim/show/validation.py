"""The page and the picture of a validation."""

from __future__ import annotations

import itertools
import math
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sim import responses
from sim.measures import mean_interval
from sim.show.figures.style import new_figure, styled
from sim.show.numbers import WIDTH, wrap
from sim.study.checks import EDGE, FAILS, FREE, GROUPS, HOLDS, NEVER, SET, UNKNOWN, WORTH, Check
from sim.study.validate import CONTROL_EDGES, Validation
from sim.study.worlds import IN_PART, PATTERNS, Across

TINT = {HOLDS: "#2E7D4F", EDGE: "#B8860B", FAILS: "#B24A00", UNKNOWN: "#888888"}
MARK = {HOLDS: "+", FAILS: "-", EDGE: "~", UNKNOWN: "", IN_PART: "in part"}
VERDICTS = (
    "A check *holds* (+) if the 95 % interval of the mean over runs lies in its target, *fails* (-) if it "
    "lies outside, and *cannot be told* (~) across an edge."
)


def page(result: Validation, picture: str, tried: Mapping[str, str] | None = None) -> str:
    """Return a validation of one world as a Markdown page that shows `picture`.

    `tried`: what was tried for checks that fail, by key.
    """
    lines = [
        f"# Validation: {result.case.header.title}",
        "",
        f"{result.replicates} runs under `{result.schedule.name}`, seed {result.seed}; the same replicates "
        "under `none`, without any peacekeepers and beside other state forces, and as many of 14 years in "
        f"which bases stay. {VERDICTS} {_model()}",
        "",
        _summary([result]),
        "",
    ]
    for title, group in GROUPS.items():
        keys = {e.key for e in group}
        lines += [
            f"## {title}",
            "",
            "| | check | target | value | verdict | worth |",
            "|--|--|--|--|--|--|",
            *(_row(c) for c in result.checks if c.expected.key in keys),
            "",
        ]
    lines += [
        *_worth(),
        f"![Values and targets, sizes of attacks, control, and what an observer would conclude]({picture})",
        "",
        *_failing([result], tried or {}),
        "## What an observer would conclude of the closures, and what was true",
        "",
        _observer(result.observed),
        "",
        *how_it_responds(),
    ]
    return "\n".join(lines)


def _model() -> str:
    return f"Model {responses.rules_digest()[:8]} (first letters of a digest of its rules)."


def _summary(worlds: Sequence[Validation]) -> str:
    """Return how many checks hold in each world, and how many of those that nothing was set by or puts in."""
    lines = [
        "| world | hold | fail | cannot be told | cannot be measured | of those that are free |",
        "|--|--:|--:|--:|--:|--|",
    ]
    for w in worlds:
        counts = [sum(c.verdict == v for c in w.checks) for v in (HOLDS, FAILS, EDGE, UNKNOWN)]
        free = [c for c in w.checks if c.worth in (FREE, NEVER)]
        hold, fail = (sum(c.verdict == v for c in free) for v in (HOLDS, FAILS))
        of_free = f"{hold} hold, {fail} fail of {len(free)}"
        lines.append(f"| {' | '.join([w.case.header.title, *map(str, counts), of_free])} |")
    return "\n".join(lines)


def _worth() -> list[str]:
    """Return what agreement is worth, in words, as lines."""
    set_ = f"*{SET}*: {WORTH[SET]} (*carried over*)"
    others = (f"*{word}*: {meaning}" for word, meaning in WORTH.items() if word != SET)
    return [f"Worth: {'; '.join([set_, *others])}.", ""]


def _failing(worlds: Sequence[Validation], tried: Mapping[str, str]) -> list[str]:
    """Return the section on checks that fail in some world, with what was tried, as lines."""
    lines = ["## What fails, and what was tried", ""]
    for i, c in enumerate(worlds[0].checks):
        where = [w.case.name for w in worlds if w.checks[i].verdict == FAILS]
        if where:
            e = c.expected
            text = tried.get(e.key, "Nothing was tried yet.").strip()
            lines.append(f"- **{e.key}** {e.title}. Fails in {', '.join(where)}. {text}")
    if len(lines) == 2:
        lines.append("No check fails.")
    return [*lines, ""]


def _row(c: Check) -> str:
    return f"| {' | '.join((c.expected.key, _named(c), _target(c), value(c), c.verdict, _worth_of(c)))} |"


def _named(c: Check) -> str:
    return f"{c.expected.title} ({c.expected.source})"


def _worth_of(c: Check) -> str:
    return f"{c.worth}; {c.expected.note}" if c.expected.note else c.worth


def _target(c: Check) -> str:
    low, high = c.expected.target
    unit = f" {c.expected.unit}" if c.expected.unit else ""
    if math.isinf(high):
        return f"above {low:g}{unit}"
    if math.isinf(low):
        return f"below {high:g}{unit}"
    return f"{low:g} to {high:g}{unit}"


def value(c: Check) -> str:
    """Return the value of a check with its interval, in words."""
    if c.verdict == UNKNOWN:
        return "-"
    low, high = c.interval
    digits = 2 if abs(c.mean) < 10 else 0
    return f"{c.mean:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def how_it_responds() -> list[str]:
    """Return the section on the response page, which is read and not measured anew, as lines."""
    rows = (f"| {r.title} | {r.should} | {r.verdict} | {r.counts} |" for r in responses.table())
    return [
        "## Responses",
        "",
        "How the answer moves with troops, places, order, host and time, measured apart from this page by "
        f"`{responses.made()['command']}` and not anew: its page says each value, and why what is red is "
        f"red. {_VERDICTS}{_outdated()}",
        "",
        "| response | should be | verdict | checks |",
        "|--|--|--|--|",
        *rows,
        "",
    ]


_VERDICTS = (
    "A check is "
    + ", ".join(f"*{name}*: {meaning}" for name, meaning in responses.VERDICTS.items())
    + ". A row is as its worst check."
)


def _outdated() -> str:
    return " **Rules have changed since.**" if responses.outdated() else ""


def printed_responses() -> str:
    """Return the verdicts of the response page as a table of 80 columns, with how to make it again."""
    rows = [(r.verdict, r.counts, r.title) for r in responses.table()]
    again = f"Measured by {responses.made()['command']}, not anew.{_outdated().replace('*', '')}"
    return "\n".join([_table(COLUMNS_RESPONSES, rows), wrap(again)])


COLUMNS = {"": 4, "verdict": 14, "value (95 %)": 17, "target": 13, "pattern": 28}
"""Headings and widths of the printed table; with spaces between them 80 columns."""
COLUMNS_ACROSS = {"": 4, "verdict": 18, "hold": 8, "pattern": 47}
COLUMNS_RESPONSES = {"verdict": 7, "checks": 24, "response": 47}


def printed(result: Validation) -> str:
    """Return the checks of one world as a table of 80 columns, long cells wrapped."""
    rows = [(c.expected.key, c.verdict, value(c), _target(c), c.expected.title) for c in result.checks]
    return _table(COLUMNS, rows)


def printed_across(result: Across) -> str:
    """Return the verdict on each pattern in each world, as tables of 80 columns."""
    parts = []
    for i, w in enumerate(result.worlds):
        rows = []
        for key, text in PATTERNS.items():
            checks = result.checks_of(key, i)
            hold = sum(c.verdict == HOLDS for c in checks)
            rows.append((key, result.verdict(key, i), f"{hold} of {len(checks)}", text))
        parts.append(w.case.name + "\n" + _table(COLUMNS_ACROSS, rows))
    return "\n\n".join(parts)


def _table(columns: Mapping[str, int], rows: Sequence[Sequence[str]]) -> str:
    lines = []
    for row in (tuple(columns), *rows):
        cells = [
            textwrap.wrap(cell, width, break_on_hyphens=False) or [""]
            for cell, width in zip(row, columns.values(), strict=True)
        ]
        for parts in itertools.zip_longest(*cells, fillvalue=""):
            padded = (f"{part:<{width}}" for part, width in zip(parts, columns.values(), strict=True))
            lines.append(" ".join(padded).rstrip())
        if row == tuple(columns):
            lines.append("-" * WIDTH)
    return "\n".join(lines)


def _observer(seen: pd.DataFrame) -> str:
    def of(name: str) -> str:
        values = seen[name].dropna().to_numpy()
        if len(values) < 2:
            return "-"
        low, high = mean_interval(values)
        return f"{values.mean():+.2f} ({low:+.2f} to {high:+.2f})"

    zero = seen["zero_in_interval"].mean()
    misled = seen["misled"].mean()
    return (
        "Here the mission closes a base as soon as a quarter has passed without a recorded killing around "
        "it, as missions prefer to (fact A). The estimator that was used on real closures "
        "(difference-in-differences of log(1 + recorded deaths), a year after less a year before, closures "
        f"against districts whose bases stay) gives {of('observed')} in the mean over worlds; on real data "
        "it gave -0.15 (-0.51 to 0.15; fact B). What was true in these worlds, against the same world in "
        f"which the bases stay, is {of('true')} in the year after. In {100 * zero:.0f} % of the worlds the "
        f"observer's interval contains zero. After {misled:.0f} % of the closures true harm was higher than "
        "it would have been, and the record fell all the same."
    )


def page_across(result: Across, picture: str, tried: Mapping[str, str] | None = None) -> str:
    """Return the validation of several worlds as one Markdown page that shows `picture`.

    `tried`: what was tried for checks that fail, by key.
    """
    worlds = result.worlds
    own = [f"`{w.case.name}` has {len(w.case.header.parameters)}" for w in worlds if w.case.header.parameters]
    but = f"values of their own: {', '.join(own)}" if own else "what cases set for themselves is left out"
    names = " | ".join(w.case.name for w in worlds)
    lines = [
        "# Validation: patterns and facts, each world by itself",
        "",
        f"{worlds[0].replicates} runs of each world under the schedule that happened, seed {worlds[0].seed}, "
        f"under one parameter set ({but}); the same replicates under `none`, without any peacekeepers and "
        "beside other state forces, and as many of 14 years in which bases stay. Each world is judged by its "
        "own runs; no verdict is summed over worlds. What clusters or spreads is measured within districts, "
        "net of each one's mean, by the estimator and in windows of the length that give the record's value "
        f"([record.csv](record.csv)). {VERDICTS} {_model()}",
        "",
        _summary(worlds),
        "",
        "## Patterns, world by world",
        "",
        f"| | pattern | {names} |",
        "|--|--|" + "--|" * len(worlds),
    ]
    for key, text in PATTERNS.items():
        cells = []
        for i in range(len(worlds)):
            checks = result.checks_of(key, i)
            hold = sum(c.verdict == HOLDS for c in checks)
            told = sum(c.verdict != UNKNOWN for c in checks)
            verdict = result.verdict(key, i)
            cells.append(f"{verdict}, {hold} of {told}" if verdict == IN_PART else verdict)
        lines.append(f"| {key} | {text} | {' | '.join(cells)} |")
    lines += ["", f"![Each check in each world]({picture})", ""]
    for title, group in GROUPS.items():
        keys = {e.key for e in group}
        lines += [
            f"## {title}",
            "",
            f"| | check | target | {names} | worth |",
            "|--|--|--|" + "--|" * len(worlds) + "--|",
        ]
        for i, c in enumerate(worlds[0].checks):
            if c.expected.key in keys:
                cells = [f"{value(w.checks[i])} {MARK[w.checks[i].verdict]}" for w in worlds]
                row = (c.expected.key, _named(c), _target(c), *cells, _worth_across(worlds, i))
                lines.append(f"| {' | '.join(row)} |")
        lines.append("")
    lines += _worth()
    if result.checks:
        lines += [
            "Across worlds:",
            "",
            "| | check | target | value | verdict | worth |",
            "|--|--|--|--|--|--|",
            *(_row(c) for c in result.checks),
            "",
        ]
    lines += _failing(worlds, tried or {})
    lines += ["## What an observer would conclude of the closures, and what was true", ""]
    for w in worlds:
        if w.observed["observed"].notna().any():
            lines += [f"**{w.case.header.title}.** " + _observer(w.observed), ""]
    return "\n".join([*lines, *how_it_responds()])


def _worth_across(worlds: Sequence[Validation], i: int) -> str:
    """Return what agreement is worth, with the worlds that parameters were set in."""
    e = worlds[0].checks[i].expected
    worth = f"{e.worth} in {', '.join(e.set_in)}" if e.set_in else e.worth
    return f"{worth}; {e.note}" if e.note else worth


@styled
def figure_across(result: Across) -> Figure:
    """Return every check in every world as a field of verdicts."""
    checks = result.worlds[0].checks
    drawn = new_figure(12.5, 0.3 * len(checks) + 1.6)
    ax = drawn.add_subplot()
    for x, w in enumerate(result.worlds):
        for i, c in enumerate(w.checks):
            y = len(checks) - 1 - i
            known = c.verdict != UNKNOWN
            tint = TINT[c.verdict]
            ax.barh(y, 0.94, 0.84, left=x, color=tint if known else "#EEEEEE", alpha=0.28 if known else 1.0)
            ax.text(x + 0.47, y, value(c), ha="center", va="center", fontsize=7.5, color="0.1")
    ax.set_yticks(
        range(len(checks)), [f"{c.expected.key}  {_short(c)}" for c in reversed(checks)], fontsize=7.5
    )
    ax.set_xticks(
        [x + 0.47 for x in range(len(result.worlds))], [w.case.name for w in result.worlds], fontsize=8.5
    )
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.set_xlim(-0.03, len(result.worlds))
    ax.set_ylim(-0.6, len(checks) - 0.4)
    for side in ax.spines.values():
        side.set_visible(False)
    for verdict in (HOLDS, EDGE, FAILS):
        ax.bar(0, 0, color=TINT[verdict], alpha=0.28, label=verdict)
    ax.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0, 0.0), ncols=3)
    return drawn


def _short(c: Check) -> str:
    title, target = c.expected.title, _target(c)
    words = f"{title} [{target}]"
    return words if len(words) <= 84 else f"{title[: 80 - len(target)]}... [{target}]"


@styled
def figure(result: Validation) -> Figure:
    """Return four panels: values in their targets, sizes, control, and the observer."""
    drawn = new_figure(12.5, 15.0)
    grid = drawn.add_gridspec(3, 2, width_ratios=[1.0, 1.05])
    _targets(drawn.add_subplot(grid[:, 0]), result)
    _sizes(drawn.add_subplot(grid[0, 1]), result)
    _control(drawn.add_subplot(grid[1, 1]), result)
    _seen(drawn.add_subplot(grid[2, 1]), result)
    drawn.suptitle(
        f"{result.case.header.title}: {result.replicates} runs under '{result.schedule.name}'",
        x=0.01, ha="left", fontsize=10.5,
    )  # fmt: skip
    return drawn


def _targets(ax: Axes, result: Validation) -> None:
    checks = [c for c in result.checks if c.verdict != UNKNOWN]
    for y, c in enumerate(reversed(checks)):
        low, high = c.expected.target
        # each on a scale of its own: the target spans 0 to 1; one-sided targets begin at 0
        if math.isfinite(low):
            span = (high - low) if math.isfinite(high) else max(abs(low), 1.0)
            place = (np.array([*c.interval, c.mean]) - low) / span
        else:
            place = 1.0 + (np.array([*c.interval, c.mean]) - high) / max(abs(high), 1.0)
        a, b, middle = np.clip(place, -1.2, 2.2)
        ax.plot([a, b], [y, y], color=TINT[c.verdict], lw=2.5)
        ax.plot(middle, y, "o", color=TINT[c.verdict], ms=5)
    ax.axvspan(0, 1, color="#E8F0EA", zorder=0)
    ax.set_yticks(range(len(checks)), [f"{wrapped(c)}" for c in reversed(checks)], fontsize=6.5)
    ax.set_xticks([0, 1], ["lower edge", "upper edge\n(where there is one)"], fontsize=7.5)
    ax.set_ylim(-0.7, len(checks) - 0.3)
    ax.set_xlim(-1.3, 2.3)
    ax.set_title("Values with 95 % interval, on the scale of their targets", fontsize=9)
    for verdict in (HOLDS, EDGE, FAILS):
        ax.plot([], [], "o-", color=TINT[verdict], ms=5, lw=2.5, label=verdict)
    ax.legend(fontsize=7.5, frameon=False, loc="upper left", bbox_to_anchor=(-0.75, -0.03), ncols=3)


def wrapped(c: Check) -> str:
    """Return the title of a check in lines of a width that fits beside a panel."""
    return "\n".join(textwrap.wrap(f"{c.expected.key}  {c.expected.title}", 60))


def _sizes(ax: Axes, result: Validation) -> None:
    sizes = np.sort(result.sizes)
    beyond = 1.0 - np.arange(len(sizes)) / len(sizes)
    ax.loglog(sizes, beyond, color="#3A6EA5", lw=1.6, label="runs")
    tail = sizes >= 10
    if tail.any():
        x = np.array([10.0, sizes.max()])
        start = beyond[tail][0]
        for exponent, style in ((2.0, "--"), (2.5, ":")):
            ax.loglog(
                x, start * (x / 10) ** (1 - exponent), style, color="0.35", lw=1, label=f"exponent {exponent}"
            )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.set_xlabel("civilians killed in a lethal attack", fontsize=8)
    ax.set_ylabel("share of attacks that kill as many", fontsize=8)
    ax.legend(fontsize=7.5, frameon=False)
    ax.set_title("1  Sizes of attacks by armed groups", fontsize=9)


def _control(ax: Axes, result: Validation) -> None:
    rates = result.by_control
    centre = (CONTROL_EDGES[1:] + CONTROL_EDGES[:-1]) / 2
    width = np.diff(CONTROL_EDGES) - 0.01
    known = np.isfinite(rates).any(axis=0)
    centre, width = centre[known], width[known]
    if known.any():
        mean = np.nanmean(rates[:, known], axis=0)
        spread = np.nanquantile(rates[:, known], [0.05, 0.95], axis=0)
        ax.bar(centre, mean, width, color="#B24A00", alpha=0.85)
        ax.vlines(centre, *spread, color="0.2", lw=1.2)
    ax.set_xlabel(
        "armed groups' share of what they and the state control\n(line: nine runs in ten)", fontsize=8
    )
    ax.set_ylabel("attacks a week and district", fontsize=8)
    ax.set_title("13  Attacks on civilians by control", fontsize=9)


def _seen(ax: Axes, result: Validation) -> None:
    seen = result.observed
    for y, (name, tint) in enumerate((("observed", "#888888"), ("true", "#B24A00"))):
        values = seen[name].dropna().to_numpy()
        jitter = y + 0.22 * np.sin(np.arange(len(values)) * 2.4)  # spread by a fixed pattern, not by chance
        ax.plot(values, jitter, "o", ms=3.5, color=tint, alpha=0.7, mec="white", mew=0.3)
        if len(values):
            ax.plot(values.mean(), y, "D", color="black", mfc="white", ms=6)
    ax.axvline(0, color="0.2", lw=1)
    ax.set_yticks(
        [0, 1], ["as an observer\nwould estimate it", "true, against the\nmatched world"], fontsize=8
    )
    ax.set_ylim(1.6, -0.6)
    ax.set_xlabel("change of log(1 + deaths) in the year after a closure\n(a dot: mean of a run)", fontsize=8)
    ax.set_title("B  Closures: what was true, and what one would see", fontsize=9)
