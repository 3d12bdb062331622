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

from sim import responses
from sim.show.figures.style import new_figure, styled
from sim.show.numbers import WIDTH, wrap
from sim.study.validate import CONTROL_EDGES, EDGE, FAILS, HOLDS, UNKNOWN, Check, Validation
from sim.study.worlds import HOSTS, PATTERNS, Across

TINT = {HOLDS: "#2E7D4F", EDGE: "#B8860B", FAILS: "#B24A00", UNKNOWN: "#888888"}


def page(result: Validation, picture: str) -> str:
    """Return a validation as a Markdown page that shows `picture`."""
    counts = {v: sum(c.verdict == v for c in result.checks) for v in (HOLDS, EDGE, FAILS, UNKNOWN)}
    seen = result.observed
    lines = [
        f"# Validation: {result.case.header.title}",
        "",
        f"{result.replicates} runs under `{result.schedule.name}`, seed {result.seed}; the same replicates "
        "under `none` and without any peacekeepers. Each value is the mean over runs with its 95 % interval; "
        "a pattern *holds* if the interval lies in the target, *fails* if it lies outside, and *cannot be "
        "told* across an edge.",
        "",
        f"Of {len(result.checks)} checks {counts[HOLDS]} hold, {counts[FAILS]} fail, {counts[EDGE]} cannot "
        f"be told and {counts[UNKNOWN]} cannot be measured.",
        "",
        "| | pattern | target | value | verdict | worth |",
        "|--|--|--|--|--|--|",
        *(_row(c) for c in result.checks),
        "",
        "*Worth*: where parameters were set by a pattern or a rule puts it in, agreement shows that the code "
        "does what it was made to do, and no more.",
        "",
        f"![Values and targets, sizes of attacks, control, and what an observer would conclude]({picture})",
        "",
        "## What an observer would conclude of the closures, and what was true",
        "",
        _observer(seen),
        "",
        "Not measured in one world alone: patterns 9 and 10, which need several and are never tuned to "
        "(`drawdown validate` without a name); pattern 5 where a case has no police or no crime.",
        "",
        *how_it_responds(),
    ]  # fmt: skip
    return "\n".join(lines)


def _row(c: Check) -> str:
    note = f"; {c.note}" if c.note else ""
    shown = (c.number, f"{c.title} ({c.source})", _target(c), value(c), c.verdict, c.worth + note)
    return f"| {' | '.join(shown)} |"


def _target(c: Check) -> str:
    low, high = c.target
    unit = f" {c.unit}" if c.unit else ""
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
COLUMNS_ACROSS = {"": 4, "verdict": 14, "checks": 24, "pattern": 35}
COLUMNS_RESPONSES = {"verdict": 7, "checks": 24, "response": 47}


def printed(result: Validation) -> str:
    """Return the checks of one world as a table of 80 columns, long cells wrapped."""
    return _table(COLUMNS, [(c.number, c.verdict, value(c), _target(c), c.title) for c in result.checks])


def printed_across(result: Across) -> str:
    """Return the patterns in several worlds, and the checks they rest on, as a table of 80 columns."""
    rows = []
    for number, text in PATTERNS.items():
        verdict, checks = result.verdict(number)
        rows.append((str(number), verdict, _rests_on(checks) or "-", text))
    return _table(COLUMNS_ACROSS, rows)


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
    from sim.measures import mean_interval

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
        "it, as missions prefer to (fact A). "
        "The estimator that was used on real closures (difference-in-differences of log(1 + recorded "
        "deaths), a year after less a year before, closures against districts whose bases stay) gives "
        f"{of('observed')} in the mean over worlds; on real data it gave -0.15 (-0.51 to 0.15; fact B). "
        "What was true in these worlds, against the same world in which the bases stay, is "
        f"{of('true')} in the year after. "
        f"In {100 * zero:.0f} % of the worlds the observer's interval contains zero. After {misled:.0f} % of "
        "the closures true harm was higher than it would have been, and the record fell all the same."
    )


def page_across(result: Across, picture: str) -> str:
    """Return the validation of several worlds as one Markdown page that shows `picture`."""
    verdicts = {n: result.verdict(n) for n in PATTERNS}
    hold = [n for n, (v, _) in verdicts.items() if v == HOLDS]
    part = [n for n, (v, _) in verdicts.items() if v == "in part"]
    fail = [n for n, (v, _) in verdicts.items() if v == FAILS]
    other = [n for n in PATTERNS if n not in (*hold, *part, *fail)]
    first = result.worlds[0]

    def named(numbers: list[int]) -> str:
        return ", ".join(map(str, numbers)) if numbers else "none"

    own = [w.case for w in result.worlds if w.case.header.parameters]
    but = "; ".join(f"`{c.name}` has {len(c.header.parameters)} of its own" for c in own)
    but = but or "what cases set for themselves is left out"
    lines = [
        "# Validation: patterns from the record in several worlds",
        "",
        f"{first.replicates} runs of each world under the schedule that happened, seed {first.seed}, all "
        f"under one default parameter set ({but}); the same replicates under `none` and without any "
        "peacekeepers. Values are means over runs with 95 % intervals. A check *holds* if the "
        "interval lies in its target, *fails* if it lies outside, and *cannot be told* across an edge.",
        "",
        f"**Of thirteen patterns {len(hold)} hold ({named(hold)}), {len(part)} hold in part ({named(part)}), "
        f"{len(fail)} fail ({named(fail)})"
        + (f", {len(other)} cannot be told ({named(other)})" if other else "")
        + f".** Patterns 1-4, 6-8 and 11-13 are judged in {first.case.header.title}, on which "
        "parameters were set; 5 wherever a world has police and crime; 9 and 10 across worlds.",
        "",
        "| | pattern | verdict | checks |",
        "|--:|--|--|--|",
        *(
            f"| {n} | {text} | {verdicts[n][0]} | {_rests_on(verdicts[n][1])} |"
            for n, text in PATTERNS.items()
        ),
        "",
        f"![Each check in each world, and what an exit does under three kinds of host]({picture})",
        "",
        "## Every check in every world",
        "",
        "| | check | target | " + " | ".join(w.case.name for w in result.worlds) + " | worth |",
        "|--|--|--|" + "--|" * len(result.worlds) + "--|",
    ]
    for i, c in enumerate(first.checks):
        cells = [f"{value(w.checks[i])} {_mark(w.checks[i])}" for w in result.worlds]
        note = f"; {c.note}" if c.note else ""
        shown = (c.number, f"{c.title} ({c.source})", _target(c), *cells, c.worth + note)
        lines.append(f"| {' | '.join(shown)} |")
    lines += [
        "",
        "+ holds, - fails, ~ cannot be told. *Worth*: where parameters were set by a pattern, or a rule puts "
        "it in, agreement shows that the code does what it was made to do, and no more. What was tried for "
        "checks that fail: experiments/validation/tried.md.",
        "",
        "## Across worlds",
        "",
        "| | check | target | value | verdict | worth |",
        "|--|--|--|--|--|--|",
        *(_row(c) for c in result.checks),
        "",
        "The three hosts are one invented country (`corridor`), so that only the host and the manner of "
        "leaving differ:",
        "",
        *(
            f"- *{name}*: {text}. Excess: {_mean(result.hosts[name])} civilians killed per 100,000 people "
            "and year."
            for name, text in HOSTS.items()
        ),
        "",
        "## What an observer would conclude of the closures, and what was true",
        "",
    ]
    for w in result.worlds:
        if len(w.closures):
            lines += [f"**{w.case.header.title}.** " + _observer(w.observed), ""]
    return "\n".join([*lines, *how_it_responds()])


def _rests_on(checks: list[Check]) -> str:
    return ", ".join(f"{c.number} {c.verdict}" for c in checks)


def _mark(c: Check) -> str:
    return {HOLDS: "+", FAILS: "-", EDGE: "~"}.get(c.verdict, "")


def _mean(values: np.ndarray) -> str:
    from sim.measures import mean_interval

    low, high = mean_interval(values)
    return f"{values.mean():+.2f} ({low:+.2f} to {high:+.2f})"


@styled
def figure_across(result: Across) -> Figure:
    """Return every check in every world as a field of verdicts, and the exits under three hosts."""
    checks = result.worlds[0].checks
    drawn = new_figure(11.0, 0.3 * len(checks) + 3.4)
    grid = drawn.add_gridspec(2, 1, height_ratios=[0.3 * len(checks), 1.5])
    ax = drawn.add_subplot(grid[0])
    for x, w in enumerate(result.worlds):
        for i, c in enumerate(w.checks):
            y = len(checks) - 1 - i
            known = c.verdict != UNKNOWN
            tint = TINT[c.verdict]
            ax.barh(y, 0.94, 0.84, left=x, color=tint if known else "#EEEEEE", alpha=0.28 if known else 1.0)
            ax.text(x + 0.47, y, value(c), ha="center", va="center", fontsize=7.5, color="0.1")
    ax.set_yticks(range(len(checks)), [f"{c.number}  {_short(c)}" for c in reversed(checks)], fontsize=7.5)
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
    below = drawn.add_subplot(grid[1])
    for y, values in enumerate(result.hosts.values()):
        jitter = y + 0.2 * np.sin(np.arange(len(values)) * 2.4)  # spread by a fixed pattern, not by chance
        below.plot(values, jitter, "o", ms=3.2, color="#B24A00", alpha=0.6, mec="white", mew=0.3)
        below.plot(values.mean(), y, "D", color="black", mfc="white", ms=6)
    below.axvline(0, color="0.2", lw=1)
    below.set_yticks(range(len(result.hosts)), [f"{name} host" for name in result.hosts], fontsize=8.5)
    below.invert_yaxis()
    below.set_xlabel(
        "civilians killed beyond the matched world, per 100,000 and year (a dot: a run; diamond: mean)",
        fontsize=8,
    )
    below.set_title("10  The same invented country, left in order or in haste", fontsize=9)
    return drawn


def _short(c: Check) -> str:
    words = f"{c.title} [{_target(c)}]"
    return words if len(words) <= 84 else f"{c.title[: 80 - len(_target(c))]}... [{_target(c)}]"


@styled
def figure(result: Validation) -> Figure:
    """Return four panels: values in their targets, sizes, control, and the observer."""
    drawn = new_figure(12.0, 9.0)
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
        low, high = c.target
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
    ax.set_yticks(range(len(checks)), [f"{wrapped(c)}" for c in reversed(checks)], fontsize=7.5)
    ax.set_xticks([0, 1], ["lower edge", "upper edge\n(where there is one)"], fontsize=7.5)
    ax.set_ylim(-0.7, len(checks) - 0.3)
    ax.set_xlim(-1.3, 2.3)
    ax.set_title("Values with 95 % interval, on the scale of their targets", fontsize=9)
    for verdict in (HOLDS, EDGE, FAILS):
        ax.plot([], [], "o-", color=TINT[verdict], ms=5, lw=2.5, label=verdict)
    ax.legend(fontsize=7.5, frameon=False, loc="upper left", bbox_to_anchor=(-0.75, -0.03), ncols=3)


def wrapped(c: Check) -> str:
    """Return the title of a check in lines of a width that fits beside a panel."""
    return "\n".join(textwrap.wrap(f"{c.number}  {c.title}", 44))


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
    mean = np.nanmean(rates[:, known], axis=0)
    spread = np.nanquantile(rates[:, known], [0.05, 0.95], axis=0)
    ax.bar(centre, mean, width, color="#B24A00", alpha=0.85)
    ax.vlines(centre, *spread, color="0.2", lw=1.2)
    ax.set_xlabel(
        "armed groups' share of what they and the state control (line: nine runs in ten)", fontsize=8
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
    ax.set_xlabel("change of log(1 + deaths) in the year after a closure (a dot: mean of a run)", fontsize=8)
    ax.set_title("B  Closures: what was true, and what one would see", fontsize=9)
