"""The story of one security vacuum or massacre, in plain words, from the event log of its run.

It tells what happened in one simulated run and what the actors in it knew. It explains the run, not
the world.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from sim import measures
from sim.scenario.case import COUNTERFACTUAL
from sim.show.numbers import WIDTH, wrap
from sim.study.eventlog import LEAVING, VACUUM_ENDS, VACUUM_OPENS, chain, effects
from sim.study.retrace import Run
from sim.world.events import NAMED

CLOSURES_TOLD = 6
"""At most so many withdrawals within reach are told, the nearest first."""


def vacuum(run: Run, row: pd.Series, number: int) -> str:
    """Tell the story of a security vacuum (a row of vacuums.csv)."""
    d = run.district(str(row["district"]))
    week = run.case.week_of(row["onset"].date())
    end = week + int(row["weeks"])
    log = run.log
    opens = log[
        (log["kind"] == VACUUM_OPENS) & (log["week"] == week) & (log["district"] == row["district"])
    ].iloc[0]
    last = run.case.date_of(end) - timedelta(days=1)
    parts = [
        wrap(
            f"Security vacuum {number}: {row['district']}, {_day(row['onset'])} to {_day(last)} "
            f"({int(row['weeks'])} weeks)"
        )
        + f"\n{_which(run)}",
        "How it opened\n" + wrap(_opening(run, opens, d, week)),
        "What had left by then\n" + _withdrawals(run, d, week),
        "Who was there\n" + wrap(_present(run, d, week, end)),
        "What happened in it\n" + wrap(_toll(run, d, week, end)),
    ]
    ends = log[(log["kind"] == VACUUM_ENDS) & (log["cause"] == opens.name)]
    if len(ends):
        over = ends.iloc[0]
        parts.append("How it ended\n" + wrap(_reason(run, over) + _numbers(over)))
    else:
        parts.append("How it ended\n" + wrap("It lasted to the end of the run."))
    return "\n\n".join([*parts, _caveat()]) + "\n"


def massacre(run: Run, row: pd.Series, number: int) -> str:
    """Tell the story of a massacre (a row of massacres.csv): its gravest attack, and what led to it."""
    log = run.log
    d = run.district(str(row["district"]))
    week = run.case.week_of(row["week"].date())
    attacks = log[
        (log["kind"] == "attack on civilians") & (log["week"] == week) & (log["district"] == row["district"])
    ]
    gravest = int(attacks["killed"].idxmax())
    attack = log.loc[gravest]
    steps = [log.loc[i] for i in chain(log, gravest)]
    decision = steps[0]
    told = [_told(run, step) for step in steps[1:-1]]
    if not told:
        told = ["Nobody raised an alert."]
    elif attack["answered_by"] == "nobody":
        told.append("Nobody came.")
    fled = sum(log.at[e, "persons"] for e in effects(log, gravest) if log.at[e, "kind"] == "flight")
    others = len(attacks) - 1
    after = (
        f"It lasted {_hours(attack['hours'])} and killed {int(attack['killed'])} civilians; "
        f"{int(attack['injured'])} were injured and {int(attack['abducted'])} abducted. "
        + (f"{int(fled):,d} people fled." if fled else "Nobody fled far.")
    )
    if others:
        rest = int(row["killed"]) - int(attack["killed"])
        after += f" {_count(others, 'other attack')} in the district that week killed {rest}."
    parts = [
        wrap(
            f"Massacre {number}: {int(row['killed'])} civilians killed in {row['district']} in the week of "
            f"{_day(row['week'])}"
        )
        + f"\n{_which(run)}",
        "Who decided it, and why\n" + wrap(_motive(run, decision)),
        "Whether anybody knew, and came\n" + wrap(" ".join(told)),
        "The attack\n" + wrap(after),
        "Protection there\n" + wrap(_protection(run, d, week)),
        "What had left by then\n" + _withdrawals(run, d, week),
    ]
    return "\n\n".join([*parts, _caveat()]) + "\n"


def _which(run: Run) -> str:
    return wrap(f"{run.schedule.title} ({run.schedule.name}), replicate {run.replicate}")


def _caveat() -> str:
    return wrap(
        "This is one run: it shows how actors in the model got there, not what to expect. Beliefs and "
        "reasons are those that the model's rules worked with."
    )


def _day(day: object) -> str:
    return f"{pd.Timestamp(day):%d %b %Y}"  # type: ignore[arg-type]


def _hours(hours: float) -> str:
    return f"{hours:.0f} hours" if hours >= 1.5 else "about an hour" if hours >= 0.75 else "under an hour"


def _count(n: int, what: str) -> str:
    return f"{n:,d} {what}{'' if n == 1 else 's'}"


def _percent(x: float) -> str:
    return f"{100 * x:.0f}%" if x >= 0.01 or x < 0.0005 else f"{100 * x:.1f}%"


def _opening(run: Run, opens: pd.Series, d: int, week: int) -> str:
    text = _reason(run, opens) + _numbers(opens)
    if opens["reason"] != "from the start" and not pd.isna(opens["cause"]):
        cause = run.log.loc[int(opens["cause"])]
        text += f" Behind it: {_withdrawal(run, cause, d)}."
    same = bool(measures.in_vacuum(run.matched[None])[0, week, d])
    if run.schedule.name == COUNTERFACTUAL:
        return text
    un, state = run.matched["un_met"][week, d], run.matched["state_met"][week, d]
    return text + (
        f" In the matched run in which the bases stay, the UN would have met {_percent(un)} of attacks there "
        f"in that week and state forces {_percent(state)}: " + ("a vacuum too." if same else "no vacuum.")
    )


def _reason(run: Run, event: pd.Series) -> str:
    reasons = {
        "from the start": "It was there from the start of the run.",
        "the wet season begins": "The wet season began, and patrols and answers reached less far.",
        "the dry season begins": "The dry season began, and the roads with it.",
        "UN protection falls": "The UN's part in protection fell.",
        "UN protection rises": "The UN reached the district again.",
        "state protection falls": "State forces' part in protection fell.",
        "state protection rises": "State forces filled it.",
        "armed group arrives": "An armed group arrived where there had been none.",
        "armed actors leave": "No armed actor of any size was left.",
    }
    return reasons[str(event["reason"])]


def _numbers(event: pd.Series) -> str:
    """Say how the chance that an attack is met changed in a week, and who was armed there."""
    fighters = f"{int(event['armed'])} fighters were there."
    before, after = (
        1.0 - (1.0 - event["un_met" + when]) * (1.0 - event["state_met" + when]) for when in ("_before", "")
    )
    if abs(after - before) < DEEP:
        change = f"chance that an attack is met by anybody {_went(before, after)}; {fighters}"
        if event["reason"] in NOT_PROTECTION:
            return f" The {change}"
        return f" The threshold was just crossed: the {change}"
    un = _went(event["un_met_before"], event["un_met"])
    state = _went(event["state_met_before"], event["state_met"])
    if un.startswith("went"):
        state = state.removeprefix("went ")
    return f" The chance that an attack is met {un} by the UN, and {state} by state forces; {fighters}"


NOT_PROTECTION = ("from the start", "armed group arrives", "armed actors leave")
"""Reasons of a vacuum that opens or ends without a change of protection."""


def _went(before: float, after: float) -> str:
    """Return "went from 25% to 9%", with one decimal where that is needed to see it, or "stayed at 9%"."""
    for shown in (_percent, _tenth):
        if shown(before) != shown(after):
            return f"went from {shown(before)} to {shown(after)}"
    return f"stayed at {_percent(after)}"


def _tenth(x: float) -> str:
    return f"{100 * x:.1f}%"


def _withdrawal(run: Run, event: pd.Series, d: int) -> str:
    return f"{event['actor']} {NAMED[str(event['kind'])].past} on {_day(event['date'])}{_away(run, event, d)}"


def _away(run: Run, event: pd.Series, d: int) -> str:
    n = run.district(str(event["district"]))
    near = np.flatnonzero(run.world.near[n] == d)
    if n == d or not len(near):
        return " (in the district)" if n == d else ""
    hours = run.world.hours[0, n, near[0]]
    return f" ({event['district']}, {hours:.0f} hours away)"


def _withdrawals(run: Run, d: int, week: int) -> str:
    """List UN withdrawals up to `week` from bases in reach of district `d`, the nearest first."""
    log = run.log
    gone = log[log["kind"].isin(LEAVING) & (log["week"] <= week)]
    rows = []
    for event in gone.itertuples():
        n = run.district(str(event.district))
        near = np.flatnonzero(run.world.near[n] == d)
        if len(near):
            troops = event.troops if event.kind != "unit reduced" else event.troops_before - event.troops
            rows.append((float(run.world.hours[0, n, near[0]]), event.Index, int(troops)))
    rows.sort()
    if not rows:
        return wrap("No peacekeepers within reach of it.", "  ")
    lines = [
        wrap(f"{_withdrawal(run, log.loc[i], d)}, {troops} troops", "  ", "    ")
        for _, i, troops in rows[:CLOSURES_TOLD]
    ]
    if len(rows) > CLOSURES_TOLD:
        lines.append(f"  and {len(rows) - CLOSURES_TOLD} more, farther away")
    return "\n".join(lines)


def _present(run: Run, d: int, start: int, end: int) -> str:
    record = run.record[start:end]
    log = run.log
    there = log[
        (log["kind"].isin(["decides to attack", "clash", "armed group moves"]))
        & log["week"].between(start, end - 1)
        & (log["district"] == run.case.districts[d].name)
    ]
    names = list(dict.fromkeys(there["actor"].dropna()))
    text = (
        f"{record['armed'][:, d].mean():.0f} fighters on average. Armed groups controlled "
        f"{_percent(record['group_control'][:, d].mean())} of the district, state forces "
        f"{_percent(record['state_control'][:, d].mean())}."
    )
    if names:
        shown = "; ".join(names[:5]) + (f"; and {len(names) - 5} more" if len(names) > 5 else "")
        text += f" Heard of in that time: {shown}."
    decided = there[there["kind"] == "decides to attack"]
    if len(decided):
        text += (
            f" Deciding to attack they gave {_percent(decided['believed_met'].mean())} on average to being "
            f"met; in truth it was {_percent(decided['true_met'].mean())}."
        )
    return text


def _toll(run: Run, d: int, start: int, end: int) -> str:
    log = run.log
    place = run.case.districts[d].name
    within = log[(log["district"] == place) & log["week"].between(start, end - 1)]
    attacks = within[within["kind"] == "attack on civilians"]
    alerts = within[within["kind"] == "alert"]
    record = run.record[start:end]
    killed = int(record["killed_by_groups"][:, d].sum())
    text = f"{_count(len(attacks), 'attack')} on civilians, {killed} killed by armed groups and "
    text += f"{int(record['killed_by_state'][:, d].sum())} by state forces. "
    if run.schedule.name != COUNTERFACTUAL:
        matched = run.matched[start:end]
        n, dead = int(matched["attacks"][:, d].sum()), int(matched["killed_by_groups"][:, d].sum())
        text += (
            f"In the same weeks of the matched run: {_count(n, 'attack')}, {dead} killed by armed groups. "
        )
    heard = int(((alerts["heard_un"] > 0) | (alerts["heard_state"] > 0)).sum()) if len(alerts) else 0
    answered = int((attacks["answered_by"] != "nobody").sum())
    text += (
        f"Communities raised {_count(len(alerts), 'alert')}; {heard} reached somebody able to act, and "
        f"{_count(answered, 'attack')} {'was' if answered == 1 else 'were'} answered. "
        f"{int(record['fled'][:, d].sum()):,d} people fled."
    )
    if len(attacks) and attacks["killed"].max() >= 10:
        worst = attacks.loc[attacks["killed"].idxmax()]
        text += f" The gravest: {worst['actor']} killed {int(worst['killed'])} on {_day(worst['date'])}."
    return text


def _motive(run: Run, decision: pd.Series) -> str:
    over_people = {
        "selective": "to keep people from changing sides, where it dominated without full control",
        "indiscriminate": "to punish people under somebody else's control, of whom it knew little",
        "looting": "control over people",
    }
    motives = {
        over_people[decision["mode"]]: decision["control_motive"],
        "loot, as its stores ran low": decision["hunger_motive"],
        "revenge for denunciations and losses": decision["revenge_motive"],
    }
    reasons = sorted(motives.items(), key=lambda item: -item[1])
    who = str(decision["actor"])
    text = f"{who[:1].upper()}{who[1:]} decided to attack {decision['other']}. "
    text += f"What drew it most: {reasons[0][0]}"
    if reasons[1][1] > 0.5 * reasons[0][1]:
        text += f"; also {reasons[1][0]}"
    aims = {
        "selective": "The attack was aimed at some",
        "indiscriminate": "The attack was aimed at everybody",
        "looting": "The attack was for loot",
    }
    text += f". {aims[decision['mode']]}"
    believed, true = decision["believed_met"], decision["true_met"]
    text += f". It gave {_percent(believed)} to being met by anybody; in truth it was {_percent(true)}"
    if believed < 0.6 * true:
        text += ", so it took less risk into account than there was"
    elif believed > 1.7 * true:
        text += ", so it expected more protection than there was"
    return text + "."


def _told(run: Run, step: pd.Series) -> str:
    if step["kind"] == "alert":
        called = [n for n, k in (("the mission", "told_un"), ("state forces", "told_state")) if step[k] > 0]
        heard = [n for n, k in (("the mission", "heard_un"), ("state forces", "heard_state")) if step[k] > 0]
        early = f", {_hours(step['lead_hours'])} before the attack" if step["lead_hours"] > 0 else ""
        if not called:
            return f"Nobody called, but a patrol happened on it; {' and '.join(heard)} knew."
        text = f"{step['actor']} called {' and '.join(called)}{early}. "
        if not heard:
            return text + "The call reached nobody able to act."
        return text + f"The call reached {' and '.join(heard)}."
    who = "peacekeepers" if step["by"] == "UN" else "state forces"
    when = "before it began" if step["hours"] <= 0 else f"{_hours(step['hours'])} after it began"
    if pd.isna(step["actor"]):
        return f"Soldiers who had taken over a base came, {when}."
    return f"{step['actor']} ({who}) came, {when}."


def _protection(run: Run, d: int, week: int) -> str:
    un, state = run.record["un_met"][week, d], run.record["state_met"][week, d]
    text = f"In that week the UN would have met {_percent(un)} of attacks and state forces {_percent(state)}"
    text += f"; at the start of the run {_percent(run.record['un_met'][0, d])} and "
    text += f"{_percent(run.record['state_met'][0, d])}."
    if run.schedule.name != COUNTERFACTUAL:
        un, state = run.matched["un_met"][week, d], run.matched["state_met"][week, d]
        dead = int(run.matched["killed_by_groups"][week, d])
        text += (
            f" In the matched run in which the bases stay: {_percent(un)} and {_percent(state)}, and armed "
            f"groups killed {_count(dead, 'civilian') if dead else 'nobody'} there in that week."
        )
    return text


DEEP = 0.02
"""A vacuum is offered if protection (0-1) is lower by so much than in the matched world: less is a threshold
that was just crossed."""


def own_massacres(massacres: pd.DataFrame) -> pd.DataFrame:
    """Return the massacres that the drawdown made, each once, the gravest first.

    Those that do not happen, or kill less than half as many, in the matched world in which the bases stay.
    One that happens in a world under several schedules stands under that in which it is gravest (the first
    of equals); the index is kept.
    """
    found = massacres[
        (massacres["schedule"] != COUNTERFACTUAL) & (2 * massacres["killed_matched"] < massacres["killed"])
    ]
    found = found.sort_values("killed", ascending=False, kind="stable")
    return found.drop_duplicates(["replicate", "district", "week"])


def own_vacuums(vacuums: pd.DataFrame) -> pd.DataFrame:
    """Return the vacuums that the drawdown opened, each once, those in which most were killed first.

    Less than half of their weeks belong to a vacuum in the matched world, and protection is lower by `DEEP`.
    Vacuums that overlap in a world under several schedules are one: that in which most were killed.
    """
    found = vacuums[
        (vacuums["schedule"] != COUNTERFACTUAL)
        & (2 * vacuums["shared_weeks"] < vacuums["weeks"])
        & (vacuums["depth"] >= DEEP)
    ]
    found = found.sort_values("killed", ascending=False, kind="stable")
    taken: dict[tuple[int, str], list[tuple[pd.Timestamp, pd.Timestamp]]] = {}
    kept = []
    last = found["onset"] + pd.to_timedelta(7 * found["weeks"], unit="D")
    rows = zip(found.index, found["replicate"], found["district"], found["onset"], last, strict=True)
    for number, replicate, district, start, end in rows:
        spells = taken.setdefault((replicate, district), [])
        if not any(start < b and a < end for a, b in spells):
            spells.append((start, end))
            kept.append(number)
    return found.loc[kept]


def listing(vacuums: pd.DataFrame, massacres: pd.DataFrame, most: int = 8) -> str:
    """Return the gravest vacuums and massacres that the drawdown made, to choose from, in 80 columns."""
    gravest = own_massacres(massacres).head(most)
    deadliest = own_vacuums(vacuums).head(most)
    blocks = ["Gravest massacres that do not happen with no drawdown (--massacre N)"]
    if len(gravest):
        blocks.append(_table(gravest, "week", gravest["week"].dt.strftime("%Y-%m-%d")))
    else:
        blocks.append("  none among the gravest that are kept")
    blocks.append("\nDeadliest vacuums that do not open with no drawdown (--vacuum N)")
    if len(deadliest):
        when = deadliest["onset"].dt.strftime("%Y-%m-%d") + deadliest["weeks"].map("{:>7,d}".format)
        blocks.append(_table(deadliest, f"{'opens':<10}{'weeks':>7}", when))
    else:
        blocks.append("  none")
    return "\n".join(blocks) + "\n"


def _table(rows: pd.DataFrame, heading: str, when: pd.Series) -> str:
    """Return rows of a listing under a line of headings; names too long for 80 columns are cut."""
    width = len(heading) if len(heading) > 10 else 10
    lines = [f"{'N':>7}{'killed':>8}  {heading:<{width}}  {'district':<22}  schedule, replicate"]
    for (number, row), text in zip(rows.iterrows(), when, strict=True):
        start = f"{number:>7}{int(row['killed']):>8,d}  {text:<{width}}  {_cut(row['district'], 22):<22}  "
        end = f", {row['replicate']}"
        lines.append(start + _cut(row["schedule"], WIDTH - len(start) - len(end)) + end)
    return "\n".join(lines)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
