"""The replay page: flight, return, warning and record judged given the violence that was recorded.

    python experiments/replay/replay.py DATA [--runs 4]

DATA is a folder with ged/, districts/ and displacement/ (extracts of UCDP GED, OCHA COD-AB, UNHCR, IOM DTM
and of the inputs of the Flee model), which are no part of the project. Recorded deaths happen in place of
what armed groups would do: event by event in the Central African Republic, by county and month in South
Sudan; and refugees arrive at the camps of the Flee model's cases by the rule of refuges. Writes replay.md,
replay.csv and pictures. Runs are Mesa models: some minutes of one core.
"""

from __future__ import annotations

import argparse
import io
import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import sources
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from rich.progress import track

from sim import Scenario
from sim.measures import KILLED, RECORDED, summed
from sim.parameters import PARAMETERS
from sim.responses import rules_digest
from sim.show.figures.style import COLOURS, GREY, new_figure, styled
from sim.study.patterns import elasticity
from sim.study.replay import camps
from sim.study.replay.forced import Incident, Replay
from sim.study.replay.skill import fitted_factor, ranks, skill, within

HERE = Path(__file__).resolve().parent
FLEE = {"burundi": "Burundi 2015-16", "ssudan": "South Sudan 2013-15", "ssudan_whole": "South Sudan 2016-17"}
FLEE_ITSELF = 0.5
"""Flee's averaged relative difference on both countries, about (Suleimenova, Bell & Groen 2017)."""
GOOD, SAME, BAD, OPEN = "better than naive", "about as naive", "worse than naive", "nothing to judge by"
TELLS = 0.1
"""Skill, or difference of correlations, that counts."""
RANGES = {
    "return_rate": (0.016, 0.065, 0.008),
    "uprooted_share": (0.5, 0.24, 0.8),
    "abroad_weight": (0.08, 0.3),
}
"""Values of displacement parameters, within their declared ranges, that are tried on every event of CAR."""


@dataclass(frozen=True)
class Line:
    """A row of the page."""

    what: str
    judged_by: str
    model: str
    naive: str
    verdict: str
    note: str


@dataclass(frozen=True)
class Told:
    """What replicates of a replay give, means over them."""

    fled: np.ndarray
    """(weeks, districts)."""
    killed: np.ndarray
    recorded: np.ndarray
    stocks: np.ndarray
    """(runs, weeks, 2): displaced in the country and abroad."""
    warnings: pd.DataFrame
    forced: int
    left_out: int


def told(case: Scenario, incidents: Sequence[Incident], runs: int, schedule: str) -> Told:
    """Replay incidents in a case, so many times."""
    records, stocks, warnings, left_out = [], [], [], 0
    for r in track(range(runs), description=case.header.title[:40]):
        world = Replay(case, incidents, schedule, seed=1, replicate=r)
        while world.running:
            world.step()
        records.append(np.asarray(world.world.record))
        stocks.append(world.stocks)
        warnings.append(pd.DataFrame(world.warnings).assign(run=r))
        left_out += world.left_out
    record = np.array(records)
    return Told(
        fled=record["fled"].mean(axis=0, dtype=float),
        killed=summed(record, KILLED).mean(axis=0),
        recorded=summed(record, RECORDED).mean(axis=0),
        stocks=np.array(stocks),
        warnings=pd.concat(warnings, ignore_index=True),
        forced=sum(i.killed for i in incidents),
        left_out=left_out // runs,
    )


def by_month(weekly: np.ndarray, start: date, months: pd.PeriodIndex) -> np.ndarray:
    """Return weekly numbers (W, D) summed over months, by the day a week begins: (months, D)."""
    of = (pd.Timestamp(start) + pd.to_timedelta(7 * np.arange(len(weekly)), unit="D")).to_period("M")
    return pd.DataFrame(weekly).groupby(of).sum().reindex(months).fillna(0.0).to_numpy()


def better(value: float) -> str:
    """Return the verdict on a skill, or on a difference of correlations."""
    return GOOD if value > TELLS else BAD if value < -TELLS else SAME


# -- South Sudan ------------------------------------------------------------------------------------


def south_sudan(data: Path, runs: int) -> tuple[list[Line], Mapping[str, np.ndarray]]:
    """Judge outflow by county and month, the displaced by year, warnings and the record."""
    case = sources.within(Scenario.load("south-sudan-unmiss"), date(2022, 12, 31))
    seen = told(case, sources.south_sudan(data, case), runs, "actual")
    left = sources.outflow(data)
    months = left.index
    ids = [d.id for d in case.districts]
    observed = left[ids].to_numpy()
    model = by_month(seen.fled, case.header.start, months)
    deaths = by_month(seen.killed, case.header.start, months)
    first = 12  # months by which the one factor and the means are set; the others are judged
    factor = fitted_factor(observed[:first], model[:first])
    later, scaled = observed[first:], factor * model[first:]
    means = np.broadcast_to(observed[:first].mean(axis=0), later.shape)
    before = observed[first - 1 : -1]
    against = {
        name: skill(later, scaled, naive) for name, naive in (("means", means), ("last month", before))
    }
    rank = ranks(observed.sum(axis=0), model.sum(axis=0))
    by_people = ranks(observed.sum(axis=0), np.array([d.population for d in case.districts], float))
    moves, elastic = within(observed, model), [elasticity(deaths, x) for x in (model, observed)]
    lines = [
        Line(
            "Outflow of a district in a month, South Sudan 2021-22", "IOM DTM travellers, 36 districts",
            f"skill {against['means']:+.2f} against means of 2020, {against['last month']:+.2f} against the "
            "last month", "0", better(min(against.values())),
            f"one factor ({factor:.2f}) fitted on 2020; travellers at monitored points are not all who flee",
        ),
        Line(
            "Which districts people leave", "the same, totals", f"rank correlation {rank:+.2f}",
            f"population {by_people:+.2f}", better(rank - by_people), "",
        ),
        Line(
            "When they leave, net of the district", "the same", f"correlation {moves:+.2f}", "0",
            better(moves), f"elasticity to deaths {elastic[0]:.2f}, counted {elastic[1]:.2f}",
        ),
    ]  # fmt: skip
    years = range(2019, 2023)
    stock = np.array([_stock(seen, case, y)[0] for y in years])
    counted = sources.unhcr(data, "SSD")["idps"]
    lines.append(_stocks("Internally displaced, South Sudan 2019-22", stock, counted, 2018, years))
    warned = seen.warnings
    share = 100 * warned[["noticed", "alerted", "heard", "by_un"]].mean()
    lines += [
        Line(
            "Forced attacks that a UN unit answers", "OIOS: 20 % of 507 attacks, 10 to 30",
            f"{share['by_un']:.0f} %", "", "in its range" if 10 <= share["by_un"] <= 30 else "outside",
            f"noticed in time {share['noticed']:.0f} %, alerted {share['alerted']:.0f} %, heard by somebody "
            f"able to act {share['heard']:.0f} %: no count of alerts for South Sudan",
        ),
        _record("South Sudan", seen),
    ]  # fmt: skip
    return lines, {"months": np.array([str(m) for m in months]), "observed": observed, "model": model,
                   "factor": np.array(factor), "ids": np.array(ids)}  # fmt: skip


def _stock(seen: Told, case: Scenario, year: int) -> tuple[float, float]:
    """Return the displaced in the country and abroad at the end of a year, mean over runs."""
    week = min(case.week_of(date(year, 12, 28)), seen.stocks.shape[1] - 1)
    inside, abroad = seen.stocks[:, week].mean(axis=0)
    return float(inside), float(abroad)


def _stocks(
    what: str, model: np.ndarray, counted: pd.Series, start: int, years: Sequence[int], note: str = ""
) -> Line:
    """Return the line of a stock by year; naive: what was counted the year before the start, for good."""
    observed = counted.loc[list(years)].to_numpy(float)
    value = skill(observed, model, np.full(len(observed), float(counted.loc[start])))
    shown = ", ".join(f"{m / 1e3:,.0f} ({o / 1e3:,.0f})" for m, o in zip(model, observed, strict=True))
    return Line(
        what, "UNHCR, end of each year", f"skill {value:+.2f}",
        f"as at the end of {start} ({counted.loc[start] / 1e3:,.0f} thousand)", better(value),
        f"thousands, model (counted): {shown}{note}",
    )  # fmt: skip


def _record(where: str, seen: Told) -> Line:
    share = 100 * seen.recorded.sum() / max(seen.killed.sum(), 1.0)
    return Line(
        f"The record, {where}", "no second observer: what was forced is itself a record",
        f"{share:.0f} % of deaths enter it", "", OPEN,
        f"{seen.forced:,d} dead given, {seen.left_out:,d} of them without a place to be attacked",
    )  # fmt: skip


# -- Central African Republic -----------------------------------------------------------------------


def car(data: Path, runs: int) -> tuple[list[Line], Mapping[str, np.ndarray]]:
    """Judge the displaced by year, in the country and abroad, and the count of a recorded incident."""
    case = sources.car(data, date(2010, 1, 4), date(2022, 12, 31))
    seen = told(case, sources.car_incidents(data, case), runs, "none")
    counts = sources.unhcr(data, "CAF")
    years = range(2010, 2023)
    inside, abroad = np.array([_stock(seen, case, y) for y in years]).T
    idps, before = counts["idps"], float(counts["refugees"].loc[2009])
    events = sources.car_events(data)
    low = events["low"].sum() / events["best"].sum()
    lines = [
        _stocks(
            "Internally displaced, Central African Republic 2010-22", inside, idps, 2009, years,
            "; two parameters were set by this",
        ),
        _stocks(
            "Refugees, Central African Republic 2010-22", abroad + before, counts["refugees"], 2009, years,
            "; the model's beyond those of 2009",
        ),
        Line(
            "Victims of a recorded incident who are counted", "UCDP GED: low over best estimate",
            "85 % (`record_share`)", "", "in its range" if 0.75 <= low <= 0.95 else "outside",
            f"GED's own low estimate is {100 * low:.0f} % of its best",
        ),
        _record("Central African Republic", seen),
    ]  # fmt: skip
    return lines, {"years": np.array(years), "inside": inside, "abroad": abroad + before,
                   "idps": counts["idps"].loc[list(years)].to_numpy(),
                   "refugees": counts["refugees"].loc[list(years)].to_numpy()}  # fmt: skip


def tried(data: Path) -> pd.DataFrame:
    """Return the skill of the displaced by year for displacement parameters over their ranges, a run each."""
    case = sources.car(data, date(2010, 1, 4), date(2022, 12, 31))
    incidents, counts = sources.car_incidents(data, case), sources.unhcr(data, "CAF")
    years, start = list(range(2010, 2023)), counts.loc[2009]
    names = [name for name in RANGES if name in PARAMETERS]
    rows = []
    for values in itertools.product(*(RANGES[name] for name in names)):
        chosen = dict(zip(names, values, strict=True))
        seen = told(case.with_parameters(**chosen), incidents, 1, "none")
        inside, abroad = np.array([_stock(seen, case, y) for y in years]).T
        row: dict[str, float] = dict(chosen)
        for column, model in (("idps", inside), ("refugees", abroad + start["refugees"])):
            observed = counts[column].loc[years].to_numpy(float)
            row |= {
                f"{column}, thousand in 2022": model[-1] / 1e3,
                f"{column}, skill": skill(observed, model, np.full(len(years), float(start[column]))),
            }
        rows.append(row)
    return pd.DataFrame(rows)


# -- camps ------------------------------------------------------------------------------------------


def flee(data: Path) -> tuple[list[Line], Mapping[str, tuple[camps.Exodus, Mapping[str, np.ndarray]]]]:
    """Judge who arrives in which camp, given how many arrive."""
    lines, drawn = [], {}
    for name, title in FLEE.items():
        exodus = camps.read(data / "displacement", name)
        found = camps.forecasts(exodus)
        error = {what: camps.error(exodus, people) for what, people in found.items()}
        rule, frozen, alike = (
            error[w]
            for w in (
                "rule of refuges, told the first month",
                "shares of the first month",
                "all camps alike, told the first month",
            )
        )
        verdict = GOOD if rule < min(frozen, alike) else BAD
        if alike <= rule < frozen:
            verdict = "better than frozen shares, no better than no rule"
        lines.append(
            Line(
                f"Refugees by camp, {title}", "UNHCR counts by day (inputs of Flee)",
                f"ARD {rule:.2f} (not told the first month {error['rule of refuges']:.2f})",
                f"Flee {FLEE_ITSELF}; shares of the first month {frozen:.2f}; newcomers to all open camps "
                f"alike {alike:.2f}; nearest camp {error['nearest camp']:.2f}",
                verdict, "averaged relative difference: 0 is perfect",
            )
        )  # fmt: skip
        drawn[name] = (exodus, found)
    return lines, drawn


# -- the page ---------------------------------------------------------------------------------------


@styled
def picture_camps(drawn: Mapping[str, tuple[camps.Exodus, Mapping[str, np.ndarray]]]) -> Figure:
    """Return the largest camps of each case by day: counted, by the rule, by frozen shares."""
    figure = new_figure(11.0, 8.5)
    axes = figure.subplots(len(drawn), 4)
    for row, (name, (exodus, found)) in zip(axes, drawn.items(), strict=True):
        days = pd.date_range(exodus.start, periods=len(exodus.counted))
        for ax, k in zip(row, np.argsort(-exodus.counted[-1])[:4], strict=True):
            ax.plot(days, exodus.counted[:, k] / 1e3, color="black", lw=1.6, label="counted")
            for what, tint, style in (
                ("rule of refuges, told the first month", COLOURS[1], "-"),
                ("shares of the first month", GREY, "--"),
            ):
                ax.plot(days, found[what][:, k] / 1e3, style, color=tint, lw=1.3, label=what)
            ax.set_title(f"{exodus.camps[k].replace('_', ' ')} ({FLEE[name]})", fontsize=8.5)
            ax.xaxis.set_major_locator(AutoDateLocator(maxticks=5))
            ax.xaxis.set_major_formatter(DateFormatter("%b %y"))
            ax.tick_params(axis="x", rotation=30, labelsize=7)
            ax.set_ylim(bottom=0)
        row[0].set_ylabel("thousand people", fontsize=8)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8.5, frameon=False)
    return figure


@styled
def picture_outflow(drawn: Mapping[str, np.ndarray]) -> Figure:
    """Return outflow by month, and by district, counted and replayed."""
    figure = new_figure(11.0, 4.2)
    left, right = figure.subplots(1, 2)
    months = pd.PeriodIndex(drawn["months"], freq="M").to_timestamp()
    observed, model = drawn["observed"], float(drawn["factor"]) * drawn["model"]
    left.plot(months, observed.sum(axis=1) / 1e3, color="black", label="IOM DTM, travellers who leave")
    left.plot(months, model.sum(axis=1) / 1e3, color=COLOURS[1], label="replay, times one factor")
    left.set_ylabel("thousand persons a month")
    left.set_ylim(bottom=0)
    left.legend(frameon=False, fontsize=8)
    x, y = observed.sum(axis=0), model.sum(axis=0)
    right.loglog(1 + x, 1 + y, "o", color=COLOURS[1], ms=4)
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    left.tick_params(axis="x", rotation=30)
    for k in np.argsort(-(x + y))[:10]:
        right.annotate(
            drawn["ids"][k], (1 + x[k], 1 + y[k]), fontsize=7, xytext=(3, 2), textcoords="offset points"
        )
    span = [min(right.get_xlim()[0], right.get_ylim()[0]), max(right.get_xlim()[1], right.get_ylim()[1])]
    right.plot(span, span, color=GREY, lw=0.8)
    right.set_xlabel("1 + counted, 2020-22")
    right.set_ylabel("1 + replay, times one factor")
    left.set_title("South Sudan: leaving, by month", fontsize=9)
    right.set_title("by district", fontsize=9)
    return figure


@styled
def picture_car(drawn: Mapping[str, np.ndarray]) -> Figure:
    """Return the displaced of the Central African Republic by year, counted and replayed."""
    figure = new_figure(11.0, 3.8)
    for ax, counted, model, title in zip(
        figure.subplots(1, 2), ("idps", "refugees"), ("inside", "abroad"),
        ("internally displaced", "refugees"), strict=True,
    ):  # fmt: skip
        ax.plot(drawn["years"], drawn[counted] / 1e3, "o-", color="black", label="UNHCR")
        ax.plot(drawn["years"], drawn[model] / 1e3, "o-", color=COLOURS[1], label="replay of every event")
        ax.set_title(f"Central African Republic: {title}", fontsize=9)
        ax.set_ylabel("thousand, end of year")
        ax.set_ylim(bottom=0)
        ax.legend(frameon=False, fontsize=8)
    return figure


def page(lines: Sequence[Line], over: pd.DataFrame, runs: int, minutes: float) -> str:
    """Return the page."""
    text = [
        "# Replay: sub-models judged given the violence",
        "",
        "Recorded deaths happen in place of what armed groups would do, and what people do about them is "
        "judged: who flees, who comes back, who warns and is heard, what enters a record. `return_rate` and "
        "`uprooted_share` were set by the internally displaced of the Central African Republic, "
        f"nothing else by what is shown. {runs} runs a case; model {rules_digest()[:8]} (first letters of a "
        "digest of the rules). Skill is 1 - (mean squared error) / (that of a naive forecast), of log(1 + "
        "numbers): above 0 is better. ARD is the error that Flee reports: the sum over camps of |simulated - "
        "counted| over all counted, mean over days after the first month.",
        "",
        "| what | judged by | model | naive, and others | verdict | |",
        "|--|--|--|--|--|--|",
        *(
            f"| {' | '.join((x.what, x.judged_by, x.model, x.naive, f'**{x.verdict}**', x.note))} |"
            for x in lines
        ),
        "",
        *(HERE / "notes.md").read_text(encoding="utf-8").splitlines(),
        "",
        "| " + " | ".join(over.columns) + " |",
        "|" + "--:|" * len(over.columns),
        *(f"| {' | '.join(f'{x:.3g}' for x in row)} |" for row in over.itertuples(index=False)),
        "",
        "![Refugees by camp: counted, by the rule of refuges, by frozen shares](camps.png)",
        "",
        "![South Sudan: people who leave by month and by district, counted and replayed](outflow.png)",
        "",
        "![Central African Republic: the displaced by year, counted and replayed](car.png)",
        "",
        f"Made by `python experiments/replay/replay.py DATA` in {minutes:.1f} minutes of one core.",
        "",
    ]
    return "\n".join(text)


def main(arguments: list[str] | None = None) -> None:
    """Replay, judge, and write page, table and pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with ged/, districts/ and displacement/")
    parser.add_argument("--runs", type=int, default=4, help="runs of each case")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    options = parser.parse_args(arguments)
    start = time.process_time()
    by_camp, drawn_camps = flee(options.data)
    by_county, drawn_outflow = south_sudan(options.data, options.runs)
    by_year, drawn_car = car(options.data, options.runs)
    over = tried(options.data)
    lines = [*by_camp, *by_county, *by_year]
    pictures = {
        "camps": picture_camps(drawn_camps),
        "outflow": picture_outflow(drawn_outflow),
        "car": picture_car(drawn_car),
    }
    for name, figure in pictures.items():
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=120, metadata={"Software": None})
        (options.out / f"{name}.png").write_bytes(png.getvalue())
    table = pd.DataFrame([vars(x) for x in lines])
    table.to_csv(options.out / "replay.csv", index=False, lineterminator="\n")
    minutes = (time.process_time() - start) / 60
    (options.out / "replay.md").write_text(page(lines, over, options.runs, minutes), encoding="utf-8")
    for x in lines:
        print(f"{x.verdict:<42} {x.what}: {x.model}")
    print(f"{minutes:.1f} minutes of one core; written to {options.out}.")


if __name__ == "__main__":
    main()
