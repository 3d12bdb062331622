"""A case and its schedules as one Excel workbook, and back: the same tables, keys and actions.

One sheet a table of the case, one for the keys of scenario.toml, one for parameters, and four for schedules,
whose rows say which schedule they belong to. Cells offer what may stand in them. What is read goes through
the checks that files go through; a mistake is told by sheet and cell.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sim import __version__, mechanisms, parameters
from sim.scenario import toml, whole
from sim.scenario.case import Scenario
from sim.scenario.errors import ScenarioError, describe, did_you_mean
from sim.scenario.fields import DAY, NUMBER, Row
from sim.scenario.files import COUNTERFACTUAL, RECORD, read_schedules
from sim.scenario.header import Header
from sim.scenario.importing import source, write
from sim.scenario.importing.mistakes import Gather
from sim.scenario.outlines import OUTLINES
from sim.scenario.read import read_table
from sim.scenario.schedule import Acceleration, Action, Gate, Schedule, Slippage, Trigger
from sim.scenario.schema import SCHEDULED, TABLES, RecordRow
from sim.workbook import LISTS, Cell, Column, Rows, Sheet, WorkbookError, cell_name
from sim.workbook import read as read_book
from sim.workbook import write as write_book

ABOUT = "about"
KEYS = "scenario"
PARAMETERS = "parameters"
SCHEDULES = "schedules"
PARTS: Mapping[str, type[BaseModel]] = {"actions": Action, "gates": Gate, "triggers": Trigger}
"""Sheets that hold what schedules consist of."""
CHANCES: Mapping[str, type[BaseModel]] = {"slippage": Slippage, "acceleration": Acceleration}
"""Keys of a schedule with keys of their own."""
SHEETS: Mapping[str, type[Row]] = {
    **{Path(file).stem: row for file, row in TABLES.items()},
    Path(RECORD).stem: RecordRow,
}
"""Sheets that hold tables, by name."""
LARGEST = 20_000_000
"""Bytes of a workbook; those of cases have a few ten thousand."""
BETWEEN = "; "
"""What stands between the values of a key that has several."""

M = TypeVar("M", bound=BaseModel)


# -- what a field may hold ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kind:
    """What a field takes, from its annotation."""

    types: frozenset[type]
    choices: tuple[str, ...]
    low: float | None
    high: float | None
    several: bool

    @property
    def number(self) -> bool:
        return bool(self.types & {int, float})


def _kind(annotation: Any, metadata: Sequence[Any]) -> _Kind:
    types: set[type] = set()
    choices: list[str] = []
    bounds: dict[str, float] = {}
    several = False
    waiting = [(annotation, metadata)]
    while waiting:
        one, said = waiting.pop()
        for hint in said:
            for part in getattr(hint, "metadata", (hint,)):  # of Field(...) or a bound by itself
                for side, name in (("low", "ge"), ("low", "gt"), ("high", "le")):
                    if getattr(part, name, None) is not None and not several:
                        bounds[side] = float(getattr(part, name))
        origin = get_origin(one)
        if origin is Annotated:
            inner, *more = get_args(one)
            waiting.append((inner, more))
        elif origin in (Union, UnionType):
            waiting += [(part, ()) for part in get_args(one)]
        elif origin is Literal:
            choices += [c for c in get_args(one) if c]
            types.add(str)
        elif origin in (list, tuple):
            several = True
            waiting += [(part, ()) for part in get_args(one)]
        elif isinstance(one, type):
            types.add(one)
    return _Kind(frozenset(types), tuple(choices), bounds.get("low"), bounds.get("high"), several)


def _kinds(model: type[BaseModel]) -> dict[str, _Kind]:
    return {name: _kind(field.annotation, field.metadata) for name, field in model.model_fields.items()}


def _column(
    model: type[BaseModel], name: str, *, title: str = "", of: tuple[str, str] | None = None
) -> Column:
    """Return the column of a field: its meaning, what may stand in it, how wide it is."""
    kind, field = _kinds(model)[name], model.model_fields[name]
    long = name in ("source", "note", "about")
    bounded = kind.number and kind.low is not None and kind.high is not None and not kind.choices
    return Column(
        title=title or name,
        meaning=f"{field.description or ''}{'' if not field.is_required() else ' (needed)'}".strip(),
        width=48.0 if long else 26.0 if str in kind.types and not kind.choices else 13.0,
        choices=kind.choices if len(kind.types) == 1 else (),
        column=of,
        low=kind.low if bounded else None,
        high=kind.high if bounded else None,
        wrap=long,
    )


def _cell(value: Any) -> Cell:
    """Return a value of a table as a cell."""
    if isinstance(value, tuple):  # shares
        return BETWEEN.join(f"{name} {share!r}" for name, share in value)
    if isinstance(value, list):
        return BETWEEN.join(str(one) for one in value)
    if value is None or isinstance(value, (str, int, float, date)):
        return value
    raise TypeError(f"no cell holds a {type(value).__name__}")


# -- export -----------------------------------------------------------------------------------------


def export(case: Scenario) -> bytes:
    """Return a workbook of a case and its schedules.

    It is read back before it is returned. Raises `WorkbookError` if it would not give the same case, or for
    what a cell cannot hold.
    """
    content = write_book(sheets(case), case.header.title)
    back = _case(read_book(io.BytesIO(content)), Path(f"{case.name}.xlsx"))
    if found := difference(case, back):
        raise WorkbookError(f"the workbook would not hold the same case ({found}); this is a mistake of ours")
    return content


def sheets(case: Scenario) -> list[Sheet]:
    """Return the sheets of a case's workbook."""
    return [
        _about(case),
        _keys(case),
        _parameters(case),
        *(_table(case, name, row) for name, row in SHEETS.items()),
        *_schedules(case),
    ]


def _about(case: Scenario) -> Sheet:
    lines = [
        ("case", case.name),
        ("title", case.header.title),
        ("period", f"{case.header.start} to {case.header.end}"),
        ("made by", f"drawdown {__version__}, `drawdown excel export`"),
        ("read it with", "drawdown excel import FILE.xlsx, which checks everything and names sheet and cell"),
        ("sheets", "one a table; a row is a row of the case, in the order that results keep"),
        ("scenario", "keys of scenario.toml; an empty value means the default beside it"),
        ("parameters", "all parameters; an empty value means the default, a number sets it for this case"),
        (
            "schedules",
            "one row a schedule; its actions, gates and triggers stand on the sheets of these names",
        ),
        ("heads", "point at the head of a column to read what it means; '(needed)' may not be empty"),
        ("several values", f"are written with {BETWEEN.strip()!r} between, as in '4; 5; 6'"),
        ("shaded heads, grey cells", "are for reading only: nothing comes of a change in a grey cell"),
    ]
    if case.outlines:
        lines.append(("not in it", f"outlines for maps ({OUTLINES}) and README.md: copy them by hand"))
    columns = (Column(title="", width=24), Column(title="A case of drawdown", width=90, wrap=True))
    return Sheet(ABOUT, columns, lines)


def _keys(case: Scenario) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    only = {}
    for key, model, name in _header_keys():
        only[len(rows), 1] = _column(model, name, title=key)
        field = model.model_fields[name]
        held = case.header if model is Header else getattr(case.header, key.partition(".")[0])
        value = getattr(held, name)
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        given = name in held.model_fields_set and (model is Header or _set(case.header, key))
        bounds = _kinds(model)[name]
        may = "needed" if field.is_required() else _cell(default)
        between = "" if bounds.low is None or bounds.high is None else f"{bounds.low:g} to {bounds.high:g}"
        between = between or BETWEEN.join(bounds.choices)
        rows.append((key, _cell(value) if given else None, may, between, field.description))
    columns = (
        Column(title="key", meaning="table and key of scenario.toml", width=28),
        Column(title="value", meaning="empty: the default", width=48, wrap=True),
        Column(title="default", width=16, grey=True),
        Column(title="may be", width=22, grey=True, wrap=True),
        Column(title="meaning", width=80, grey=True, wrap=True),
    )
    return Sheet(KEYS, columns, rows, "What the case is, when it runs, and what it assumes.", only=only)


def _set(header: Header, key: str) -> bool:
    return key.partition(".")[0] in header.model_fields_set


def _header_keys() -> Iterator[tuple[str, type[BaseModel], str]]:
    """Yield the keys of scenario.toml but parameters: dotted key, the model that holds it, its name there."""
    for name, field in Header.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from ((f"{name}.{inner}", kind, inner) for inner in kind.model_fields)
        elif name != PARAMETERS:
            yield name, Header, name


def _parameters(case: Scenario) -> Sheet:
    rows = [
        (p.name, case.header.parameters.get(p.name), p.default, p.low, p.high, p.unit, p.meaning, p.certainty)
        for p in parameters.PARAMETERS.values()
    ]
    heads = ("default", "low", "high", "unit")
    only = {
        (i, 1): Column(title=p.name, meaning=p.meaning, low=p.low, high=p.high)
        for i, p in enumerate(parameters.PARAMETERS.values())
    }
    columns = (
        Column(title="parameter", width=28),
        Column(title="value", meaning="set for this case; empty: the default", width=12),
        *(Column(title=head, width=12, grey=True) for head in heads),
        Column(title="meaning", width=80, grey=True, wrap=True),
        Column(title="how sure", width=12, grey=True),
    )
    return Sheet(
        PARAMETERS, columns, rows, "Numbers of the model; `drawdown register` says more of each.", only=only
    )


def _rows_of(case: Scenario, row: type[Row]) -> Sequence[Row]:
    """Return the rows of a table as its file has them: loading takes out days before the run."""
    if row is RecordRow:
        return case.record
    file = case.folder / row.file if case.folder else None
    if file is not None and file.exists():
        return read_table(file, row, may_be_empty=True)
    return case.rows_of(row.table)


def _table(case: Scenario, name: str, row: type[Row]) -> Sheet:
    columns = []
    names = write.columns_of(row)
    for column in names:
        made = _column(row, column, of=("districts", "id") if column in row.places else None)
        if row.table == "sites" and column == "base":
            made = _column(row, column, of=("units", "base"))
        columns.append(made)
    rows = [[_cell(getattr(one, column)) for column in names] for one in _rows_of(case, row)]
    return Sheet(name, columns, rows, " ".join((row.__doc__ or "").split("\n\n")[0].split()))


def _schedules(case: Scenario) -> list[Sheet]:
    plans = list(case.schedules.values())
    scalars = [n for n in Schedule.model_fields if n not in (*PARTS, *CHANCES)]
    inner = [(key, name) for key, model in CHANCES.items() for name in model.model_fields]
    heads = [_column(Schedule, n) for n in scalars]
    heads += [_column(CHANCES[key], name, title=f"{key}.{name}") for key, name in inner]
    rows: list[list[Cell]] = [
        [_cell(getattr(p, n)) for n in scalars]
        + [_cell(getattr(getattr(p, key), name, None)) for key, name in inner]
        for p in plans
    ]
    made = [Sheet(SCHEDULES, heads, rows, "Ways to close the bases, one a row; 'none' is built in.")]
    which = Column(
        title="schedule", meaning="name on sheet 'schedules' (needed)", width=22, column=(SCHEDULES, "name")
    )
    offered = {
        ("actions", "base"): case.bases,
        ("actions", "unit"): sorted(
            [u.unit for u in case.units if u.opens == SCHEDULED]
            + [s.unit for s in case.state_forces if s.opens == SCHEDULED]
        ),
        ("actions", "district"): [d.id for d in case.districts],
    }
    for part, model in PARTS.items():
        columns = [which]
        for name in model.model_fields:
            column = _column(
                model, name, of=("gates", "name") if (part, name) == ("actions", "gate") else None
            )
            if choices := offered.get((part, name)):
                column = Column(**{**vars(column), "choices": tuple(choices), "strict": False})
            columns.append(column)
        cells = [
            [p.name, *(_cell(getattr(one, n)) for n in model.model_fields)]
            for p in plans
            for one in getattr(p, part)
        ]
        made.append(Sheet(part, columns, cells, f"The {part} of all schedules."))
    return made


# -- import -----------------------------------------------------------------------------------------


def read(path: Path) -> Scenario:
    """Return the case that a workbook holds, checked as a whole as its files would be.

    Raises `ScenarioError`, which names sheet, cell, value and remedy: of several mistakes within cells, all
    (`importing.mistakes.Mistakes`).
    """
    origin = source.find(path, LARGEST)
    if origin.kind != "book" or origin.inner:
        raise ScenarioError(path, "is no Excel workbook; save it as .xlsx")
    try:
        with source.stream(origin) as raw:
            book = read_book(raw)
    except ScenarioError:
        raise
    except Exception as error:  # its own errors, and panics of its Rust code on damaged files
        raise ScenarioError(path, f"cannot be read ({str(error)[:100]}); save it again as .xlsx") from None
    return _case(book, path)


def strangers(path: Path) -> list[str]:
    """Return the names of sheets of a workbook that a case has no use for."""
    with source.stream(source.find(path, LARGEST)) as raw:
        return [name for name in read_book(raw) if name not in _known()]


def _known() -> tuple[str, ...]:
    return (ABOUT, KEYS, PARAMETERS, *SHEETS, SCHEDULES, *PARTS, LISTS)


class _Book:
    """The sheets of a workbook, and where in them something stands."""

    def __init__(self, sheets: Mapping[str, Rows], path: Path) -> None:
        self.path = path
        self.sheets = sheets
        self.heads: dict[str, list[str]] = {}

    def error(self, sheet: str, problem: str, *, row: int = 0, column: str = "") -> ScenarioError:
        """Return an error that names the sheet, and the cell or the row if it is known."""
        where = f"sheet {sheet!r}"
        heads = self.heads.get(sheet, [])
        if row and column in heads:
            where += f", cell {cell_name(row, heads.index(column))} ({column})"
        elif row:
            where += f", row {row}"
        return ScenarioError(self.path, problem, where=where)

    def rows(self, sheet: str, known: Mapping[str, bool]) -> list[tuple[int, dict[str, str]]]:
        """Return the rows of a sheet by head, only what is filled; `known` columns, and whether needed.

        A sheet without needed columns may be missing.
        """
        needed = [name for name, need in known.items() if need]
        if sheet not in self.sheets:
            if not needed:
                return []
            raise ScenarioError(
                self.path, f"is missing; {did_you_mean(sheet, self.sheets)}", where=f"sheet {sheet!r}"
            )
        if not self.sheets[sheet]:
            raise self.error(sheet, f"is empty; its first row names the columns: {', '.join(needed[:6])} ...")
        (top, heads), *rest = self.sheets[sheet]
        self.heads[sheet] = heads
        for k, name in enumerate(heads):
            at = f"cell {cell_name(top, k)}"
            if name and name not in known:
                problem = f"{name[:60]!r} is not known here; {did_you_mean(name, known)}"
                raise ScenarioError(self.path, problem, where=f"sheet {sheet!r}, {at}")
            if name and heads.index(name) < k:
                raise ScenarioError(
                    self.path, f"{name!r} appears twice; keep one", where=f"sheet {sheet!r}, {at}"
                )
        for name in needed:
            if name not in heads:
                raise self.error(sheet, f"column {name!r} is missing in row {top}")
        found = []
        for number, cells in rest:
            stray = next(
                (k for k, cell in enumerate(cells) if cell and not (k < len(heads) and heads[k])), None
            )
            if stray is not None:
                at = f"sheet {sheet!r}, cell {cell_name(number, stray)}"
                raise ScenarioError(
                    self.path, "stands under no head; name the column or clear the cell", where=at
                )
            found.append((number, {h: c for h, c in zip(heads, cells, strict=False) if h and c}))
        return found


def _case(sheets: Mapping[str, Rows], path: Path) -> Scenario:
    book = _Book(sheets, path)
    mistakes = Gather()
    tables: dict[str, tuple[Row, ...]] = {}
    header: Header | None = None
    plans: list[tuple[Schedule, dict[str, tuple[str, int]]]] = []
    for name in sheets:
        near = did_you_mean(name, [k for k in _known() if k not in sheets])
        if name not in _known() and near.startswith("did you mean"):
            mistakes.add(ScenarioError(path, f"is not known here; {near}", where=f"sheet {name!r}"))
    with mistakes:
        header = _read_header(book, mistakes)
    for name, row in SHEETS.items():
        with mistakes:
            tables[name] = _read_table(book, name, row, mistakes)
    with mistakes:
        plans = _read_schedules(book, mistakes)
    mistakes.check()
    assert header is not None
    rows = {row.table: tables[name] for name, row in SHEETS.items() if row is not RecordRow}
    fields = set(Scenario.__dataclass_fields__)
    try:
        case = Scenario(
            header=header,
            schedules={plan.name: plan for plan, _ in plans},
            **{table: given for table, given in rows.items() if table in fields},  # type: ignore[arg-type]
            more={table: given for table, given in rows.items() if table not in fields},
            record=tables[Path(RECORD).stem],  # type: ignore[arg-type]
        )
        whole.check(case)
    except ScenarioError as error:
        raise _placed(book, error) from None
    for plan, lines in plans:
        with mistakes:
            try:
                case.check_schedule(plan, Path(SCHEDULES), {where: row for where, (_, row) in lines.items()})
            except ScenarioError as error:
                raise _of_schedule(book, plan, lines, error) from None
    mistakes.check()
    return case


def _placed(book: _Book, error: ScenarioError) -> ScenarioError:
    """Return an error of a table's row as one of its sheet's cell."""
    sheet = KEYS if error.file.name == "scenario.toml" else error.file.stem
    if sheet == KEYS:
        return ScenarioError(book.path, error.problem, where=f"sheet {sheet!r}, {error.where}")
    found = re.fullmatch(r"column '(\w+)'", error.where)
    problem = re.sub(r"\bline (\d+)", r"row \1", error.problem)
    return book.error(sheet, problem, row=error.line or 0, column=found[1] if found else "")


def _of_schedule(
    book: _Book, plan: Schedule, lines: Mapping[str, tuple[str, int]], error: ScenarioError
) -> ScenarioError:
    """Return an error of a schedule as one of the cell that it is about."""
    where, _, column = error.where.rpartition(".")
    sheet, row = lines.get(where, (SCHEDULES, 0))
    return book.error(sheet, f"{error.problem} (schedule {plan.name!r})", row=row, column=column)


def _read_table(book: _Book, name: str, row: type[Row], mistakes: Gather) -> tuple[Row, ...]:
    known = {column: field.is_required() for column, field in row.model_fields.items()}
    if row.optional or row is RecordRow:
        known = dict.fromkeys(known, False) if name not in book.sheets else known
    given = book.rows(name, known)
    if not given and name == "districts":
        raise book.error(name, "has a head but no rows")
    found = []
    for number, cells in given:
        with mistakes:
            # a needed cell that is empty is told as such a cell of a file is
            full = {**{c: "" for c, need in known.items() if need}, **cells}
            one = _valid(book, name, number, row, full)
            one._line = number
            found.append(one)
    return tuple(found)


def _valid(
    book: _Book, sheet: str, row: int, model: type[M], given: Mapping[str, Any], prefix: str = ""
) -> M:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        where, problem = describe(error, model)
        raise book.error(sheet, problem, row=row, column=prefix + where) from None


def _typed(text: str, kind: _Kind) -> Any:
    """Return what a cell says as a TOML file would: numbers and days are no texts there."""
    if kind.several:
        one = _Kind(kind.types, (), None, None, several=False)
        return [_typed(part, one) for part in (p.strip() for p in text.split(BETWEEN.strip())) if part]
    if kind.number and NUMBER.fullmatch(text):
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    if date in kind.types and DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def _read_header(book: _Book, mistakes: Gather) -> Header:
    rows = book.rows(KEYS, {"key": True, "value": True, "default": False, "may be": False, "meaning": False})
    known = {key: (model, name) for key, model, name in _header_keys()}
    data: dict[str, Any] = {"wet_months": []}  # an empty cell: none
    at: dict[str, int] = {}
    for number, cells in rows:
        key = cells.get("key", "")
        if key not in known:
            with mistakes:
                problem = f"{key[:60]!r} is no key of a scenario; {did_you_mean(key, known)}"
                raise book.error(KEYS, problem, row=number, column="key")
            continue
        if key in at:
            problem = f"{key!r} stands in row {at[key]} already; keep one"
            mistakes.add(book.error(KEYS, problem, row=number, column="key"))
        at[key] = number
        if "value" not in cells:
            continue
        model, name = known[key]
        value = _typed(cells["value"], _kinds(model)[name])
        if model is Header:
            data[name] = value
        else:
            data.setdefault(key.partition(".")[0], {})[name] = value
    set_, rows_of = _read_parameters(book, mistakes)
    if set_:
        data[PARAMETERS] = set_
    try:
        header = Header.model_validate(data)
        parameters.check(header.parameters)
        mechanisms.check(header.without)
    except ValidationError as error:
        where, problem = describe(error, Header)
        if where.startswith(f"{PARAMETERS}."):
            name = where.partition(".")[2]
            raise book.error(PARAMETERS, problem, row=rows_of.get(name, 0), column="value") from None
        key = next((k for k in (where, where.rpartition(".")[0]) if k in known), where)
        if key in at:
            raise book.error(KEYS, problem, row=at[key], column="value") from None
        raise ScenarioError(book.path, problem, where=f"sheet {KEYS!r}, key {where!r}") from None
    except parameters.ParameterError as error:
        bad = next(n for n in header.parameters if n not in parameters.PARAMETERS or n in str(error))
        column = "value" if bad in parameters.PARAMETERS else "parameter"
        raise book.error(PARAMETERS, str(error), row=rows_of[bad], column=column) from None
    except mechanisms.MechanismError as error:
        raise book.error(KEYS, str(error), row=at["without"], column="value") from None
    return header


def _read_parameters(book: _Book, mistakes: Gather) -> tuple[dict[str, Any], dict[str, int]]:
    heads = {"parameter": True, "value": True}
    reading = dict.fromkeys(("default", "low", "high", "unit", "meaning", "how sure"), False)
    if PARAMETERS not in book.sheets:
        return {}, {}
    values: dict[str, Any] = {}
    at: dict[str, int] = {}
    number = _Kind(frozenset({float}), (), None, None, several=False)
    for row, cells in book.rows(PARAMETERS, heads | reading):
        if "value" not in cells:
            continue
        name = cells.get("parameter", "")
        if name in at:
            problem = f"{name!r} stands in row {at[name]} already; keep one"
            mistakes.add(book.error(PARAMETERS, problem, row=row, column="parameter"))
        values[name] = _typed(cells["value"], number)
        at[name] = row
    return values, at


def _read_schedules(book: _Book, mistakes: Gather) -> list[tuple[Schedule, dict[str, tuple[str, int]]]]:
    """Return the schedules, and of each the sheet and row of its parts: "actions.3" to ("actions", 17)."""
    scalars = [n for n in Schedule.model_fields if n not in (*PARTS, *CHANCES)]
    heads = {n: Schedule.model_fields[n].is_required() for n in scalars}
    heads |= {f"{key}.{n}": False for key, model in CHANCES.items() for n in model.model_fields}
    given: dict[str, tuple[int, dict[str, Any]]] = {}
    for row, cells in book.rows(SCHEDULES, heads):
        with mistakes:
            name = cells.get("name", "")
            if name == COUNTERFACTUAL:
                problem = f"{name!r} is the built-in counterfactual; choose another name"
                raise book.error(SCHEDULES, problem, row=row, column="name")
            if name in given:
                problem = f"{name!r} is already the name in row {given[name][0]}; give each its own"
                raise book.error(SCHEDULES, problem, row=row, column="name")
            data: dict[str, Any] = {n: cells[n] for n in scalars if n in cells}
            for key, model in CHANCES.items():
                kinds = _kinds(model)
                own = {n: _typed(cells[f"{key}.{n}"], kinds[n]) for n in kinds if f"{key}.{n}" in cells}
                if own:
                    data[key] = _valid(book, SCHEDULES, row, model, own, f"{key}.")
            given[name] = (row, data)
    lines: dict[str, dict[str, tuple[str, int]]] = {name: {} for name in given}
    for part, one in PARTS.items():
        kinds = _kinds(one)
        columns = {"schedule": True, **{n: f.is_required() for n, f in one.model_fields.items()}}
        if part not in book.sheets and part != "actions":
            continue
        for row, cells in book.rows(part, columns):
            with mistakes:
                name = cells.pop("schedule", "")
                if name not in given:
                    problem = f"{name[:60]!r} is no name on sheet {SCHEDULES!r}; {did_you_mean(name, given)}"
                    raise book.error(part, problem, row=row, column="schedule")
                own = {key: _typed(cell, kinds[key]) for key, cell in cells.items()}
                entries = given[name][1].setdefault(part, [])
                lines[name][f"{part}.{len(entries)}"] = (part, row)
                entries.append(_valid(book, part, row, one, own))
    found = []
    for name, (row, data) in given.items():
        with mistakes:
            found.append((_valid(book, SCHEDULES, row, Schedule, data), lines[name]))
    return found


# -- the same case ----------------------------------------------------------------------------------


def difference(a: Scenario, b: Scenario) -> str:
    """Return where two cases differ in what their files hold, outlines aside; empty if nowhere.

    Defaults that are given and defaults that are not are the same.
    """
    if a.header != b.header:
        both = zip(a.header, b.header, strict=True)
        return "scenario.toml: " + ", ".join(name for (name, x), (_, y) in both if x != y)
    for name, row in SHEETS.items():
        mine = a.record if row is RecordRow else a.rows_of(row.table)
        theirs = b.record if row is RecordRow else b.rows_of(row.table)
        if [r.model_dump() for r in mine] != [r.model_dump() for r in theirs]:
            return f"{name}.csv: {changed(mine, theirs)}"
    for name in dict.fromkeys([*a.schedules, *b.schedules]):
        if a.schedules.get(name) != b.schedules.get(name):
            return f"schedules/{name}.toml"
    return ""


def changed(before: Sequence[Row], after: Sequence[Row]) -> str:
    """Say how the rows of a table differ: how many came, went, and changed."""
    old, new = [r.model_dump() for r in before], [r.model_dump() for r in after]
    gone = sum(r not in new for r in old)
    come = sum(r not in old for r in new)
    if not gone and not come:
        return "rows in another order"
    other = min(gone, come)
    said = [(other, "changed"), (come - other, "new"), (gone - other, "gone")]
    return ", ".join(f"{n} row{'s' * (n > 1)} {what}" for n, what in said if n)


# -- files ------------------------------------------------------------------------------------------


def files(case: Scenario, before: Scenario | None) -> tuple[dict[str, str | None], list[str]]:
    """Return the files of a case that differ from those of the case before, and what to tell of each.

    A file whose content is the same stays as it is, with its comments. None: a file to take away.
    """
    made: dict[str, str | None] = {}
    told = []
    if before is None or before.header != case.header:
        made["scenario.toml"] = toml.document(case.header)
        told.append("scenario.toml")
    for name, row in SHEETS.items():
        file = f"{name}.csv"
        given = case.record if row is RecordRow else case.rows_of(row.table)
        old: Sequence[Row] = []
        if before is not None:
            old = before.record if row is RecordRow else before.rows_of(row.table)
        optional = row.optional or row is RecordRow
        if before is None:
            if not given and optional:
                continue
            told.append(f"{file}: {_many(len(given), 'row')}")
        elif [r.model_dump() for r in old] == [r.model_dump() for r in given]:
            continue
        else:
            told.append(f"{file}: {changed(old, given)}")
        made[file] = None if optional and not given else _csv(row, given)
    there: dict[str, tuple[Schedule, str]] = {}
    if before is not None and before.folder is not None:
        found = read_schedules(before.folder)
        there = {plan.name: (plan, f"schedules/{file.name}") for plan, file, _ in found}
    for name, plan in case.schedules.items():
        old_plan, file = there.get(name, (None, f"schedules/{name}.toml"))
        if old_plan != plan:
            made[file] = toml.document(plan)
            told.append(f"{file}: {_many(len(plan.actions), 'action')}")
    for name, (_, file) in there.items():
        if name not in case.schedules:
            made[file] = None
            told.append(f"{file}: taken away")
    return made, told


def _many(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _csv(row: type[Row], given: Sequence[Row]) -> str:
    names = write.columns_of(row)
    rows = [{n: value for n in names if (value := _cell(getattr(one, n))) is not None} for one in given]
    return write.table(names, rows)
