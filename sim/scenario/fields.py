"""What a cell or key may hold: kinds of values, and the two bases of everything that is read.

Numbers and days are taken as people write them and as nothing else: `true` is no number, a number is no
day, and `1_000` or `1,000` is refused rather than guessed at.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from operator import index
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)

from sim.scenario.errors import ScenarioError, describe, shown

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LONGEST_NUMBER = 40
"""Characters; a number that is longer is a slip."""
FIRST_YEAR, LAST_YEAR = 1900, 2199


def _quoted(value: object, info: ValidationInfo) -> bool:
    """Return whether a text stands where TOML has a type of its own for what is wanted."""
    return isinstance(value, str) and bool(info.config and info.config.get("strict"))


def _a_number(value: object, info: ValidationInfo) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a number")
    if _quoted(value, info):
        raise ValueError(f"{shown(value)} is a text; write a number, without quotes")
    if isinstance(value, str):
        text = value.strip()
        if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
            raise ValueError(
                f"{shown(value)} is not a number; write digits with a point, such as 1234.5, no commas"
            )
    return value if isinstance(value, float) or not hasattr(value, "__index__") else index(value)


def _a_day(value: object, info: ValidationInfo) -> object:
    if info.mode != "json" and _quoted(value, info):  # JSON, in which results keep a case, has no days
        raise ValueError(f"{shown(value)} is a text; write a day such as 2017-07-31, without quotes")
    day = value
    if isinstance(value, str) and DAY.fullmatch(value.strip()):
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"{shown(value)} is not a day of the calendar") from None
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ValueError(f"{shown(value)} is not a day; write it as 2017-07-31")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{day} is not between {FIRST_YEAR} and {LAST_YEAR}; is the year right?")
    return day


def _a_day_or_none(value: object, info: ValidationInfo) -> object:
    return None if value is None or value == "" else _a_day(value, info)


def _an_opening(value: object, info: ValidationInfo) -> object:
    return value if value == SCHEDULED else _a_day_or_none(value, info)


def empty_is_none(value: object) -> object:
    """Read an empty cell as nothing."""
    return None if value == "" else value


def empty_is_zero(value: object) -> object:
    """Read an empty cell as none of a number."""
    return 0 if value == "" else value


def plain_name(name: str) -> str:
    """Refuse names that a spreadsheet would run as a formula or that turn what is printed around them."""
    if name[0] in "=+-@":
        raise ValueError(f"{shown(name)} begins with {name[0]!r}, which spreadsheets run as a formula")
    if not name.isprintable():
        raise ValueError(f"{shown(name)} holds a character that cannot be printed")
    # one name in two spellings that look the same would be two
    return unicodedata.normalize("NFC", name)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"{shown(text)} holds a character that cannot be printed")
    return text


Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False), BeforeValidator(_a_number)]
Whole = Annotated[int, BeforeValidator(_a_number)]
Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_a_number)]
Count = Annotated[Whole, Field(ge=0, le=100_000_000)]
Day = Annotated[date, BeforeValidator(_a_day)]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(plain_name)]
FileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
"""A name that also names files: with what is put before and after it, it stays within what disks allow."""
Text = Annotated[str, Field(max_length=120), AfterValidator(_printable)]
"""A short text that may be empty, such as a code."""
Certainty = Literal["read", "extract", "computed", "memory", "estimate", "invented"]
"""How sure a row is. read: in the named source. extract: from a named data set. computed: by the
authors from data. memory: remembered, not checked. estimate: the authors' estimate. invented:
stands for nothing, in a case made up to teach."""
PLACEHOLDERS = "placeholder for "
"""How a note begins that lists the columns nobody has estimated yet."""
SCHEDULED = "scheduled"
"""Of a unit's first day: a schedule must open it."""
OptionalDate = Annotated[date | None, BeforeValidator(_a_day_or_none)]
OpeningDate = Annotated[date | Literal["scheduled"] | None, BeforeValidator(_an_opening)]
OptionalCount = Annotated[Count, BeforeValidator(empty_is_zero)]


def _shares(value: object) -> object:
    """Read 'Name 0.6; Name 0.3' into pairs of a name and a share."""
    if not isinstance(value, str):
        return value
    pairs = []
    for part in filter(None, (p.strip() for p in value.split(";"))):
        name, _, number = part.rpartition(" ")
        share = float(number) if NUMBER.fullmatch(number) else math.nan
        if not name or not 0.0 < share <= 1.0:
            raise ValueError(f"{shown(part)} must be a name and a share, such as 'Farmers 0.6'")
        pairs.append((name.strip(), share))
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name appears twice")
    if sum(share for _, share in pairs) > 1.0 + 1e-9:
        raise ValueError("the shares add up to more than 1")
    return tuple(pairs)


Shares = Annotated[tuple[tuple[Name, Share], ...], BeforeValidator(_shares)]

if TYPE_CHECKING:  # checkers need its name
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)


class Readable(ModelMetaclass):
    """Lets what is made in Python with a wrong value fail as what is read from a file does."""

    if not TYPE_CHECKING:

        def __call__(cls, *args: Any, **values: Any) -> Any:
            """Make an instance, or raise `ScenarioError`."""
            try:
                return super().__call__(*args, **values)
            except ValidationError as error:
                where, problem = describe(error, cls)
            raise ScenarioError(f"{cls.__name__}(...)", problem, where=where)


class Row(BaseModel, metaclass=Readable):
    """A row of a table, with where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    file: ClassVar[str] = ""
    """The file it is a row of."""
    table: ClassVar[str] = ""
    """Where a `Scenario` holds its rows: a field of that name, or else a key of `more`."""
    key: ClassVar[str] = ""
    """The column that names a row, if no two may have the same."""
    places: ClassVar[tuple[str, ...]] = ("district",)
    """Columns that hold the id of a district."""
    optional: ClassVar[bool] = False
    """Whether the file may be missing."""

    source: str = Field("", description="where the facts of the row come from")
    certainty: Certainty = Field("estimate", description="how sure they are")
    note: str = Field("", description="anything a reader should know")

    # Set by the loader; not a column.
    _line: int = 0

    @property
    def line(self) -> int:
        """The line of the file this row starts in, 0 if made in Python."""
        return self._line


class Strict(BaseModel, metaclass=Readable):
    """A table of a TOML file: what is no number there is none here either, in quotes or not."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, strict=True)
