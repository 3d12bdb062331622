from __future__ import annotations

import numpy as np
import pytest
from worlds import group, rates, row, small, struck, world_of

from sim import chance
from sim.build import copy_world
from sim.week import week
from sim.world import attack
from sim.world.codes import Answer, Mode
from sim.world.people import census
from sim.world.state import RAIDS, World


def test_sizes_of_attacks_have_the_declared_tail() -> None:
    """Deaths grow while an attack lasts and it stops at a random time: a Pareto tail of 1 + h/g."""
    growth, stop = 0.25, 0.275
    u = (np.arange(200_000) + 0.5) / 200_000
    deaths = np.array([attack.attack_deaths(1.0, growth, chance.exponential(v, 1 / stop)) for v in u])
    tail = deaths[deaths >= 10]
    exponent = 1 + len(tail) / np.log(tail / 10).sum()
    assert exponent == pytest.approx(1 + stop / growth, abs=0.03)


def mean_deaths(**more: object) -> float:
    total = 0
    start = struck(**more)
    for r in range(300):
        world = copy_world(start)
        world.keys[0] += np.uint64(1000 + r)
        attack.strike(world, 0)
        total += int(world.harm[0, 0, 0])
    return total / 300


def test_early_answers_and_warnings_save_lives() -> None:
    alone = mean_deaths()
    assert mean_deaths(arrival=1.0, answered_by=Answer.UN) < 0.6 * alone
    assert mean_deaths(arrival=0.0, answered_by=Answer.UN) <= mean_deaths(arrival=1.0, answered_by=Answer.UN)
    assert mean_deaths(noticed=1) < 0.7 * alone


def test_an_attack_conserves_people_and_feeds_or_hurts_the_group() -> None:
    for answered in (0, 1):
        world = struck(answered_by=answered, arrival=2.0 if answered else np.inf)
        world.armed_groups[0].supply = 1.0
        people = census(world)
        fighters = int(world.armed_groups[0].fighters)
        attack.strike(world, 0)
        assert census(world) == people
        if answered:
            assert world.armed_groups[0].supply == 1.0
            assert world.ledger[0].fighters_killed > 0 or fighters == world.armed_groups[0].fighters
        else:
            assert world.armed_groups[0].supply > 1.0


def test_one_attack_kills_no_more_than_a_part_of_a_locality() -> None:
    start = struck()
    for r in range(200):
        w = copy_world(start)
        w.parameters[0].violence_growth, w.parameters[0].violence_stop = 0.5, 0.1
        w.keys[0] += np.uint64(r)
        attack.strike(w, 0)
        assert w.harm[0, 0, 0] <= w.parameters[0].locality_share * w.communities[0].uprooted + 2


def test_indiscriminate_attacks_kill_more_than_selective_ones() -> None:
    start = struck()
    deaths = {}
    for mode in (Mode.SELECTIVE, Mode.LOOTING, Mode.INDISCRIMINATE):
        total = 0
        for r in range(300):
            world = copy_world(start)
            world.keys[0] += np.uint64(1000 + r)
            world.attacks[0].mode = mode
            attack.strike(world, 0)
            total += int(world.harm[0, 0, 0])
        deaths[mode] = total
    assert deaths[Mode.SELECTIVE] < 0.85 * deaths[Mode.LOOTING]
    assert deaths[Mode.LOOTING] < 0.8 * deaths[Mode.INDISCRIMINATE]


def test_people_comply_after_selective_violence_and_turn_away_after_indiscriminate() -> None:
    from sim.agents.armed_group import TABLE
    from sim.world import district

    p = rates()
    control = {}
    for mode in Mode:
        group = row(TABLE, control=0.3, coverage=0.5)
        here = row(district.TABLE, state_control=0.2, group_control=0.3)
        attack.take_sides(group, mode, here, True, p)
        control[mode] = float(group.control)
        assert here.indiscriminate == (mode == Mode.INDISCRIMINATE)
        assert here.selective == (mode == Mode.SELECTIVE)
    assert control[Mode.LOOTING] == 0.3
    assert control[Mode.SELECTIVE] == pytest.approx(0.3 + p.compliance * 0.5 * 0.5)
    assert control[Mode.INDISCRIMINATE] == pytest.approx(0.3 * (1.0 - p.backlash))


def two_groups() -> World:
    """Return a world in which nobody attacks yet, with two groups of one strength in alpha."""
    alike = {"fighters_low": 400, "fighters": 400, "fighters_high": 400}
    world = world_of(small(armed_groups=(group("Front", "alpha", **alike), group("Rival", "alpha", **alike))))
    week(world, 0)
    world.communities["first_attack"], world.communities["raids"] = -1, 0
    world.armed_groups["first_attack"] = -1
    world.clock["attacks"] = 0
    world.communities["militia"] = 0  # nobody resists
    world.harm[:] = 0
    return world


def test_attacks_of_a_week_are_listed_by_place_and_by_group() -> None:
    world = two_groups()
    made = [(0, 0), (1, 0), (0, 2), (0, 0)]
    rows = [attack.attack(world, g, c, -1, Mode.LOOTING) for g, c in made]
    assert rows == [0, 1, 2, 3]
    assert world.clock[0].attacks == 4
    assert world.attacks["number"][:4].tolist() == [0, 1, 0, 2]
    assert world.communities["raids"][:3].tolist() == [3, 0, 1]

    def along(a: int, step: str) -> list[int]:
        found = []
        while a >= 0:
            found.append(int(a))
            a = world.attacks[a][step]
        return found

    assert along(world.communities[0].first_attack, "next_here") == [3, 1, 0]
    assert along(world.communities[1].first_attack, "next_here") == []
    assert along(world.armed_groups[0].first_attack, "next_own") == [3, 2, 0]
    assert along(world.armed_groups[1].first_attack, "next_own") == [1]
    assert (world.attacks["answered_by"][:4] == Answer.NOBODY).all()
    assert np.isinf(world.attacks["arrival"][:4]).all()


def test_a_place_suffers_so_many_attacks_a_week_and_no_more() -> None:
    world = two_groups()
    assert len(world.attacks) == RAIDS * len(world.communities)
    for c in range(len(world.communities)):
        made = [attack.attack(world, i % 2, c, -1, Mode.LOOTING) for i in range(RAIDS + 2)]
        assert made[RAIDS:] == [-1, -1]
        assert min(made[:RAIDS]) >= 0
    assert world.clock[0].attacks == len(world.attacks)
    assert (world.communities["raids"] == RAIDS).all()
    numbers = [attack.who(one) for one in world.attacks]
    assert len(set(numbers)) == len(numbers)  # each draws by a number of its own


def test_whoever_attacks_a_place_kills_by_the_same_draws() -> None:
    """Two worlds in which a place is attacked in the same week kill alike, by whichever group."""
    tolls = set()
    for g in (0, 1):
        world = two_groups()
        world.armed_groups["supply"], world.armed_groups["grudge"] = 1.0, 0.0
        attack.strike(world, attack.attack(world, g, 2, -1, Mode.LOOTING))
        assert world.communities["uprooted"][2] > 0
        tolls.add((*world.harm[0].ravel().tolist(), int(world.communities["uprooted"][2])))
    assert len(tolls) == 1
    elsewhere = two_groups()
    attack.strike(elsewhere, attack.attack(elsewhere, 0, 1, -1, Mode.LOOTING))
    second = two_groups()
    attack.attack(second, 1, 2, -1, Mode.LOOTING)
    attack.strike(second, attack.attack(second, 0, 2, -1, Mode.LOOTING))
    for world, c in ((elsewhere, 1), (second, 2)):  # another place, and a second attack: other draws
        assert (*world.harm[0].ravel().tolist(), int(world.communities["uprooted"][c])) not in tolls


def test_however_often_a_group_is_denounced_in_a_week_it_bears_one_grudge() -> None:
    world = two_groups()
    world.armed_groups["grudge"] = 0.0
    for c, alerted in ((0, 1), (1, 1), (2, 0)):
        a = attack.attack(world, 0, c, -1, Mode.LOOTING)
        world.attacks[a].alerted = alerted
        attack.strike(world, a)
        assert world.armed_groups[0].grudge == pytest.approx(world.parameters[0].denounced_grudge)
    a = attack.attack(world, 1, 0, -1, Mode.LOOTING)
    attack.strike(world, a)
    assert world.armed_groups[1].grudge == 0.0  # nobody called


def test_an_attack_lasts_until_somebody_arrives_or_a_day_is_over() -> None:
    p = rates()
    assert attack.duration(0.5, 0.1, p) == 0.1
    assert attack.duration(0.5, np.inf, p) == pytest.approx(np.log(2) / p.violence_stop)
    assert attack.duration(1e-12, np.inf, p) == p.violence_longest


def test_what_an_attack_does_grows_with_its_length_and_onset() -> None:
    p = rates()
    key = np.uint64(7)

    def mean(onset: float, hours: float) -> np.ndarray:
        tolls = [attack.toll(key, chance.STRIKE, g, 1, 50_000, onset, hours, 2.0, 0.5, p) for g in range(400)]
        assert all(t.deaths <= p.locality_share * t.there for t in tolls)
        return np.mean([(t.killed, t.injured, t.abducted, t.assaulted) for t in tolls], axis=0)

    short, long = mean(1.0, 1.0), mean(1.0, 8.0)
    assert long[0] == pytest.approx(np.exp(8 * p.violence_growth), rel=0.1)
    assert long[0] > short[0]
    assert short[1] == pytest.approx(p.injured_rate * short[0], rel=0.3)
    assert short[2:] == pytest.approx([2.0, 0.5], rel=0.2)
    assert mean(0.0, 8.0)[0] == 0.0
