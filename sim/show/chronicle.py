"""The story of one run: what happened, week by week, in plain words, and a figure of it.

One run is one draw of chance. It shows how the model's actors get to where they end; it says
nothing about what to expect, for which there is `drawdown compare`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import matplotlib.dates as mdates
import numpy as np
from matplotlib.figure import Figure

from sim import measures
from sim.scenario.actions import ACTIONS
from sim.scenario.schema import Action
from sim.show.figures.style import MONTH, THOUSANDS, new_figure, styled
from sim.show.text import wrap
from sim.world.codes import Choice, UnitKind
from sim.world.mission import actions
from sim.world.mission.tables import GIVEN_UP

if TYPE_CHECKING:
    from sim.model import DrawdownModel

MASSACRE = 25
"""Civilians killed in a district in a week from which the story tells of it."""
FLIGHT = 15_000
"""People of a district who flee in a week from which the story tells of it."""


@dataclass
class Chronicle:
    """Watches a Mesa model while it runs and remembers what a reader would want to know."""

    model: DrawdownModel
    events: list[tuple[int, str]] = field(default_factory=list)
    """(week, sentence), in order."""
    _orders: set[tuple[int, int]] = field(default_factory=set)
    _given_up: set[int] = field(default_factory=set)
    _fired: set[tuple[int, int]] = field(default_factory=set)

    def run(self) -> Chronicle:
        """Step the model to its end, watching; then find the vacuums."""
        model = self.model
        case = model.scenario
        while model.week < case.weeks:
            strength = [a.fighters for a in model.armed_groups]
            under_un = model.sites["under_un"].copy()
            model.step()
            week = model.week - 1
            self._schedule(week)
            self._moves(week)
            self._dissolved(week, strength)
            self._handed_over(week, under_un)
            self._harm(week)
        self._vacuums()
        self.events.sort(key=lambda e: e[0])
        return self

    def _tell(self, week: int, sentence: str) -> None:
        self.events.append((week, sentence))

    def _schedule(self, week: int) -> None:
        """Tell what the mission carried out of its schedule this week, once for each base."""
        model = self.model
        world, case = model.world, model.scenario
        rows = world.schedule
        told = set()
        for a in np.flatnonzero((rows["done"] == week) & (rows["entry"] >= 0)):
            base = case.bases[rows[a]["at_base"]] if rows[a]["at_base"] >= 0 else ""
            action = model.schedule.actions[int(rows[a]["entry"])]
            do = "close" if rows[a]["action"] == actions.CLOSE else action.do
            if (do, base) in told or rows[a]["action"] == actions.OPEN:
                continue
            if do == "close" and world.bases[rows[a]["at_base"]]["closed"] != week:
                continue  # the base had closed; those who stayed behind leave
            told.add((do, base))
            late = week - int(rows[a]["planned"])
            delay = "" if late <= 0 else ", a week late" if late == 1 else f", {late} weeks late"
            self._tell(week, f"{words(do, base, action)}{delay}.")
        for u in np.flatnonzero(world.peacekeepers["opens"] == week):
            team = world.peacekeepers[u]["kind"] == UnitKind.CIVILIAN_TEAM
            if week > 0 and world.peacekeepers[u]["present"] == 1 and not team:
                place = model.names["districts"][world.peacekeepers[u]["district"]]
                self._tell(week, f"{model.names['peacekeepers'][u]} opens in {place}.")
        for s in np.flatnonzero(world.state_forces["opens"] == week):
            if week > 0:
                place = model.names["districts"][world.state_forces[s]["district"]]
                self._tell(week, f"{model.names['state_forces'][s]} is deployed in {place}.")
        if world.mission[0].demand == week:
            self._tell(week, "The host government demands that the mission leave.")
        for entry in np.unique(rows["entry"][rows["status"] == GIVEN_UP]):
            if int(entry) not in self._given_up:
                self._given_up.add(int(entry))
                action = model.schedule.actions[int(entry)]
                self._tell(week, f"The benchmark of {action.gate} was not met in time; {_given_up(action)}.")
        for n in np.flatnonzero(world.triggers["fired"] > 0):
            fired = (int(n), int(world.triggers[n]["fired"]))
            if fired not in self._fired:
                self._fired.add(fired)
                does = {
                    "pause": "closures are paused",
                    "reopen": "a base is to reopen",
                    "reinforce": "a reserve is sent",
                }[model.schedule.triggers[n].do]
                self._tell(week, f"A trigger of the schedule fires: {does}.")

    def _moves(self, week: int) -> None:
        for group in self.model.armed_groups:
            if group.choice == Choice.MOVE and group.fighters > 0:
                self._tell(week, f"{group.name} ({group.fighters} fighters) moves to {group.cell.name}.")
        for unit in self.model.state_forces:
            if unit.destination >= 0 and unit.arrives > week and self.model.world.clock[0].week == week:
                key = (unit.row, unit.arrives)
                if key not in self._orders:
                    self._orders.add(key)
                    to = self.model.names["districts"][unit.destination]
                    self._tell(
                        week,
                        f"{unit.name} ({unit.personnel} soldiers) is ordered from {unit.cell.name} to {to}.",
                    )

    def _dissolved(self, week: int, before: list[int]) -> None:
        for group, had in zip(self.model.armed_groups, before, strict=True):
            if had > 0 and group.fighters == 0:
                self._tell(week, f"{group.name} has no fighters left.")

    def _handed_over(self, week: int, before: np.ndarray) -> None:
        sites = self.model.sites
        for s in np.flatnonzero((before == 1) & (sites["under_un"] == 0)):
            name, people = self.model.names["sites"][s], int(sites["persons"][s])
            self._tell(week, f"The peacekeepers who guarded {name} have gone; {people:,d} people live there.")

    def _harm(self, week: int) -> None:
        model = self.model
        row = model.world.record[week]
        for d, name in enumerate(model.names["districts"]):
            by_groups, by_state = int(row["killed_by_groups"][d]), int(row["killed_by_state"][d])
            if by_groups >= MASSACRE:
                who = [
                    g.name
                    for g in model.armed_groups
                    if g.choice == Choice.ATTACK and model.world.communities[g.target].district == d
                ]
                answered = int(row["answered_un"][d] + row["answered_state"][d])
                met = "nobody comes" if answered == 0 else "help comes"
                self._tell(
                    week,
                    f"{by_groups} civilians are killed in {name}; {_some(who)} attacked, {met}; "
                    f"{int(row['fled'][d]):,d} flee.",
                )
            elif row["fled"][d] >= FLIGHT:
                self._tell(week, f"{int(row['fled'][d]):,d} people flee in {name}.")
            if by_state >= MASSACRE:
                self._tell(week, f"State forces kill {by_state} civilians in {name}.")

    def _vacuums(self) -> None:
        model = self.model
        records = np.asarray(model.world.record)[None, : model.week]
        names = model.names["districts"]
        for v in measures.vacuums(records).itertuples():
            if v.onset == 0 or v.weeks < 13:
                continue
            end = f"for {v.weeks} weeks" if v.ended_by != "still open" else "and it lasts to the end"
            how = {"UN": ", until the UN reaches it again", "state forces": ", until state forces fill it"}
            self._tell(
                int(v.onset),
                f"A security vacuum opens in {names[v.district]}, {end}{how.get(str(v.ended_by), '')}; "
                f"civilians killed in it: {int(v.killed)}.",
            )

    def text(self, most: int = 60) -> str:
        """Return the story: totals, then events by half-year, at most about `most` of them."""
        model = self.model
        case = model.scenario
        row = np.asarray(model.world.record)[: model.week]
        groups, state = int(row["killed_by_groups"].sum()), int(row["killed_by_state"].sum())
        recorded = int(row["recorded_killed_by_groups"].sum() + row["recorded_killed_by_state"].sum())
        clock = model.world.clock[0]
        blocks = [
            f"{case.header.title}\n{model.schedule.title} ({model.schedule.name}), one run: "
            f"seed {int(clock.seed)}, replicate {int(clock.replicate)}",
            wrap(
                f"In this run armed groups kill {groups:,d} civilians and state forces {state:,d} in "
                f"{model.week} weeks; {recorded:,d} of them enter the record. People flee "
                f"{int(row['fled'].sum()):,d} times and return {int(row['returned'].sum()):,d} times. "
                "One run is one draw of chance: for what to expect, compare many (`drawdown compare`)."
            ),
        ]
        told = self._most_telling(most)
        half = ""
        lines: list[str] = []
        for week, sentence in told:
            day = case.date_of(week)
            title = f"{day.year}, {'first' if day.month <= 6 else 'second'} half"
            if title != half:
                half = title
                lines.append(f"\n{title}")
            lines.append(wrap(f"{day:%d %b}  {sentence}", "  ", "          "))
        left = len(self.events) - len(told)
        if left:
            lines.append(f"\n({left} smaller events left out; --tell N tells more.)")
        return "\n\n".join(blocks) + "\n" + "\n".join(lines) + "\n"

    def _most_telling(self, most: int) -> list[tuple[int, str]]:
        """Return at most `most` events: closures and vacuums first, then the largest numbers."""

        def weight(event: tuple[int, str]) -> float:
            sentence = event[1]
            if sentence.startswith(("The UN base", "The mission", "The host", "A follow-on", "A trigger")):
                return 1e9
            numbers = [int(w.replace(",", "")) for w in sentence.split() if w.replace(",", "").isdigit()]
            if "vacuum" in sentence:
                return 1e6 + (numbers[-1] if numbers else 0)
            if "killed" in sentence:
                return 1e5 + numbers[0]
            return float(max(numbers, default=0)) / 1000.0

        return sorted(sorted(self.events, key=weight, reverse=True)[:most], key=lambda e: e[0])

    @styled
    def figure(self) -> Figure:
        """Return four panels of the run: harm, displacement, control, and vacuums."""
        model = self.model
        case = model.scenario
        row = np.asarray(model.world.record)[: model.week]
        dates = np.array([case.date_of(w) for w in range(model.week)])
        months = model.week // MONTH
        figure = new_figure(8.0, 8.2)
        axes = figure.subplots(4, 1, sharex=True)
        by = {
            "by armed groups": ("killed_by_groups", "#B24A00"),
            "by state forces": ("killed_by_state", "#3A6EA5"),
        }
        bottom = np.zeros(months)
        for label, (name, tint) in by.items():
            sums = row[name].sum(axis=1)[: months * MONTH].reshape(months, MONTH).sum(axis=1)
            axes[0].bar(
                dates[: months * MONTH : MONTH],
                sums,
                24,
                bottom=bottom,
                color=tint,
                label=label,
                align="edge",
            )
            bottom += sums
        axes[0].set_ylabel("civilians killed\nin four weeks")
        axes[1].plot(
            dates, row["hosted"].sum(axis=1) / 1e6, color="#5B3E8C", label="displaced within the area"
        )
        axes[1].set_ylabel("million persons")
        axes[1].set_ylim(0)
        mean_state = row["state_control"].mean(axis=1)
        mean_groups = row["group_control"].mean(axis=1)
        axes[2].stackplot(
            dates,
            mean_state,
            np.clip(1.0 - mean_state - mean_groups, 0.0, 1.0),
            mean_groups,
            colors=["#3A6EA5", "#DDDDDD", "#B24A00"],
            labels=["state", "nobody", "armed groups"],
        )
        axes[2].set_ylim(0, 1)
        axes[2].set_ylabel("control\n(mean of districts)")
        axes[3].fill_between(
            dates,
            measures.in_vacuum(row[None])[0].sum(axis=1),
            step="post",
            color="#888888",
            label="districts in a security vacuum",
        )
        axes[3].set_ylabel("districts")
        axes[3].set_ylim(0)
        for ax in axes:
            closing = measures.closures(case, model.schedule)
            for week in measures.realised(closing, model.world.schedule["done"])[0]:
                if week < 0:
                    continue
                ax.axvline(mdates.date2num(case.date_of(int(week))), color="0.6", lw=0.7, ls=":", zorder=3)
            ax.legend(fontsize=7.5, frameon=ax is axes[2], loc="upper left", ncols=3)
            ax.set_xlim(dates[0], dates[-1])
        axes[0].yaxis.set_major_formatter(THOUSANDS)
        figure.suptitle(
            f"{case.header.title}\n{model.schedule.title}, one run (dotted: a base closes)",
            x=0.01,
            ha="left",
            fontsize=10.5,
        )
        return figure


def words(do: str, base: str, action: Action) -> str:
    """Return in words what an action does, without the full stop."""
    kind = ACTIONS[do]
    return kind.say(kind.told, action, base)


def _given_up(action: Action) -> str:
    stays = f"the UN base {action.base} stays" if action.base else "nothing follows"
    return stays if action.do == "close" else f"no {action.do} of {action.base or action.unit or 'anything'}"


def _some(names: list[str]) -> str:
    """Return a few names in words."""
    if not names:
        return "an armed group"
    if len(names) <= 2:
        return " and ".join(names)
    return f"{names[0]} and {len(names) - 1} other groups"
