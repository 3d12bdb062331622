"""Mesa's page of one run; skipped without `pip install 'drawdown[solara]'`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from browsing import WIDE, Watched
from worlds import small

pytest.importorskip("solara")

pytestmark = pytest.mark.filterwarnings("ignore")  # of what Solara stands on


def test_the_map_can_be_drawn_before_the_first_week_and_in_every_week() -> None:
    from sim.show.mesa_page import district_map

    model = small().model("close-alpha")
    for _ in range(3):
        figure = district_map(model)
        figure.canvas.draw()
        assert f"{model.date.day} {model.date:%B %Y}" in figure.axes[0].get_title(loc="left")
        model.step()


def test_courses_grow_week_by_week_on_an_axis_of_the_whole_run() -> None:
    from matplotlib.dates import date2num

    from sim.show.mesa_page import courses

    model = small().model("close-alpha")
    for week in range(3):
        figure = courses(model)
        figure.canvas.draw()
        assert [len(line.get_ydata()) for axes in figure.axes for line in axes.lines[:1]] == [week] * 3
        header = model.scenario.header
        assert figure.axes[2].get_xlim() == (date2num(header.start), date2num(header.end))
        model.step()


def test_the_page_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    import solara

    from sim.show import mesa_page

    monkeypatch.setenv("DRAWDOWN_SCENARIO", "corridor")
    box, context = solara.render(mesa_page.Page(), handle_error=False)
    assert box.children
    context.close()


@pytest.mark.browser
def test_a_browser_shows_it_steps_it_and_asks_nobody_else(
    browser: Any, root: Path, model_in_cache: None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    server = subprocess.Popen(
        [
            *(Path(sys.executable).with_name("solara"), "run", "--production", "--no-open"),
            *("--host", "127.0.0.1", "--port", str(port), "sim.show.mesa_page"),
        ],
        cwd=root,
        env={**os.environ, "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    context = browser.new_context(viewport=WIDE)
    try:
        for _ in range(1800):
            try:
                urlopen(address).close()
                break
            except URLError:
                time.sleep(0.1)
        one = Watched(context, patience=120.0)
        one.page.goto(address)
        one.until("document.body.innerText.includes('Step: 0')")
        assert one.page.locator("img").count() >= 2, "map and courses"
        one.page.get_by_role("button", name="Step").click()
        one.until("document.body.innerText.includes('Step: 1')")
        assert one.beyond(address, address.replace("http", "ws")) == []
        assert not [text for text in one.complaints if "vue" not in text.lower()]  # a remark of ipyvue's
    finally:
        context.close()
        server.kill()  # asked kindly, it waits for browsers that may come back
        server.wait(30)
