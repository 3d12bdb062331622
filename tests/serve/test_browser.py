"""The server in a real browser (`browser` of tests/conftest.py)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import NARROW, WIDE, Watched
from serving import Client
from worlds import camps

from sim import compare
from sim.explore import words
from sim.scenario.read import parse_toml
from sim.scenario.schema import Schedule
from sim.serve.plan import opened

pytestmark = pytest.mark.browser
WORLDS = 40
CASE = camps(40)


class Opened(Watched):
    """The page, once its first plan is answered."""

    def __init__(self, context: Any, site: Client) -> None:
        super().__init__(context, patience=60.0)
        self.site = site
        self.page.goto(site.url)
        self.settled()

    def settled(self, version: int | None = None) -> None:
        """Wait until the plan, of at least a version, is answered by all worlds."""
        if version is not None:
            self.until(f"Number(document.documentElement.dataset.version) >= {version}")
        self.until(
            f"document.documentElement.dataset.worlds === '{WORLDS}' && "
            "!document.getElementById('short').classList.contains('stale')"
        )

    @property
    def version(self) -> int:
        return int(self.page.evaluate("document.documentElement.dataset.version"))

    def handle(self, base: str) -> Any:
        return self.page.locator(f'#editor .handle[data-base="{base}"]')

    def saved(self, button: str, folder: Path) -> bytes:
        with self.page.expect_download() as download:
            self.page.click(button)
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path.read_bytes()


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def shown(request: pytest.FixtureRequest, browser: Any, site: Client) -> Iterator[Opened]:
    context = browser.new_context(
        viewport=request.param, accept_downloads=True, has_touch=request.param == NARROW
    )
    one = Opened(context, site)
    yield one
    context.close()
    assert one.complaints == []
    assert one.beyond(site.url) == []


def gap_of(plan: Schedule, against: str) -> np.ndarray:
    totals = compare(
        CASE, [plan, *([against] if against != "none" else [])], replicates=WORLDS, seed=1
    ).totals
    killed = totals.sel(metric="killed")
    return np.asarray(killed.sel(schedule=plan.name).values - killed.sel(schedule=against).values)


def saved_plan(one: Opened, folder: Path) -> Schedule:
    if not one.page.evaluate("document.getElementById('take').open"):
        one.page.click("#take summary")
    return opened(CASE, one.saved("#save-schedule", folder).decode())


def closing(plan: Schedule, base: str) -> date | None:
    return next((a.on for a in plan.actions if a.do == "close" and a.base == base), None)


def test_a_closure_is_dragged_answered_saved_and_opened_again(shown: Opened, tmp_path: Path) -> None:
    handle = shown.handle("Alpha post")
    assert handle.get_attribute("role") == "slider"
    before, version = int(handle.get_attribute("aria-valuenow")), shown.version
    handle.scroll_into_view_if_needed()
    grip = handle.locator(".grip").bounding_box()
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    mouse = shown.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x - 60, y, steps=4)
    mouse.up()
    shown.settled(version + 1)
    after = int(handle.get_attribute("aria-valuenow"))
    assert after < before
    mine = saved_plan(shown, tmp_path)
    assert closing(mine, "Alpha post") == CASE.date_of(after)
    assert handle.get_attribute("aria-valuetext").startswith("closes on ")
    was = shown.version  # read first: the answer may come at once
    shown.page.select_option("#against", "exit")
    shown.settled(was + 1)
    gap = gap_of(mine, "exit")
    told = words.by_then(gap, "my-plan", "exit", words.day_of(CASE.header.start, CASE.weeks))
    assert told[0] in shown.text("#verdict")
    assert words.short(gap) in shown.text("#short")
    assert shown.fits
    commands = shown.text("#commands")
    assert "drawdown compare camps --schedules my-plan.toml,exit --seed 1 --replicates 40" in commands

    was = shown.version  # read first: the answer may come at once
    shown.page.click("#reset")
    shown.settled(was + 1)
    assert int(shown.handle("Alpha post").get_attribute("aria-valuenow")) == before
    shown.page.set_input_files("#open", tmp_path / "my-plan.toml")
    shown.until("document.getElementById('start').value === '(opened file)'")
    shown.settled()
    assert int(shown.handle("Alpha post").get_attribute("aria-valuenow")) == after


def test_a_finger_drags_a_closure_and_still_scrolls_the_page(browser: Any, site: Client) -> None:
    context = browser.new_context(viewport=NARROW, has_touch=True, is_mobile=True)
    one = Opened(context, site)
    handle = one.handle("Alpha post")
    handle.scroll_into_view_if_needed()
    before, version = int(handle.get_attribute("aria-valuenow")), one.version
    grip, rail = handle.locator(".grip").bounding_box(), one.page.locator("#editor").bounding_box()
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    one.swipe(x, y, by=-60)
    one.settled(version + 1)
    after = int(handle.get_attribute("aria-valuenow"))
    assert after < before
    was = one.page.evaluate("scrollY")
    one.swipe(rail["x"] + 20, y, by=0, down=-150)
    one.until(f"scrollY > {was + 50}")
    assert int(handle.get_attribute("aria-valuenow")) == after
    context.close()
    assert one.complaints == []


def test_keyboard_alone_does_everything(shown: Opened, tmp_path: Path) -> None:
    keys = shown.page.keyboard
    was = shown.version  # read first: the answer may come at once
    shown.page.select_option("#start", "exit")
    shown.settled(was + 1)
    reached = []
    for _ in range(60):
        keys.press("Tab")
        reached.append(
            shown.page.evaluate("document.activeElement.dataset.base ?? document.activeElement.id")
        )
        if "week" in reached:
            break
    wanted = {"start", "against", "pace", "notice", "mobile", "readiness", "wait", "Alpha post", "reset"}
    assert wanted <= set(reached)
    handle = shown.handle("Alpha post")
    handle.focus()
    week = int(handle.get_attribute("aria-valuenow"))
    for key, moved in (("ArrowLeft", -1), ("ArrowLeft", -2), ("ArrowRight", -1), ("PageDown", -14)):
        keys.press(key)
        assert int(handle.get_attribute("aria-valuenow")) == max(week + moved, 0)
    assert shown.page.evaluate("document.activeElement.dataset.base") == "Alpha post"
    keys.press("Delete")
    assert handle.get_attribute("aria-valuetext") == "stays"
    keys.press("Home")
    keys.press("PageUp")
    version = shown.version
    shown.settled(version + 1)
    assert closing(saved_plan(shown, tmp_path), "Alpha post") == CASE.date_of(13)


def test_levers_are_part_of_the_plan_or_said_beside_it(shown: Opened, tmp_path: Path) -> None:
    def put(lever: str, value: float) -> None:
        version = shown.version
        shown.page.eval_on_selector(
            f"#{lever}", "(s, v) => { s.value = v; s.dispatchEvent(new Event('input')); }", value
        )
        shown.settled(version + 1)

    was = shown.version  # read first: the answer may come at once
    shown.page.select_option("#start", "exit")
    shown.settled(was + 1)
    put("pace", 2)
    put("notice", 6)
    days = sorted(a.on for a in saved_plan(shown, tmp_path).actions if a.do == "close")
    assert {b - a for a, b in itertools.pairwise(days)} == {timedelta(weeks=2)}
    assert shown.text("#pace-said") == "2 weeks"
    put("mobile", 100)
    assert "becomes mobile" in shown.text("#notes")
    put("readiness", 50)
    assert "State forces are abler" in shown.text("#short")
    assert "--host-readiness=0.5" in shown.text("#commands")
    mine = saved_plan(shown, tmp_path)
    assert {a.on - a.announced for a in mine.actions if a.announced} == {timedelta(weeks=6)}
    assert {a.do for a in mine.actions} == {"convert", "close"}
    again, _ = parse_toml((tmp_path / "my-plan.toml").read_text(), tmp_path / "my-plan.toml", Schedule)
    assert again == mine


def test_dates_can_be_typed_and_a_loaded_page_has_the_plan(shown: Opened) -> None:
    day = CASE.date_of(17) + timedelta(days=2)
    shown.page.click("#dates summary")
    version = shown.version
    field = shown.page.get_by_label("Alpha post: closes on")
    field.fill(day.isoformat())
    field.dispatch_event("change")
    shown.settled(version + 1)
    said = f"closes on {day.day} {words.MONTHS[day.month - 1]} {day.year}"
    assert shown.handle("Alpha post").get_attribute("aria-valuetext") == said
    shown.page.reload()
    shown.settled()
    assert shown.handle("Alpha post").get_attribute("aria-valuetext") == said


def test_it_prints(shown: Opened, tmp_path: Path) -> None:
    pdf = shown.page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert 1 <= pdf.count(b"/Type /Page\n") <= 8


def test_visitors_side_by_side(browser: Any, site: Client) -> None:
    contexts = [browser.new_context(viewport=WIDE) for _ in range(2)]
    one, two = (Opened(context, site) for context in contexts)
    before = two.text("#short")
    week = two.handle("Alpha post").get_attribute("aria-valuenow")
    version = one.version
    one.handle("Alpha post").focus()
    one.page.keyboard.press("Delete")
    one.settled(version + 1)
    assert two.handle("Alpha post").get_attribute("aria-valuenow") == week
    assert two.text("#short") == before
    for context in contexts:
        context.close()
    assert one.complaints == two.complaints == []
