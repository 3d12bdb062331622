from __future__ import annotations

import pandas as pd
from typer.testing import CliRunner

from sim import influence
from sim.cli import app
from sim.parameters import PARAMETERS
from sim.show import parameters

RUN = CliRunner()


def test_a_name_finds_its_parameter_alone_and_words_find_all_that_have_them() -> None:
    assert [p.name for p in parameters.search(["met_cost"])] == ["met_cost"]
    found = parameters.search(["Patrols", "company"])
    assert "patrols_per_company" in [p.name for p in found]
    assert all("patrols" in f"{p.name} {p.meaning} {p.unit} {p.source}".casefold() for p in found)
    assert parameters.search(["no such word at all"]) == []
    assert parameters.search([]) == list(PARAMETERS.values())


def test_units_read_well() -> None:
    assert parameters.with_unit(1.6, "1") == "1.6"
    assert parameters.with_unit(20, "weeks") == "20 weeks"
    assert parameters.with_unit(0.5, "0-1") == "0.5"


def test_the_command_shows_the_first_tier_the_strongest_first() -> None:
    out = RUN.invoke(app, ["parameters"]).output
    names = [line.split(" = ")[0] for line in out.splitlines() if " = " in line and line[0] != " "]
    assert names == [n for n, row in influence.table().items() if row.tier == 1]
    assert max(map(len, out.splitlines())) <= 80
    everything = RUN.invoke(app, ["parameters", "--all"]).output
    assert sum(" = " in line and line[0] != " " for line in everything.splitlines()) == len(PARAMETERS)


def test_the_table_has_every_parameter_and_what_it_does(tmp_path) -> None:
    file = tmp_path / "p.csv"
    assert RUN.invoke(app, ["parameters", "--csv", str(file)]).exit_code == 0
    frame = pd.read_csv(file)
    assert frame["name"].tolist() == [p.name for p in PARAMETERS.values()]
    row = frame.set_index("name").loc["met_cost"]
    assert row["excess_at_high"] == influence.table()["met_cost"].excess[1]


def test_a_word_that_nothing_has_is_an_error_with_a_hint() -> None:
    out = RUN.invoke(app, ["parameters", "met_csot"])
    assert out.exit_code == 2
    assert "did you mean 'met_cost'" in out.output
