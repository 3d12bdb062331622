"""The French of a briefing is whole, up to date and says what the English says; formats are Babel's."""

from __future__ import annotations

import io
import re
import string
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel import dates, numbers
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from sim import Scenario
from sim.brief.language import CODES, DOMAIN, LOCALE, language
from sim.brief.slots import Title
from sim.serve.plan import Wish, made

PO = LOCALE / "fr" / "LC_MESSAGES" / f"{DOMAIN}.po"
HOW = "; then: pybabel compile -d sim/brief/locale -D drawdown"
OWN_FUNCTIONS = {"say": None, "say_many": (1, 2)}


@pytest.fixture(scope="module")
def catalogue():
    with PO.open("rb") as file:
        return read_po(file, locale="fr", domain=DOMAIN)


@pytest.fixture(scope="module")
def templates(root: Path) -> set[str | tuple[str, ...]]:
    """Return every template in the source."""
    found = extract_from_dir(str(root / "sim" / "brief"), [("**.py", "python")], keywords=OWN_FUNCTIONS)
    return {message for _, _, message, _, _ in found}


def test_every_template_and_title_is_translated(root, catalogue, templates) -> None:
    assert len(templates) > 150
    titles = set()
    for file in (root / "scenarios").glob("*/scenario.toml"):
        titles.add(tomllib.loads(file.read_text(encoding="utf-8"))["title"])
        for plan in (file.parent / "schedules").glob("*.toml"):
            titles.add(tomllib.loads(plan.read_text(encoding="utf-8"))["title"])
    for message in (*templates, *titles):
        found = catalogue.get(message)
        assert found is not None, f"{message!r} is not in {PO.name}: add it{HOW}"
        texts = found.string if isinstance(found.string, tuple) else (found.string,)
        assert all(texts), f"{message!r} is not translated{HOW}"
        assert not found.fuzzy
    left = {m.id for m in catalogue if m.id} - templates - titles
    assert not left, f"in {PO.name}, but no longer said: {left}"


def test_the_compiled_catalogue_is_up_to_date(catalogue) -> None:
    made = io.BytesIO()
    write_mo(made, catalogue)
    assert made.getvalue() == PO.with_suffix(".mo").read_bytes(), f"{PO.name} was changed{HOW}"


def test_babel_finds_nothing_wrong_with_the_catalogue(catalogue) -> None:
    assert [(message.id, errors) for message, errors in catalogue.check()] == []


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


POLARITY = {  # an English word, and what must stand for it
    r"\b(fewer|fewest|less)\b": r"\bmoins\b",
    r"\b(cannot|no|not|none|nobody|never|nothing|without)\b": (
        r"\bn['’e]|\baucune?\b|\bpersonne\b|\bpas\b|\bnon\b|\bjamais\b|\bsans\b|\bzéro\b|à défaut|imaginaire"
    ),
}


def test_translations_have_the_same_slots_digits_and_direction(catalogue) -> None:
    for message in catalogue:
        if not message.id or "{" not in str(message.id):
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        for english, french in zip(ids, texts, strict=True):
            assert fields(english) == fields(french), english
            bare = [re.sub(r"\{\w+\}|[\s,\u202f\u00a0]", "", t) for t in (english, french)]
            assert re.findall(r"\d+", bare[0]) == re.findall(r"\d+", bare[1]), english
            for said, wanted in POLARITY.items():
                if re.search(said, re.sub(r"\{\w+\}", "", english)):
                    assert re.search(wanted, french), f"{english}\n{french}"


def test_french_is_set_as_the_french_set_it(catalogue) -> None:
    for message in catalogue:
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            if message.id:
                assert not re.search(r"[^\u00a0\u202f\s][;:?!%](\s|$)| [;:?!%»]|« |'", text), text


@given(st.floats(-9.9e6, 9.9e6, allow_nan=False), st.integers(0, 2))
@pytest.mark.parametrize("code", CODES)
def test_numbers_are_babels(code: str, x: float, digits: int) -> None:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    ours = language(code).decimals(x, digits).replace("\u2212", "-")
    theirs = numbers.format_decimal(float(f"{x:.{digits}f}"), format=pattern, locale=code)
    assert ours == theirs.replace("-0", "0", 1) if float(f"{x:.{digits}f}") == 0 else ours == theirs


@given(st.integers(0, 100))
@pytest.mark.parametrize("code", CODES)
def test_percentages_are_babels(code: str, n: int) -> None:
    assert language(code).percent(n / 100) == numbers.format_percent(n / 100, locale=code)


def test_what_is_not_quite_none_or_all_is_not_rounded_to_it() -> None:
    en, fr = language("en"), language("fr")
    assert (en.percent(0.001), en.percent(0.999)) == ("under 1%", "over 99%")
    assert (fr.percent(0.001), fr.percent(0.999)) == ("moins de 1\u00a0%", "plus de 99\u00a0%")


@given(st.integers(0, 40_000))
def test_days_are_babels(n: int) -> None:
    day = date(1990, 1, 1) + timedelta(n)
    fr = dates.format_date(day, "d MMMM y", locale="fr")
    assert language("fr").day(day).replace("\u00a0", " ") == (
        fr.replace("1 ", "1er ", 1) if day.day == 1 else fr
    )
    assert language("en").day(day).replace("\u00a0", " ") == dates.format_date(day, "d MMMM y", locale="en")
    for code in CODES:
        for ours, pattern in ((language(code).month, "LLLL y"), (language(code).short_month, "LLL y")):
            assert ours(day).replace("\u00a0", " ") == dates.format_date(day, pattern, locale=code)


def test_lists() -> None:
    assert language("en").listed(["a", "b", "c"]) == "a, b and c"
    assert language("fr").listed(["a", "b", "c"]) == "a, b et c"
    assert language("fr").listed(["a"]) == "a"


def test_millions_and_signs() -> None:
    en, fr = language("en"), language("fr")
    assert en.number(12_345_678) == "12.3\u00a0million"
    assert fr.number(12_345_678) == "12,3\u00a0millions"
    assert en.signed(-1234.4) == "\u22121,234"
    assert fr.signed(1234) == "+1\u202f234"
    assert en.signed(0.2) == fr.signed(-0.2) == "0"


def test_there_is_no_other_language() -> None:
    with pytest.raises(ValueError, match="there are en, fr"):
        language("de")


def test_french_months_that_begin_with_a_vowel_are_elided() -> None:
    text = "à partir de août 2018, de avril à octobre, de mars"
    assert language("fr").elided(text) == "à partir d’août 2018, d’avril à octobre, de mars"
    assert language("en").elided(text) == text


def test_a_title_with_something_added_is_translated_with_it(root: Path) -> None:
    case = Scenario.load(root / "scenarios" / "corridor")
    title, plan = case.header.title, case.schedules["hasty"].title
    en, fr = language("en"), language("fr")
    for shift, words in ((0.5, "mieux préparées de 50"), (-0.25, "moins bien préparées de 25")):
        ready = case.with_readiness(shift).header.title
        assert Title(ready, quoted=False).show(en) == ready
        shown = Title(ready, quoted=False).show(fr)
        assert shown.startswith(fr.say(title))
        assert words in shown
    changed = made(case, case.schedules["hasty"], Wish(end=date(2031, 9, 1))).schedule.title
    assert Title(changed, quoted=False).show(en) == f"{plan}, changed"
    assert Title(changed, quoted=False).show(fr) == f"{fr.say(plan)}, modifié"
