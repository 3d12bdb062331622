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
        assert f"{model.date:%d %B %Y}" in figure.axes[0].get_title(loc="left")
        model.step()


def test_the_page_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    import solara

    from sim.show import mesa_page

    monkeypatch.setenv("DRAWDOWN_SCENARIO", "corridor")
    box, context = solara.render(mesa_page.Page(), handle_error=False)
    assert box.children
    context.close()
