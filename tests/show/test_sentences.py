"""Every sentence follows from its numbers: claims are computed again from generated tables (`claims`).

    DRAWDOWN_TABLES=10000 pytest -n 0 tests/show/test_sentences.py

tries ten thousand tables instead of a hundred.
"""

from __future__ import annotations

import math
import os
import re
from itertools import combinations
from pathlib import Path

import claims as reference
import numpy as np
from claims import generated, holds

from sim.intervals import mean_interval
from sim.show import numbers, sentences, text
from sim.show.sentences import Claim, Sentence
from sim.study.answers import NEEDED, Answers
from sim.study.evidence import Evidence

TABLES = int(os.environ.get("DRAWDOWN_TABLES", "100"))


NUMBER = re.compile(r"[+-]?\d+(?:,\d{3})*(?:\.\d+)?(?: m\b)?")


def printed(s: Sentence) -> set[str]:
    """Return the numbers in a sentence, without those in names, dates and commands."""
    bare = re.sub(r"'[^']*'|\d{4}-\d{2}-\d{2}", "", s.text)
    return set(NUMBER.findall(bare))


def renderings(claims: tuple[Claim, ...]) -> set[str]:
    """Return every way in which the values of claims are printed."""
    found: set[str] = set()
    for c in claims:
        for v in c.value:
            if not math.isfinite(v):
                continue
            ways = (
                numbers.number(v),
                numbers.number(abs(v)),
                numbers.signed(v),
                f"{v:+.2f}",
                f"{v * 100:.0f}",
                f"{v:.1f}",
            )
            found |= {*ways, f"{v:,.0f}"}
        shares = {"filled by": [v / max(c.value[-1], 1) for v in c.value[:3]]}.get(c.kind, c.value[:1])
        if c.kind in ("filled by", "record usual", "places share", "saturated"):
            found |= {f"{v * 100:.0f}" for v in shares}
            found |= {"1"} if any(0 < v < 0.005 for v in shares) else set()  # under 1 %
            found |= {"99"} if any(0.995 <= v < 1 for v in shares) else set()  # over 99 %
    return found


def every_sentence(a: Answers) -> list[Sentence]:
    return [s for every in (False, True) for _, group in sentences.answers_in_order(a, every) for s in group]


def test_where_names_the_places_that_carry_most_though_one_massacre_blurs_their_mean() -> None:
    rng = np.random.default_rng(3)
    tail = np.where(np.arange(40) < 34, 5.0, -1.0)
    tail[:2] = 900.0  # two massacres: more in 34 of 40 worlds, and a mean that no interval tells from zero
    once = np.zeros(40)
    once[0] = 3000.0  # one world alone is no place that carries the difference
    places = np.stack([rng.permutation(tail), np.full(40, 1.0), np.zeros(40), once], axis=1)
    base = np.full(40, 300.0)
    even = base + 100.0 + np.arange(40)
    values = {m: np.array([even, base]) for m in NEEDED}
    drawn = generated(rng)
    kept = {f: getattr(drawn, f) for f in ("case", "weeks", "people", "districts")}
    a = Answers(
        **kept, names=("exit",), values=values, places=places[None], cumulated=np.zeros((1, 40, 3)),
        half_years=("a", "b", "c"),
    )  # fmt: skip
    assert not mean_interval(places[:, 0])[0] > 0
    assert [name for name, _, _ in a.carriers("exit")] == ["Alpha", "Beta"]
    said = sentences.where(a, "exit")
    assert said is not None
    assert said.text == (
        "'exit': Alpha +49 (more in 34 of 40 worlds) and Beta +1 (40); together 42 % of its +120."
    )


RARE = {"clear from", "saturated"}
"""Claims that a hundred tables may go without."""


def test_every_claim_holds_in_generated_tables() -> None:
    rng = np.random.default_rng(8)
    seen: dict[str, int] = {}
    for number in range(TABLES):
        a = generated(rng)
        signs: dict[str, dict[tuple[str, str], int]] = {}
        checked: set[Claim] = set()
        for s in every_sentence(a):
            for c in s.claims:
                seen[c.kind] = seen.get(c.kind, 0) + 1
                if c not in checked:
                    checked.add(c)
                    assert holds(a, c, signs), f"table {number}: {s.text}\n{c}"
            missing = printed(s) - renderings(s.claims)
            assert not missing, f"table {number}: {s.text}\n{missing} in no claim"
    cases = re.findall(r"^ +case (.+):$", Path(reference.__file__).read_text(), re.MULTILINE)
    kinds = {kind for case in cases for kind in re.findall(r'"([^"]+)"', case)}
    assert set(seen) >= kinds - RARE, f"never said: {kinds - set(seen)}"


WORDS = {
    r"\bMore killed\b|has more|against '.*: more in": 1,
    r"\bFewer killed\b": -1,
    r"cannot tell(?! in which)|cannot be told|None of the others|Nor from each other": 0,
}


def test_words_are_no_stronger_than_claims() -> None:
    rng = np.random.default_rng(9)
    for _ in range(min(TABLES, 300)):
        a = generated(rng)
        for s in every_sentence(a):
            told = [c.value[0] for c in s.claims if c.kind == "told"]
            for pattern, sign in WORDS.items():
                if re.search(pattern, s.text) and "turns" not in s.text:
                    assert sign in told or (sign == 0 and "of the difference" in s.text), s.text
            if "turns: " in s.text:
                assert sorted(told) == [-1, 1], s.text


def test_chance_alone_tells_schedules_apart_in_at_most_one_comparison_in_twenty() -> None:
    rng = np.random.default_rng(10)
    wrong = 0
    for _ in range(300):
        base = rng.gamma(2.0, 100.0, 40)
        rows = [base + rng.exponential(20.0, 40) for _ in range(4)]  # the same law for each, skewed
        values = {m: np.array([*rows, base + 20.0]) for m in NEEDED}
        a = generated(rng)
        a = Answers(
            **{
                **{f: getattr(a, f) for f in ("case", "weeks", "people", "districts", "half_years")},
                "names": ("a", "b", "c", "d"),
                "values": values,
                "cumulated": np.zeros((4, 40, 3)),
                "places": np.zeros((4, 40, 4)),
            }
        )
        wrong += any(a.told("killed", x, y) for x, y in combinations(a.names, 2))
    assert wrong / 300 <= 0.08


def test_confidence_is_computed() -> None:
    strong = Evidence(
        100,
        5,
        100,
        5,
        schedule="actual",
        moving=tuple("abcdefghij"),
        moving_guesses=1,
        lowest=1,
        highest=9,
        default=5,
    )
    a = generated(np.random.default_rng(1))
    assert strong.rating == "high"
    assert "Confidence: high" in text.confidence(a, strong)[0].text
    from dataclasses import replace

    assert replace(strong, moving_guesses=4).rating == "moderate"
    assert replace(strong, moving_guesses=6).rating == "low"
    assert replace(strong, weak_rows=60).rating == "low"
    assert replace(strong, schedule="").rating == "low"
    undone = replace(strong, undone=(("listen", "low", -3.0),))
    assert undone.rating == "low"
    assert "A guess decides" in text.confidence(a, undone)[1].text
    for e in (strong, undone, replace(strong, schedule="")):
        for s in text.confidence(a, e):
            assert printed(s) <= renderings(s.claims), s.text
