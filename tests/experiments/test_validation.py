"""The experiment behind the validation page: the record by the estimators of the runs, and the page."""

from __future__ import annotations

import importlib
import math
import tomllib
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from sim.study.checks import ATTACKS, GROUPS, PEOPLE, SPREAD


@pytest.fixture(scope="module")
def here(root: Path) -> Path:
    return root / "experiments" / "validation"


@pytest.fixture(scope="module")
def record(here: Path) -> ModuleType:
    """Return the module, found as its command finds it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(here))
        return importlib.import_module("record")


@pytest.fixture(scope="module")
def stored(here: Path) -> pd.DataFrame:
    return pd.read_csv(here / "record.csv", index_col="history")


def test_the_stored_record_is_what_the_data_give(
    record: ModuleType, stored: pd.DataFrame, data: Path
) -> None:
    found = record.of(data)
    assert list(found.index) == list(stored.index)
    for column in found:
        np.testing.assert_allclose(found[column], stored[column], rtol=1e-3, err_msg=column)


def test_targets_hold_what_the_record_shows(stored: pd.DataFrame) -> None:
    values = {e.value: e for group in GROUPS.values() for e in group}
    assert set(stored.columns) <= set(values)
    for e in (*SPREAD, *PEOPLE):
        if e.value in stored.columns:
            known = stored[e.value].dropna()
            assert e.target[0] <= known.min(), e.title
            assert known.max() <= e.target[1], e.title


def test_targets_of_attacks_reach_the_record_of_either_grain(stored: pd.DataFrame) -> None:
    for e in ATTACKS:
        known = stored[e.value].dropna()
        assert len(known) == 2, e.title
        assert e.target[0] <= known.max(), e.title
        assert known.min() <= e.target[1], e.title


def test_names_of_two_sources_agree(record: ModuleType) -> None:
    assert record._plain("Ombella-M'Poko province") == record._plain("Ombella MPoko")
    assert record._plain("Ouham-Pendé province") == "ouhampende"
    assert math.isnan(record._plain(math.nan))


def test_the_page_is_made_by_its_command(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(here))
        page = importlib.import_module("validation")
    checks = tomllib.loads((here / "tried.toml").read_text(encoding="utf-8"))  # some of which fail
    tried = "".join(f'{check} = "Nothing helped."\n' for check in checks)
    (tmp_path / "tried.toml").write_text(tried, encoding="utf-8")
    monkeypatch.setattr(page, "HERE", tmp_path)
    page.main(["--times", "0.07", "--cases", "corridor"])
    made = tmp_path / "quick"
    text = (made / "validation.md").read_text(encoding="utf-8")
    assert "--times 0.07 --cases corridor" in text
    assert "Nothing helped." in text
    assert (made / "validation.png").stat().st_size > 20_000
    assert set(pd.read_csv(made / "validation.csv")["world"]) == {"corridor"}
