from __future__ import annotations

import numpy as np
import pytest
from worlds import small

from sim import compare
from sim.agents.armed_group import ArmedGroup
from sim.agents.community import Community
from sim.study import provenance
from sim.study.own_agents import identity
from sim.study.provenance import ProvenanceError


class AsEver(ArmedGroup):
    """A group that does what all do."""


class Peaceful(ArmedGroup):
    """A group that never attacks anybody."""

    def decide(self) -> None:
        """Lie low."""
        self.choice = 0
        self.target = -1


def test_a_class_that_changes_nothing_gives_the_ensembles_numbers() -> None:
    own = compare(small(12), ["none"], replicates=12, threads=2, agents=[AsEver])
    ensemble = compare(small(12), ["none"], replicates=12)
    assert np.array_equal(own.totals, ensemble.totals)
    assert np.array_equal(own.weekly, ensemble.weekly)


def test_a_class_of_ones_own_acts_in_every_run_and_is_named_in_the_provenance(tmp_path) -> None:
    result = compare(small(12), ["none"], replicates=3, threads=1, agents=[Peaceful])
    assert not result.totals.sel(metric="attacks").any()
    assert result.provenance["agents"] == identity([Peaceful])
    assert result.provenance["agents"][0].startswith(f"{__name__}.Peaceful ")
    folder = result.save(tmp_path / "r", figures=False)
    with pytest.raises(ProvenanceError, match=r"agent classes of your own.*Peaceful"):
        provenance.read(folder).case()


def test_what_is_no_agent_class_is_refused_before_anything_runs() -> None:
    with pytest.raises(TypeError, match="no agent class"):
        compare(small(12), ["none"], replicates=1, agents=[int])
    with pytest.raises(ValueError, match="both extend"):
        compare(small(12), ["none"], replicates=1, agents=[AsEver, Peaceful])


def test_the_identity_follows_the_source() -> None:
    class Other(Community):
        pass

    assert len({*identity([AsEver]), *identity([Peaceful]), *identity([Other])}) == 3
    assert identity([AsEver]) == identity([AsEver])
