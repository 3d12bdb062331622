from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import LIVELY, army, group, rates, relief, row, small, world_of

from sim import Scenario
from sim.agents.armed_group import TABLE, choice, motives
from sim.agents.armed_group.motives import Motives
from sim.agents.community import TABLE as COMMUNITIES
from sim.ensemble import Ensemble
from sim.scenario.schema import Rules
from sim.week import week
from sim.world.codes import Campaign, Choice, Mode
from sim.world.state import RAIDS, World


@pytest.mark.parametrize(
    ("draws", "known", "expected"),
    [
        (Motives(1.0, 0.0, 0.0, 0.0), 0.5, {Mode.SELECTIVE: 1.0}),
        (Motives(0.0, 0.0, 2.0, 0.0), 0.5, {Mode.LOOTING: 1.0}),
        (
            Motives(1.0, 2.0, 1.0, 0.0),
            0.5,
            {Mode.SELECTIVE: 0.25, Mode.INDISCRIMINATE: 0.5, Mode.LOOTING: 0.25},
        ),
        # revenge falls on everybody where few inform
        (Motives(0.0, 0.0, 0.0, 1.0), 0.3, {Mode.SELECTIVE: 0.3, Mode.INDISCRIMINATE: 0.7}),
    ],
)
def test_what_an_attack_is_for_follows_what_draws_the_group(
    draws: Motives, known: float, expected: dict[Mode, float]
) -> None:
    u = (np.arange(1000) + 0.5) / 1000
    drawn = np.bincount([choice.choose_mode(draws, known, v) for v in u], minlength=len(Mode)) / 1000
    assert drawn == pytest.approx([expected.get(mode, 0.0) for mode in Mode], abs=0.002)


def test_size_and_identity_draw_attacks() -> None:
    p = rates()
    band = row(TABLE, identity=1)

    def weight(**values: float) -> float:
        return choice.target_weight(
            band, row(COMMUNITIES, **({"residents": 10_000, "identity": 0} | values)), p
        )

    assert weight(residents=40_000) == pytest.approx(2 * weight())
    assert weight(remoteness=9.0) == weight()  # distance from help counts by what a group believes
    assert weight(residents=0) == 0.0
    assert weight(identity=1) == pytest.approx(p.own_people * weight())


def test_noise_falls_with_precision() -> None:
    vague, sharp = rates(decisiveness=1.0), rates(decisiveness=5.0)
    assert choice.perceived(1.0, 0.9, vague) - 1.0 == pytest.approx(
        5 * (choice.perceived(1.0, 0.9, sharp) - 1.0)
    )


def front(rule: str = "rate", **changes: object) -> World:
    """Return a world in week 0 with one group of 400 in alpha that is full of grudge; no attacks yet."""
    fixed = {"fighters_low": 400, "fighters": 400, "fighters_high": 400, "abusiveness": 0.8, **changes}
    case = small(armed_groups=(group("Front", "alpha", **fixed),), sites=())
    header = case.header.model_copy(update={"rules": Rules(deterrence=rule)})
    world = world_of(replace(case, header=header), active_tempo=1.0, tempo_spread=0.0)
    week(world, 0)
    world.factions["campaign"] = Campaign.ACTIVE
    world.districts["truce"] = 0
    none_yet(world)
    world.armed_groups[0].grudge = 1.0
    return world


def none_yet(world: World) -> None:
    world.clock["attacks"] = 0
    world.communities["first_attack"], world.communities["raids"] = -1, 0
    world.armed_groups["first_attack"] = -1


def believe(world: World, detected: float, places: dict[int, float] | None = None) -> None:
    """Let group 0 be sure that acts in alpha are noticed with chance `detected`, and answered.

    `places`: the same of some places.
    """
    for table in (world.beliefs, world.held):
        for name in ("detect_yes", "detect_no", "answer_yes", "answer_no"):
            table[name] = 0.0
    held = world.beliefs[0, 0]
    held.detect_yes, held.detect_no, held.answer_yes = 1e6 * detected, 1e6 * (1.0 - detected), 1e6
    for k, share in (places or {}).items():
        place = world.held[0, k]
        place.detect_yes, place.detect_no, place.answer_yes = 1e6 * share, 1e6 * (1.0 - share), 1e6


def attacks(world: World, n: int = 400) -> np.ndarray:
    """Return how many attacks group 0 makes on each place of alpha in `n` weeks that are all alike."""
    made = np.zeros(3, int)
    for draw in range(n):
        world.keys[0] = np.uint64(draw + 1)
        none_yet(world)
        choice.decide(world, 0)
        choice.prepare(world, 0)
        for a in range(world.clock[0].attacks):
            made[world.attacks[a].community] += 1
            assert world.attacks[a].group == 0
        assert world.clock[0].attacks == 0 or world.armed_groups[0].choice == Choice.ATTACK
    return made


def test_attacks_come_at_the_rate_that_draws_the_group() -> None:
    world = front()
    believe(world, 0.0)
    p = world.parameters[0]
    here = world.districts[0]
    me = world.armed_groups[0]
    rate = motives.attack_rate(me, motives.attack_motive(me, here, me.control, p), 1.0, p)
    assert 0.3 < rate < 1.5
    made = attacks(world)
    assert made.sum() == pytest.approx(400 * rate, abs=4 * np.sqrt(400 * rate))
    weights = np.array([choice.target_weight(me, world.communities[c], p) for c in range(3)])
    assert made / made.sum() == pytest.approx(weights / weights.sum(), abs=0.12)


@pytest.mark.parametrize("rule", ["rate", "choice"])
def test_who_expects_to_be_met_attacks_less(rule: str) -> None:
    made = []
    for detected in (0.0, 0.3, 1.0):
        world = front(rule)
        believe(world, detected)
        made.append(attacks(world).sum())
    assert made[0] > made[1] > made[2]


def test_the_rate_of_attacks_falls_in_proportion_to_what_deters() -> None:
    world = front()
    believe(world, 0.0)
    free = attacks(world, 800).sum()
    believe(world, 0.3)
    p = world.parameters[0]
    left = np.exp(-p.decisiveness * p.met_cost * 0.3)
    assert attacks(world, 800).sum() == pytest.approx(left * free, rel=0.25)


@pytest.mark.parametrize("rule", ["rate", "choice"])
def test_a_place_where_nobody_comes_draws_attacks(rule: str) -> None:
    world = front(rule)
    world.communities["residents"][:3] = 50_000
    believe(world, 0.5, {0: 1.0, 1: 1.0, 2: 0.0})
    made = attacks(world, 800)
    assert made[2] > 3 * max(made[0], made[1])
    believe(world, 0.5, {0: 0.0, 1: 1.0, 2: 1.0})
    assert attacks(world, 800).argmax() == 0


def test_what_deters_at_one_place_sends_nobody_to_another() -> None:
    """By the rate, attacks that are deterred at a place are not made; by the choice, they go elsewhere."""
    world = front()
    believe(world, 0.0)
    free = attacks(world)
    believe(world, 0.0, {0: 1.0})
    guarded = attacks(world)
    assert guarded[0] < free[0]
    assert (guarded[1:] == free[1:]).all()  # the same draws, the same attacks


@pytest.mark.parametrize("rule", ["rate", "choice"])
def test_who_has_no_reason_never_attacks(rule: str) -> None:
    world = front(rule, abusiveness=0.0)
    world.armed_groups[0].supply = 0.0  # hungry and full of grudge
    believe(world, 0.0)
    assert attacks(world).sum() == 0
    world = front(rule)
    world.parameters[0].attack_hurdle = 1e9
    believe(world, 0.0)
    assert attacks(world).sum() == 0


def test_a_group_may_make_several_attacks_in_a_week_and_no_more_than_a_place_can_suffer() -> None:
    world = front()
    believe(world, 0.0)
    world.parameters[0].attack_rate = 1e4
    choice.decide(world, 0)
    choice.prepare(world, 0)
    assert world.clock[0].attacks == 3 * RAIDS
    assert (world.communities["raids"][:3] == RAIDS).all()
    assert (world.communities["raids"][3:] == 0).all()
    own, a = 0, int(world.armed_groups[0].first_attack)
    while a >= 0:
        own += 1
        a = int(world.attacks[a].next_own)
    assert own == 3 * RAIDS


def test_a_week_with_attacks_is_a_week_without_taxing() -> None:
    world = front()
    believe(world, 0.0)
    world.parameters[0].attack_rate = 1e4
    choice.decide(world, 0)
    assert world.armed_groups[0].choice == Choice.ATTACK
    world.armed_groups[0].fighters = 0
    choice.decide(world, 0)
    assert world.armed_groups[0].choice == Choice.LIE_LOW


def runs_of(case: Scenario, schedule: str = "none", n: int = 12) -> np.ndarray:
    return Ensemble(case, schedule).run(3, 0, n).records


def test_nobody_fights_where_nobody_is_armed() -> None:
    records = runs_of(small(armed_groups=(), state_forces=()))
    for field in ("attacks", "clashes", "abuses", "killed_by_groups", "killed_by_state"):
        assert records[field].sum() == 0, field


def test_no_armed_group_means_no_attack_and_no_clash_but_the_state_may_prey() -> None:
    records = runs_of(small(armed_groups=()))
    assert records["attacks"].sum() == records["clashes"].sum() == 0
    assert records["abuses"].sum() > 0


@pytest.mark.parametrize("rule", ["rate", "choice"])
def test_more_abusive_groups_attack_more_and_those_who_are_not_never(rule: str) -> None:
    def made(level: float) -> float:
        groups = tuple(g.model_copy(update={"abusiveness": level}) for g in small().armed_groups)
        case = small(armed_groups=groups).without("onset")  # these are of another kind
        header = case.header.model_copy(update={"rules": Rules(deterrence=rule)})
        return float(runs_of(replace(case, header=header))["attacks"].mean())

    assert made(0.0) == 0.0
    assert 0.0 < made(0.5) < made(1.0)


def test_a_group_of_nobody_does_nothing() -> None:
    nobody = group("Nobody", "alpha", fighters_low=0, fighters=0, fighters_high=0)
    records = runs_of(small(armed_groups=(nobody,), state_forces=()).without("onset"))
    assert records["attacks"].sum() == 0
    assert records["armed"].sum() == 0


def test_all_choices_occur_in_the_long_run() -> None:
    case = small(
        160,
        state_forces=(army("1st", "alpha"),),
        humanitarians=(relief("Aid alpha", "alpha"), relief("Aid beta", "beta")),
    ).with_parameters(
        move_cost=0.5,
        move_hours_cost=0.0,
        root_cost=0.0,
        foothold=0.3,
        decisiveness=1.0,
        rob_effort=0.3,
        **LIVELY,
    )
    model = case.model("none", seed=2)
    seen = set()
    for _ in range(160):
        model.step()
        seen |= {Choice(g.choice) for g in model.armed_groups if g.fighters > 0}
    assert seen == set(Choice)
