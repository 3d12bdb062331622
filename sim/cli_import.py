"""The commands `drawdown import ...`: a case's tables from public data."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.common import doing, fail
from sim.scenario.errors import ScenarioError

if TYPE_CHECKING:
    from sim.scenario.importing.areas import Area, Borders
    from sim.scenario.importing.districts import Made
    from sim.scenario.importing.report import Notes

import_app = typer.Typer(
    name="import",
    help="Make a case from public data, or fill tables of one.\n\n"
    "In this order: `districts` makes a folder with districts and routes from a map, `bases` adds units, the "
    "closures on record and what `drawdown check` compares with, `violence` the events before the start. "
    "Each says what it could not fill. See docs/making-a-case.md.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Case = Annotated[str, typer.Argument(help="The case's name, or its folder.", metavar="CASE")]
Within = Annotated[Path, typer.Option("--in", help="Folder in which a case is looked for or made by name.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is filled already.")]
Encoding = Annotated[
    str, typer.Option(help="Encoding of the tables, if not UTF-8; older Geo-PKO files: latin-1.")
]
Geojson = Annotated[
    Path | None,
    typer.Option(
        "--geojson",
        "--map",
        help="Outlines of administrative units (COD-AB, GADM or the like) in degrees: GeoJSON, or a "
        "shapefile in a zip; of several in it, e.g. adm.zip/adm2.shp.",
    ),
]
Level = Annotated[
    int | None, typer.Option(help="Administrative level to use; default the file's deepest.", min=1, max=5)
]
CodeProperty = Annotated[str, typer.Option(help="Property that holds a unit's code, e.g. ADM2_PCODE.")]
Snap = Annotated[
    float,
    typer.Option(help="A point outside all outlines belongs to the nearest within this many km.", min=0),
]


def _publish(folder: Path, step: str, source: str, made: Made, notes: Notes) -> str:
    """Write an import's files and its part of the report, all at once; returns what to tell of it."""
    from sim.scenario.importing import report, write
    from sim.show.numbers import wrap

    text = report.updated(folder, step, source, made.told, notes, made.missing)
    write.publish(folder, {**made.files, report.REPORT: text})
    written = ", ".join(name for name, content in made.files.items() if content is not None)
    told = [wrap(line, "  ", "    ") for line in made.told]
    told += [wrap(line, "  ! ", "    ") for line in notes.short()]
    told.append(wrap(f"Written to {folder}: {written}; {report.REPORT} lists what was done on the way."))
    if made.missing:
        told.append("Not in the data, so filled with stated placeholders or left out:")
        told += [wrap(line, "  - ", "    ") for line in made.missing]
    return "\n".join(told)


def _words(given: list[str] | None) -> list[str]:
    return [word.strip() for item in given or [] for word in item.split(",") if word.strip()]


def _day(given: datetime | None, default: date) -> date:
    return given.date() if given else default


@import_app.command("districts")
def districts_command(
    case: Case,
    geojson: Geojson = None,
    node_table: Annotated[
        Path | None,
        typer.Option(
            "--nodes", help="Instead of outlines: a table of units with id, name, lat, lon, area_km2."
        ),
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
        float | None,
        typer.Option(help="People a km2 where the population is unknown, a guess.", min=0.01, max=100_000),
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
        float,
        typer.Option(help="Km of shared border that make neighbours; less is a corner.", min=0, max=1000),
    ] = 3.0,
    within: Within = Path("scenarios"),
    encoding: Encoding = "",
    force: Force = False,
) -> None:
    """Make districts.csv and routes.csv from a map, and a folder that loads.

    Give --geojson, or --nodes and --edges. A new case needs --start and --end. Land, towns and state reach
    are on no such map: they get placeholders, marked in the note of each row.
    """
    with doing("Making districts from the map ..."):
        from sim.scenario.importing import areas, districts, nodes, record, report, write
        from sim.scenario.importing.mistakes import Gather

        notes = report.Notes()
        try:
            folder = write.folder_of(case, within)
            new = not (folder / "scenario.toml").exists()
            if new and (start is None or end is None):
                raise ScenarioError(
                    folder, "is a new case; give its period, e.g. --start 2017-01-02 --end 2021-12-26"
                )
            write.check_free(folder, ["districts.csv", "routes.csv"], force=force)
            mistakes = Gather()
            with mistakes:
                units, borders, file = _map(
                    geojson, node_table, edges, country, level, code_property, name_property, parent_property,
                    population_property, _words(keep), _words(drop), encoding, notes,
                )  # fmt: skip
            people: dict[str, int] = {}
            with mistakes:
                if population is not None:
                    people = nodes.read_population(
                        population,
                        column=population_column,
                        code_column=population_code,
                        encoding=encoding,
                        notes=notes,
                    )
            mistakes.check()
            people_from = file.name
            if population is not None:
                units = nodes.with_population(units, people, population)
                people_from = population.name
            if borders is None:
                borders = areas.borders_of(units, touch_km=touch, least_km=least_border)
            else:
                left = {a.code for a in units}
                borders = {pair: km for pair, km in borders.items() if left.issuperset(pair)}
            alone = areas.choose(units, _words(apart), (), file) if apart else []
            if merge_below:
                before = units
                units, borders = areas.merge_small(units, borders, merge_below, alone)
                _note_merged(before, units, notes)
            borders, joined = areas.connect(units, borders)
            header = None
            if new and start and end:
                wet_months = districts.months(wet) or districts.wet_months(
                    sum(a.latitude for a in units) / len(units)
                )
                header = districts.new_header(folder, title, start.date(), end.date(), wet_months)
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
                notes=notes,
            )
            made = record.keeping(folder, made, "population")
            told = _publish(folder, "Districts", file.name, made, notes)
        except ScenarioError as error:
            raise fail(str(error)) from None
    print(told)
    print(f"Next: drawdown import bases {case} --geopko FILE --mission NAME, then drawdown check {folder}")


def _note_merged(before: list[Area], after: list[Area], notes: Notes) -> None:
    names = {a.code: a.name for a in before}
    for a in after:
        others = [names[code] for code, _ in a.members if code != a.code]
        if others:
            notes.add(
                "joined",
                "units merged into a neighbour by --merge-below",
                f"{', '.join(others)} into {a.name}",
            )


def _map(
    geojson: Path | None,
    node_table: Path | None,
    edges: Path | None,
    country: str,
    level: int | None,
    code_property: str,
    name_property: str,
    parent_property: str,
    population_property: str,
    keep: list[str],
    drop: list[str],
    encoding: str,
    notes: Notes,
) -> tuple[list[Area], Borders | None, Path]:
    """Return units, borders if they come from a table, and the file they come from."""
    from sim.scenario.importing import areas, nodes, units

    if geojson is not None and node_table is None and edges is None:
        found = units.read(
            geojson,
            level=level,
            country=country,
            code_property=code_property,
            name_property=name_property,
            parent_property=parent_property,
            population_property=population_property,
            keep=keep,
            drop=drop,
            notes=notes,
        )
        return found, None, geojson
    if geojson is None and node_table is not None and edges is not None:
        found, borders = nodes.read_nodes(node_table, edges, country=country, encoding=encoding, notes=notes)
        return areas.choose(found, keep, drop, node_table), borders, node_table
    raise ScenarioError("drawdown import districts", "give either --geojson, or --nodes and --edges")


@import_app.command("bases")
def bases_command(
    case: Case,
    mission: Annotated[
        str, typer.Option(help="Mission, or missions that followed each other, e.g. MONUC,MONUSCO.")
    ],
    geopko: Annotated[
        Path | None, typer.Option(help="Geo-PKO 2.x, a row per site and map (or per site and year).")
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
    separate: Annotated[
        list[str] | None,
        typer.Option(
            help="Sites that are no other site under a new name, though they follow one at its place.",
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
    with doing("Placing the bases ..."):
        from sim.scenario import Scenario
        from sim.scenario.case import RECORD
        from sim.scenario.importing import bases, locate, record, report, sites, write
        from sim.scenario.importing.mistakes import every

        notes = report.Notes()
        try:
            if (geopko is None) == (radpko is None):
                raise ScenarioError("drawdown import bases", "give either --geopko or --radpko")
            folder = write.folder_of(case, within)
            scenario = Scenario.load(folder)
            write.check_free(folder, ["units.csv", "schedules/actual.toml"], force=force)
            missions = _words([mission])
            if not missions:
                raise ScenarioError("--mission", "names no mission")
            file = geopko or radpko
            assert file is not None
            read = sites.read_geopko if geopko else sites.read_radpko
            found, (locator, ids) = every(
                lambda: read(file, missions, encoding=encoding, notes=notes),
                lambda: locate.of_case(folder, geojson, level, code_property, snap, notes),
            )
            made = bases.make(
                scenario,
                sites.join_renamed(found, notes, _words(separate)),
                locator,
                ids,
                mission="/".join(missions),
                source=("Geo-PKO, " if geopko else "RADPKO, ") + file.name,
                moved=_words(moved),
                always_actual=(folder / "schedules" / "actual.toml").exists(),  # an earlier one is replaced
            )
            made = record.keeping(folder, made, "others")
            told = _publish(folder, "Bases", file.name, made, notes)
        except ScenarioError as error:
            raise fail(str(error)) from None
    print(told)
    print(f"Held against the record ({RECORD}): drawdown check {folder}")


@import_app.command("violence")
def violence_command(
    case: Case,
    ged: Annotated[
        Path | None, typer.Option(help="UCDP GED, the official table or an extract with its columns.")
    ] = None,
    acled: Annotated[Path | None, typer.Option(help="ACLED, an export of events.")] = None,
    country: Annotated[
        str, typer.Option(help="Country as the table writes it, e.g. 'DR Congo (Zaire)' in GED.")
    ] = "",
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
        str,
        typer.Option(
            "--types",
            help="Types that count. GED: 1 state-based, 2 non-state, 3 one-sided; default all. ACLED: "
            "default 'Battles,Explosions/Remote violence,Violence against civilians'.",
        ),
    ] = "",
    precision: Annotated[
        int | None,
        typer.Option(
            help="Leave events of a where_prec (GED, default 3) or geo_precision (ACLED, default 2) above "
            "this aside.",
            min=1,
            max=7,
        ),
    ] = None,
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
    with doing("Counting the events ..."):
        from datetime import timedelta

        from sim.scenario import Scenario
        from sim.scenario.importing import events, locate, report, violence, write
        from sim.scenario.importing.mistakes import every

        notes = report.Notes()
        try:
            folder = write.folder_of(case, within)
            header = Scenario.load(folder).header
            if (ged is None) == (acled is None):
                raise ScenarioError("drawdown import violence", "give either --ged or --acled")
            if geojson is None and not country:
                raise ScenarioError(
                    "drawdown import violence",
                    "give --country, or neighbours' events would count; or give --geojson",
                )
            if measure not in ("events", "deaths", "civilians"):
                raise ScenarioError("--measure", f"{measure[:40]!r} must be events, deaths or civilians")
            until = _day(last, header.start - timedelta(days=1))
            since = _day(first, _years_before(header.start, years))
            if not since <= until:
                raise ScenarioError("--from", f"{since} is after the last day, {until}")
            if until >= header.start:
                raise ScenarioError(
                    "--to",
                    f"{until} is not before the start of the run ({header.start}); count what came before",
                )
            asked = events.Asked(
                since,
                until,
                country=country,
                types=_types(kinds, acled is not None),
                measure=measure,  # type: ignore[arg-type]
                precision=precision,
            )
            file = ged or acled
            assert file is not None
            read = events.read_ged if ged else events.read_acled
            found, (locator, ids) = every(
                lambda: read(file, asked, encoding=encoding, notes=notes),
                lambda: locate.of_case(folder, geojson, level, code_property, snap, notes),
            )
            made = violence.make(
                folder,
                found,
                locator,
                ids,
                first=since,
                last=until,
                measure=measure,  # type: ignore[arg-type]
                source=file.name,
                force=force,
            )
            told = _publish(folder, "Violence", file.name, made, notes)
        except ScenarioError as error:
            raise fail(str(error)) from None
    print(told)


def _types(text: str, acled: bool) -> list[str]:
    """Return the types of violence that are to count, by the names of their source; empty for its usual."""
    from sim.scenario.importing import events

    given = _words([text])
    if not acled:
        if not set(given) <= set(events.GED_TYPES):
            raise ScenarioError("--types", f"{text[:40]!r} must be of 1, 2 and 3, with commas between")
        return given
    found = [events.acled_type(word) for word in given]
    if not all(found):
        known = ", ".join(events.ACLED_KNOWN)
        raise ScenarioError("--types", f"{text[:40]!r} must be event types of ACLED: {known}")
    return found


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
