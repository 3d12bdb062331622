"""The register as an Excel workbook: one row an assumption, with filters, and the table of risks."""

from __future__ import annotations

from sim import __version__, influence
from sim.register.content import RISKS, SURE, Entry, Register
from sim.workbook import Cell, Column, Sheet

TINTS = {
    "very high": "#f2b8ad",
    "high": "#f9dcb8",
    "moderate": "#fbf2c4",
    "low": "#d9ecd9",
    "not measured": "#e2dcf0",
}
PERCENT = '+0%;-0%;"0 %"'


def sheets(register: Register) -> list[Sheet]:
    """Return the sheets of the workbook."""
    return [_about(register), _entries(register), _matrix(register), _rows(register)]


def _about(register: Register) -> Sheet:
    lines: list[tuple[Cell, ...]] = [
        ("case", f"{register.case.header.title} ({register.case.name})"),
        ("made by", f"drawdown {__version__}, `drawdown register`"),
        (
            "how much it matters",
            "change of the civilians killed in the case of MONUSCO in eastern DRC, as a share, at the low "
            "and the high end of the range and the other numbers at their defaults: level, with no drawdown; "
            "excess, beyond that if every base closes. A mechanism has that of the strongest of its numbers.",
        ),
    ]
    if register.older:
        missing = sum(e.kind == "parameter" and e.matters is None for e in register.entries)
        lines.append(
            (
                "older than the rules",
                f"measured {register.older}; {missing} parameters are newer and were not measured",
            )
        )
    lines += [(f"risk: {word}", meaning) for word, meaning in RISKS.items()]
    lines += [(f"how sure: {word}", meaning) for word, meaning in SURE.items()]
    lines.append(("risk", "doubt (1-3) times impact (1-3): see sheet 'risk' for how many numbers have which"))
    columns = (Column(title="", width=26), Column(title="Assumptions register", width=100, wrap=True))
    return Sheet("about", columns, lines)


def _entries(register: Register) -> Sheet:
    most = max(len(e.tries) for e in register.entries)
    columns = (
        Column(title="name", width=28),
        Column(title="what", meaning="parameter, mechanism or rival rule", width=12),
        Column(title="part", width=22, wrap=True),
        Column(title="risk", meaning="how sure and how much it matters, together", width=13),
        Column(title="score", meaning="doubt (1-3) times impact (1-3)", width=8),
        Column(title="value", meaning="in this case", width=11),
        Column(title="default", width=11),
        Column(title="low", meaning="lower end of its range", width=11),
        Column(title="high", meaning="upper end of its range", width=11),
        Column(title="unit", meaning="empty: a share or a ratio", width=16),
        Column(title="meaning", width=60, wrap=True),
        Column(title="source", width=45, wrap=True),
        Column(title="how sure", width=11),
        Column(title="tier", meaning="; ".join(f"{k}: {v}" for k, v in influence.TIERS.items()), width=7),
        Column(title="level at low", meaning="share of the level", width=11, number=PERCENT),
        Column(title="level at high", meaning="share of the level", width=11, number=PERCENT),
        Column(title="excess at low", meaning="share of the excess", width=11, number=PERCENT),
        Column(title="excess at high", meaning="share of the excess", width=11, number=PERCENT),
        Column(title="linked to", meaning="of a mechanism its numbers, of a number its mechanisms", width=26),
        Column(title="in the code", width=34),
        *(
            Column(title=f"try {n}", meaning="command that tries the answer without it", width=60)
            for n in range(1, most + 1)
        ),
    )
    rows = [_row(e, most) for e in register.entries]
    tint = {(i, 3): TINTS[e.risk] for i, e in enumerate(register.entries)}
    return Sheet("register", columns, rows, "One row an assumption, the riskiest first.", tint)


def _row(e: Entry, most: int) -> list[Cell]:
    level = e.matters.level if e.matters else (None, None)
    excess = e.matters.excess if e.matters else (None, None)
    tries = [*e.tries, *[None] * (most - len(e.tries))]
    said: list[Cell] = [e.name, e.kind, e.part, e.risk, e.score, e.value, e.default, e.low, e.high, e.unit]
    said += [
        e.meaning,
        e.source,
        e.sure or "not rated",
        e.tier,
        *level,
        *excess,
        "; ".join(e.through),
        e.where,
    ]
    return [*said, *tries]


def _matrix(register: Register) -> Sheet:
    counts = register.counts()
    tiers = (1, 2, 3, None)
    columns = [Column(title="how sure", width=14)]
    columns += [Column(title="not measured" if t is None else influence.TIERS[t], width=18) for t in tiers]
    rows: list[list[Cell]] = [[sure, *(counts.get((sure, t), 0) for t in tiers)] for sure in SURE]
    return Sheet("risk", columns, rows, "How many parameters are how sure, and how much they matter.")


def _rows(register: Register) -> Sheet:
    sure = list(dict.fromkeys(c for _, counted in register.rows for c in counted))
    columns = [Column(title="table", width=24), *(Column(title=c, width=12) for c in sure)]
    rows: list[list[Cell]] = [[name, *(counted.get(c, 0) for c in sure)] for name, counted in register.rows]
    return Sheet("case", columns, rows, "Rows of the case's own tables and schedules, by how sure they are.")
