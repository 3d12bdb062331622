"""Kinds of bad input, one row each: what is changed in a small scenario, and what must be said of it.

What is impossible is refused, with file, line, value and remedy; what is odd gets a remark of `drawdown
check`. The scenario itself gives neither.
"""

# ruff: noqa: E501

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sim import Action, Scenario, ScenarioError, Schedule
from sim.study.plausible import remarks

FILES = {
    "scenario.toml": """\
name = "small"
title = "A small case"
start = 2020-01-06
end = 2022-01-02
wet_months = [4, 5]
about = "for tests"
without = []
[people]
trust_un = 0.5
ex_combatants = 100
[host]
elections = [2020-10-04]
[ddr]
start = 2020-03-02
end = 2021-03-01
places = 50
[money]
years_to_fall = 2.0
[parameters]
met_cost = 2.0
""",
    "districts.csv": """\
id,name,province,latitude,longitude,area_km2,population_low,population,population_high,urban_share,communities,\
concealment,rents,state_reach,state_control,border,displaced,baseline_violence,crime,identities,tension,certainty
alpha,Alpha,P,0.1,30.0,900,90000,100000,110000,0.3,3,0.4,0.5,0.2,0.4,,5000,5,6,Farmers 0.6; Herders 0.4,0.5,read
beta,Beta,P,0.1,30.5,900,80000,90000,110000,0.2,3,0.4,0.5,0.2,0.4,Elsewhere,0,3,6,,0,read
gamma,Gamma,P,0.1,31.0,60,100000,120000,150000,1.0,2,0.1,0.2,0.7,0.8,,0,1,6,,0,read
""",
    "places.csv": """\
name,district,latitude,longitude,people_low,people,people_high,urban,certainty
Market,alpha,0.1,30.0,20000,30000,40000,1,read
North,alpha,0.2,30.0,20000,35000,50000,0,read
South,alpha,0.05,30.0,20000,35000,50000,0,read
""",
    "routes.csv": """\
origin,destination,hours_dry,hours_wet,mode,certainty
alpha,beta,2,3,road,read
beta,gamma,2.5,3,road,read
""",
    "units.csv": """\
unit,base,district,kind,posture,strength,readiness,opens,until,latitude,longitude,certainty
Alpha company,Alpha post,alpha,infantry,static,150,1.0,,,0.1,30.01,read
Beta company,Beta post,beta,infantry,static,150,1.0,,2020-11-30,0.1,30.52,read
Beta reserve,Beta post,beta,infantry,mobile,150,1.0,scheduled,,,,read
Gamma house,Gamma house,gamma,infantry,static,300,1.0,2020-02-03,,0.11,31.0,read
""",
    "armed_groups.csv": """\
group,faction,kind,district,fighters_low,fighters,fighters_high,aim_rule,aim_rent,abusiveness,rootedness,\
outside_supply,control,identity,enters,certainty
Front,Front,rebel,alpha,100,200,300,0.5,0.5,0.5,0.5,0.1,0.2,Herders,,read
Exiles,Exiles,foreign,beta,50,80,100,0.5,0.5,0.5,0.5,0.1,0.1,,2020-06-01,read
""",
    "state_forces.csv": """\
unit,force,district,personnel_low,personnel,personnel_high,capability,will,discipline,arrears_weeks,opens,certainty
Regiment,army,alpha,300,400,500,0.4,0.5,0.5,2,,read
Police,police,gamma,200,300,400,0.4,0.5,0.5,2,2020-03-01,read
""",
    "humanitarian.csv": """\
actor,kind,district,staff,acceptance,certainty
Aid,relief,alpha,40,0.8,read
""",
    "sites.csv": """\
site,district,kind,base,capacity,displaced,guards,certainty
Camp,alpha,protection-site,Alpha post,8000,4000,50,read
""",
    "schedules/actual.toml": """\
name = "actual"
title = "As it was"
[[actions]]
do = "announce"
base = "Alpha post"
on = 2020-09-01
[[actions]]
do = "open"
unit = "Beta reserve"
on = 2020-05-01
[[actions]]
do = "close"
base = "Alpha post"
on = 2020-12-01
announced = 2020-11-02
gate = "quiet"
[[actions]]
do = "reduce"
base = "Gamma house"
to = 200
on = 2020-12-02
[[gates]]
name = "quiet"
benchmark = "recorded-violence"
at_most = 1.0
weeks = 8
longest_delay = 20
[[triggers]]
when = "armed-groups"
at_least = 500.0
do = "pause"
for_weeks = 8
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of the small scenario."""
    for name, text in FILES.items():
        path = tmp_path / "small" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "small"


def test_the_scenario_itself_is_neither_wrong_nor_odd(folder: Path) -> None:
    assert remarks(Scenario.load(folder)) == []


def changed(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the one occurrence of `old` in a file; returns its line."""
    text = FILES[name]
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


TOML, PLAN = "scenario.toml", "schedules/actual.toml"
D, R, U, G, F, H, S, P = (
    "districts.csv", "routes.csv", "units.csv", "armed_groups.csv", "state_forces.csv", "humanitarian.csv",
    "sites.csv", "places.csv",
)  # fmt: skip
ALPHA = "alpha,Alpha,P,0.1,30.0,900,90000,100000,110000,0.3,3,0.4,0.5,0.2,0.4,,5000,5,6,"
GATE = 'gate = "quiet"\n'

REFUSED = [
    # values of another type
    (TOML, "trust_un = 0.5", "trust_un = true", "true is not a number"),
    (TOML, "trust_un = 0.5", 'trust_un = "0.5"', "'0.5' is a text; write a number, without quotes"),
    (TOML, "trust_un = 0.5", "trust_un = [0.5]", "a list"),
    (TOML, "trust_un = 0.5", "trust_un = nan", "nan"),
    (TOML, "trust_un = 0.5", "trust_un = inf", "inf"),
    (TOML, "start = 2020-01-06", "start = 20200106", "20200106 is not a day; write it as 2017-07-31"),
    (TOML, "start = 2020-01-06", 'start = "2020-01-06"', "without quotes"),
    (TOML, "start = 2020-01-06", "start = 2020-01-06T00:00:00", "is not a day"),
    (TOML, "start = 2020-01-06", "start = true", "true is not a day"),
    (TOML, 'title = "A small case"', "title = 3", "3 is a number; write a text, in quotes"),
    (TOML, "wet_months = [4, 5]", "wet_months = 4", "4 is a number; write a list in brackets"),
    (TOML, "wet_months = [4, 5]", "wet_months = [true]", "true is not a number"),
    (TOML, "wet_months = [4, 5]", "wet_months = [4.5]", "4.5"),
    (TOML, "ex_combatants = 100", "ex_combatants = 100.5", "100.5"),
    (TOML, "ex_combatants = 100", "ex_combatants = true", "true is not a number"),
    (TOML, "met_cost = 2.0", "met_cost = true", "true is not a number"),
    (TOML, "met_cost = 2.0", 'met_cost = "2"', "'2' is a text"),
    (TOML, "[host]\n", "host = 3\n[x]\n", "x"),
    (TOML, "elections = [2020-10-04]", "elections = [20201004]", "20201004 is not a day"),
    (PLAN, "to = 200", "to = true", "true is not a number"),
    (PLAN, "to = 200", 'to = "200"', "'200' is a text"),
    (PLAN, "on = 2020-12-01", "on = 1606780800", "is not a day"),
    (PLAN, "at_most = 1.0", "at_most = true", "true is not a number"),
    (PLAN, "weeks = 8\nlongest", "weeks = 8.5\nlongest", "8.5"),
    (D, ALPHA, ALPHA.replace("0.1,30.0", "true,30.0"), "'true' is not a number"),
    (D, ALPHA, ALPHA.replace("900,", "1_000,"), "'1_000' is not a number"),
    (D, ALPHA, ALPHA.replace("100000", '"100,000"'), "'100,000' is not a number; write digits"),
    (D, ALPHA, ALPHA.replace(",3,0.4", ",3.5,0.4"), "3.5"),
    (D, ALPHA, ALPHA.replace("0.3,3", "30%,3"), "'30%' is not a number"),
    (D, ALPHA, ALPHA.replace("900,", "nan,"), "'nan' is not a number"),
    (D, ALPHA, ALPHA.replace("900,", "٣٠٠,"), "is not a number"),
    (R, "beta,2,3,", "beta,2h,3,", "'2h' is not a number"),
    (U, "2020-11-30", "1622505600", "'1622505600' is not a day; write it as 2017-07-31"),
    (U, "2020-11-30", "2020-11-31", "'2020-11-31' is not a day of the calendar"),
    (U, "2020-11-30", "01/06/2021", "'01/06/2021' is not a day"),
    (U, "2020-02-03", "soon", "'soon' is not a day"),
    # magnitudes beyond any country
    (D, ALPHA, ALPHA.replace("110000", "400000000"), "400000000"),
    (D, ALPHA, ALPHA.replace("900,", "17000000,"), "17000000"),
    (D, ALPHA, ALPHA.replace("900,", "0.1,"), "denser than any city", "is the area in km2?"),
    (D, ALPHA, ALPHA.replace("30.0", "300"), "300"),
    (D, ALPHA, ALPHA.replace(",5,6,", ",1e9,6,"), "1e9"),
    (R, "beta,2,3,", "beta,2,5000,", "5000"),
    (R, "beta,2,3,", "beta,0.0001,3,", "0.0001"),
    (U, "static,300", "static,300000", "300000"),
    (G, "100,200,300", "100,200,9000000", "9000000"),
    (F, "300,400,500", "300,400,90000000", "90000000"),
    (H, "alpha,40", "alpha,40000000", "40000000"),
    (S, "8000,4000", "80000000000,4000", "80000000000"),
    (TOML, "start = 2020-01-06", "start = 0202-01-06", "is not between 1900 and 2199"),
    (TOML, "ex_combatants = 100", "ex_combatants = 4000000", "4000000 former fighters are more than the 270000"),
    (TOML, "years_to_fall = 2.0", "years_to_fall = 1e6", "1e+06"),
    (TOML, "years_to_fall = 2.0", f"years_to_fall = {'9' * 5000}", "a number of more than 4,000 digits"),
    (TOML, "met_cost = 2.0", "met_cost = 2000.0", "outside its range"),
    # what ends before it starts, or is not in the run
    (TOML, "end = 2022-01-02", "end = 2020-01-08", "less than a week"),
    (TOML, "end = 2022-01-02", "end = 2199-01-02", "longest run is 1500"),
    (TOML, "end = 2021-03-01", "end = 2020-03-01", "end (2020-03-01) is before start (2020-03-02)"),
    (TOML, "start = 2020-03-02\n", "", "without start"),
    (U, "1.0,,2020-11-30", "1.0,2020-11-30,2020-06-01", "until (2020-06-01) is not after opens"),
    (U, "2020-11-30", "2019-06-01", "2019-06-01 is outside the run", "take out the row"),
    (U, "2020-02-03", "2029-02-03", "2029-02-03 is outside the run", "take out the row"),
    (PLAN, "on = 2020-12-01", "on = 2029-12-01", "outside the run"),
    (PLAN, "announced = 2020-11-02", "announced = 2021-11-02", "is after the action itself"),
    (PLAN, "on = 2020-12-02", "on = 2020-01-20", "opens only on 2020-02-03"),
    # references to nobody
    (G, "0.2,Herders", "0.2,Herder", "'Herder' lives in no district", "did you mean 'Herders'?"),
    (G, "rebel,alpha", "rebel,alpa", "'alpa' is not a district", "did you mean 'alpha'?"),
    (R, "beta,gamma", "beta,gama", "'gama' is not a district"),
    (S, "Alpha post,", "Alfa post,", "'Alfa post' is not a base", "did you mean 'Alpha post'?"),
    (S, "Alpha post,", ",", "'base' is empty; name it"),
    (S, "Alpha post,", "Beta post,", "guards sites in its own district"),
    (PLAN, GATE, "", "no action waits at 'quiet'", "take it out"),
    (PLAN, GATE, 'gate = "quit"\n', "'quit'", "quiet"),
    (PLAN, 'unit = "Beta reserve"', 'unit = "Beta reserves"', "did you mean 'Beta reserve'?"),
    (PLAN, 'unit = "Beta reserve"', 'unit = "Regiment"', "'Regiment' is not a unit that waits"),
    (PLAN, 'base = "Gamma house"', 'base = "Gama house"', "did you mean 'Gamma house'?"),
    (TOML, "met_cost = 2.0", "met_costs = 2.0", "did you mean 'met_cost'?"),
    (TOML, "without = []", 'without = ["sesaon"]', "season"),
    # what stands twice
    (D, "beta,Beta,", "beta,Alpha,", "'Alpha' is already the name of 'alpha' in line 2", "'Alpha (P)'"),
    (D, "beta,Beta,", "beta,ALPHA,", "is already the name of 'alpha'"),
    (D, "beta,Beta,", "alpha,Beta,", "'alpha' is already the id of line 2; give each its own"),
    (D, "Herders 0.4", "Farmers 0.4", "a name appears twice"),
    (D, "Herders 0.4", "Herders 0.5", "add up to more than 1"),
    (R, "beta,gamma", "beta,alpha", "already in line 2", "keep the faster one"),
    (U, "Beta company", "Alpha company", "already the unit of line 2"),
    (TOML, "elections = [2020-10-04]", "elections = [2020-10-04, 2020-10-04]", "stands there twice; remove one"),
    (TOML, "wet_months = [4, 5]", "wet_months = [4, 4]", "stands there twice"),
    (TOML, "trust_un = 0.5", "trust_un = 0.5\ntrust_un = 0.6", "not valid TOML"),
    # what contradicts itself
    (S, "8000,4000", "3000,4000", "displaced (4000) exceeds capacity (3000)"),
    (S, "8000,4000", "8000,6000", "hold more people than 'displaced' in districts.csv"),
    (D, ALPHA, ALPHA.replace("5000,5", "95000,5"), "displaced (95000) exceeds population_low (90000)"),
    (PLAN, 'benchmark = "recorded-violence"', 'benchmark = "state-capability"', "contextual"),
    (PLAN, "to = 200", "to = 300", "300 is no reduction"),
    (PLAN, "at_least = 500.0", "at_least = 500.0\nat_most = 3.0", "needs one of 'at_most' and 'at_least'"),
    (PLAN, 'when = "armed-groups"', 'when = "state-presence"', "lies between 0 and 1, and the level is 500"),
    # places and posts
    (P, "North,alpha", "North,alfa", "'alfa' is not a district", "did you mean 'alpha'?"),
    (P, "North,alpha,0.2,30.0", "North,alpha,30.0,0.2", "km from the middle of 'alpha'", "wrong way round"),
    (P, "North,alpha,0.2,30.0", "North,alpha,,30.0", "latitude"),
    (P, "North,alpha,0.2", "North,alpha,91", "91"),
    (P, "North", "Market", "'Market' is already the name of line 2"),
    (P, "0,35000,50000,0,read\nSouth", "0,35000,50000,2,read\nSouth", "2"),
    (P, "20000,35000,50000,0,read\nSouth", "40000,35000,50000,0,read\nSouth", "people must be ordered"),
    (P, "Market,alpha,0.1,30.0,20000,30000", "Market,alpha,0.1,30.0,0,0", "people"),
    (P, "longitude,people_low", "longitude,residents_low", "column 'residents_low'", "is not known here"),
    (D, ALPHA, ALPHA.replace("0.3,3", "0.3,4"), "4 for 'alpha', which has 3 in places.csv; leave it empty"),
    (D, ALPHA, ALPHA.replace("0.3,3", "0.3,21"), "21"),
    (U, "0.1,30.01", "0.1,", "longitude is empty and the other is not"),
    (U, "0.1,30.01", "30.01,0.1", "km from the middle of 'alpha'", "wrong way round"),
    (U, "scheduled,,,,read", "scheduled,,0.1,30.53,read", "is at 0.1, 30.53 here and at 0.1, 30.52 in line 3"),
    (TOML, "ex_combatants = 100", "people_a_place = 10", "people_a_place"),
    # names
    (TOML, 'name = "small"', f'name = "{"s" * 61}"', "has 61 characters; at most 60 fit"),
    (TOML, 'name = "small"', 'name = "../small"', "must be lower-case letters, digits and hyphens"),
    (TOML, 'title = "A small case"', f'title = "{"s" * 121}"', "has 121 characters; at most 120 fit"),
    (TOML, 'title = "A small case"', 'title = "A\\nsmall case"', "cannot be printed"),
    (TOML, 'title = "A small case"', 'title = "A\\u001b[31m case"', "cannot be printed"),
    (D, "alpha,Alpha,P", 'alpha,"Al\npha",P', "cannot be printed"),
    (D, "beta,Beta,", "beta,=1+1,", "spreadsheets run as a formula"),
    (PLAN, 'base = "Gamma house"', 'base = "Gamma\\nhouse"', "cannot be printed"),
    (PLAN, 'name = "actual"', 'name = "none"', "is the built-in counterfactual"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "words"), [(*row[:3], row[3:]) for row in REFUSED])
def test_refused(folder: Path, name: str, old: str, new: str, words: tuple[str, ...]) -> None:
    line = changed(folder, name, old, new)
    with pytest.raises(ScenarioError) as caught:
        Scenario.load(folder)
    message = str(caught.value)
    for word in words:
        assert word in message
    assert str(folder / name) in message or ("ex_combatants = 4" in new and TOML in message)
    assert message.isprintable()
    assert len(message) < 600
    if caught.value.line is not None:
        # an entry that lacks or contradicts something is named by its heading
        assert line - 6 <= caught.value.line <= line + 6, message


REMARKED = [
    (F, "2020-03-01", "2023-03-01", "line 3, Police: opens on 2023-03-01, after the end", "it never appears"),
    (G, "2020-06-01", "2022-06-01", "line 3, Exiles: enters on 2022-06-01, after the end", "it never appears"),
    (TOML, "elections = [2020-10-04]", "elections = [2010-10-04]", "2010-10-04 is so far outside the run"),
    (TOML, "start = 2020-03-02\nend = 2021-03-01", "start = 2024-03-02", "2024-03-02 is after the end of the run"),
    (TOML, "start = 2020-03-02\nend = 2021-03-01", "start = 2018-03-02\nend = 2018-09-01", "before the start"),
    (TOML, "start = 2020-03-02\nend = 2021-03-01\n", "", "50 places and no start"),
    (TOML, "places = 50", "places = 0", "a programme without places"),
    (TOML, "end = 2022-01-02", "end = 2020-12-20", "a run of 50 weeks"),
    (F, "0.5,2,2020-03-01", "0.5,2,scheduled", "line 3, Police: is 'scheduled', and no schedule opens it"),
    (S, "Alpha post,8000,4000,50", ",8000,4000,0", "a protection site at no base; who guards it?"),
    (S, "8000,4000,50", "8000,4000,500", "500 guards from Alpha post, which has 150 troops"),
    (D, "0.1,30.5,900", "0.1,30.0,901", "beta: has the middle point of alpha"),
    (D, "100000,120000,150000,1.0", "40,60,150,1.0", "2 places for 60 people"),
    (D, "60,100000,120000,150000", "3,100000,120000,150000", "denser than nearly all cities"),
    (U, "static,150,1.0,,2020-11-30", "static,2,1.0,,2020-11-30", "protect next to nothing", "Beta post"),
    (P, "North,alpha,0.2", "North,alpha,0.5", "line 3, North: lies outside alpha"),
    (P, "South,alpha,0.05,30.0", "South,alpha,0.1,30.0", "line 4, South: lies where Market does"),
    (P, "20000,35000,50000,0,read\nSouth", "20000,75000,90000,0,read\nSouth", "the places of alpha have 140,000"),
    (U, "0.1,30.01", "0.1,30.5", "line 2, Alpha post: stands outside alpha"),
    (U, "0.1,30.01", ",", "1 of 3 bases have no coordinates", "Alpha post"),
    (R, "beta,2,3,", "beta,2,30,", "15 times as long in the wet season"),
    (R, "beta,2,3,", "beta,0.2,3,", "km/h"),
    (U, "static,300", "static,3000", "3,000 troops in one unit"),
    (U, "static,300,1.0", "static,300,0", "readiness 0; it never acts"),
    (G, "100,200,300", "100,20000,30000", "20,000 fighters among 100,000 people"),
    (F, "300,400,500", "300,40000,50000", "40,300 personnel among 310,000 people are many"),
    (G, "Herders,,read", "Herders,,estimate", "71% of 280 fighters are estimates"),
    (PLAN, "on = 2020-12-01\nannounced = 2020-11-02", "on = 2021-12-20", "near the end of the run"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "words"), [(*row[:3], row[3:]) for row in REMARKED])
def test_remarked(folder: Path, name: str, old: str, new: str, words: tuple[str, ...]) -> None:
    changed(folder, name, old, new)
    found = remarks(Scenario.load(folder))
    assert any(all(word in remark for word in words) for remark in found), found
    assert all(remark.isprintable() for remark in found)


def test_a_missing_place_that_was_read_as_zero_is_remarked(folder: Path) -> None:
    changed(folder, D, "gamma,Gamma,P,0.1,31.0", "gamma,Gamma,P,0,0")
    changed(folder, U, "2020-02-03,,0.11,31.0", "2020-02-03,,,")
    assert any("latitude and longitude are 0" in remark for remark in remarks(Scenario.load(folder)))


def test_there_are_as_many_kinds_as_promised() -> None:
    assert len(REFUSED) + len(REMARKED) >= 80


# -- files that are none ----------------------------------------------------------------------------


def _gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes())[:-4])


def _latin(path: Path) -> None:
    path.write_bytes(path.read_bytes() + "é".encode("latin-1"))


def _sixteen(path: Path) -> None:
    path.write_bytes(path.read_text().encode("utf-16"))


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _huge(path: Path) -> None:
    os.truncate(path, 50_000_000_000)  # sparse: takes no room


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX systems")
@pytest.mark.parametrize("name", [TOML, D, U, PLAN])
@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_gzip, "is compressed (gzip); unpack it"),
        (_latin, "is not UTF-8; save the file with UTF-8"),
        (_sixteen, "is UTF-16; save the file with UTF-8"),
        (_pipe, "no plain file"),
        (_device, "no plain file"),
        (_folder, "is a folder; put a file there|is no plain file"),
        (_huge, "the longest file allowed has"),
        (_loop, "cannot be read|has no scenario.toml|cannot be looked at"),
    ],
)
def test_files_that_are_none_are_refused_at_once(
    folder: Path, name: str, spoil: Callable[[Path], None], word: str
) -> None:
    spoil(folder / name)
    with pytest.raises(ScenarioError, match=word.replace("(", r"\(").replace(")", r"\)")):
        Scenario.load(folder)


@pytest.mark.parametrize(
    "text",
    ["a" + ".a" * 100_000 + " = 1\n", "a = " + "[" * 100_000, "a = " + "{a=" * 100_000, "x" * 3_000_000],
)
def test_deep_and_long_texts_are_refused_soon(folder: Path, text: str) -> None:
    (folder / TOML).write_text(text)
    with pytest.raises(ScenarioError, match=r"nested too deeply|not valid TOML"):
        Scenario.load(folder)


# -- what is natural --------------------------------------------------------------------------------


@pytest.mark.parametrize("opens", ["2020-01-05", "2019-12-31", "1999-01-01"])
def test_what_opened_before_the_run_is_there_from_its_start(folder: Path, opens: str) -> None:
    from sim.build import build

    changed(folder, F, "2020-03-01", opens)
    changed(folder, G, "2020-06-01", opens)
    changed(folder, U, "2020-02-03", opens)
    case = Scenario.load(folder)
    assert case.state_forces[1].opens is case.units[3].opens is case.armed_groups[1].enters is None
    assert case.state_forces[1].line == 3
    world, _ = build(case, "none")
    assert world.state_forces["present"].tolist() == [1, 1]
    assert world.peacekeepers["opens"][3] == 0
    assert world.armed_groups["enters"][1] == -1
    assert world.armed_groups["control"][1] == 0.1


@pytest.mark.parametrize(
    "title", ["Costs $5 and $x_{1$", ":fire: [bold]x[/] \\", "Ünïcödé 中文", "100 % & <b>"]
)
def test_signs_that_others_read_as_their_own_are_only_text(folder: Path, title: str) -> None:
    changed(folder, TOML, '"A small case"', f"'{title}'")
    assert Scenario.load(folder).header.title == title


def test_a_week_is_a_run(folder: Path) -> None:
    (folder / PLAN).unlink()
    text = FILES[TOML].replace("2022-01-02", "2020-01-12")
    (folder / TOML).write_text(text)
    (folder / U).write_text(FILES[U].replace("2020-02-03", "").replace("2020-11-30", ""))
    assert Scenario.load(folder).weeks == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Action(do="close", base="A", on=5), ("Action(...), on: 5 is not a day",)),
        (lambda: Action(do="clos", base="A", on="x"), ("Action(...)", "do", "close")),
        (lambda: Action(do="close"), ("Action(...), on: is missing",)),
        (lambda: Action(do="close", base="A", on=5, bases=1), ("bases", "did you mean 'base'?")),
        (lambda: Schedule(name="A b", title="x"), ("Schedule(...), name: 'A b' must be lower-case",)),
        (lambda: Schedule(name="x", title="x", actions=3), ("actions: 3 is a number; write a list",)),
    ],
)
def test_what_is_made_in_python_fails_as_what_is_read(
    make: Callable[[], object], words: tuple[str, ...]
) -> None:
    with pytest.raises(ScenarioError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_error_cannot_move_the_cursor_of_a_terminal() -> None:
    error = ScenarioError(Path("a\x1b[2J\nb.csv"), "is \u202e wrong\x07")
    assert str(error) == "a\\x1b[2J\\nb.csv: is \\u202e wrong\\x07"
