"""Templates with typed slots: a sentence without a language, and the claims that it makes.

A template is an English text with named slots; the catalogue holds its translations. What goes into a slot
says of what kind it is (a number, a share, a day, a name), and the language writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sim.brief.language import Language
from sim.show.sentences import Claim


class Slot(Protocol):
    """What can stand in a slot of a template, or in a cell of a table."""

    def show(self, lang: Language) -> str:
        """Return it as a language writes it."""
        ...


@dataclass(frozen=True)
class Number:
    """A whole number, or one with decimals."""

    value: float
    digits: int = 0

    def show(self, lang: Language) -> str:
        """Return it as a language writes it."""
        return lang.decimals(self.value, self.digits) if self.digits else lang.number(self.value)


@dataclass(frozen=True)
class Signed:
    """A difference, with its sign; in brackets what the runs cannot tell from nothing."""

    value: float
    told: bool = True

    def show(self, lang: Language) -> str:
        """Return it as a language writes it."""
        text = lang.signed(self.value)
        return text if self.told else f"({text})"


@dataclass(frozen=True)
class Percent:
    """A share, 0-1."""

    value: float

    def show(self, lang: Language) -> str:
        """Return it as a language writes it."""
        return lang.percent(self.value)


@dataclass(frozen=True)
class Day:
    """A day."""

    value: date

    def show(self, lang: Language) -> str:
        """Return it as a language writes it."""
        return lang.day(self.value)


@dataclass(frozen=True)
class Month:
    """A month; `short` for tables."""

    value: date
    short: bool = False

    def show(self, lang: Language) -> str:
        """Return it as a language writes it."""
        return lang.short_month(self.value) if self.short else lang.month(self.value)


@dataclass(frozen=True)
class Name:
    """A name of a place or a base: the same in every language."""

    text: str

    def show(self, lang: Language) -> str:
        """Return it as a language writes it."""
        return self.text


@dataclass(frozen=True)
class Title:
    """The title of a case or a schedule, in the reader's language where the catalogue has it.

    `name` is added where two schedules share a title.
    """

    text: str
    name: str = ""
    quoted: bool = True

    def show(self, lang: Language) -> str:
        """Return it as a language writes it."""
        text = _title(self.text, lang) + (f" ({self.name})" if self.name else "")
        return lang.quote(text) if self.quoted else text


def _title(text: str, lang: Language) -> str:
    """Return a title in a language, also where something was added to one that the catalogue has."""
    for ending, template in ADDED.items():
        found = re.fullmatch(f"(.+){ending}", text)
        if found and not lang.knows(text):
            share = Percent(float(found[2]) / 100.0).show(lang) if found.re.groups > 1 else ""
            return lang.say(template.template).format(title=lang.say(found[1]), share=share)
    return lang.say(text)


@dataclass(frozen=True)
class Listed:
    """Several things with "and" before the last, or with something else between all of them."""

    items: tuple[Slot, ...]
    between: str = ""

    def show(self, lang: Language) -> str:
        """Return it as a language writes it."""
        shown = [item.show(lang) for item in self.items]
        if not self.between:
            return lang.listed(shown)
        return (
            f"\u202f{self.between}" if lang.code == "fr" and self.between[0] == ";" else self.between
        ).join(shown)


@dataclass(frozen=True)
class Sentence:
    """A template, what stands in its slots, and the claims that it makes; those of its parts included.

    `many` and `n`: the template for n things, where n is not 1.
    """

    template: str
    slots: Mapping[str, Slot] = field(default_factory=dict)
    own: tuple[Claim, ...] = ()
    many: str = ""
    n: int = 1

    def show(self, lang: Language) -> str:
        """Return it in a language."""
        template = lang.say_many(self.template, self.many, self.n) if self.many else lang.say(self.template)
        return lang.elided(template.format_map({name: slot.show(lang) for name, slot in self.slots.items()}))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All claims, those of its parts too, each once."""
        return tuple(dict.fromkeys((*self.own, *(c for s in self.slots.values() for c in _claims(s)))))


def _claims(slot: Slot) -> Iterable[Claim]:
    if isinstance(slot, Sentence):
        return slot.claims
    if isinstance(slot, Listed):
        return [c for item in slot.items for c in _claims(item)]
    return ()


def say(template: str, /, *claims: Claim, **slots: Slot) -> Sentence:
    """Return a sentence. Babel finds templates by the name of this function, and of `say_many`."""
    return Sentence(template, slots, claims)


ADDED = {
    ", changed": say("{title}, changed"),
    r" \(state forces readier by (\d+)%\)": say("{title} (state forces readier by {share})"),
    r" \(state forces less ready by (\d+)%\)": say("{title} (state forces less ready by {share})"),
}
"""What `sim.serve.plan` adds to the title of a schedule, and `Scenario.with_readiness` to that of a case."""


def say_many(one: str, many: str, count: int, /, *claims: Claim, **slots: Slot) -> Sentence:
    """Return a sentence on so many things."""
    return Sentence(one, slots, claims, many, count)


def together(*sentences: Sentence) -> Sentence:
    """Return sentences that make one point."""
    return Sentence("{all}", {"all": Listed(sentences, " ")})


def shown(sentences: Sequence[Slot], lang: Language) -> str:
    """Return sentences one after the other."""
    return " ".join(s.show(lang) for s in sentences)
