from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import group, rates, row, small

from sim.agents import campaign
from sim.agents.campaign import TABLE
from sim.scenario.schema import ArmedGroupRow
from sim.world.codes import Campaign
from sim.world.district import TABLE as DISTRICTS


def faction(state: Campaign, **values: float) -> np.record:
    """Return a faction of 100 fighters of whom nothing speaks for or against a war."""
    return row(TABLE, **({"campaign": state, "fighters": 100, "stored": 50.0} | values))


def chance_of(becomes: Campaign, one: np.record, p: np.record) -> float:
    """Return the chance that a faction becomes that: of the uniforms from one end on, found by halving."""

    def hit(u: float) -> bool:
        return campaign.next_campaign(one, u, 0.0, p) == becomes

    low, high = 1e-12, 1.0 - 1e-12
    if hit(low) and hit(high):
        return 1.0
    if not hit(low) and not hit(high):
        return 0.0
    from_below = hit(low)
    a, b = low, high
    for _ in range(50):
        middle = (a + b) / 2.0
        a, b = (middle, b) if hit(middle) == from_below else (a, middle)
    return a if from_below else 1.0 - a


def test_hazards_are_the_declared_ones_where_nothing_speaks_for_or_against() -> None:
    p = rates(backing_weight=0.0, hunger_weight=0.0)
    assert chance_of(Campaign.ACTIVE, faction(Campaign.DORMANT), p) == pytest.approx(p.wake, rel=1e-6)
    assert chance_of(Campaign.OFFENSIVE, faction(Campaign.ACTIVE), p) == pytest.approx(p.open, rel=1e-6)
    assert chance_of(Campaign.DORMANT, faction(Campaign.ACTIVE), p) == pytest.approx(p.quieten, rel=1e-6)
    ended = chance_of(Campaign.DORMANT, faction(Campaign.OFFENSIVE), p)  # `to` is 0: with a deal
    assert ended == pytest.approx(p.exhaust, rel=1e-6)


@pytest.mark.parametrize(
    ("state", "becomes", "more", "less"),
    [
        (Campaign.DORMANT, Campaign.ACTIVE, {"backed": 1}, {"lost": 30.0}),
        (Campaign.DORMANT, Campaign.ACTIVE, {"heat": 80.0}, {}),
        (Campaign.DORMANT, Campaign.ACTIVE, {"anger": 80.0}, {}),
        (Campaign.DORMANT, Campaign.ACTIVE, {"rift": 1.0}, {}),
        (Campaign.ACTIVE, Campaign.OFFENSIVE, {"backed": 1}, {"expects": 50.0}),
        (Campaign.ACTIVE, Campaign.OFFENSIVE, {"heat": 80.0}, {"lost": 30.0}),
        (Campaign.ACTIVE, Campaign.DORMANT, {"lost": 30.0}, {"backed": 1}),
        (Campaign.OFFENSIVE, Campaign.DORMANT, {"lost": 30.0}, {"backed": 1}),
        (Campaign.OFFENSIVE, Campaign.DORMANT, {"stored": 0.0}, {"stored": 100.0}),
    ],
)
def test_wars_begin_and_end_for_reasons(
    state: Campaign, becomes: Campaign, more: dict[str, float], less: dict[str, float]
) -> None:
    p = rates(anger_weight=1.0, rift_weight=1.0, heat_weight=0.5)
    plain = chance_of(becomes, faction(state), p)
    assert chance_of(becomes, faction(state, **more), p) > 1.2 * plain
    if less:
        assert chance_of(becomes, faction(state, **less), p) < plain / 1.2


def test_only_those_who_fear_to_be_met_wait_for_an_opening() -> None:
    p = rates()
    met = faction(Campaign.ACTIVE, expects=50.0)
    assert chance_of(Campaign.OFFENSIVE, met, rates(opening_weight=0.0)) == pytest.approx(
        chance_of(Campaign.OFFENSIVE, faction(Campaign.ACTIVE), p)
    )
    case = small(4, armed_groups=(group("Zealots", "alpha", undeterred=1.0), group("Front", "alpha")))
    world = case.model("none").world
    campaign.count_in(world, 0, 0.5)
    campaign.count_in(world, 1, 0.5)
    assert world.factions[world.armed_groups[0].faction].expects == 0.0
    assert world.factions[world.armed_groups[1].faction].expects > 0.0


def test_the_start_is_what_the_hazards_have_at_rest() -> None:
    p = rates(backing_weight=0.0, hunger_weight=0.0)
    n = 4000
    first = [campaign.usual_campaign((i + 0.5) / n, p) for i in range(n)]
    shares = np.array([np.mean([s == state for s in first]) for state in Campaign])
    # one week of the chain leaves them as they are
    after = np.zeros(3)
    for state in Campaign:
        for becomes in Campaign:
            likely = chance_of(becomes, faction(state), p)
            if becomes == state == Campaign.ACTIVE:  # between the two ends
                likely = 1.0 - p.open - p.quieten
            if state == Campaign.OFFENSIVE and becomes != Campaign.OFFENSIVE:  # `to` says where it ends
                likely = p.exhaust * (p.settles if becomes == Campaign.DORMANT else 1.0 - p.settles)
            after[becomes] += shares[state] * likely
    assert after == pytest.approx(shares, abs=1e-3)


def test_a_faction_on_the_offensive_attacks_more_and_next_door_and_less_where_roads_are_long() -> None:
    p = rates()
    here = row(DISTRICTS)
    calm, usual, war = (campaign.tempo(faction(state), here, p) for state in Campaign)
    assert calm < usual < war
    truce = row(DISTRICTS, truce=1)
    assert campaign.tempo(faction(Campaign.OFFENSIVE), truce, p) == pytest.approx(p.truce_tempo * war)
    assert campaign.spread(faction(Campaign.ACTIVE), 1.0, p) == 0.0
    near, far = (campaign.spread(faction(Campaign.OFFENSIVE), hours, p) for hours in (1.0, 24.0))
    assert near > 5 * far > 0.0


def test_backed_offensives_grow_a_group_up_to_what_backers_can_keep_and_it_shrinks_again() -> None:
    p = rates()
    one = faction(Campaign.OFFENSIVE, backed=1, swell=1.0)
    for _ in range(2000):
        campaign.swell(one, p)
    assert one.swell == pytest.approx(p.growth_most, rel=1e-3)
    one.backed = 0
    for _ in range(2000):
        campaign.swell(one, p)
    assert one.swell == pytest.approx(1.0, rel=1e-2)


def test_tempo_keeps_its_mean_and_spread() -> None:
    p = rates(tempo_spread=0.5)
    one = faction(Campaign.ACTIVE)
    rng = np.random.default_rng(1)
    kept = []
    for u in rng.random(40_000):
        campaign.keep_tempo(one, u, p)
        kept.append(one.tempo)
    assert np.std(kept) == pytest.approx(0.5, rel=0.05)
    rates_of = np.exp(np.array(kept) - 0.5 * 0.5**2)
    assert rates_of.mean() == pytest.approx(1.0, rel=0.05)


def offensive_only(**parameters: float) -> dict[str, float]:
    """Return parameters under which every faction is on the offensive for ever."""
    return {
        "wake": 0.05, "open": 0.03, "quieten": 0.001, "exhaust": 0.01, "settles": 0.0, "truce_rate": 0.0,
        "opening_weight": 0.0, "attack_hurdle": 0.0, **parameters,
    }  # fmt: skip


def test_attacks_cross_borders_only_in_an_offensive_and_only_with_the_spread() -> None:
    groups: tuple[ArmedGroupRow, ...] = (group("Front", "alpha", abusiveness=1.0),)
    case = small(60, armed_groups=groups)
    wide, narrow = (
        case.with_parameters(**offensive_only(offensive_spread=s, move_cost=4.0)).model("none").run()
        for s in (1.0, 0.0)
    )
    away = np.asarray(wide.world.record)["attacks"][:, 1:].sum()
    assert away > 5
    assert np.asarray(narrow.world.record)["attacks"][:, 1:].sum() == 0
    assert wide.census() == wide.people_at_start


def test_truces_begin_where_there_is_violence_and_nowhere_else() -> None:
    case = small(80, armed_groups=(group("Front", "alpha", abusiveness=1.0),)).with_parameters(
        truce_rate=0.05, truce_weeks=8.0, **{k: v for k, v in offensive_only().items() if k != "truce_rate"}
    )
    model = case.model("none", events=True)
    held = []
    while model.week < case.weeks:
        model.step()
        held.append(model.world.districts.truce.copy())
    assert np.array(held)[:, 0].any()
    log = model.events()
    assert len(log[log["kind"] == "truce"])
    quiet = replace(case, armed_groups=()).model("none").run()
    assert not quiet.world.districts.truce.any()


def test_two_schedules_share_every_campaign_that_nothing_of_theirs_moves() -> None:
    case = small(60).with_parameters(opening_weight=0.0, heat_weight=0.0, loss_weight=0.0, hunger_weight=0.0)
    stay, close = (case.model(name) for name in ("none", "close-alpha"))
    while stay.week < case.weeks:
        stay.step()
        close.step()
        there = (stay.world.factions.fighters > 0) & (close.world.factions.fighters > 0)
        assert (stay.world.factions.campaign == close.world.factions.campaign)[there].all()


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(list(Campaign)), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1),
    st.floats(0, 1), st.floats(0, 1), st.booleans(),
)  # fmt: skip
def test_whatever_it_sees_a_faction_stays_in_one_of_three_states(
    state: Campaign,
    u: float,
    to: float,
    expects: float,
    lost: float,
    heat: float,
    stored: float,
    backed: bool,
) -> None:
    one = faction(
        state,
        expects=100 * expects,
        lost=100 * lost,
        heat=100 * heat,
        stored=100 * stored,
        backed=int(backed),
    )
    becomes = campaign.next_campaign(one, u, to, rates())
    assert becomes in set(Campaign)
    # a faction wakes before it goes to war
    assert not (state == Campaign.DORMANT and becomes == Campaign.OFFENSIVE)


def test_truces_come_of_violence_and_sooner_where_somebody_mediates() -> None:
    p = rates(truce_mediated=2.0)

    def likely(**values: float) -> float:
        return float(campaign.truce_chance(row(DISTRICTS, **values), p))

    assert likely() == likely(mediation=1.0) == 0.0
    assert 0.0 < likely(known_to_people=1.0) < likely(known_to_people=5.0) < p.truce_rate
    assert likely(known_to_people=1.0, mediation=0.5) == pytest.approx(2 * likely(known_to_people=1.0))
