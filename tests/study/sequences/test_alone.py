"""What a base is worth by itself: each closes alone, on days that the constraints leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim import compare
from sim.cli import app
from sim.show import sequences as show
from sim.show.figures import sequences as pictures
from sim.study.sequences.alone import Alone, alone
from sim.study.sequences.orders import Closures

Make = Callable[..., Closures]


@pytest.fixture
def each(make: Make) -> Alone:
    return alone(make(), worlds=5)


def test_days_keep_to_the_constraints(make: Make) -> None:
    closures = make(not_in_rains=True, not_before={"Mines": "2030-05-20"}, not_after={"Ridge": "2030-08-12"})
    at = {base: i for i, base in enumerate(closures.names)}
    end = closures.days(next(iter(closures)))
    assert end is not None
    assert closures.alone_on(at["Camps"], last=False) == date(2030, 3, 4)
    assert closures.alone_on(at["Mines"], last=False) == date(2030, 7, 1)  # April to June are wet
    assert closures.alone_on(at["Camps"], last=True) == end[-1]
    assert closures.alone_on(at["Ridge"], last=True) <= date(2030, 8, 12)


def test_only_that_base_closes_and_what_goes_with_it(make: Make) -> None:
    closures = make(notice=8)
    plan = closures.alone(1, date(2030, 8, 5), "one")
    assert [(a.do, a.base) for a in plan.actions if a.do == "close"] == [("close", closures.names[1])]
    assert plan.actions[-1].announced == date(2030, 6, 10)


def test_numbers_are_those_of_a_comparison(each: Alone) -> None:
    assert len(each.table) == 6
    row = each.table.iloc[0]
    plan = each.closures.alone(0, row["on"], "by-hand")
    result = compare(each.closures.case, [plan], replicates=5, seed=1)
    there = result.places.sel(measure="killed", district=row["district"]).sum("half_year")
    own = (there.sel(schedule="by-hand") - there.sel(schedule="none")).values
    assert row["there"] == pytest.approx(own.mean())
    assert (row["more"], row["fewer"]) == ((own > 0).sum(), (own < 0).sum())
    assert row["there_low"] <= row["there"] <= row["there_high"]


def test_page_and_map(each: Alone, tmp_path: Path) -> None:
    page = show.alone_page(each)
    assert max(map(len, page.splitlines())) <= 80
    for r in each.table.itertuples():
        assert f"{r.more}, {r.fewer}" in page
        assert r.base in page
    told = each.table.loc[each.table["there_low"] > 0, "base"]
    assert all(base in page.split("----\n\nAround")[-1] for base in told)
    assert ("every interval holds zero" in page) == told.empty
    made = pictures.save_all(each, tmp_path)
    assert [path.name for path in made] == ["alone.png", "alone.svg"]
    assert made[0].stat().st_size > 10_000


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["sequences", "corridor", "--bases", "Camps,Mines", "--alone", "--again", "20", "--out", "out"]
    said = CliRunner().invoke(app, asked)
    assert said.exit_code == 0, said.output
    assert "each of 2 bases closes alone" in " ".join(said.stdout.split())
    assert {"alone.csv", "alone.txt"} <= {path.name for path in (tmp_path / "out").iterdir()}
    again = CliRunner().invoke(app, asked)
    assert again.stdout == said.stdout
    other = CliRunner().invoke(app, [*asked, "--outcome", "fled"])
    assert other.exit_code == 2
    assert "leave --outcome out" in " ".join(other.output.split())
    moved = CliRunner().invoke(app, [word.replace("Camps,Mines", "Camps,Ridge") for word in asked])
    assert moved.exit_code == 0, moved.output  # runs of other bases are not taken for these
    assert "Ridge" in moved.stdout
    assert "Mines" not in moved.stdout
