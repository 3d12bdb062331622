"""`drawdown check`: check a scenario's files."""

from __future__ import annotations

from typing import get_args

from sim.cli.common import doing, load
from sim.cli.options import DEFAULT, ScenarioArgument


def command(scenario: ScenarioArgument = DEFAULT) -> None:
    """Check a scenario's files, say what it consists of, and point at what looks odd.

    Exit code 2 if something is wrong; what is merely worth a second look leaves it 0.
    """
    case = load(scenario)
    from sim.scenario.case import COUNTERFACTUAL
    from sim.scenario.layout import layout
    from sim.scenario.schema import Certainty

    people = sum(d.population for d in case.districts)
    troops = sum(u.strength for u in case.units if u.opens is None)
    print(f"{case.header.title}")
    print(f"  {case.header.start} to {case.header.end}, {case.weeks} weeks")
    print(f"  {len(case.districts)} districts with {people:,d} people, {len(case.routes)} routes")
    given = f", {len(case.places)} of them given" if case.places else ", laid out by rule"
    print(f"  {len(layout(case).places)} places{given}")
    print(f"  {len(case.bases)} bases; {troops:,d} peacekeepers at the start in {len(case.units)} units")
    print(
        f"  {len(case.armed_groups)} armed groups, {sum(g.fighters for g in case.armed_groups):,d} fighters"
    )
    print(
        f"  {len(case.state_forces)} state units, {sum(s.personnel for s in case.state_forces):,d} personnel"
    )
    staff = sum(h.staff for h in case.humanitarians)
    print(f"  {len(case.humanitarians)} humanitarian actors, {staff:,d} staff")
    for plan in case.schedules.values():
        closing = sum(a.do == "close" for a in plan.actions)
        whole = " and the end of the mission" if any(a.do == "end-mission" for a in plan.actions) else ""
        print(f"  schedule {plan.name}: {closing} closures{whole}. {plan.title}")
    print(f"  schedule {COUNTERFACTUAL}: {case.schedule(COUNTERFACTUAL).title} (always there)")
    rows = [
        *case.districts,
        *case.places,
        *case.routes,
        *case.units,
        *case.armed_groups,
        *case.state_forces,
        *case.humanitarians,
    ]
    counts = {c: sum(r.certainty == c for r in rows) for c in get_args(Certainty)}
    print("  how sure its rows are: " + ", ".join(f"{n} {c}" for c, n in counts.items() if n))
    from sim.show.numbers import wrap

    with doing("Looking for what is odd ..."):
        from sim.study.plausible import remarks

        found = remarks(case)
    if found:
        print("Worth a second look:")
        for remark in found:
            print(wrap(remark, "  - ", "    "))
    print("No errors found.")
