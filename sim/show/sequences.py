"""What many orders of closures say, in plain sentences that carry their uncertainty. 80 columns."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.intervals import LEVEL, mean_interval
from sim.measures import METRIC
from sim.show.numbers import listed, rate, wrap
from sim.study.experiments import decide
from sim.study.sequences import answer
from sim.study.sequences.alone import Alone
from sim.study.sequences.facts import Told
from sim.study.sequences.orders import Order
from sim.study.sequences.study import Sequences
from sim.study.telling import plus_minus

CAVEAT = (
    "Simulated worlds compared: no forecast. What is said holds for these bases, days and rules; "
    "what the case's tables only estimate, no number of runs can tell."
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_FRONT = 6


def page(s: Sequences, told: Told | None = None) -> str:
    """Return the printed page of a study of sequences, with what would tell if that was asked."""
    case = s.closures.case
    label = METRIC[s.outcome].label
    found = f"{len(s.orders):,d} orders"
    if s.searched:
        found = f"{len(s.orders):,d} of very many orders, found by a search,"
    days = [d for o in s.orders[:200] for d in s.closures.days(o) or ()]
    header = (
        f"{case.header.title}: {len(s.names)} closures from {min(days)} to {max(days)}. {found} in "
        f"{len(s.harm):,d} matched worlds, {len(s.short)} of them in {len(s.second.worlds):,d} more. "
        f"{label[0].upper()}{label[1:]} beyond those with no drawdown; less is better."
    )
    blocks = [
        wrap(header),
        _sentences(which(s)),
        places(s),
        looked_again(s),
        _sentences([*weighing(s), *adaptive(s)]),
        _sentences(what_tells(told)) if told else "",
        wrap(CAVEAT),
    ]
    return "\n\n".join(b for b in blocks if b)


def _sentences(said: Sequence[str]) -> str:
    return "\n".join(wrap(line, hanging="  ") for line in said)


def letters(s: Sequences) -> dict[Order, str]:
    """Return the letter of each order that was looked at again, the least mean harm first."""
    ranked = [n for n in s.criteria["schedule"] if not n.endswith("-adaptive")]
    by_name = {s.closures.name(o): o for o in s.short}
    return {by_name[name]: LETTERS[i % 26] for i, name in enumerate(ranked)}


def which(s: Sequences) -> list[str]:
    """Say which orders may be the best, and what they have in common."""
    sure = f"with {100 * LEVEL:g} % confidence over all comparisons together"
    count = int(s.inside.sum())
    worlds = len(s.harm)
    if s.searched:
        said = [
            f"Of the {len(s.short)} orders that were looked at twice {count} cannot be told from the best of "
            f"them, {sure}. There may be better ones among those that were never run."
        ]
    elif count == 1:
        best = s.orders[int(np.flatnonzero(s.inside)[0])]
        said = [f"Least harm, {sure}: {s.closures.words(best)}."]
    elif count == len(s.orders):
        said = [f"No order can be told from the best, {sure}: in these worlds the order is no lever."]
    else:
        said = [f"{count:,d} of {len(s.orders):,d} orders cannot be told from the best, {sure}."]
    if count > 1:
        said[0] += (
            f" In common they have: {'; '.join(map(str, s.common))}."
            if s.common
            else " They have nothing in common that the others lack."
        )
    if count > 1 and not s.searched:
        more = answer.more_worlds(s.harm, s.level)
        if more <= decide.MOST_MORE * worlds:
            runs = f"{more * len(s.orders):,.0f} runs"
            said.append(
                f"About {more:,.0f} more worlds ({runs}) would tell the one in their middle from the lowest."
            )
        else:
            said.append("No sensible number of runs would tell the one in their middle from the lowest.")
    if s.plan is not None and s.plan in s.orders:
        held = bool(s.inside[s.orders.index(s.plan)])
        name = s.closures.within.name
        said.append(
            f"The order of {name} ({s.closures.words(s.plan)}) "
            f"{'is one of them' if held else 'is not one of them'}."
        )
    return said


def places(s: Sequences) -> str:
    """Return what closing each base last rather than first does, over all orders of the others."""
    rows = s.late_or_early
    if not len(rows):
        return ""
    lines = [
        f"{'closed last, not first':<27}{'mean':>9}{'95 % interval':>19}{'less harm in':>16}",
        "-" * 80,
    ]
    for r in rows.itertuples():
        interval = f"{_signed(r.low)} to {_signed(r.high)}"
        mark = "*" if r.clear else " "
        lines.append(
            f"{mark} "
            f"{r.base[:25]:<25}{_signed(r.mean):>9}{interval:>19}{f'{r.fewer} of {r.worlds} worlds':>16}"
        )
    lines.append("-" * 80)
    lines.append(
        wrap(
            "What it does to close a base at the last rather than the first place that the constraints leave "
            "it, on average over the orders of the others. * holds among all bases together."
        )
    )
    return "\n".join(lines)


def _signed(x: float) -> str:
    """Return a number with its sign, one decimal where it is small."""
    return rate(x, sign=True)


def looked_again(s: Sequences) -> str:
    """Return three criteria side by side of the orders that were looked at again."""
    letter = letters(s)
    by_name = {s.closures.name(o): o for o in s.short}
    lines = [
        f"{'':<14}{'':>9}{'95 % interval':>19}{'worst 20th':>12}{'largest':>9}{'US$ m':>9}",
        f"{'order':<14}{'mean':>9}{'of the mean':>19}{'of worlds':>12}{'regret':>9}{'less':>9}",
        "-" * 80,
    ]
    for r in s.criteria.itertuples():
        order = by_name[r.schedule.removesuffix("-adaptive")]
        interval = "-" if math.isnan(r.mean_low) else f"{_signed(r.mean_low)} to {_signed(r.mean_high)}"
        name = letter[order] + (" adaptive" if r.adaptive else "")
        mark = "*" if not r.adaptive and s.inside[s.orders.index(order)] else " "
        saved = "-" if math.isnan(r.us_dollars_saved) else f"{r.us_dollars_saved / 1e6:,.1f}"
        lines.append(
            f"{mark} "
            f"{name:<12}{_signed(r.mean):>9}{interval:>19}{_signed(r.worst):>12}{rate(r.regret):>9}{saved:>9}"
        )
    lines.append("-" * 80)
    where = (
        "of any plausible parameters" if s.plausible else "on average, as all worlds have the same parameters"
    )
    lines.append(
        wrap(
            "In worlds that the first look did not see. * cannot be told from the best. Largest regret: "
            f"what choosing it costs beyond the best of these, {where}. US$ m less: troops and formed police "
            "at the UN's monthly rate, against no drawdown."
        )
    )
    for order, mark in letter.items():
        planned = f" (the order of {s.closures.within.name})" if order == s.plan else ""
        lines.append(wrap(f"{mark}  {s.closures.words(order)}{planned}", hanging="   "))
    return "\n".join(lines)


def weighing(s: Sequences) -> list[str]:
    """Say which orders the criteria prefer, and which no other one beats in harm, troop-weeks and cost."""
    fixed = s.criteria[~s.criteria["adaptive"]]
    letter = {s.closures.name(o): mark for o, mark in letters(s).items()}
    firsts = {
        words: letter[str(fixed.sort_values(column, kind="stable")["schedule"].iloc[0])]
        for words, column in (
            ("mean harm", "mean"), ("the worst twentieth of worlds", "worst"), ("largest regret", "regret"),
        )
    }  # fmt: skip
    if len(set(firsts.values())) > 1:
        said = [
            "The criteria disagree on the lowest: "
            + "; ".join(f"by {w} {m}" for w, m in firsts.items())
            + "."
        ]
    else:
        said = [f"All three criteria put {firsts['mean harm']} lowest."]
    rows = s.table[s.table["front"]].sort_values("us_dollars_saved")
    shown = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(MOST_FRONT, len(rows))).astype(int))]
    points = [
        f"{r.order} ({_signed(r.pooled)} for US$ {r.us_dollars_saved / 1e6:,.1f} m)"
        for r in shown.itertuples()
    ]
    least, most = s.saved.min() / 1e6, s.saved.max() / 1e6
    said.append(
        f"What the orders save differs, from US$ {least:,.1f} m to {most:,.1f} m. In harm, troop-weeks and "
        f"cost no other order beats {len(rows)} of them{', among them' if len(shown) < len(rows) else ''}: "
        f"{'; '.join(points)}."
    )
    return said


def adaptive(s: Sequences) -> list[str]:
    """Say what adaptive forms do, beside the fixed ones, in the same worlds."""
    rows = s.criteria[s.criteria["adaptive"]]
    if not len(rows):
        return []
    said = []
    letter = {s.closures.name(o): mark for o, mark in letters(s).items()}
    for name in rows["schedule"]:
        fixed = name.removesuffix("-adaptive")
        d = (
            s.second.units[:, s.second.schedules.index(name)]
            - s.second.units[:, s.second.schedules.index(fixed)]
        )
        if not d.any():
            said.append(f"{letter[fixed]} adaptive: its triggers changed nothing in any of {len(d)} worlds.")
            continue
        low, high = mean_interval(d)
        said.append(
            f"{letter[fixed]} adaptive, less {letter[fixed]}: {_signed(float(d.mean()))} ({_signed(low)} to "
            f"{_signed(high)}); less harm in {int((d < 0).sum())} and more in {int((d > 0).sum())} of "
            f"{len(d)} worlds."
        )
    return said


MOST_TOLD = 5


def what_tells(told: Told) -> list[str]:
    """Say what it would be worth to find out before an order is chosen."""
    label = METRIC[told.outcome].label
    clear = told.table[told.table["clear"]]
    said = [
        f"What would tell: knowing the whole future would avoid {rate(told.whole)} {label} on average, by "
        f"choosing among these {told.choices} orders. No fact is worth more."
    ]
    if len(clear):
        first = [f"{_named(r)} ({plus_minus(r.worth, r.error)})" for r in clear.head(MOST_TOLD).itertuples()]
        said.append(
            f"Worth finding out first, of {len(told.table)} facts: {'; '.join(first)}. Mean harm avoided, ± "
            "its standard error; clear of what the best of as many meaningless facts seems worth."
        )
    elif len(told.table):
        best = told.table.iloc[0]
        said.append(
            f"None of {len(told.table)} facts about the counties{_and_rules(told.table)} is clearly worth "
            f"finding out before choosing. The first, {_named(best)}, seems worth "
            f"{plus_minus(best.worth, best.error)}; the best of as many meaningless ones would seem worth up "
            f"to {rate(float(told.table['noise'].max()))}."
        )
    return said


def _named(row: Any) -> str:
    """Return the name of a fact in a row of `Told.table`."""
    return f"{row.county}: {row.fact}" if row.county else str(row.fact)


def _and_rules(table: pd.DataFrame) -> str:
    return " and parameters of the rules" if (table["county"] == "").any() else ""


def alone_page(a: Alone) -> str:
    """Return the printed page of what each base is worth by itself."""
    case = a.closures.case
    worlds = int(a.table["worlds"].iloc[0])
    days = sorted(a.table["on"])
    header = (
        f"{case.header.title}: each of {len(a.closures)} bases closes alone, first (from {days[0]}) or last "
        f"(up to {days[-1]}), and all others stay, in {worlds:,d} matched worlds. Civilians killed in the "
        "base's own district and in the country, over the whole run, more than in the same world in which it "
        "never closes."
    )
    lines = [
        f"{'':<9}{'in its':>9}{'95 % interval':>20}{'more, fewer':>14}{'in the':>9}{'95 % interval':>19}",
        f"{'closes':<9}{'district':>9}{'of the mean':>20}{'in worlds':>14}{'country':>9}{'of the mean':>19}",
        "-" * 80,
    ]
    for base, rows in _most_first(a.table):
        district = rows["district"].iloc[0]
        lines.append(wrap(base if district == base else f"{base} ({district})"))
        for r in rows.itertuples():
            interval = f"{_signed(r.there_low)} to {_signed(r.there_high)}"
            country = f"{_signed(r.country_low)} to {_signed(r.country_high)}"
            lines.append(
                f"  {r.closes:<7}{_signed(r.there):>9}{interval:>20}{f'{r.more}, {r.fewer}':>14}"
                f"{_signed(r.country):>9}{country:>19}"
            )
    lines.append("-" * 80)
    told = [base for base, rows in _most_first(a.table) if (rows["there_low"] > 0).any()]
    said = (
        f"Around {listed(told)} more are killed once the base is gone, by an interval without zero; of "
        "twenty such intervals one lacks it by chance alone."
        if told
        else "Of no base can these runs tell what it is worth: every interval holds zero."
    )
    return "\n\n".join([wrap(header), "\n".join(lines), _sentences([said]), wrap(CAVEAT)])


def _most_first(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each base, the one that is worth most when it closes first at the head."""
    first = table[table["closes"] == "first"].sort_values("there", ascending=False, kind="stable")
    return [(str(base), table[table["base"] == base]) for base in first["base"]]


def field_sheets(s: Sequences, told: Told) -> dict[str, str]:
    """Return a sheet of questions (Markdown) for each county in which a base closes, by the file's name."""
    case = s.closures.case
    names = {d.id: d.name for d in case.districts}
    home = {u.base: names[u.district] for u in case.units}
    label = METRIC[told.outcome].label
    sheets = {}
    for county in dict.fromkeys(home[group[0]] for group in s.closures.groups):
        bases = [base for group in s.closures.groups for base in group if home[base] == county]
        lines = [
            f"# {county}: what to find out before the order of closures is chosen",
            "",
            f"Closing here: {listed(bases)}. Asked by {case.header.title}; {told.worlds} simulated worlds, "
            f"{told.choices} orders. No forecast of this place.",
            "",
            "| | question | worth knowing | in the simulated worlds | found |",
            "|--|--|--:|--:|--|",
        ]
        rows = told.table[told.table["county"] == county]
        for i, r in enumerate(rows.itertuples(), start=1):
            mark = "**" if r.clear else ""
            lines.append(
                f"| {i} | {r.question} | {mark}{plus_minus(r.worth, r.error)}{mark} | "
                f"{_between(r.low, r.high)} | |"
            )
        lines += [
            "",
            f"*Worth knowing*: {label} that the best choice of order would avoid on average if this were "
            "known, ± its standard error; bold: clear of chance, among all counties' questions together. "
            "*In the simulated worlds*: what the case assumes of the last three months before the first "
            "closure, nine worlds in ten (shares 0-1, else a number). An answer outside of it is worth "
            "more than any of these numbers: then the case's tables are wrong here, and everything is to "
            "be run again.",
            "",
            "Asked by: ____________  on: ____________  of whom (do not write names down here): ____________",
        ]
        sheets[_file(county)] = "\n".join(lines) + "\n"
    return sheets


def _between(low: float, high: float) -> str:
    digits = 2 if high <= 1.0 else 1 if high < 10.0 else 0
    return f"{low:,.{digits}f} to {high:,.{digits}f}"


def _file(county: str) -> str:
    plain = unicodedata.normalize("NFKD", county).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "county"


def tables(s: Sequences) -> dict[str, pd.DataFrame]:
    """Return the tables behind the page, by the name of the file that each becomes."""
    n = len(s.names)
    worth = s.worth.mean(axis=0)
    places_ = pd.DataFrame(
        [(base, p + 1, float(worth[i, p])) for i, base in enumerate(s.names) for p in range(n)],
        columns=["base", "place", "mean"],
    )
    common = pd.DataFrame(
        [(c.words, c.share, c.of_all) for c in s.common], columns=["words", "share", "of_all"]
    )
    return {
        "orders": s.table,
        "criteria": s.criteria,
        "last-or-first": s.late_or_early,
        "places": places_,
        "in-common": common,
    }
