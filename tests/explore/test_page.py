from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner
from worlds import camps

from sim.cli import app
from sim.explore import assumptions, content, page, runs
from sim.study.compare import Interrupted, chosen

RUN = CliRunner()
HOSTILE = '</script><script>alert(1)</script><!-- "&\u2028'


class Elements(HTMLParser):
    """The elements of a page: tags with their attributes, and the text of its scripts and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self.open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            given = dict(attrs)
            self.open = given.get("id") or given.get("type") or tag

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inside[self.open] = self.inside.get(self.open, "") + data


@pytest.fixture(scope="module")
def text(made) -> str:
    return page.page(made.content)


def test_the_policy_allows_the_page_its_own_script_and_style_and_nothing_else(text: str) -> None:
    found = Elements(text)
    policy = next(a["content"] for t, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    for name, directive in (("module", "script-src"), ("style", "style-src")):
        digest = base64.b64encode(hashlib.sha256(found.inside[name].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy


def test_it_asks_for_nothing(text: str) -> None:
    tags = Elements(text).tags
    assert not [a for _, a in tags if "src" in a]
    assert [a["href"] for t, a in tags if "href" in a] == ["data:,"]
    code = page.script() + (page.HERE / "page.css").read_text(encoding="utf-8")
    assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket|import\(|url\(|@import", code)
    assert set(re.findall(r"https?://[^\s\"'`]+", code)) == {"http://www.w3.org/2000/svg"}


def test_controls_have_labels_and_what_is_pointed_at_is_there(text: str) -> None:
    tags = Elements(text).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    labelled = {a["for"] for t, a in tags if t == "label" and "for" in a}
    assert {a["id"] for t, a in tags if t in ("select", "input")} <= labelled
    for _, given in tags:
        for name in ("aria-labelledby", "for"):
            assert name not in given or given[name] in ids
    asked = set(re.findall(r"byId\(\"([\w-]+)\"\)", page.script()))
    assert asked <= set(ids)


def test_scripts_become_one_without_imports(text: str) -> None:
    code = Elements(text).inside["module"]
    assert not re.search(r"^(import|export) ", code, re.MULTILINE)
    assert {p.name for p in page.HERE.glob("*.js")} == set(page.SCRIPTS)
    declared = re.findall(r"^(?:async function|function|class|const|let) (\w+)", code, re.MULTILINE)
    assert len(declared) == len(set(declared)), "two scripts use one name"


def test_names_and_texts_of_a_case_stay_text() -> None:
    case = camps(8)
    districts = tuple(d.model_copy(update={"name": f"{HOSTILE}{i}"}) for i, d in enumerate(case.districts))
    header = case.header.model_copy(update={"title": HOSTILE, "about": HOSTILE})
    exit_ = case.schedules["exit"].model_copy(update={"title": HOSTILE, "about": HOSTILE})
    case = replace(case, districts=districts, header=header, schedules={"exit": exit_})
    plans, tried = chosen(case, ["exit"]), assumptions.all_of(case, None, 0)
    weeks = runs.collect(tried, plans, replicates=2, seed=1)
    made = page.page(content.gather(case, plans, tried, weeks, seed=1))
    found = Elements(made)
    assert sum(t == "script" for t, _ in found.tags) == 4  # facts, runs, stories, the code
    facts = json.loads(found.inside["facts"])
    assert facts["title"] == HOSTILE.replace("\u2028", "\u2028")
    assert facts["districts"][2]["name"] == f"{HOSTILE}2"
    assert "alert(1)</script>" not in made
    assert '<!-- "' not in made
    assert "{{" not in made.split("<script")[0]


def test_slots_are_filled_once() -> None:
    """A text that looks like a slot of the template is not filled."""
    with_slot = content.Content("{{facts}}", ("{{script}}",), {"layout": []}, (), "")
    made = page.page(with_slot)
    assert "<h1>{{facts}}</h1>" in made
    assert "<p>{{script}}</p>" in made


def explore(*words: str):
    return RUN.invoke(app, ["explore", *words])


def test_the_command_makes_the_same_file_twice_and_leaves_nothing_else(tmp_path: Path) -> None:
    options = ["--replicates", "2", "--assume", "deterrence", "--schedules", "hasty"]
    first = explore("corridor", *options, "--out", str(tmp_path / "a" / "x.html"))
    assert first.exit_code == 0, first.output
    assert "under 2 sets of assumptions" in first.output.replace("\n", " ")
    again = explore("corridor", *options, "--threads", "1", "--out", str(tmp_path / "b.html"))
    assert again.exit_code == 0
    assert (tmp_path / "a" / "x.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "b.html", "x.html"]


def test_a_result_is_explored_with_its_own_runs(tmp_path: Path) -> None:
    result, out = tmp_path / "r", tmp_path / "x.html"
    compare = [
        "compare",
        "corridor",
        "--schedules",
        "hasty",
        "--replicates",
        "3",
        "--seed",
        "5",
        "--no-figures",
    ]
    assert RUN.invoke(app, [*compare, "--out", str(result)]).exit_code == 0
    options = ["--replicates", "2", "--toggles", "0", "--out", str(out)]
    assert explore(str(result), *options).exit_code == 0
    facts = json.loads(Elements(out.read_text(encoding="utf-8")).inside["facts"])
    assert facts["seed"] == "5"
    assert [s["name"] for s in facts["schedules"]] == ["hasty", "none"]
    refused = explore(str(result), *options, "--without", "deterrence")
    assert refused.exit_code == 2
    assert "--assume" in refused.output
    totals = result / "totals.nc"
    totals.write_bytes(totals.read_bytes()[:-8] + b"\x40\x59\x00\x00\x00\x00\x00\x00")
    import numpy as np
    import xarray as xr

    there = xr.load_dataset(totals, engine="scipy")
    there["killed"][0, 1] += 1
    there.to_netcdf(totals, engine="scipy")
    assert np.isfinite(there["killed"]).all()
    out.unlink()
    wrong = explore(str(result), *options)
    assert wrong.exit_code == 2
    assert "does not give its numbers ('hasty', replicate 1" in wrong.output.replace("\n", " ")
    assert not out.exists()


def test_stopped_it_says_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_given: object, **_more: object) -> None:
        raise Interrupted(20, 50)

    monkeypatch.setattr(runs, "collect", stopped)
    out = explore("corridor", "--out", str(tmp_path / "x.html"))
    assert out.exit_code == 130
    assert "20 of 50 matched runs are finished and kept in" in out.output.replace("\n", " ")
    assert not (tmp_path / "x.html").exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["nowhere"], "nowhere"),
        (["corridor", "--schedules", "hastey"], "did you mean 'hasty'"),
        (["corridor", "--assume", "deterence"], "did you mean 'deterrence'"),
        (["corridor", "--out", "."], "is a folder"),
    ],
)
def test_mistakes_are_named_and_change_nothing(
    given: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = explore(*given, "--replicates", "1")
    assert out.exit_code == 2
    assert words in out.output.replace("\n", " ")
    assert not list(tmp_path.iterdir())
