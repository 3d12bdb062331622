"""Drawdown schedules in words and as a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from statistics import median

import numpy as np
from matplotlib.figure import Figure

from sim.scenario.actions import ACTIONS, CLOSES
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.scenario.schema import Action, Gate, Schedule, Trigger
from sim.show.figures import draw_timeline, troops_over
from sim.show.figures.style import COLOURS, GREY
from sim.show.text import wrap

A_WEEK = 7


def closing_days(case: Scenario, plan: Schedule) -> dict[str, date]:
    """Return the day on which each base closes under a schedule; bases that stay are not in it."""
    days = {a.base: a.on for a in plan.actions if a.do == "close"}
    for action in plan.actions:
        if action.do == "end-mission":
            for base in case.bases:
                if base not in days and case.strength_at(plan, base, action.on) > 0:
                    days[base] = action.on
    return days


def describe(case: Scenario, plan: Schedule) -> str:
    """Return a schedule in a few words: what closes when, with how much notice, and what is left."""
    days = closing_days(case, plan)
    if not days:
        return f"{plan.name}: {plan.title}. No base closes.{_besides(plan)}"
    notice = [
        (a.on - a.announced).days / A_WEEK if a.announced else 0.0 for a in plan.actions if a.do in CLOSES
    ]
    told = f"{median(notice):.0f} weeks' notice" if any(notice) else "no notice"
    if any(notice) and median(notice) == 0:
        told = "mostly without notice"
    troops = troops_over(case, plan)
    return (
        f"{plan.name}: {plan.title}. {len(days)} bases close between {min(days.values())} and "
        f"{max(days.values())}, {told}; {int(troops[0]):,d} troops at the start, {int(troops[-1]):,d} at "
        f"the end.{_besides(plan)}"
    )


def _besides(plan: Schedule) -> str:
    """Return a sentence on what a schedule does besides closing and reducing, empty if nothing."""
    parts = []
    for do, kind in ACTIONS.items():
        one, many = kind.nouns
        own = [a for a in plan.actions if a.do == do]
        if many and own:
            parts.append(f"{len(own)} {one if len(own) == 1 else many}")
        elif one:  # each is told
            parts += [kind.say(one, a) for a in own]
    waiting = sum(bool(a.gate) for a in plan.actions)
    if waiting:
        parts.append(f"{waiting} action{'s' if waiting > 1 else ''} may wait at a gate")
    if plan.triggers:
        parts.append(f"{len(plan.triggers)} trigger{'s' if len(plan.triggers) > 1 else ''}")
    parts += [text for text, _ in _uncertain(plan)]
    return f" Besides: {'; '.join(parts)}." if parts else ""


def _uncertain(plan: Schedule) -> list[tuple[str, str]]:
    """Return what is uncertain in carrying out a schedule: in a few words, and as a sentence."""
    told = []
    if plan.slippage:
        weeks = f"{plan.slippage.mean_weeks:g} weeks"
        told.append((f"closures slip by {weeks} on average", f"closures come {weeks} late on average"))
    if plan.acceleration:
        chance, weeks = f"{plan.acceleration.chance:.0%}", f"{plan.acceleration.weeks} weeks"
        text = f"the host demands exit within {weeks} with a chance of {chance} a year"
        told.append((text, text))
    return told


def differences(case: Scenario, one: Schedule, other: Schedule) -> str:
    """Return how two schedules differ, in words."""
    a, b = closing_days(case, one), closing_days(case, other)
    lines = []
    for mine, theirs, name, less in ((a, b, one.name, other.name), (b, a, other.name, one.name)):
        only = [base for base in case.bases if base in mine and base not in theirs]
        if only:
            lines.append(f"Only {name!r} closes {_some(only)}; under {less!r} they stay.")
    both = [base for base in case.bases if base in a and base in b]
    moved = sorted(((b[base] - a[base]).days, base) for base in both if a[base] != b[base])
    earlier = [(-d, base) for d, base in moved if d < 0]
    later = [(d, base) for d, base in moved if d > 0]
    same = len(both) - len(moved)
    if both:
        lines.append(
            f"Of the {len(both)} bases that close under both, {other.name!r} closes {len(earlier)} earlier "
            f"than {one.name!r}, {len(later)} later and {same} on the same day."
        )
    for group, word in ((earlier, "earlier"), (later, "later")):
        if group:
            most, base = max(group)
            lines.append(
                f"The {word} ones by {_time(median(d for d, _ in group))} in the median; most: {base}, "
                f"{_time(most)}."
            )
    lines += _notice(case, one, other)
    lines += _rest(one, other)
    gap = troops_over(case, other) - troops_over(case, one)
    if np.abs(gap).max() >= 1:
        week = int(np.argmax(np.abs(gap)))
        lines.append(
            f"Troops under {other.name!r} less those under {one.name!r}: {gap.mean():+,.0f} on average, "
            f"{gap[-1]:+,.0f} at the end; most apart in the week of {case.date_of(week)} ({gap[week]:+,.0f})."
        )
    if not [line for line in lines if not line.startswith("Of the")] and same == len(both):
        return f"{one.name!r} and {other.name!r} do the same."
    return "\n".join(wrap(line, "- ", "  ") for line in lines)


def _notice(case: Scenario, one: Schedule, other: Schedule) -> list[str]:
    def of(plan: Schedule) -> float:
        notice = [
            (a.on - a.announced).days / A_WEEK if a.announced else 0.0 for a in plan.actions if a.do in CLOSES
        ]
        return median(notice) if notice else 0.0

    a, b = of(one), of(other)
    if a == b:
        return []
    return [
        f"Communities are told {a:.0f} weeks before under {one.name!r}, {b:.0f} under {other.name!r} "
        "(median)."
    ]


def _rest(one: Schedule, other: Schedule) -> list[str]:
    """Say which other actions only one of them has."""
    lines = []
    for do, kind in ACTIONS.items():
        if not kind.verb:
            continue
        mine = {_done(a) for a in one.actions if a.do == do}
        theirs = {_done(a) for a in other.actions if a.do == do}
        for name, only in ((one.name, mine - theirs), (other.name, theirs - mine)):
            if only:
                what = [
                    f"{who} on {on}" if who else f"{on}"
                    for who, on, _ in sorted(only, key=lambda x: (x[1], x[0]))
                ]
                lines.append(f"Only {name!r} {kind.verb} {_some(what)}.")
    for plan, less in ((one, other), (other, one)):
        for sentence in dict.fromkeys(_conditions(plan)):
            if sentence not in _conditions(less):
                lines.append(f"Only under {plan.name!r}: {sentence}.")
    return lines


def _done(a: Action) -> tuple[str, date, int | None]:
    """Return what an action names, in words, its day and its number, to tell actions apart."""
    who = a.base or a.unit or a.follow_on
    kind = ACTIONS[a.do]
    return who + kind.say(kind.detail, a), a.on, a.to


def _conditions(plan: Schedule) -> list[str]:
    """Return gates, triggers and uncertainties of a schedule as clauses."""

    def level(x: Gate | Trigger) -> str:
        return f"at most {x.at_most:g}" if x.at_most is not None else f"at least {x.at_least:g}"

    said = []
    for gate in plan.gates:
        n = sum(a.gate == gate.name for a in plan.actions)
        if n:
            over = f" over {gate.weeks} weeks" if gate.weeks > 1 else ""
            end = "then comes all the same" if gate.then == "close" else "then is given up"
            where = "the district" if gate.where == "district" else "the mission area"
            said.append(
                f"{'one action waits' if n == 1 else f'{n} actions wait'} for {gate.benchmark} {level(gate)} "
                f"in {where}{over}, at most {gate.longest_delay} weeks, {end}"
            )
    for t in plan.triggers:
        what = {
            "pause": f"later closures wait {t.for_weeks} weeks",
            "reopen": f"the base closed last there reopens after {t.delay} weeks",
            "reinforce": f"{t.troops} troops go there for {t.for_weeks} weeks",
        }[t.do]
        where = "a district of a closed base" if t.where == "closed" else "any district"
        said.append(
            f"if {t.when} is {level(t)} over {t.weeks} weeks in {where}, {what}, at most "
            f"{'once' if t.most == 1 else f'{t.most} times'}"
        )
    return said + [sentence for _, sentence in _uncertain(plan)]


def _some(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _time(days: float) -> str:
    if days < 60:
        return f"{days:.0f} days"
    return f"{days / 30.4:.0f} months" if days < 730 else f"{days / 365.25:.1f} years"


def figure(case: Scenario, plans: Sequence[Schedule]) -> Figure:
    """Return a timeline of the closures of some schedules, and of the troops that are left."""
    shown = [p for p in plans if p.name != COUNTERFACTUAL]
    colours = {p.name: COLOURS[i % len(COLOURS)] for i, p in enumerate(shown)} | {COUNTERFACTUAL: GREY}
    return draw_timeline(case, [*shown, case.schedule(COUNTERFACTUAL)], colours)
