"""The Mesa model as people use it: copied, extended, collected, run in batches."""

from __future__ import annotations

import copy
import pickle

import mesa
import numpy as np
import pytest
from worlds import small

from sim.agents.armed_group import ArmedGroup
from sim.model import DrawdownModel


class Counting(ArmedGroup):
    """A group that counts its decisions, in an attribute of its own."""

    decisions = 0

    def decide(self) -> None:
        """Decide as ever."""
        self.decisions += 1
        super().decide()


def pickled(model: DrawdownModel) -> DrawdownModel:
    """Return a model as another process would get it."""
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("way", [copy.deepcopy, pickled])
def test_a_model_that_is_copied_goes_on_as_the_original_and_apart_from_it(way) -> None:
    model = DrawdownModel(small(30), "close-alpha", seed=3, replicate=2, agents=[Counting])
    model.note = "mine"
    for _ in range(12):
        model.step()
    drawn = model.random.random()
    model.random.seed(5)
    twin = way(model)
    assert (twin.week, twin.steps, twin.note) == (12, 12, "mine")
    assert twin.random.random() == model.random.random() != drawn
    assert twin.armed_groups[0].decisions == 12
    assert isinstance(twin.armed_groups[0], Counting)
    assert twin.world.address != model.world.address
    model.run()
    assert twin.week == 12
    twin.run()
    assert twin.world.record.tobytes() == model.world.record.tobytes()
    collected = [m.datacollector.get_model_vars_dataframe() for m in (model, twin)]
    assert collected[0].equals(collected[1])
    assert len(collected[0]) == 30


def test_a_reporter_of_ones_own_is_collected_beside_the_others() -> None:
    model = DrawdownModel(small(5), reporters={"fighters": lambda m: m.armed_groups.agg("fighters", sum)})
    model.run()
    frame = model.datacollector.get_model_vars_dataframe()
    assert frame["fighters"].iloc[-1] == model.world.armed_groups["fighters"].sum()
    assert "killed_by_groups" in frame


def test_a_case_makes_a_model_with_reporters_as_the_guide_says() -> None:
    model = small(5).model("none", reporters={"groups": lambda m: len(m.armed_groups)})
    model.run()
    frame = model.datacollector.get_model_vars_dataframe()
    assert frame["groups"].iloc[-1] == len(model.world.armed_groups)


@pytest.mark.parametrize("value", [-1, 2**63, 1.0, "1", True])
@pytest.mark.parametrize("name", ["seed", "replicate"])
def test_a_seed_that_none_can_hold_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{name} .*(is not a whole number|is outside its range)"):
        DrawdownModel(small(2), **{name: value})


def test_no_seed_is_the_first() -> None:
    none, first = (DrawdownModel(small(4), seed=seed).run() for seed in (None, 0))
    assert np.array_equal(none.world.record, first.world.record)


def test_iterations_of_batch_run_say_that_they_are_one_run() -> None:
    parameters = {"scenario": small(4), "schedule": "none"}
    with pytest.warns(UserWarning, match=r'"replicate": range\(n\)'):
        mesa.batch_run(DrawdownModel, parameters, iterations=2, display_progress=False)


def test_replicates_of_batch_run_differ(recwarn: pytest.WarningsRecorder) -> None:
    rows = mesa.batch_run(
        DrawdownModel,
        {"scenario": small(20), "schedule": "none", "replicate": range(3)},
        display_progress=False,
    )
    assert len({row["hosted"] for row in rows}) == 3
    assert not [w for w in recwarn if w.category is UserWarning]


def test_a_world_of_another_replicate_is_not_the_same() -> None:
    a, b = (DrawdownModel(small(10), replicate=r).run() for r in (0, 1))
    assert not np.array_equal(a.world.record["residents"], b.world.record["residents"])
