"""The page holds what answers each question of the reader's test (README.md), in both languages."""

from __future__ import annotations

import html as plain
import re
import tomllib
from pathlib import Path

import pytest

from sim import Scenario, compare
from sim.brief import content
from sim.brief.html import html
from sim.brief.language import CODES

QUESTIONS = tomllib.loads(Path(__file__).with_name("questions.toml").read_text(encoding="utf-8"))["questions"]


@pytest.fixture(scope="module")
def pages(root: Path) -> dict[str, tuple[str, str]]:
    """Return the text of the first page and of the annex by language."""
    case = Scenario.load(root / "scenarios" / "corridor")
    made = content.brief(compare(case, ["hasty", "regroup"], replicates=60))
    found = {}
    for code in CODES:
        page = re.sub(r"<svg.*?</svg>|<style.*?</style>", "", html(made, code), flags=re.DOTALL)
        first, annex = page.split('class="annex"')
        found[code] = tuple(plain.unescape(re.sub(r"<[^>]+>", " ", x)) for x in (first, annex))
    return found


def test_there_are_ten_questions_each_with_answer_and_reason() -> None:
    assert len(QUESTIONS) == 10
    for q in QUESTIONS:
        assert {"ask", "demander", "answer", "costs", "where", "en", "fr"} <= set(q)
        assert len(q["en"]) == len(q["fr"])


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["ask"][:40])
def test_the_page_answers(pages, question, code) -> None:
    text = pages[code][0 if question["where"] == "first" else 1]
    for pattern in question[code]:
        assert re.search(pattern, text), f"{question['ask']}: {pattern!r} is not on the page"
