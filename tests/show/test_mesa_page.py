"""Mesa's page of one run; skipped without `pip install 'drawdown[solara]'`."""

from __future__ import annotations

import pytest
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
