"""Words and tables: what the runs say, with how sure it is, in 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sim.measures import METRIC, Difference
from sim.scenario.case import COUNTERFACTUAL

if TYPE_CHECKING:
    from sim.study.comparison import Comparison

WIDTH = 80
CAVEATS = (
    "These are comparisons between simulated worlds that share every chance event, not forecasts: "
    "they say what follows from the model's rules, not what will happen in a place.",
    "Most rules and parameters are guesses with a range (`drawdown parameters`). The intervals "
    "below show chance and uncertain strengths at the start; they do not show what other rules or "
    "parameters would give.",
)


def number(x: float) -> str:
    """Return a whole number, e.g. "1,234", in millions from ten million on, e.g. "12.3 m"."""
    return f"{x / 1e6:,.1f} m" if abs(x) >= 1e7 else f"{round(x):,d}"


def signed(x: float) -> str:
    """Return a number with its sign, e.g. "+1,234"; "0" without one."""
    text = number(x)
    return text if text == "0" or text.startswith("-") else f"+{text}"


def more_or_fewer(x: float, what: str = "") -> str:
    """Return "1,234 more" or "1,234 fewer" (persons)."""
    return f"{number(abs(x))} {'more' if round(x) >= 0 else 'fewer'}{what}"


def title_of(result: Comparison, name: str) -> str:
    """Return the title of a schedule."""
    return next(s.title for s in result.schedules if s.name == name)


def cannot_tell(d: Difference) -> bool:
    """Return whether the runs leave the sign of a mean difference open (95 % interval spans zero)."""
    return not (d.mean_low > 0 or d.mean_high < 0)


def table(result: Comparison, metric: str = "killed") -> str:
    """Return one metric of all schedules as a table of at most 80 columns."""
    label = METRIC[metric].label
    unit = METRIC[metric].unit
    of = f" ({unit})" if unit not in label and unit != "persons" else ""
    n = f"of {result.replicates}"
    lines = [
        f"{label[0].upper()}{label[1:]}{of}; difference from '{COUNTERFACTUAL}' in matched runs",
        "",
        f"{'':<23}{'total':>11}{'difference':>12}{'95 % interval':>17}{'more in':>10}",
        f"{'schedule':<23}{'mean':>11}{'mean':>12}{'of that mean':>17}{n:>10}",
        "-" * 73,
    ]
    for schedule in result.schedules:
        total = float(result.totals.sel(schedule=schedule.name, metric=metric).mean())
        line = f"{schedule.name[:22]:<23}{number(total):>11}"
        if schedule.name != COUNTERFACTUAL:
            d = result.difference(metric, schedule.name)
            interval = f"{signed(d.mean_low)} to {signed(d.mean_high)}" if d.runs > 1 else "-"
            line += f"{signed(d.mean):>12}{interval:>17}{d.higher:>10}"
        lines.append(line)
    lines.append("-" * 73)
    return "\n".join(lines)


def sentences(result: Comparison) -> list[str]:
    """Return what the runs say, in plain sentences that carry their uncertainty."""
    said = [against_counterfactual(result, name) for name in result.names if name != COUNTERFACTUAL]
    said += among_schedules(result)
    recorded = as_recorded(result)
    return [*said, *([recorded] if recorded else [])]


def against_counterfactual(result: Comparison, name: str) -> str:
    """Return a sentence or two on one schedule against the world in which the bases stay."""
    d = result.difference("killed", name)
    n = d.runs
    title = title_of(result, name)
    if n < 2:
        return (
            f"{title} ({name}): {more_or_fewer(d.mean, ' civilians killed')} than with no drawdown in the "
            "one matched run. One run says nothing about what to expect; use more replicates."
        )
    if d.higher == d.lower == 0:
        return f"{title} ({name}): no difference to no drawdown in any of {n} matched runs."
    total = float(result.totals.sel(schedule=COUNTERFACTUAL, metric="killed").mean())
    share = f", {d.mean / total:+.1%} of the total" if total > 0 else ""
    groups = result.difference("killed_by_groups", name).mean
    state = result.difference("killed_by_state", name).mean
    militias = result.difference("killed_by_militias", name).mean
    if cannot_tell(d):
        start = (
            f"{title} ({name}): the runs cannot tell its effect on civilians killed from none (mean "
            f"{signed(d.mean)}, 95 % interval {signed(d.mean_low)} to {signed(d.mean_high)}; more in "
            f"{d.higher} of {n} matched runs)."
        )
    else:
        worse = d.mean > 0
        start = (
            f"{title} ({name}): {'more' if worse else 'fewer'} civilians killed than with no drawdown in "
            f"{d.higher if worse else d.lower} of {n} matched runs; on average {more_or_fewer(d.mean)} "
            f"(95 % interval of the mean {signed(d.mean_low)} to {signed(d.mean_high)}){share}."
        )
    return (
        f"{start} Nine runs in ten lie between {signed(d.low)} and {signed(d.high)}; the worst twentieth "
        f"average {signed(d.worst)}. By armed groups {signed(groups)}, by state forces {signed(state)}"
        + (f", by communal militias {signed(militias)}." if abs(militias) >= 0.5 else ".")
    )


def among_schedules(result: Comparison) -> list[str]:
    """Return sentences that compare each schedule with the first one."""
    names = [name for name in result.names if name != COUNTERFACTUAL]
    if len(names) < 2 or result.replicates < 2:
        return []
    first = names[0]
    alike, told = [], []
    for name in names[1:]:
        d = result.difference("killed", name, first)
        if cannot_tell(d):
            alike.append(f"'{name}' (mean {signed(d.mean)}, {signed(d.mean_low)} to {signed(d.mean_high)})")
        else:
            told.append(
                f"'{name}' has {more_or_fewer(d.mean)} killed than '{first}' on average "
                f"({signed(d.mean_low)} to {signed(d.mean_high)}; more in {d.higher} of {d.runs} runs)"
            )
    said = []
    if alike:
        said.append(
            f"Among the schedules: the runs cannot tell {_list(alike)} from '{first}' "
            "by the civilians killed."
        )
    if told:
        said.append(f"{'But ' if alike else 'Among the schedules: '}{_list(told)}.")
    return said


def as_recorded(result: Comparison) -> str:
    """Return a sentence on what observers would have seen of the difference."""
    parts = []
    for name in result.names:
        if name == COUNTERFACTUAL:
            continue
        true = result.difference("killed", name)
        seen = result.difference("recorded_killed", name)
        if cannot_tell(true) or result.replicates < 2:
            continue
        verdict = "no clear difference" if cannot_tell(seen) else signed(seen.mean)
        parts.append(f"'{name}' {verdict} where it is {signed(true.mean)}")
    if not parts:
        return ""
    total = float(result.totals.sel(schedule=COUNTERFACTUAL, metric="killed").mean())
    recorded = float(result.totals.sel(schedule=COUNTERFACTUAL, metric="recorded_killed").mean())
    share = f"{recorded / total:.0%}" if total else "none"
    return (
        f"What would be recorded: with no drawdown {share} of those killed enter the record; fewer observers "
        f"stay when bases close, so the record would show for {_list(parts)}."
    )


def _list(items: list[str]) -> str:
    if len(items) == 1:
        return items[0]
    return ", ".join(items[:-1]) + " and " + items[-1]


def wrap(text: str, indent: str = "", hanging: str | None = None) -> str:
    """Return text wrapped to 80 columns."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_on_hyphens=False,
    )


def checks(result: Comparison) -> str:
    """Return the line of checks that travels with the numbers."""
    passed = [name for name, ok in result.provenance["checks"].items() if ok]
    failed = [name for name, ok in result.provenance["checks"].items() if not ok]
    line = f"Checks passed: {'; '.join(passed) or 'none'}."
    return f"{line} FAILED: {'; '.join(failed)}." if failed else line


def page(result: Comparison) -> str:
    """Return the whole answer as text of 80 columns."""
    case = result.scenario
    runs = (
        f"{result.replicates} matched runs of {case.weeks} weeks under each of {len(result.names)} "
        f"schedules, seed {result.seed}."
    )
    blocks = [
        case.header.title,
        wrap(runs),
        "Before you read on\n" + "\n".join(wrap(c, "- ", "  ") for c in CAVEATS),
        table(result, "killed"),
        "What the runs say\n" + "\n".join(wrap(s, "- ", "  ") for s in result.sentences()),
        table(result, "vacuum_weeks"),
        wrap(
            "A security vacuum is a spell of at least four weeks in which nobody's protection would deter an "
            "armed group that knew it, and an armed group is there."
        ),
        wrap(checks(result)),
        *([wrap(result.note)] if result.note else []),
    ]
    return "\n\n".join(blocks) + "\n"
