"""The score sheet: province-months that were not used, against what anybody would have said without a model.

    python experiments/scores/scores.py DATA [--replicates 200]

DATA is a folder with ged/ (an extract of UCDP GED 25.1 by province and month, 2010-2022), which is no part
of the project. Each case runs under what happened; the years before a cut are for matching one level, those
after it are scored. Writes scores.md, scores.csv and scores.png. A minute of one core.

The model is not made to forecast and nothing of its state is brought up to date; the sheet says how it does
beside simple rules where it is held to places and months all the same.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import scoringrules
from matplotlib.dates import DateFormatter, YearLocator
from matplotlib.figure import Figure

from sim import Scenario, measures
from sim.ensemble import Ensemble
from sim.responses import rules_digest
from sim.show.figures.style import COLOURS, GREY, THOUSANDS, new_figure, styled
from sim.study.dispersion import lethal_attacks

HERE = Path(__file__).resolve().parent
SEED = 1
FIRST_YEAR = 2010
"""Of the extract."""
CASES = {
    "drc-monusco": ("DR Congo (Zaire)", "2017-12"),
    "darfur-unamid": ("Sudan", "2018-12"),
    "south-sudan-unmiss": ("South Sudan", "2020-12"),
}
"""By case: its country as GED names it, and the last month of the years before, for matching."""
SPELT = {
    "Nord Kivu": "North Kivu",
    "Sud Kivu": "South Kivu",
    "Northern Darfur": "North Darfur",
    "Southern Darfur": "South Darfur",
    "Western Darfur": "West Darfur",
    "North Bahr-al-Ghazal": "Northern Bahr el Ghazal",
    "West Bahr-al-Ghazal": "Western Bahr el Ghazal",
    "Central Equatoria": "Central Equatoria",
    "East Equatoria": "Eastern Equatoria",
    "West Equatoria": "Western Equatoria",
    "Warap": "Warrap",
}
"""Provinces as the extract and the cases spell them."""
MANY = {"events": 1.0, "deaths": 25.0}
"""What counts as a month of violence, for the Brier score: as many or more."""
OUTCOMES = {
    "events": "one-sided events with a dead; in the model attacks of armed groups that kill",
    "deaths": "deaths in all violence; in the model civilians killed that would enter a record",
}
MODEL, MATCHED = "model as it is", "model, level matched"
CLIMATE, PERSISTENCE, UPDATED = "months of the years before", "months of the last year before", "years so far"
DRAWS = 2000
BLOCK_MONTHS = 12
"""Months that are resampled together."""


@dataclass(frozen=True)
class Told:
    """What is said of each province-month, as a sample, and what was: (months, provinces[, members])."""

    months: pd.PeriodIndex
    provinces: tuple[str, ...]
    before: np.ndarray
    """Of each month, whether it lies in the years before."""
    seen: Mapping[str, np.ndarray]
    said: Mapping[str, np.ndarray]


def counted(data: Path, country: str, provinces: tuple[str, ...], months: pd.PeriodIndex) -> dict:
    """Return the record by outcome, (months, provinces): a month without a row has none."""
    frame = pd.read_csv(data / "ged" / "ged251_province_month_2010_2022.csv")
    frame = frame[frame["country"] == country]
    frame["place"] = frame["unit"].str.replace(r" (province|state)$", "", regex=True).replace(SPELT)
    missing = set(provinces) - set(frame["place"])
    if missing:
        raise SystemExit(f"{country}: no row of the extract is of {', '.join(sorted(missing))}")

    def grid(column: str) -> np.ndarray:
        table = frame.pivot_table(index="month", columns="place", values=column, aggfunc="sum")
        return table.reindex(index=months.astype(str), columns=list(provinces)).fillna(0.0).to_numpy(float)

    return {"events": grid("n_one_sided"), "deaths": grid("deaths")}


def simulated(case: Scenario, provinces: tuple[str, ...], months: pd.PeriodIndex, n: int) -> dict:
    """Return the same of `n` worlds in which what happened to the bases happens: (months, provinces, n)."""
    records = Ensemble(case, "actual").run(SEED, 0, n).records
    weeks = pd.PeriodIndex(
        [case.header.start + timedelta(weeks=w, days=3) for w in range(case.weeks)], freq="M"
    )
    of_month = (weeks.to_numpy()[None, :] == months.to_numpy()[:, None]).astype(float)
    named = np.array([d.province for d in case.districts])
    of_province = (named[:, None] == np.array(provinces)[None, :]).astype(float)
    weekly = {"events": lethal_attacks(records), "deaths": measures.summed(records, measures.RECORDED)}
    return {name: np.einsum("mw,rwd,dp->mpr", of_month, x, of_province) for name, x in weekly.items()}


def told(name: str, data: Path, n: int) -> Told:
    """Return what is said of one case by outcome, and what was."""
    country, cut = CASES[name]
    case = Scenario.load(name)
    provinces = tuple(sorted({d.province for d in case.districts}))
    first = pd.Period(case.header.start, freq="M") + 1  # whole months
    end = case.header.start + timedelta(weeks=case.weeks)
    last = min(pd.Period(end, freq="M") - 1, pd.Period("2022-12", freq="M"))
    months = pd.period_range(first, last, freq="M")
    return Told(
        months,
        provinces,
        months <= pd.Period(cut, freq="M"),
        counted(data, country, provinces, months),
        simulated(case, provinces, months, n),
    )


def rivals(data: Path, name: str, one: Told, outcome: str) -> dict[str, np.ndarray]:
    """Return what simple rules say of the months after the cut: samples, (months, provinces, members)."""
    whole = pd.period_range(f"{FIRST_YEAR}-01", one.months[-1], freq="M")
    record = counted(data, CASES[name][0], one.provinces, whole)[outcome]
    later = one.months[~one.before]
    cut = pd.Period(CASES[name][1], freq="M")

    def all_the_same(sample: np.ndarray) -> np.ndarray:
        return np.broadcast_to(sample.T[None], (len(later), *sample.T.shape))

    years: list[np.ndarray] = []
    for month in later:
        years.append(record[whole < pd.Period(f"{month.year}-01", freq="M")].T)
    most = max(x.shape[1] for x in years)
    # samples of one length, so that they stand in one array: each drawn evenly over its own order
    updated = np.stack([np.sort(x, axis=1)[:, np.arange(most) * x.shape[1] // most] for x in years])
    before = record[whole <= cut]
    return {CLIMATE: all_the_same(before), PERSISTENCE: all_the_same(before[-12:]), UPDATED: updated}


def scores(one: Told, name: str, data: Path, outcome: str) -> pd.DataFrame:
    """Return the scores of one outcome in one case, a row a rule."""
    later = ~one.before
    seen = one.seen[outcome][later]
    model = one.said[outcome]
    level = one.seen[outcome][one.before].sum() / max(model[one.before].mean(axis=2).sum(), 1e-9)
    said = {MODEL: model[later], MATCHED: level * model[later]} | rivals(data, name, one, outcome)
    rows = []
    crps, brier = {}, {}
    for rule, sample in said.items():
        crps[rule] = scoringrules.crps_ensemble(np.log1p(seen), np.log1p(sample))
        often = (sample >= MANY[outcome]).mean(axis=2)
        brier[rule] = (often - (seen >= MANY[outcome])) ** 2
        low, high = np.quantile(sample, (0.05, 0.95), axis=2)
        rows.append(
            {
                "case": name,
                "outcome": outcome,
                "rule": rule,
                "months": int(later.sum()),
                "provinces": len(one.provinces),
                "level": level if rule == MATCHED else 1.0,
                "crps": float(crps[rule].mean()),
                "brier": float(brier[rule].mean()),
                "in_90": 100.0 * float(((seen >= low) & (seen <= high)).mean()),
            }
        )
    table = pd.DataFrame(rows)
    for score, x in (("crps", crps), ("brier", brier)):
        ends = [skill(x[rule], x[CLIMATE]) for rule in table["rule"]]
        for k, end in enumerate(("", "_low", "_high")):
            table[f"{score}_skill{end}"] = [e[k] for e in ends]
    return table


def skill(score: np.ndarray, against: np.ndarray) -> tuple[float, float, float]:
    """Return 1 - score / that of another rule, and its 95 % interval, resampling years of all provinces."""
    rng = np.random.default_rng(SEED)
    blocks = [slice(i, i + BLOCK_MONTHS) for i in range(0, len(score), BLOCK_MONTHS)]
    a, b = (np.array([x[block].sum() for block in blocks]) for x in (score, against))
    pick = rng.integers(len(blocks), size=(DRAWS, len(blocks)))
    low, high = np.quantile(1.0 - a[pick].sum(axis=1) / b[pick].sum(axis=1), (0.025, 0.975))
    return 1.0 - a.sum() / b.sum(), float(low), float(high)


@styled
def picture(cases: Mapping[str, Told], level: Mapping[str, float]) -> Figure:
    """Return recorded deaths by month in each case's most violent provinces, within the model's worlds."""
    figure = new_figure(9.0, 2.5 * len(cases))
    axes = figure.subplots(len(cases), 2, squeeze=False)
    for row, (name, one) in zip(axes, cases.items(), strict=True):
        most = np.argsort(-one.seen["deaths"].sum(axis=0))[:2]
        for ax, p in zip(row, most, strict=True):
            x = one.months.to_timestamp()
            low, middle, high = np.quantile(level[name] * one.said["deaths"][:, p], (0.05, 0.5, 0.95), axis=1)
            ax.fill_between(x, low, high, color=COLOURS[0], alpha=0.2, lw=0)
            ax.plot(x, middle, color=COLOURS[0], lw=1)
            ax.plot(x, one.seen["deaths"][:, p], ".", color="black", ms=3)
            ax.axvline(x[one.before][-1], color=GREY, lw=0.8, ls=":")
            ax.set_yscale("symlog", linthresh=10)
            ax.set_ylim(0, 1000)
            ax.set_yticks([0, 10, 100, 1000])
            ax.yaxis.set_major_formatter(THOUSANDS)
            ax.xaxis.set_major_locator(YearLocator(2))
            ax.xaxis.set_major_formatter(DateFormatter("%Y"))
            ax.set_title(f"{one.provinces[p]} ({name})", fontsize=9)
        row[0].set_ylabel("deaths a month")
    figure.suptitle(
        "Recorded deaths (dots), and the model's worlds with their level matched before the dotted line: "
        "median and 90 %",
        fontsize=9, x=0.01, ha="left",
    )  # fmt: skip
    return figure


def page(table: pd.DataFrame, n: int, minutes: float) -> str:
    """Return the page."""
    text = [
        "# Score sheet",
        "",
        "Each province and month after a cut, not used for anything, against what the model's worlds say of "
        "it and against rules that need no model. One level was matched on the years before the cut (the DRC "
        "case from 2015, cut at the end of 2017; Darfur 2018; South Sudan 2020); nothing else, nothing is "
        "brought up to date. CRPS of log(1 + number), lower is better; skill is 1 - score / that of the "
        f"{CLIMATE}, with 95 % intervals from resampled years. *{UPDATED.capitalize()}* may use every year "
        "that has passed. In 90 %: how many of the months lie in the 90 % range that was said; 90 would be "
        "right.",
        "",
        "| case | outcome | rule | CRPS | skill | Brier | skill | in 90 %, % |",
        "|--|--|--|--:|--:|--:|--:|--:|",
    ]
    for r in table.itertuples():
        level = f" (x {r.level:.2f})" if r.rule == MATCHED else ""
        skills = [
            f"{getattr(r, f'{s}_skill'):+.2f} ({getattr(r, f'{s}_skill_low'):+.2f} to "
            f"{getattr(r, f'{s}_skill_high'):+.2f})"
            if r.rule != CLIMATE
            else "0"
            for s in ("crps", "brier")
        ]
        text.append(
            f"| {r.case} | {r.outcome} | {r.rule}{level} | {r.crps:.3f} | {skills[0]} | {r.brier:.3f} "
            f"| {skills[1]} | {r.in_90:.0f} |"
        )
    text += [
        "",
        *(f"*{name.capitalize()}*: {what}." for name, what in OUTCOMES.items()),
        f"Brier: at least {MANY['events']:.0f} event, at least {MANY['deaths']:.0f} deaths in the month.",
        "",
        *(HERE / "notes.md").read_text(encoding="utf-8").splitlines(),
        "",
        "![Deaths by month in six provinces: recorded, and the range of the model's worlds](scores.png)",
        "",
        f"Made by `python experiments/scores/scores.py DATA` with {n} worlds a case in {minutes:.1f} minutes "
        f"of one core; model {rules_digest()[:8]} (first letters of a digest of the rules).",
        "",
    ]
    return "\n".join(text)


def main() -> None:
    """Run, score and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--replicates", type=int, default=200)
    options = parser.parse_args()
    began = time.process_time()
    cases = {name: told(name, options.data, options.replicates) for name in CASES}
    table = pd.concat(
        [scores(one, name, options.data, outcome) for name, one in cases.items() for outcome in OUTCOMES],
        ignore_index=True,
    )
    matched = table[(table["rule"] == MATCHED) & (table["outcome"] == "deaths")].set_index("case")["level"]
    table.round(4).to_csv(HERE / "scores.csv", index=False)
    picture(cases, matched.to_dict()).savefig(HERE / "scores.png", dpi=150)
    text = page(table, options.replicates, (time.process_time() - began) / 60)
    (HERE / "scores.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
