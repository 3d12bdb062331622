"""One run in the browser, week by week, by Mesa's SolaraViz.

    pip install 'drawdown[solara]'
    solara run --production sim.show.mesa_page

opens a page with a map, the killed, the displaced and the troops, and buttons to step, play and reset under
another schedule or another draw of chance. `DRAWDOWN_SCENARIO` names another case than `corridor`, and
`SOLARA_TELEMETRY_MIXPANEL_ENABLE=False` keeps Solara from reporting its use. A single run says nothing of
what to expect: to compare schedules use `drawdown compare`, or `drawdown explore` for two side by side.
"""

from __future__ import annotations

import os
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import solara
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from mesa.visualization import SolaraViz
from mesa.visualization.utils import update_counter

from sim import measures
from sim.model import DrawdownModel
from sim.scenario.case import COUNTERFACTUAL, Scenario
from sim.show import maps
from sim.show.figures.run import KILLED
from sim.show.figures.style import GREY, THOUSANDS, UN_BLUE, styled

SIZE = (6.4, 4.8)
"""Inches; the page has room for this shape and hides what is below it."""
TROOPS, FIGHTERS = 0.25, 0.15
"""Area of a mark, square points, for each of them."""


@styled
def district_map(model: DrawdownModel) -> Figure:
    """Draw where protection, troops and fighters are in the week just past."""
    case = model.scenario
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    week = max(model.week - 1, 0)
    now = np.asarray(model.world.record[week : week + 1])
    met = 100.0 * measures.protection(now)[0]
    drawn = maps.draw(
        axes,
        case.districts,
        met if model.week else np.full(len(case.districts), np.nan),
        cmap="Greens",
        norm=Normalize(0.0, 100.0),  # so that names can be read where protection is best
        labels=True,
        outlines=case.outlines,
    )
    x, y = maps.project(case.districts).T
    gap = 0.04 * float(np.ptp(y))
    axes.scatter(x, y + gap, s=TROOPS * now["un_troops"][0], color=UN_BLUE, marker="^", alpha=0.8)
    axes.scatter(x, y - gap, s=FIGHTERS * now["armed"][0], color=GREY, alpha=0.7)
    axes.set_title(
        f"{case.header.title}\n{model.schedule.title}, {model.date.day} {model.date:%B %Y}", fontsize=9
    )
    figure.colorbar(drawn, ax=axes, shrink=0.6, label="attacks that somebody would meet, of 100")
    figure.supxlabel("triangles: UN troops; circles: fighters. One simulated run, not a forecast", fontsize=8)
    return figure


@styled
def courses(model: DrawdownModel) -> Figure:
    """Draw the killed, the displaced and the troops of the weeks so far, on an axis of the whole run."""
    case, weeks = model.scenario, model.week
    row = np.asarray(model.world.record)[:weeks]
    days = [case.date_of(week) for week in range(weeks)]
    figure = Figure(figsize=SIZE, layout="constrained")
    killed, displaced, troops = panels = figure.subplots(3, 1, sharex=True)
    for label, (field, tint) in KILLED.items():
        killed.plot(days, row[field].sum(axis=1), color=tint, lw=1.0, label=label)
    killed.set_title("Civilians killed a week", fontsize=9)
    killed.legend(fontsize=7, frameon=False, loc="upper left", ncols=3)
    displaced.plot(days, row["hosted"].sum(axis=1), color="#5B3E8C")
    displaced.set_title("Displaced within the area, persons", fontsize=9)
    troops.plot(days, row["un_troops"].sum(axis=1), color=UN_BLUE)
    troops.set_title("UN troops (dotted: a base closes)", fontsize=9)
    closed = measures.realised(measures.closures(case, model.schedule), model.world.schedule["done"])[0]
    for axes in panels:
        most = max(float(np.max(line.get_ydata(), initial=0.0)) for line in axes.lines)
        axes.set_ylim(0.0, 1.25 * max(1.0, most))  # room for the legend
        axes.locator_params(axis="y", nbins=4, integer=True)
        axes.yaxis.set_major_formatter(THOUSANDS)
        for week in closed[closed >= 0]:
            axes.axvline(mdates.date2num(case.date_of(int(week))), color="0.6", lw=0.7, ls=":")
    killed.set_xlim(mdates.date2num(case.header.start), mdates.date2num(case.header.end))
    return figure


def _map(model: DrawdownModel) -> Any:
    update_counter.get()  # draws it again after every step
    return solara.FigureMatplotlib(district_map(model), dependencies=None)


def _courses(model: DrawdownModel) -> Any:
    update_counter.get()
    return solara.FigureMatplotlib(courses(model), dependencies=None)


def _page() -> Any:
    """Return the page: the model is made within it, once for each visitor."""
    name = os.environ.get("DRAWDOWN_SCENARIO", "corridor")
    case = solara.use_memo(lambda: Scenario.load(name), [name])
    schedules = [*case.schedules, COUNTERFACTUAL]
    model = solara.use_memo(lambda: DrawdownModel(case, schedules[0]), [name])
    return SolaraViz(
        model,
        components=[(_map, 0), (_courses, 0)],
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
