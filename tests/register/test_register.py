"""The register: what stands in it, and the page and the workbook that show it."""

from __future__ import annotations

import base64
import hashlib
import io
import shlex
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim import Scenario, influence, workbook
from sim.cli import app
from sim.influence import Influence
from sim.mechanisms import MECHANISMS
from sim.parameters import PARAMETERS
from sim.register import content, page
from sim.register.content import Entry, Register
from sim.register.workbook import sheets
from sim.week import DECLARED

RUN = CliRunner()
HOSTILE = '</script><script>alert(1)</script><b>&"'


@pytest.fixture(scope="module")
def corridor(root: Path) -> Scenario:
    return Scenario.load(root / "scenarios" / "corridor")


@pytest.fixture(scope="module")
def register(corridor: Scenario) -> Register:
    return content.gather(corridor)


class Elements(HTMLParser):
    """Tags with their attributes, and the text of the script and the style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self.open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inside[self.open] = self.inside.get(self.open, "") + data


def test_every_parameter_mechanism_and_rival_rule_is_in_it_once(register: Register) -> None:
    names = {
        kind: [e.name for e in register.entries if e.kind == kind] for kind in ("parameter", "mechanism")
    }
    assert sorted(names["parameter"]) == sorted(PARAMETERS)
    assert sorted(names["mechanism"]) == sorted(MECHANISMS)
    rivals = {e.name for e in register.entries if e.kind == "rival rule"}
    forms = {f"{rule.name}={form}" for rule in DECLARED.rules.values() for form in rule.forms}
    used = {f"{name}={form}" for name, form in register.case.rules.model_dump().items()}
    assert rivals == forms - used


def test_each_says_where_it_is_declared(register: Register, root: Path) -> None:
    word = {"parameter": "Parameter", "mechanism": "Mechanism", "rival rule": "Rule"}
    for e in register.entries:
        file, line = e.where.split(":")
        text = (root / file).read_text(encoding="utf-8").splitlines()[int(line) - 1 : int(line) + 1]
        joined = " ".join(text)
        assert word[e.kind] + "(" in joined
        assert f'"{e.name.partition("=")[0]}"' in joined


def test_every_command_sets_what_it_says(
    register: Register, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    case = register.case
    usual = case.parameter_values()
    for e in register.entries:
        assert e.tries, f"{e.name}: nothing to try"
        for command in e.tries:
            program, verb, name, option, value, *rest = shlex.split(command)
            assert (program, verb, name, rest[0]) == ("drawdown", "compare", "corridor", "--out")
            varied = case
            if option == "--set":
                key, number = value.split("=")
                varied = case.with_parameters(**{key: float(number)})
            elif option == "--without":
                varied = case.without(value)
            else:
                assert option == "--rule"
                varied = case.with_rules(**dict([value.split("=")]))
            assert varied.parameter_values() != usual or varied.rules != case.rules or value == "season"


def test_risk_is_doubt_and_impact_together() -> None:
    def entry(sure: object, largest: float | None) -> Entry:
        matters = None if largest is None else Influence((0.0, largest), (0.0, 0.0))
        return Entry("parameter", "x", "p", "m", "s", sure, "f:1", ("c",), matters=matters)  # type: ignore[arg-type]

    assert entry("guess", 0.5).risk == "very high"
    assert entry("computed", -0.5).risk == "high"
    assert entry("guess", 0.2).risk == "high"
    assert entry("guess", 0.05).risk == "moderate"
    assert entry("read", 0.5).risk == "moderate"
    assert entry("read", 0.2).risk == "low"
    assert entry("guess", None).risk == entry(None, 0.5).risk == "not measured"
    every = [entry(s, x).score for s in content.DOUBT for x in (0.5, 0.2, 0.05)]
    assert {content.risk(s) for s in every} == set(content.RISKS) - {"not measured"}


def test_the_riskiest_come_first_and_what_nobody_measured_before_the_high(register: Register) -> None:
    order = list(dict.fromkeys(e.risk for e in register.entries))
    assert order == [w for w in ("very high", "not measured", "high", "moderate", "low") if w in order]
    worst = [e for e in register.entries if e.risk == "very high"]
    assert [e.matters.largest for e in worst if e.matters] == sorted(
        (e.matters.largest for e in worst if e.matters), reverse=True
    )
    counts = register.counts()
    assert sum(counts.values()) == len(PARAMETERS)
    assert sum(n for (_, tier), n in counts.items() if tier is None) == len(
        set(PARAMETERS) - set(influence.table())
    )


def test_values_are_those_of_the_case(corridor: Scenario) -> None:
    varied = content.gather(corridor.with_parameters(met_cost=3.0).without("deterrence"))
    entry = {e.name: e for e in varied.entries if e.kind == "parameter"}
    assert (entry["met_cost"].default, entry["attack_rate"].value) == (1.4, PARAMETERS["attack_rate"].default)
    off = MECHANISMS["deterrence"].off
    assert all(entry[name].value == value for name, value in off.items())


def test_a_mechanism_is_as_sure_as_the_least_sure_of_its_numbers(register: Register) -> None:
    numbers = {e.name: e for e in register.entries if e.kind == "parameter"}
    for e in register.entries:
        if e.kind != "mechanism" or not e.through:
            continue
        assert content.DOUBT[e.sure] == max(content.DOUBT[numbers[n].sure] for n in e.through)  # type: ignore[index]
        measured = [numbers[n].matters for n in e.through if numbers[n].matters]
        assert (e.matters in measured) if measured else e.matters is None


def test_the_page_allows_its_own_script_and_style_and_asks_for_nothing(register: Register) -> None:
    text = page.page(register)
    found = Elements(text)
    policy = next(a["content"] for t, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(found.inside[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [a for _, a in found.tags if "src" in a or a.get("style") or "onclick" in a]
    assert [a["href"] for _, a in found.tags if "href" in a] == ["data:,"]
    ids = [a["id"] for _, a in found.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert all(a["aria-labelledby"] in ids for _, a in found.tags if "aria-labelledby" in a)
    assert sum(t == "tr" and "data-kind" in a for t, a in found.tags) == len(register.entries)
    assert page.page(register) == text


def test_texts_of_a_case_and_of_entries_stay_text(register: Register) -> None:
    header = register.case.header.model_copy(update={"title": HOSTILE})
    entry = replace(register.entries[0], meaning=HOSTILE, source=HOSTILE, part=HOSTILE)
    text = page.page(Register(replace(register.case, header=header), (entry,), HOSTILE))
    assert Counter(t for t, _ in Elements(text).tags)["script"] == 1
    assert "alert(1)</script>" not in text


def test_it_says_when_measurements_are_older(register: Register) -> None:
    older = page.page(replace(register, older="before the flood"))
    assert "Older than the rules" in older
    assert "measured before the flood" in " ".join(older.split())
    assert "Older than the rules" not in page.page(replace(register, older=""))
    said = [
        row for row in sheets(replace(register, older="before the flood"))[0].rows if "older" in str(row[0])
    ]
    assert "before the flood" in str(said)


def test_the_workbook_has_a_row_an_entry_with_its_numbers(register: Register) -> None:
    book = workbook.read(io.BytesIO(workbook.write(sheets(register), "t")))
    (_, head), *rows = book["register"]
    assert len(rows) == len(register.entries)
    at = {name: k for k, name in enumerate(head)}
    for (_, cells), e in zip(rows, register.entries, strict=True):
        assert cells[at["name"]] == e.name
        assert cells[at["risk"]] == e.risk
        if e.kind == "parameter":
            assert float(cells[at["value"]]) == e.value
        if e.matters:
            assert float(cells[at["excess at high"]]) == e.matters.excess[1]
        assert [c for c in cells[at["try 1"] :] if c] == list(e.tries)


def test_the_command_writes_both_and_the_same_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    monkeypatch.chdir(tmp_path)
    first = RUN.invoke(app, ["register", "corridor", "--set", "met_cost=3"])
    assert first.exit_code == 0, first.output
    assert "very high risk" in first.output
    made = [tmp_path / "results" / f"corridor-register.{end}" for end in ("html", "xlsx")]
    before = [file.read_bytes() for file in made]
    assert "set by the case; default 1.4" in before[0].decode()
    again = RUN.invoke(app, ["register", "corridor", "--set", "met_cost=3", "--out", "x.html"])
    assert again.exit_code == 0
    assert [(tmp_path / f"x.{end}").read_bytes() for end in ("html", "xlsx")] == before


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["nowhere"], "nowhere"),
        (["corridor", "--out", "a.xlsx"], "--out a.html"),
        (["corridor", "--out", "."], "is a folder"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(
    given: list[str], words: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    monkeypatch.chdir(tmp_path)
    out = RUN.invoke(app, ["register", *given])
    assert out.exit_code == 2
    assert words in out.output.replace("\n", " ")
    assert not list(tmp_path.iterdir())
