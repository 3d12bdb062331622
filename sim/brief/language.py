"""Words, numbers and dates of a language: gettext catalogues, and the few formats that a briefing needs.

The catalogue is the only place where a translation stands (`locale/LANG/LC_MESSAGES/drawdown.po`; the `.mo`
beside it is made from it by Babel and read by the standard library). Babel itself is 36 MB, for a dozen
formats: it is needed to develop, not to run. The tests hold the formats below to Babel's, and the `.mo` to
the `.po`.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).with_name("locale")
DOMAIN = "drawdown"
CODES = ("en", "fr")
NARROW = "\u202f"
"""Narrow no-break space."""
HARD = "\u00a0"
MINUS = "\u2212"
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
}


@dataclass(frozen=True)
class Language:
    """How a language writes what a briefing says."""

    code: str
    thousands: str
    decimal: str
    percent_sign: str
    quotes: tuple[str, str]

    @property
    def _catalogue(self) -> gettext.NullTranslations:
        return _catalogue(self.code)

    def say(self, template: str) -> str:
        """Return a template or phrase in this language; as it is where the catalogue has none."""
        return self._catalogue.gettext(template) if template else ""

    def say_many(self, one: str, many: str, n: int) -> str:
        """Return the template for a number of things."""
        return self._catalogue.ngettext(one, many, n)

    def knows(self, template: str) -> bool:
        """Return whether a text is written in this language or has a translation."""
        return self.code == "en" or self._catalogue.gettext(template) != template

    # -- numbers ------------------------------------------------------------------------------------

    def decimals(self, x: float, digits: int = 0) -> str:
        """Return a number with so many decimals: "1,234.5", "1 234,5"."""
        text = f"{abs(x):,.{digits}f}"
        text = text.replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)
        return f"{MINUS}{text}" if round(x, digits) < 0 else text

    def number(self, x: float) -> str:
        """Return a whole number; from ten million on in millions."""
        if abs(x) >= 1e7:
            return self.say("{number} million").format(number=self.decimals(x / 1e6, 1)).replace(" ", HARD)
        return self.decimals(x)

    def signed(self, x: float) -> str:
        """Return a whole number with its sign; 0 without one."""
        text = self.number(x)
        return text if round(x) == 0 or x < 0 else f"+{text}"

    def percent(self, share: float) -> str:
        """Return a share; what is not quite none or all is "under 1%" or "over 99%"."""
        if 0.0 < abs(share) < 0.005:
            return self.say("under {percent}").format(percent=f"1{self.percent_sign}")
        if 0.995 <= share < 1.0:
            return self.say("over {percent}").format(percent=f"99{self.percent_sign}")
        return f"{self.decimals(share * 100)}{self.percent_sign}"

    # -- dates --------------------------------------------------------------------------------------

    def day(self, day: date) -> str:
        """Return a day: "18 August 2031", "1er janvier 2031"."""
        first = "1er" if self.code == "fr" and day.day == 1 else str(day.day)
        return f"{first} {MONTHS[self.code].split()[day.month - 1]} {day.year}".replace(" ", HARD)

    def month(self, day: date) -> str:
        """Return the month of a day: "August 2031"."""
        return f"{MONTHS[self.code].split()[day.month - 1]} {day.year}".replace(" ", HARD)

    def short_month(self, day: date) -> str:
        """Return the month of a day as short as a table wants it: "Aug 2031", "févr. 2031"."""
        return f"{SHORT[self.code].split()[day.month - 1]} {day.year}".replace(" ", HARD)

    # -- words --------------------------------------------------------------------------------------

    def elided(self, text: str) -> str:
        """Return a text with "de" cut before the name of a month that begins with a vowel ("d’août")."""
        return re.sub(r"\bde (août|avril|octobre)\b", r"d’\1", text) if self.code == "fr" else text

    def quote(self, text: str) -> str:
        """Return a text in quotation marks."""
        return f"{self.quotes[0]}{text}{self.quotes[1]}"

    def listed(self, items: Sequence[str]) -> str:
        """Return "a", "a and b", or "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        last = self.say("and")
        return f"{', '.join(items[:-1])} {last} {items[-1]}"


_LANGUAGES = {
    "en": Language("en", ",", ".", "%", ("“", "”")),
    "fr": Language("fr", NARROW, ",", f"{HARD}%", (f"«{HARD}", f"{HARD}»")),
}


def language(code: str) -> Language:
    """Return a language by its code. Raises `ValueError` that names those there are."""
    if code not in _LANGUAGES:
        raise ValueError(f"there is no language {code!r}; there are {', '.join(CODES)}")
    return _LANGUAGES[code]


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, languages=[code])
