"""How all figures look: colours, type, numbers; untouched by a `matplotlibrc` that lies about."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sim.scenario.case import COUNTERFACTUAL

if TYPE_CHECKING:
    from sim.study.comparison import Comparison

P = ParamSpec("P")
R = TypeVar("R")

COLOURS = ("#0072B2", "#D55E00", "#7B3F98", "#009E73", "#B8860B", "#56B4E9", "#CC79A7", "#8C2D04", "#333399")
"""One a schedule, distinguishable with colour-blindness (the first after Okabe & Ito 2008)."""
GREY = "#666666"
UN_BLUE = "#4B92DB"
STATE = "#B08D57"
MONTH = 4
"""Weeks that fan charts sum over."""
THOUSANDS = FuncFormatter(lambda x, _: f"{x:,.0f}")
_STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "svg.hashsalt": "drawdown",
    "text.parse_math": False,  # a "$" in a name is a "$"
}
_OWN = {**{k: v for k, v in mpl.rcParamsDefault.items() if not k.startswith("backend")}, **_STYLE}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a function draw in this project's style, whatever the user's settings are, and leave them alone."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(_OWN):
            return draw(*args, **kwargs)

    return drawn


class Picture(Figure):
    """A figure without pyplot's global state that notebooks show all the same."""

    @styled
    def savefig(self, *args: Any, **kwargs: Any) -> None:
        """Save it as `Figure.savefig` does, in this project's style."""
        super().savefig(*args, **kwargs)

    def _repr_png_(self) -> bytes:
        png = io.BytesIO()
        self.savefig(png, format="png", dpi=110, metadata={"Software": None})
        return png.getvalue()


def new_figure(width: float, height: float) -> Picture:
    """Return an empty figure of a width and height in inches."""
    figure = Picture(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def colour(result: Comparison, name: str) -> str:
    """Return the colour of a schedule, the same in every figure."""
    if name == COUNTERFACTUAL:
        return GREY
    others = [n for n in result.names if n != COUNTERFACTUAL]
    return COLOURS[others.index(name) % len(COLOURS)]
