"""The commands `drawdown import ...`: a case's tables from public data."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from sim.scenario.errors import ScenarioError

if TYPE_CHECKING:
    from sim.scenario.importing.areas import Area, Borders, Locator
    from sim.scenario.importing.districts import Made

BAD_INPUT = 2
import_app = typer.Typer(
    name="import",
    help="Make a case from public data, or fill tables of one.\n\n"
    "In this order: `districts` makes a folder with districts and routes from a map, `bases` adds units, the "
    "closures on record and what `drawdown check` compares with, `violence` the events before the start. "
    "Each says what it could not fill. See docs/making-a-case.md.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
_err = Console(stderr=True, highlight=False)

Case = Annotated[str, typer.Argument(help="The case's name, or its folder.", metavar="CASE")]
Within = Annotated[Path, typer.Option("--in", help="Folder in which a case is looked for or made by name.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is filled already.")]
Encoding = Annotated[
    str, typer.Option(help="Encoding of the tables, if not UTF-8; older Geo-PKO files: latin-1.")
]
Geojson = Annotated[
    Path | None, typer.Option(help="Outlines of administrative units (COD-AB or the like), WGS84.")
]
Level = Annotated[
    int | None, typer.Option(help="Administrative level to use; default the file's deepest.", min=1, max=5)
]
CodeProperty = Annotated[str, typer.Option(help="Property that holds a unit's code, e.g. ADM2_PCODE.")]
Snap = Annotated[
    float,
    typer.Option(help="A point outside all outlines belongs to the nearest within this many km.", min=0),
]


def _fail(error: ScenarioError) -> typer.Exit:
    _err.print(f"[bold red]error:[/] {str(error).replace('[', chr(92) + '[')}", soft_wrap=True)
    return typer.Exit(BAD_INPUT)


def _tell(folder: Path, made: Made) -> None:
    from sim.show.text import wrap

    for line in made.told:
        print(wrap(line, "  ", "    "))
    print(wrap(f"Written to {folder}: {', '.join(made.files)}."))
    if made.missing:
        print("Not in the data, so filled with stated placeholders or left out:")
        for line in made.missing:
            print(wrap(line, "  - ", "    "))


def _words(given: list[str] | None) -> list[str]:
    return [word.strip() for item in given or [] for word in item.split(",") if word.strip()]


def _day(given: datetime | None, default: date) -> date:
    return given.date() if given else default


@import_app.command("districts")
def districts_command(
    case: Case,
    geojson: Geojson = None,
    nodes: Annotated[
        Path | None,
        typer.Option(help="Instead of outlines: a table of units with id, name, lat, lon, area_km2."),
    ] = None,
    edges: Annotated[
        Path | None, typer.Option(help="With --nodes: a table of neighbours with id1, id2.")
    ] = None,
    country: Annotated[str, typer.Option(help="Country to take, if the file holds several, e.g. CAF.")] = "",
    level: Level = None,
    code_property: CodeProperty = "",
    name_property: Annotated[str, typer.Option(help="Property that holds a unit's name.")] = "",
    parent_property: Annotated[str, typer.Option(help="Property that holds its province.")] = "",
    population_property: Annotated[str, typer.Option(help="Property that holds its people.")] = "",
    population: Annotated[
        Path | None, typer.Option(help="Table of people: pcode,population (or COD-PS: ADM2_PCODE, T_TL).")
    ] = None,
    population_column: Annotated[str, typer.Option(help="Its column of people.")] = "",
    population_code: Annotated[str, typer.Option(help="Its column of codes.")] = "",
    density: Annotated[
        float | None, typer.Option(help="People a km2 where the population is unknown, a guess.", min=0.01)
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            help="Units or provinces to keep, by code or name, with commas between.", metavar="A,B,..."
        ),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="Units or provinces to leave out.", metavar="A,B,...")
    ] = None,
    merge_below: Annotated[
        int,
        typer.Option(help="Merge units of fewer people into the neighbour with the longest border.", min=0),
    ] = 0,
    apart: Annotated[
        list[str] | None,
        typer.Option(
            help="Units that --merge-below leaves alone, e.g. those with a base.", metavar="A,B,..."
        ),
    ] = None,
    start: Annotated[
        datetime | None, typer.Option(help="First day of the run, for a new case.", formats=["%Y-%m-%d"])
    ] = None,
    end: Annotated[datetime | None, typer.Option(help="Last day of the run.", formats=["%Y-%m-%d"])] = None,
    title: Annotated[str, typer.Option(help="Title of a new case.")] = "",
    wet: Annotated[
        str,
        typer.Option("--wet-months", help="Months of the wet season, e.g. 5,6,7,8,9,10.", metavar="N,N,..."),
    ] = "",
    speed: Annotated[float, typer.Option(help="Speed on the way, km/h; a guess.", min=0.1, max=200)] = 27.0,
    detour: Annotated[
        float, typer.Option(help="Km of way a km as the crow flies; a guess.", min=1, max=10)
    ] = 1.4,
    wetter: Annotated[
        float, typer.Option(help="Times as long in the wet season; a guess.", min=1, max=20)
    ] = 1.9,
    touch: Annotated[
        float, typer.Option(help="Outlines this many km apart still share a border.", min=0.01, max=20)
    ] = 0.5,
    least_border: Annotated[
        float, typer.Option(help="Km of shared border that make neighbours; less is a corner.", min=0)
    ] = 3.0,
    within: Within = Path("scenarios"),
    encoding: Encoding = "",
    force: Force = False,
) -> None:
    """Make districts.csv and routes.csv from a map, and a folder that loads.

    Give --geojson, or --nodes and --edges. A new case needs --start and --end. Land, towns and state reach
    are on no such map: they get placeholders, marked in the note of each row.
    """
    from sim.scenario.importing import areas, districts, write

    try:
        folder = write.folder_of(case, within)
        new = not (folder / "scenario.toml").exists()
        if new and (start is None or end is None):
            raise ScenarioError(
                folder, "is a new case; give its period, e.g. --start 2017-01-02 --end 2021-12-26"
            )
        write.check_free(folder, ["districts.csv", "routes.csv"], force=force)
        units, borders, file = _map(
            geojson, nodes, edges, country, level, code_property, name_property, parent_property,
            population_property, encoding,
        )  # fmt: skip
        people_from = file.name
        if population is not None:
            people = areas.read_population(
                population, column=population_column, code_column=population_code, encoding=encoding
            )
            units = areas.with_population(units, people, population)
            people_from = population.name
        units = areas.choose(units, _words(keep), _words(drop), file)
        if borders is None:
            borders = areas.borders_of(units, touch_km=touch, least_km=least_border)
        else:
            left = {a.code for a in units}
            borders = {pair: km for pair, km in borders.items() if left.issuperset(pair)}
        alone = areas.choose(units, _words(apart), (), file) if apart else []
        if merge_below:
            units, borders = areas.merge_small(units, borders, merge_below, alone)
        borders, joined = areas.connect(units, borders)
        header = None
        if new and start and end:
            months = _months(wet) or districts.wet_months(sum(a.latitude for a in units) / len(units))
            header = _header(folder, title, start.date(), end.date(), months)
        made = districts.make(
            units,
            borders,
            joined,
            source=file.name,
            population_source=people_from,
            ways=districts.Ways(speed, detour, wetter),
            density=density,
            header=header,
            source_file=file,
        )
        made = _keeping(folder, made, "population")
        write.publish(folder, made.files)
    except ScenarioError as error:
        raise _fail(error) from None
    _tell(folder, made)
    print(f"Next: drawdown import bases {case} --geopko FILE --mission NAME, then drawdown check {folder}")


def _map(
    geojson: Path | None,
    nodes: Path | None,
    edges: Path | None,
    country: str,
    level: int | None,
    code_property: str,
    name_property: str,
    parent_property: str,
    population_property: str,
    encoding: str,
) -> tuple[list[Area], Borders | None, Path]:
    """Return units, borders if they come from a table, and the file they come from."""
    from sim.scenario.importing import areas

    if geojson is not None and nodes is None and edges is None:
        units = areas.read_geojson(
            geojson,
            level=level,
            country=country,
            code_property=code_property,
            name_property=name_property,
            parent_property=parent_property,
            population_property=population_property,
        )
        return units, None, geojson
    if geojson is None and nodes is not None and edges is not None:
        units, borders = areas.read_nodes(nodes, edges, country=country, encoding=encoding)
        return units, borders, nodes
    raise ScenarioError("drawdown import districts", "give either --geojson, or --nodes and --edges")


def _months(text: str) -> list[int]:
    try:
        return [int(m) for m in text.split(",") if m.strip()]
    except ValueError:
        raise ScenarioError(
            "--wet-months", f"{text[:40]!r} must be numbers of months with commas, e.g. 5,6,7,8"
        ) from None


def _header(folder: Path, title: str, start: date, end: date, months: list[int]) -> Any:
    from pydantic import ValidationError

    from sim.scenario.importing import districts
    from sim.scenario.read import describe
    from sim.scenario.schema import Header

    try:
        return districts.new_header(folder.name, title, start, end, months)
    except ValidationError as error:
        where, problem = describe(error, Header)
        raise ScenarioError(folder / "scenario.toml", problem, where=where) from None


def _keeping(folder: Path, made: Made, kind: Literal["population", "others"]) -> Made:
    """Return files with the rows of record.csv kept that this import does not make."""
    from dataclasses import replace

    from sim.scenario.case import RECORD
    from sim.scenario.importing import write
    from sim.scenario.schema import RecordRow

    _, before = write.raw_rows(folder / RECORD)
    kept = [r for r in before if (r.get("kind") == "population") != (kind == "population")]
    if kind == "others":  # what somebody added by hand stays; imports write closures and totals as computed
        kept = [r for r in before if r.get("kind") == "population" or r.get("certainty") != "computed"]
    if not kept:
        return made
    columns = write.columns_of(RecordRow)
    ours = made.files[RECORD].split("\n", 1)[1]
    theirs = write.table(columns, [{c: r.get(c, "") for c in columns} for r in kept]).split("\n", 1)
    text = theirs[0] + "\n" + (ours + theirs[1] if kind == "population" else theirs[1] + ours)
    return replace(made, files={**made.files, RECORD: text})


def _locator(
    folder: Path, geojson: Path | None, level: int | None, code_property: str, snap: float
) -> tuple[Locator, list[str]]:
    """Return what finds the unit of a point, and the district of each unit."""
    from sim.scenario import Scenario
    from sim.scenario.case import RECORD
    from sim.scenario.importing import areas, violence, write

    if geojson is None:
        case = Scenario.load(folder)
        units = [
            areas.Area(d.id, d.name, d.province, d.latitude, d.longitude, d.area_km2) for d in case.districts
        ]
        return areas.Locator(units), [d.id for d in case.districts]
    _, record = write.raw_rows(folder / RECORD)
    district_of = violence.districts_of(record)
    if not district_of:
        raise ScenarioError(
            folder / RECORD,
            "does not say which units of the map make up the districts; leave --geojson out (nearest middle "
            "point), or make the districts with drawdown import districts",
        )
    units = areas.read_geojson(geojson, level=level, code_property=code_property)
    units = [a for a in units if a.code in district_of]
    if {a.code for a in units} != set(district_of):
        lacking = sorted(set(district_of) - {a.code for a in units})
        raise ScenarioError(
            geojson,
            f"has no unit {', '.join(lacking[:5])}, of which the districts are made; same file and --level?",
        )
    return areas.Locator(units, snap_km=snap), [district_of[a.code] for a in units]


@import_app.command("bases")
def bases_command(
    case: Case,
    mission: Annotated[
        str, typer.Option(help="Mission, or missions that followed each other, e.g. MONUC,MONUSCO.")
    ],
    geopko: Annotated[
        Path | None, typer.Option(help="Geo-PKO 2.x, a row per site and map (.csv or .csv.gz).")
    ] = None,
    radpko: Annotated[Path | None, typer.Option(help="RADPKO, a row per base and year.")] = None,
    geojson: Geojson = None,
    level: Level = None,
    code_property: CodeProperty = "",
    snap: Snap = 10.0,
    moved: Annotated[
        list[str] | None,
        typer.Option(
            help="Bases whose end is no drawdown (they moved on): they leave under every schedule.",
            metavar="A,B,...",
        ),
    ] = None,
    within: Within = Path("scenarios"),
    encoding: Encoding = "",
    force: Force = False,
) -> None:
    """Make units.csv, schedules/actual.toml and the record of closures and totals from maps of bases.

    Give --geopko or --radpko. A base's district is the outline it lies in (--geojson, the file that the
    districts were made from), else the nearest middle point.
    """
    from sim.scenario import Scenario
    from sim.scenario.case import RECORD
    from sim.scenario.importing import bases, write

    try:
        if (geopko is None) == (radpko is None):
            raise ScenarioError("drawdown import bases", "give either --geopko or --radpko")
        folder = write.folder_of(case, within)
        scenario = Scenario.load(folder)
        write.check_free(folder, ["units.csv", "schedules/actual.toml"], force=force)
        missions = _words([mission])
        file = geopko or radpko
        assert file is not None
        read = bases.read_geopko if geopko else bases.read_radpko
        sites = read(file, missions, encoding=encoding)
        locator, ids = _locator(folder, geojson, level, code_property, snap)
        made = bases.make(
            scenario,
            sites,
            locator,
            ids,
            mission="/".join(missions),
            source=("Geo-PKO, " if geopko else "RADPKO, ") + file.name,
            moved=_words(moved),
            always_actual=(folder / "schedules" / "actual.toml").exists(),  # an earlier one is replaced
        )
        made = _keeping(folder, made, "others")
        write.publish(folder, made.files)
    except ScenarioError as error:
        raise _fail(error) from None
    _tell(folder, made)
    print(f"Held against the record ({RECORD}): drawdown check {folder}")


@import_app.command("violence")
def violence_command(
    case: Case,
    ged: Annotated[Path, typer.Option(help="UCDP GED, the official CSV or an extract with its columns.")],
    country: Annotated[str, typer.Option(help="Country as GED writes it, e.g. 'DR Congo (Zaire)'.")] = "",
    years: Annotated[int, typer.Option(help="Years before the start to count.", min=1, max=50)] = 5,
    first: Annotated[
        datetime | None, typer.Option("--from", help="First day, instead of --years.", formats=["%Y-%m-%d"])
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", help="Last day; default the day before the start.", formats=["%Y-%m-%d"]),
    ] = None,
    measure: Annotated[
        str, typer.Option(help="What to count: events, deaths (best estimate), or civilians killed.")
    ] = "events",
    kinds: Annotated[
        str, typer.Option("--types", help="Types of violence: 1 state-based, 2 non-state, 3 one-sided.")
    ] = "1,2,3",
    precision: Annotated[
        int, typer.Option(help="Leave events of a where_prec above this aside.", min=1, max=7)
    ] = 3,
    geojson: Geojson = None,
    level: Level = None,
    code_property: CodeProperty = "",
    snap: Snap = 10.0,
    within: Within = Path("scenarios"),
    encoding: Encoding = "",
    force: Force = False,
) -> None:
    """Fill baseline_violence of districts.csv with events before the start.

    It orders schedules such as quiet-first and drives nothing else. Without --geojson an event belongs to
    the nearest middle point, and --country is needed.
    """
    from datetime import timedelta

    from sim.scenario import Scenario
    from sim.scenario.importing import violence, write

    try:
        folder = write.folder_of(case, within)
        header = Scenario.load(folder).header
        if geojson is None and not country:
            raise ScenarioError(
                "drawdown import violence",
                "give --country, or neighbours' events would count; or give --geojson",
            )
        if measure not in ("events", "deaths", "civilians"):
            raise ScenarioError("--measure", f"{measure[:40]!r} must be events, deaths or civilians")
        chosen = _words([kinds])
        if not chosen or not set(chosen) <= {"1", "2", "3"}:
            raise ScenarioError("--types", f"{kinds[:40]!r} must be of 1, 2 and 3, with commas between")
        until = _day(last, header.start - timedelta(days=1))
        since = _day(first, _years_before(header.start, years))
        if not since <= until:
            raise ScenarioError("--from", f"{since} is after the last day, {until}")
        if until >= header.start:
            raise ScenarioError(
                "--to", f"{until} is not before the start of the run ({header.start}); count what came before"
            )
        events = violence.read_ged(
            ged,
            since,
            until,
            country=country,
            kinds=[int(k) for k in chosen],
            measure=measure,  # type: ignore[arg-type]
            precision=precision,
            encoding=encoding,
        )
        locator, ids = _locator(folder, geojson, level, code_property, snap)
        made = violence.make(
            folder,
            events,
            locator,
            ids,
            first=since,
            last=until,
            measure=measure,  # type: ignore[arg-type]
            source=ged.name,
            force=force,
        )
        write.publish(folder, made.files)
    except ScenarioError as error:
        raise _fail(error) from None
    _tell(folder, made)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
