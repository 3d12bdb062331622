"""What stands in the register, from the declarations beside the rules and from `sim.influence`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import sim
from sim import influence
from sim.declare import Certainty, Mechanism, Parameter, Rule
from sim.influence import Influence
from sim.mechanisms import MECHANISMS
from sim.parameters import BY_PART
from sim.scenario.case import Scenario
from sim.scenario.schema import Action, Row
from sim.week import DECLARED

DOUBT: Mapping[str, int] = {"read": 1, "computed": 2, "abstract": 2, "memory": 3, "guess": 3}
"""How much is in doubt, by how sure a number is: 1 little, 2 some, 3 most."""
IMPACT = {3: 1, 2: 2, 1: 3}
"""How much it matters, by tier (`influence.TIERS`): 1 little, 2 some, 3 much."""
RISKS: Mapping[str, str] = {
    "very high": "matters much, and most of it is in doubt (9)",
    "high": "matters much or somewhat, and is in doubt (6)",
    "moderate": "some of both, or much of one and little of the other (3 or 4)",
    "low": "matters little, or somewhat and is sourced (1 or 2)",
    "not measured": "nobody has measured how much it matters: take it for high until somebody has",
}
"""Risk, from the worst: doubt times impact."""
SURE: dict[Certainty, str] = {
    "read": "the figure was read in the named source",
    "computed": "calculated by the authors from public data, unreviewed",
    "abstract": "only the source's abstract was read: the direction is supported, the size is not",
    "memory": "remembered, not checked",
    "guess": "no source for the size; the range says how far it may be off",
}
ROOT = Path(sim.__file__).parent.parent


@dataclass(frozen=True)
class Entry:
    """One assumption: a parameter, a mechanism, or a rival form of a rule."""

    kind: str
    """"parameter", "mechanism" or "rival rule"."""
    name: str
    part: str
    """Part of the model that it belongs to."""
    meaning: str
    source: str
    sure: Certainty | None
    """How sure its size is; of a mechanism, that of the least sure of its numbers. None: not rated."""
    where: str
    """Where it is declared, "sim/agents/abuse.py:44"."""
    tries: tuple[str, ...]
    """Commands that try the answer without it, or with another value or form."""
    value: float | None = None
    """In the case; None for what is no number."""
    default: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    matters: Influence | None = None
    """What it does to two headlines; of a mechanism, the strongest of its numbers. None: not measured."""
    through: tuple[str, ...] = field(default=())
    """Of a mechanism, the parameters by which it is switched off; of a parameter, the mechanisms it works."""

    @property
    def tier(self) -> int | None:
        """1 (matters most) to 3, or None if it was not measured."""
        return None if self.matters is None else self.matters.tier

    @property
    def score(self) -> int | None:
        """Doubt times impact, 1 to 9; None if its impact was not measured or its doubt is not rated."""
        if self.tier is None or self.sure is None:
            return None
        return DOUBT[self.sure] * IMPACT[self.tier]

    @property
    def risk(self) -> str:
        """Its risk in words, see `RISKS`."""
        return risk(self.score)


def risk(score: int | None) -> str:
    """Return the word for doubt times impact."""
    if score is None:
        return "not measured"
    return "very high" if score >= 9 else "high" if score >= 6 else "moderate" if score >= 3 else "low"


@dataclass(frozen=True)
class Register:
    """The register for one case."""

    case: Scenario = field(repr=False)
    entries: tuple[Entry, ...]
    """The riskiest first."""
    older: str
    """Since when the measurements are older than the rules, "before ..."; empty if they are not."""

    def counts(self) -> Mapping[tuple[str, int | None], int]:
        """Return how many parameters there are of each certainty and tier (None: not measured)."""
        return Counter((str(e.sure), e.tier) for e in self.entries if e.kind == "parameter")

    def _actions(self) -> list[Action]:
        return [action for plan in self.case.schedules.values() for action in plan.actions]

    @property
    def rows(self) -> list[tuple[str, dict[str, int]]]:
        """The tables of the case, and how many of their rows are how sure."""
        tables: list[tuple[str, Sequence[Row | Action]]] = [
            ("districts", self.case.districts),
            ("places", self.case.places),
            ("routes", self.case.routes),
            ("units", self.case.units),
            ("armed groups", self.case.armed_groups),
            ("state forces", self.case.state_forces),
            ("humanitarian actors", self.case.humanitarians),
            ("sites", self.case.sites),
            *self.case.more.items(),
            ("actions of schedules", self._actions()),
        ]
        return [(name, Counter(r.certainty for r in rows)) for name, rows in tables if rows]


def gather(case: Scenario) -> Register:
    """Return the register of a case: values are those of the case, and commands run it."""
    working: dict[str, list[str]] = {}
    for m in MECHANISMS.values():
        for name in m.off:
            working.setdefault(name, []).append(m.name)
    values = case.parameter_values()
    entries = [
        _parameter(case.name, part, p, values[p.name], working.get(p.name, []))
        for part, members in BY_PART.items()
        for p in members
    ]
    parameters = {e.name: e for e in entries}
    entries += [_mechanism(case.name, m, parameters) for m in MECHANISMS.values()]
    forms = case.rules.model_dump()
    for rule in DECLARED.rules.values():
        entries += [
            _form(case.name, rule, form, forms[rule.name]) for form in rule.forms if form != forms[rule.name]
        ]
    return Register(case, tuple(sorted(entries, key=_worst_first)), influence.older())


def _worst_first(entry: Entry) -> tuple[int, float, str]:
    """Order by risk; not measured after very high; within a risk by how much it matters."""
    order = ("very high", "not measured", "high", "moderate", "low")
    return order.index(entry.risk), -entry.matters.largest if entry.matters else 0.0, entry.name


def _parameter(case: str, part: str, p: Parameter, value: float, mechanisms: Sequence[str]) -> Entry:
    ends = [x for x in (p.low, p.high) if x != value]
    tries = [_command(case, f"--set {p.name}={x:g}", f"{p.name}-{x:g}") for x in ends]
    tries += [_without(case, name) for name in mechanisms]
    return Entry(
        kind="parameter",
        name=p.name,
        part=part,
        meaning=p.meaning,
        source=p.source,
        sure=p.certainty,
        where=places()["Parameter", p.name],
        tries=tuple(tries),
        value=value,
        default=p.default,
        low=p.low,
        high=p.high,
        unit="" if p.unit in ("1", "-") else p.unit,
        matters=influence.table().get(p.name),
        through=tuple(mechanisms),
    )


def _mechanism(case: str, m: Mechanism, parameters: Mapping[str, Entry]) -> Entry:
    own = [parameters[name] for name in m.off]
    measured = [e.matters for e in own if e.matters is not None]
    return Entry(
        kind="mechanism",
        name=m.name,
        part=m.part,
        meaning=m.meaning + (f"; {m.reaches}" if m.reaches else ""),
        source=m.source,
        sure=next((s for s in reversed(SURE) if any(e.sure == s for e in own)), None),
        where=places()["Mechanism", m.name],
        tries=(_without(case, m.name),),
        matters=max(measured, key=lambda i: i.largest, default=None),
        through=tuple(m.off),
    )


def _form(case: str, rule: Rule, form: str, used: str) -> Entry:
    return Entry(
        kind="rival rule",
        name=f"{rule.name}={form}",
        part=rule.meaning,
        meaning=f"{rule.meaning}: {rule.forms[form]}; in place of {used}: {rule.forms[used]}",
        source="see where it stands",
        sure=None,
        where=places()["Rule", rule.name],
        tries=(_command(case, f"--rule {rule.name}={form}", f"{rule.name}-{form}"),),
    )


def _without(case: str, mechanism: str) -> str:
    return _command(case, f"--without {mechanism}", f"without-{mechanism}")


def _command(case: str, option: str, name: str) -> str:
    return f"drawdown compare {case} {option} --out results/{case}-{name}"


@cache
def places() -> Mapping[tuple[str, str], str]:
    """Return where each parameter, mechanism and rule is declared: (class, name) to "FILE:LINE"."""
    return dict(_declarations(Path(str(module.__file__)) for module in DECLARED.modules))


def _declarations(files: Iterable[Path]) -> Iterable[tuple[tuple[str, str], str]]:
    for file in files:
        shown = file.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            first = node.args[0]
            if node.func.id in ("Parameter", "Mechanism", "Rule") and isinstance(first, ast.Constant):
                yield (node.func.id, str(first.value)), f"{shown}:{node.lineno}"
