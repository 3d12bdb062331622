"""The briefing in a real browser, opened from disk (`browser` of tests/conftest.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import NARROW, WIDE, Watched
from worlds import camps

from sim import compare
from sim.brief import content, html
from sim.study.load import load

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["en", "fr"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the briefing of the small case on disk."""
    place = tmp_path_factory.mktemp("briefing")
    compare(camps(40), replicates=24, seed=3).save(place / "camps", figures=False)
    path = place / "a name with spaces.html"
    path.write_text(html.html(content.brief(load(place / "camps")), request.param), encoding="utf-8")
    return path


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_it_opens_from_disk_asks_for_nothing_and_can_be_taken_along(
    browser: Any, file: Path, size: dict[str, int], tmp_path: Path
) -> None:
    context = browser.new_context(viewport=size, accept_downloads=True, has_touch=size == NARROW)
    one = Watched(context)
    one.page.goto(file.as_uri())
    assert one.fits
    if size == WIDE:
        rooms = "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
        assert one.page.eval_on_selector_all(".wide", rooms) == [], "a figure or table is cut"
    links = one.page.locator("a[download]")
    assert links.count() >= 4
    one.page.eval_on_selector_all("details", "all => all.forEach(e => { e.open = true; })")
    reached = set()
    for _ in range(80):
        one.page.keyboard.press("Tab")
        reached.add(one.page.evaluate("document.activeElement.getAttribute('download')"))
    assert {links.nth(i).get_attribute("download") for i in range(links.count())} <= reached
    with one.page.expect_download() as download:
        links.first.click()
    taken = tmp_path / "taken"
    download.value.save_as(taken)
    assert taken.read_text(encoding="utf-8-sig").count("\n") > 2
    assert one.complaints == []
    assert one.beyond() == [file.as_uri()]
    context.close()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_prints_on_few_pages_and_reads_the_same_without_scripts(
    browser: Any, file: Path, paper: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(file.as_uri())
    assert 2 <= plain.pdf(format=paper, prefer_css_page_size=False).count(b"/Type /Page\n") <= 9
    assert len(plain.inner_text("main").split()) > 500
    context.close()
