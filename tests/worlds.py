"""Small scenarios for tests: one made by hand, and any number made by hypothesis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from sim import Action, Scenario, Schedule, parameters
from sim.build import build
from sim.declare import Table
from sim.scenario import whole
from sim.scenario.schema import (
    ArmedGroupRow,
    District,
    Header,
    Host,
    HumanitarianRow,
    Money,
    People,
    Programme,
    Route,
    Rules,
    Site,
    StateForceRow,
    Unit,
)
from sim.start import begin
from sim.week import week
from sim.world.attack import attack
from sim.world.codes import Mode
from sim.world.state import World

START = date(2020, 1, 6)
LIVELY = {"active_tempo": 1.0, "dormant_tempo": 0.5, "open": 0.03, "exhaust": 0.01, "truce_rate": 0.0}
"""Parameters under which groups are about at once: for short runs in which something must happen."""
PEOPLES = (("Farmers", 0.6), ("Herders", 0.4))


def district(name: str, **changes: object) -> District:
    """Return an ordinary district, with changes."""
    values: dict[str, object] = {
        "id": name,
        "name": name.title(),
        "province": "P",
        "latitude": 0.0,
        "longitude": 30.0,
        "area_km2": 4000.0,
        "population_low": 300_000,
        "population": 400_000,
        "population_high": 500_000,
        "urban_share": 0.25,
        "communities": 3,
        "concealment": 0.4,
        "rents": 0.5,
        "state_reach": 0.2,
        "state_control": 0.4,
        "border": "",
        "displaced": 0,
        "baseline_violence": 5.0,
    }
    return District.model_validate({**values, **changes})


def group(name: str, where: str, **changes: object) -> ArmedGroupRow:
    """Return an ordinary armed group, with changes."""
    values: dict[str, object] = {
        "group": name,
        "faction": name,
        "kind": "rebel",
        "district": where,
        "fighters_low": 150,
        "fighters": 200,
        "fighters_high": 250,
        "aim_rule": 0.5,
        "aim_rent": 0.5,
        "abusiveness": 0.5,
        "rootedness": 0.5,
        "control": 0.2,
    }
    return ArmedGroupRow.model_validate({**values, **changes})


def army(name: str, where: str, **changes: object) -> StateForceRow:
    """Return an ordinary army unit, with changes."""
    values: dict[str, object] = {
        "unit": name,
        "force": "army",
        "district": where,
        "personnel_low": 500,
        "personnel": 600,
        "personnel_high": 700,
        "capability": 0.4,
        "will": 0.6,
        "discipline": 0.5,
        "arrears_weeks": 4.0,
    }
    return StateForceRow.model_validate({**values, **changes})


def unit(name: str, where: str, **changes: object) -> Unit:
    """Return an ordinary peacekeeper unit at a base of the same name, with changes."""
    values: dict[str, object] = {
        "unit": name,
        "base": name,
        "district": where,
        "posture": "static",
        "strength": 150,
    }
    return Unit.model_validate({**values, **changes})


def relief(name: str, where: str, **changes: object) -> HumanitarianRow:
    """Return an ordinary relief agency, with changes."""
    values: dict[str, object] = {
        "actor": name,
        "kind": "relief",
        "district": where,
        "staff": 80,
        "acceptance": 0.8,
    }
    return HumanitarianRow.model_validate({**values, **changes})


def site(name: str, where: str, **changes: object) -> Site:
    """Return an ordinary camp, with changes."""
    values: dict[str, object] = {
        "site": name,
        "district": where,
        "kind": "camp",
        "capacity": 20_000,
        "displaced": 4_000,
    }
    return Site.model_validate({**values, **changes})


def route(a: str, b: str, dry: float = 4.0, wet: float = 6.0) -> Route:
    """Return a road."""
    return Route(origin=a, destination=b, hours_dry=dry, hours_wet=wet)


def close(base: str, week: int, notice: int | None = None) -> Action:
    """Return the closure of a base in a week, announced `notice` weeks before."""
    on = START + timedelta(weeks=week)
    return Action(
        do="close", base=base, on=on, announced=on - timedelta(weeks=notice) if notice is not None else None
    )


def plan(name: str, *actions: Action) -> Schedule:
    """Return a schedule of some actions."""
    return Schedule(name=name, title=name.title(), actions=actions)


def small(weeks: int = 60, **changes: object) -> Scenario:
    """Return three districts in a row with everybody in them; the base of the first closes in week 20."""
    header = Header(
        name="small",
        title="A small case",
        start=START,
        end=START + timedelta(weeks=weeks) - timedelta(days=1),
        wet_months=[4, 5, 10],
        people=People(ex_combatants=600, youth=0.6),
        host=Host(elections=[START + timedelta(weeks=30)]),
        ddr=Programme(start=START + timedelta(weeks=10), places=150),
        parameters={"spin_up": 0.0},
    )
    case = Scenario(
        header=header,
        districts=(
            district("alpha", urban_share=0.3, crime=9.0, identities=PEOPLES, tension=0.5),
            district(
                "beta",
                longitude=30.7,
                border="Elsewhere",
                displaced=20_000,
                crime=6.0,
                identities=PEOPLES[:1],
                tension=0.2,
            ),
            district("gamma", longitude=31.4, area_km2=60.0, urban_share=1.0, communities=2),
        ),
        routes=(route("alpha", "beta"), route("beta", "gamma", 2.0, 3.0)),
        units=(
            unit("Alpha post", "alpha"),
            unit("Beta post", "beta", posture="mobile", strength=400),
            unit("Gamma house", "gamma", strength=300),
        ),
        armed_groups=(
            group("Front", "alpha", identity="Herders", fighters_high=900),
            group("Militia", "alpha", kind="militia", rootedness=0.9, fighters_low=40, fighters=80),
            group("Exiles", "beta", kind="foreign", outside_supply=0.3),
        ),
        state_forces=(
            army("1st regiment", "alpha"),
            army("2nd regiment", "beta"),
            army("Police", "gamma", force="police", personnel_low=150, personnel=200, personnel_high=250),
        ),
        humanitarians=(
            relief("Aid alpha", "alpha"),
            relief("Rights beta", "beta", kind="monitor", staff=15),
        ),
        schedules={"close-alpha": plan("close-alpha", close("Alpha post", 20))},
    )
    return replace(case, **changes)


def camps(weeks: int = 60, **changes: object) -> Scenario:
    """Return the small case with camps, unarmed teams and women in patrols; all bases close in the end."""
    case = small(weeks)
    header = case.header.model_copy(
        update={
            "host": case.header.host.model_copy(update={"blocks_monitoring": 0.8}),
            "money": Money(aid_after_exit=0.3, years_to_fall=0.5),
        }
    )
    last = weeks * 2 // 3
    exit_ = plan("exit", *(close(u.base, last) for u in case.units))
    whole = replace(
        case,
        header=header,
        districts=(
            case.districts[0].model_copy(update={"displaced": 30_000}),
            *case.districts[1:],
        ),
        units=tuple(u.model_copy(update={"women": 0.4, "offensive": 0.5}) for u in case.units),
        humanitarians=(
            *case.humanitarians,
            relief("Teams alpha", "alpha", kind="unarmed-protection", staff=30),
            relief("Teams beta", "beta", kind="unarmed-protection", staff=10),
        ),
        sites=(
            site(
                "Post site", "alpha", kind="protection-site", base="Alpha post", guards=100, displaced=8_000
            ),
            site("River camp", "alpha", capacity=12_000),
            site("Border camp", "beta", displaced=9_000),
        ),
        schedules={**case.schedules, "exit": exit_},
    )
    return replace(whole, **changes)


def world_of(
    case: Scenario, schedule: str = "none", *, seed: int = 1, replicate: int = 0, **parameters: float
) -> World:
    """Return the tables of a case at the start of a replicate."""
    world, _ = build(case.with_parameters(**parameters), schedule)
    begin(world, seed, replicate)
    return world


def row(table: Table, **values: float) -> np.record:
    """Return a row of a table, as new but for `values`: enough to try a rule that needs no world."""
    new = table.empty(1)[0]
    for name, value in values.items():
        setattr(new, name, value)
    return new


def rates(forms: Mapping[str, str] | None = None, **values: float) -> np.record:
    """Return the row of all parameters: defaults, but for `values`; `forms`: of rules that have rivals."""
    return parameters.record(values, forms)[0]


def struck(mode: int = Mode.LOOTING, **more: object) -> World:
    """Return a world in which group 0 attacks community 0 (attack 0), before it does.

    `more`: fields of the attack, or else of the community.
    """
    world = world_of(
        small(armed_groups=(group("Front", "alpha", fighters_low=400, fighters=400, fighters_high=400),))
    )
    week(world, 0)
    world.communities["first_attack"], world.communities["raids"] = -1, 0
    world.armed_groups["first_attack"] = -1
    world.clock["attacks"] = 0
    attack(world, 0, 0, -1, mode)
    world.harm[:] = 0
    for name, value in more.items():
        setattr(world.attacks[0] if name in world.attacks.dtype.names else world.communities[0], name, value)
    return world


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Return any scenario the loader would accept, small enough to run quickly."""
    weeks = draw(st.integers(2, 30))
    share = st.floats(0.0, 1.0)
    ids = [f"d{i}" for i in range(draw(st.integers(1, 7)))]
    where = st.sampled_from(ids)
    districts = tuple(
        district(
            name,
            latitude=draw(st.floats(-5, 5)),
            longitude=draw(st.floats(25, 35)),
            area_km2=draw(st.floats(20, 40_000)),
            population_low=10_000,
            population=draw(st.integers(10_000, 900_000)),
            population_high=1_000_000,
            urban_share=draw(share),
            communities=draw(st.integers(1, 6)),
            concealment=draw(share),
            rents=draw(share),
            state_reach=draw(share),
            state_control=draw(st.floats(0, 0.6)),
            border=draw(st.sampled_from(["", "Elsewhere"])),
            displaced=draw(st.integers(0, 9_000)),
            crime=draw(st.sampled_from([0.0, 12.0, 500.0])),
            identities=draw(st.sampled_from([(), PEOPLES, PEOPLES[1:]])),
            tension=draw(share),
        )
        for name in ids
    )
    hours = st.floats(0.5, 60.0)
    routes = []
    for i in range(1, len(ids)):  # a tree, so that everything is connected, and some shortcuts
        dry = draw(hours)
        routes.append(route(ids[draw(st.integers(0, i - 1))], ids[i], dry, dry * draw(st.floats(1.0, 4.0))))
    for a, b in draw(st.sets(st.tuples(where, where), max_size=3)):
        if a < b and not any({a, b} == {r.origin, r.destination} for r in routes):
            routes.append(route(a, b, draw(hours), 100.0))
    living = sorted({people for d in districts for people, _ in d.identities})
    groups = tuple(
        group(
            f"g{i}",
            draw(where),
            fighters_low=draw(st.integers(0, 50)),
            fighters=draw(st.integers(50, 500)),
            fighters_high=draw(st.integers(500, 2000)),
            aim_rule=draw(share),
            aim_rent=draw(share),
            abusiveness=draw(share),
            rootedness=draw(share),
            outside_supply=draw(share),
            control=draw(st.floats(0.0, 0.05)),
            kind=draw(st.sampled_from(["rebel", "foreign", "gang", "pro-government"])),
            identity=draw(st.sampled_from(["", *living])),
            enters=draw(st.sampled_from([None, None, START + timedelta(weeks=1)])),
        )
        for i in range(draw(st.integers(0, 7)))
    )
    forces = tuple(
        army(
            f"s{i}",
            draw(where),
            force=draw(st.sampled_from(["army", "police", "gendarmerie", "protection"])),
            opens=draw(st.sampled_from([None, None, "scheduled", START + timedelta(days=weeks * 3)])),
            personnel_low=0,
            personnel=draw(st.integers(0, 1500)),
            personnel_high=2000,
            capability=draw(share),
            will=draw(share),
            discipline=draw(share),
            arrears_weeks=draw(st.floats(0, 40)),
        )
        for i in range(draw(st.integers(0, 6)))
    )
    day = st.integers(1, weeks * 7 - 1).map(lambda n: START + timedelta(days=n))
    units = tuple(
        unit(
            f"u{i}",
            draw(where),
            kind=draw(st.sampled_from(["infantry", "formed-police", "observers", "civilian-team"])),
            posture=draw(st.sampled_from(["static", "mobile"])),
            strength=draw(st.integers(1, 1500)),
            readiness=draw(st.floats(0, 2)),
            opens=draw(st.one_of(st.none(), day)),
            women=draw(share),
            offensive=draw(share),
        )
        for i in range(draw(st.integers(0, 5)))
    )
    actions = []
    for u in units:
        on = draw(day)
        if draw(st.booleans()) and (u.opens is None or u.opens < on):
            actions.append(
                Action(do="close", base=u.base, on=on, announced=draw(st.sampled_from([None, START])))
            )
    helpers = tuple(
        relief(
            f"h{i}",
            draw(where),
            kind=draw(st.sampled_from(["relief", "monitor", "unarmed-protection"])),
            staff=draw(st.integers(0, 900)),
            acceptance=draw(share),
        )
        for i in range(draw(st.integers(0, 4)))
    )
    left = {d.id: d.displaced for d in districts}
    sites = []
    for i in range(draw(st.integers(0, 4))):
        place = draw(where)
        inside = draw(st.integers(0, left[place]))
        left[place] -= inside
        guard = draw(st.sampled_from(["", *(u.base for u in units if u.district == place)]))
        sites.append(
            site(
                f"c{i}",
                place,
                base=guard,
                displaced=inside,
                capacity=inside + draw(st.integers(0, 30_000)),
                guards=draw(st.integers(0, 400)) if guard else 0,
            )
        )
    header = small(weeks).header.model_copy(
        update={
            "parameters": {"spin_up": draw(st.sampled_from([0.0, 6.0]))},
            "people": People(ex_combatants=draw(st.integers(0, 5_000)), youth=draw(share)),
            "host": Host(
                consent=draw(share), alignment=draw(share), media_freedom=draw(share), elections=[START]
            ),
            "ddr": Programme(start=START, places=draw(st.integers(0, 400)), after_exit=draw(share)),
            "rules": Rules(
                contest=draw(st.sampled_from(["ratio", "lanchester"])),
                target=draw(st.sampled_from(["control", "expected-cost"])),
            ),
        }
    )
    case = small(
        weeks,
        header=header,
        sites=tuple(sites),
        districts=districts,
        routes=tuple(routes),
        units=units,
        armed_groups=groups,
        state_forces=forces,
        humanitarians=helpers,
        schedules={"plan": plan("plan", *actions)},
    )
    whole.check(case)
    case.check_schedule(case.schedules["plan"], START, {})  # type: ignore[arg-type]
    return case
