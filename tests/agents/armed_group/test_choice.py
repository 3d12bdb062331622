from __future__ import annotations

import numpy as np
import pytest
from worlds import army, group, rates, relief, row, small

from sim.agents.armed_group import TABLE, choice
from sim.agents.armed_group.motives import Motives
from sim.agents.community import TABLE as COMMUNITIES
from sim.ensemble import Ensemble
from sim.world.codes import Choice, Mode


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


def test_size_distance_and_identity_draw_attacks() -> None:
    p = rates()
    band = row(TABLE, identity=1)

    def weight(**values: float) -> float:
        return choice.target_weight(
            band, row(COMMUNITIES, **({"residents": 10_000, "identity": 0} | values)), p
        )

    assert weight(residents=40_000) == pytest.approx(2 * weight())
    assert weight(remoteness=2.0) == pytest.approx((1 + 2 * p.remote_target) * weight())
    assert weight(identity=1) == pytest.approx(p.own_people * weight())


def test_noise_falls_with_precision() -> None:
    vague, sharp = rates(decisiveness=1.0), rates(decisiveness=5.0)
    assert choice.perceived(1.0, 0.9, vague) - 1.0 == pytest.approx(
        5 * (choice.perceived(1.0, 0.9, sharp) - 1.0)
    )


def runs_of(case, schedule: str = "none", n: int = 12):
    return Ensemble(case, schedule).run(3, 0, n).records


def test_nobody_fights_where_nobody_is_armed() -> None:
    records = runs_of(small(armed_groups=(), state_forces=()))
    for field in ("attacks", "clashes", "abuses", "killed_by_groups", "killed_by_state"):
        assert records[field].sum() == 0, field


def test_no_armed_group_means_no_attack_and_no_clash_but_the_state_may_prey() -> None:
    records = runs_of(small(armed_groups=()))
    assert records["attacks"].sum() == records["clashes"].sum() == 0
    assert records["abuses"].sum() > 0


def test_more_abusive_groups_attack_more() -> None:
    def attacks(level: float) -> float:
        groups = tuple(g.model_copy(update={"abusiveness": level}) for g in small().armed_groups)
        return float(runs_of(small(armed_groups=groups))["attacks"].mean())

    assert attacks(0.0) < attacks(0.5) < attacks(1.0)


def test_a_group_of_nobody_does_nothing() -> None:
    nobody = group("Nobody", "alpha", fighters_low=0, fighters=0, fighters_high=0)
    records = runs_of(small(armed_groups=(nobody,), state_forces=()))
    assert records["attacks"].sum() == 0
    assert records["armed"].sum() == 0


def test_all_choices_occur_in_the_long_run() -> None:
    case = small(
        160,
        state_forces=(army("1st", "alpha"),),
        humanitarians=(relief("Aid alpha", "alpha"), relief("Aid beta", "beta")),
    ).with_parameters(
        move_cost=0.5, move_hours_cost=0.0, root_cost=0.0, foothold=0.3, decisiveness=1.0, rob_effort=0.3
    )
    model = case.model("none", seed=2)
    seen = set()
    for _ in range(160):
        model.step()
        seen |= {Choice(g.choice) for g in model.armed_groups if g.fighters > 0}
    assert seen == set(Choice)
