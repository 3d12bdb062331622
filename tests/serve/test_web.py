from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving import Client, served
from typer.testing import CliRunner
from worlds import camps

from sim import Scenario, compare
from sim.cli import app
from sim.explore import page
from sim.serve import save, web
from sim.serve.plan import opened

WISH = ("name", "closings", "end", "notice", "mobile", "wait", "readiness", "against")


def wish(visit: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {key: visit[key] for key in WISH} | changes


def killed(answer: dict[str, Any]) -> np.ndarray:
    return np.array(answer["facts"]["assumptions"][0]["totals"], float)


# -- who is answered ----------------------------------------------------------------------------------


def test_the_page_may_ask_its_own_server_and_nobody_else(site: Client) -> None:
    status, headers, body = site.raw("GET", "/")
    assert status == 200
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers
    text = body.decode()
    assert "{{" not in text.split("<script")[0]
    assert set(re.findall(r"https?://[^\s\"'`<]+", text)) == {"http://www.w3.org/2000/svg"}
    code = page.script([web.HERE / "live.js"])
    declared = re.findall(r"^(?:async function|function|class|const|let) (\w+)", code, re.MULTILINE)
    assert len(declared) == len(set(declared)), "two scripts use one name"
    ids = re.findall(r' id="([\w-]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"byId\(\"([\w-]+)\"\)", code)) <= set(ids)
    assert set(re.findall(r'<label for="([\w-]+)"', text)) <= set(ids)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"host": "evil.example:8765"}, "not called"),
        ({"host": "10.0.0.7"}, "not called"),
        ({"origin": "http://evil.example"}, "other sites"),
        ({"sec_fetch_site": "cross-site"}, "other sites"),
        ({"content_type": "text/plain"}, "application/json"),
        ({"content_type": "application/x-www-form-urlencoded"}, "application/json"),
    ],
)
def test_other_sites_and_rebound_names_are_refused(site: Client, headers: dict[str, str], words: str) -> None:
    there = len(site.site.visits.there)
    given = {"content_type": "application/json", **headers}
    status, _, body = site.raw("POST", "/visit", b"{}", **given)
    assert status == 403
    assert words in json.loads(body)["error"]
    assert len(site.site.visits.there) == there


def test_who_else_may_be_called() -> None:
    async def nobody(*_given: object) -> None: ...

    own = web.Guard(nobody, ["localhost", "desk.example"])
    assert all(
        own.known(h) for h in ("localhost:1", "127.0.0.1:8765", "[::1]:80", "DESK.example", "127.9.9.9")
    )
    assert not any(own.known(h) for h in ("", "192.168.0.2", "localhost.evil.example", "127.0.0.1.nip.io"))
    wide = web.Guard(nobody, ["localhost", "*"])
    assert wide.known("192.168.0.2:8765")
    assert not wide.known("evil.example")
    assert own.problem("PUT", {"host": "localhost:1", "origin": "http://localhost:1"}) != ""
    same = {"host": "localhost:1", "origin": "http://localhost:1", "content-type": "application/json"}
    assert own.problem("PUT", same) == ""
    assert own.problem("PUT", {**same, "origin": "null"}) != ""
    link = {"host": "localhost:1", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert own.problem("GET", link, "/") == "", "a link that is followed"
    assert own.problem("GET", link, "/visit/x/schedule") != ""
    assert own.problem("GET", {**link, "sec-fetch-mode": "no-cors"}, "/") != ""


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("plan", b"{", 400, "no JSON"),
        ("plan", b"[1]", 400, "object"),
        ("plan", b"[" * 100_000, 400, "no JSON"),
        ("plan", b'{"mobile": 2}', 422, "mobile"),
        ("plan", b'{"notice": -1}', 422, "notice"),
        ("plan", b'{"wait": 1e999}', 422, "wait"),
        ("plan", b'{"readiness": "much"}', 422, "readiness"),
        ("plan", b'{"closings": {"Alpha post": "soon"}}', 422, "day"),
        ("plan", b'{"closings": {"Alpha post": "2091-01-01"}}', 422, "outside the run"),
        ("plan", b'{"closings": {"Nowhere": "2020-03-02"}}', 422, "not a base"),
        ("plan", b'{"against": "nothing"}', 422, "there is no schedule 'nothing'"),
        ("plan", b'{"name": "../../etc/passwd"}', 422, "name"),
        ("plan", b'{"name": "exit"}', 422, "already the name"),
        ("plan", b'{"colour": 1}', 422, "colour"),
        ("plan", b"x" * (web.LARGEST_BODY + 1), 413, "bytes"),
        ("start", b'{"name": "nowhere"}', 422, "there is no schedule"),
        ("open", b'{"text": ""}', 422, "empty"),
        ("open", b'{"text": "name = 1"}', 422, "opened.toml, line 1"),
        ("open", b'{"text": 5}', 422, "empty"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    site: Client, path: str, body: bytes, status: int, words: str
) -> None:
    visit = site.visit()["id"]
    before = site.ask("GET", f"/visit/{visit}")[1]
    found, _, text = site.raw("PUT", f"/visit/{visit}/{path}", body, content_type="application/json")
    assert found == status, text
    assert words in json.loads(text)["error"]
    assert site.ask("GET", f"/visit/{visit}")[1] == before


def test_a_visit_that_is_not_there(site: Client) -> None:
    assert site.ask("PUT", "/visit/x/plan")[0] == 404
    assert site.raw("GET", f"/visit/{site.visit()['id']}/saved/briefing")[0] == 404
    assert site.raw("GET", "/../pyproject.toml")[0] == 404
    assert site.ask("POST", f"/visit/{site.visit()['id']}/save", {"what": "secrets"})[0] == 422


# -- what is answered -----------------------------------------------------------------------------------


def test_an_answer_sharpens_and_has_the_bits_of_a_comparison(site: Client) -> None:
    case = camps(40)
    visit = site.visit()
    alpha = case.date_of(20).isoformat()
    _, changed = site.ask(
        "PUT",
        f"/visit/{visit['id']}/plan",
        wish(visit, closings={"Alpha post": alpha}, against="exit", mobile=0.5, readiness=0.5),
    )
    heard = []
    for kind, what in site.events(visit["id"]):
        if kind == "answer" and what["version"] == changed["version"]:
            heard.append(what["facts"]["runs"])
            if what["facts"]["runs"] == 40:
                break
    assert heard[-1] == 40
    assert set(heard) <= {20, 40}
    text = site.raw("GET", f"/visit/{visit['id']}/schedule")[2].decode()
    mine = opened(case, text)
    result = compare(case.with_readiness(0.5), [mine, "exit"], replicates=40, seed=1)
    there = [result.totals.sel(schedule=n, metric="killed").values for n in ("my-plan", "exit", "none")]
    assert killed(what).tolist() == np.array(there).tolist()
    assert [s["name"] for s in what["facts"]["schedules"]] == ["my-plan", "exit", "none"]
    assert what["facts"]["pair"] == [0, 1]


def test_visitors_do_not_disturb_each_other(site: Client) -> None:
    one, two = site.visit(), site.visit()
    changed = site.ask("PUT", f"/visit/{one['id']}/plan", wish(one, closings={}))[1]
    assert changed["closings"] == {}
    same = site.ask("GET", f"/visit/{two['id']}")[1]
    assert {k: v for k, v in same.items() if k != "id"} == {k: v for k, v in two.items() if k != "id"}
    answer = site.answer(one["id"], changed["version"], 40)
    assert (killed(answer)[0] == killed(answer)[-1]).all(), "every base stays in both"
    assert "exactly as many" in answer["said"][0]
    assert site.ask("POST", "/visit", {"id": one["id"]})[1]["closings"] == {}, "a page that is loaded again"


def test_a_plan_in_another_tab_is_not_fought_over(site: Client) -> None:
    visit = site.visit()["id"]
    one, two = site.events(visit), site.events(visit)
    next(one)
    next(two)
    assert [kind for kind, _ in one][-1] == "elsewhere"
    two.close()


def test_what_is_opened_can_be_changed_and_gone_back_to(site: Client) -> None:
    visit = site.visit()
    day = camps(40).date_of(9).isoformat()
    changed = site.ask(
        "PUT", f"/visit/{visit['id']}/plan", wish(visit, name="mine", closings={"Alpha post": day})
    )
    assert changed[0] == 200
    text = site.raw("GET", f"/visit/{visit['id']}/schedule")[2].decode()
    other = site.visit()
    found = site.ask("PUT", f"/visit/{other['id']}/open", {"text": text})[1]
    assert (found["start"], found["name"], found["closings"]) == (
        "(opened file)",
        "mine",
        {"Alpha post": day},
    )
    moved = site.ask("PUT", f"/visit/{other['id']}/plan", wish(found, closings={}))[1]
    assert moved["closings"] == {}
    back = site.ask("PUT", f"/visit/{other['id']}/start", {"name": "(opened file)"})[1]
    assert back["closings"] == {"Alpha post": day}
    assert site.raw("GET", f"/visit/{other['id']}/schedule")[2].decode() == text


def test_runs_can_be_stopped_and_gone_on_with(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from sim.serve.work import Arm

    gate = threading.Event()
    run = Arm.run
    begun: list[int] = []

    def slow(self: Arm, seed: int, first: int) -> object:
        begun.append(first)
        assert gate.wait(60)
        return run(self, seed, first)

    monkeypatch.setattr(Arm, "run", slow)
    visit = site.visit()
    day = camps(40).date_of(11).isoformat()
    changed = site.ask("PUT", f"/visit/{visit['id']}/plan", wish(visit, closings={"Alpha post": day}))[1]
    for kind, what in site.events(visit["id"]):
        if kind == "state" and what["doing"] == "running":
            site.ask("POST", f"/visit/{visit['id']}/stop")
        if kind == "state" and what["doing"] == "stopped":
            break
    gate.set()
    assert len(begun) <= 4, "two threads, at most a block each for the first plan and for this one"
    site.ask("POST", f"/visit/{visit['id']}/go")
    assert site.answer(visit["id"], changed["version"], 40)


def test_the_server_is_full_only_while_visitors_listen() -> None:
    with served(camps(40), worlds=20, most=2) as site:
        first = site.visit()["id"]
        stream = site.events(first)
        next(stream)
        second = site.visit()["id"]
        third = site.visit()["id"]
        assert site.ask("GET", f"/visit/{second}")[0] == 404, "who was silent makes room"
        other = site.events(third)
        next(other)
        status, found = site.ask("POST", "/visit")
        assert status == 503
        assert "2 visitors at once" in found["error"]
        stream.close()
        other.close()


# -- what is taken along ----------------------------------------------------------------------------------


def test_commands_make_answer_and_files_again(
    root: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(save, "TOGGLES", 0)
    monkeypatch.setattr(save, "EXPLORED", 10)
    monkeypatch.setattr("sim.serve.visit.TOGGLES", 0)
    monkeypatch.setattr("sim.serve.visit.EXPLORED", 10)
    monkeypatch.setenv("DRAWDOWN_SCENARIOS", str(root / "scenarios"))
    monkeypatch.chdir(tmp_path)
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    case = Scenario.load(root / "scenarios" / "corridor")
    with served(case, "corridor", worlds=20) as site:
        visit = site.visit()
        closings = {**visit["closings"], "Ridge": "2031-11-03"}
        _, changed = site.ask(
            "PUT",
            f"/visit/{visit['id']}/plan",
            wish(visit, closings=closings, against="hasty", notice=8, readiness=-0.25),
        )
        answer = site.answer(visit["id"], changed["version"], 20)
        site.ask("POST", f"/visit/{visit['id']}/save", {"what": "briefing", "language": "fr"})
        briefing = site.file(visit["id"], "briefing")
        site.ask("POST", f"/visit/{visit['id']}/save", {"what": "explorer"})
        explorer = site.file(visit["id"], "explorer")
        assert not list(tmp_path.iterdir()), "nothing is written"
        assert not list(scratch.iterdir()), "what a briefing needs for a while is gone"
        status, headers, text = site.raw("GET", f"/visit/{visit['id']}/schedule")
    assert status == 200
    assert headers["content-disposition"] == 'attachment; filename="my-plan.toml"'
    Path("my-plan.toml").write_bytes(text)
    assert changed["commands"][0].startswith(
        "drawdown compare corridor --schedules my-plan.toml,hasty --seed 1"
    )
    for line in changed["commands"]:
        words = line.split()[1:] + (["--lang", "fr"] if " brief " in line else [])
        words += ["--no-figures"] if " compare " in line else []
        out = CliRunner().invoke(app, words)
        assert out.exit_code == 0, f"{line}\n{out.output}"
    import xarray as xr

    with xr.open_dataset("results/corridor/totals.nc", engine="scipy") as there:
        for row, name in enumerate(("my-plan", "hasty", "none")):
            assert there["killed"].sel(schedule=name).values.tolist() == killed(answer)[row].tolist()
    assert Path("results/corridor/briefing-fr.html").read_bytes() == briefing
    assert Path("results/corridor-explorer.html").read_bytes() == explorer


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["nowhere"], "nowhere"),
        (["corridor", "--host", "999.1.1.1"], "cannot listen on 999.1.1.1"),
        (["corridor", "--set", "met_cost=x"], "NAME=VALUE"),
    ],
)
def test_mistakes_of_the_command_are_named(given: list[str], words: str) -> None:
    out = CliRunner().invoke(app, ["serve", *given])
    assert out.exit_code == 2
    assert words in out.output.replace("\n", " ")


def test_the_command_says_where_it_is_and_a_taken_port(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    import uvicorn

    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: [s.close() for s in sockets])
    out = CliRunner().invoke(app, ["serve", "corridor", "--port", "0", "--worlds", "20"])
    assert out.exit_code == 0, out.output
    assert re.search(r"Open http://127\.0\.0\.1:\d+/ in a browser", out.output)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        out = CliRunner().invoke(app, ["serve", "corridor", "--port", str(taken.getsockname()[1])])
    assert out.exit_code == 2
    assert "give another --port" in out.output.replace("\n", " ")
