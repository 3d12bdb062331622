"""One run in the browser, week by week, by Mesa's SolaraViz.

    pip install 'drawdown[solara]'
    solara run --production sim.show.mesa_page

opens a page with a map, the killed and the displaced, and buttons to step, play and reset under another
schedule or another draw of chance. `DRAWDOWN_SCENARIO` names another case than `corridor`, and
`SOLARA_TELEMETRY_MIXPANEL_ENABLE=False` keeps Solara from reporting its use. A single run says nothing of
what to expect: to compare schedules use `drawdown compare`, or `drawdown explore` for two side by side.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import solara
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

from sim import measures
from sim.model import DrawdownModel
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.show import maps
from sim.show.figures.style import GREY, UN_BLUE, styled

TROOPS, FIGHTERS = 0.25, 0.15
"""Area of a mark, square points, for each of them."""


@styled
def district_map(model: DrawdownModel) -> Figure:
    """Draw where protection, troops and fighters are in the week just past."""
    case = model.scenario
    figure = Figure(figsize=(6.0, 5.0), layout="constrained")
    axes = figure.subplots()
    week = max(model.week - 1, 0)
    now = np.asarray(model.world.record[week : week + 1])
    met = 100.0 * measures.protection(now)[0]
    drawn = maps.draw(
        axes,
        case.districts,
        met if model.week else np.full(len(case.districts), np.nan),
        cmap="Greens",
        norm=Normalize(0.0, 60.0),
        labels=True,
        outlines=case.outlines,
    )
    x, y = maps.project(case.districts).T
    gap = 0.04 * float(np.ptp(y))
    axes.scatter(x, y + gap, s=TROOPS * now["un_troops"][0], color=UN_BLUE, marker="^", alpha=0.8)
    axes.scatter(x, y - gap, s=FIGHTERS * now["armed"][0], color=GREY, alpha=0.7)
    axes.set_title(f"{case.header.title}: {model.schedule.title}, {model.date:%d %B %Y}", fontsize=9)
    figure.colorbar(drawn, ax=axes, shrink=0.6, label="attacks that somebody would meet, of 100")
    figure.supxlabel("triangles: UN troops; circles: fighters. One simulated run, not a forecast", fontsize=8)
    return figure


def _map(model: DrawdownModel) -> Any:
    update_counter.get()  # draws it again after every step
    return solara.FigureMatplotlib(district_map(model), dependencies=None)


def _page() -> Any:
    """Return the page: the model is made within it, once for each visitor."""
    name = os.environ.get("DRAWDOWN_SCENARIO", "corridor")
    case = solara.use_memo(lambda: Scenario.load(name), [name])
    schedules = [*case.schedules, COUNTERFACTUAL]
    model = solara.use_memo(lambda: DrawdownModel(case, schedules[0]), [name])
    return SolaraViz(
        model,
        components=[
            (_map, 0),
            make_plot_component(["killed_by_groups", "killed_by_state"], backend="matplotlib"),
            make_plot_component(["hosted"], backend="matplotlib"),
            make_plot_component(["un_troops"], backend="matplotlib"),
        ],
        model_params={
            "scenario": case,
            "schedule": {
                "type": "Select",
                "label": "Schedule",
                "value": schedules[0],
                "values": schedules,
            },
            "replicate": {
                "type": "SliderInt",
                "label": "Draw of chance",
                "value": 0,
                "min": 0,
                "max": 99,
                "step": 1,
            },
        },
        name="One run, week by week",
    )


Page = solara.component(_page)
"""What `solara run` shows."""
