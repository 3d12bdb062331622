"""Every sentence of a briefing follows from its numbers, in English and in French.

Generated comparisons are those of `claims`; what a briefing adds (by whom, which base, how long) is generated
here, and every claim is computed again. Sentences are templates with typed slots, so that one walk over the
slots holds both languages to the numbers; what is left to a translation, its words, is held to the English in
`test_language`.

    DRAWDOWN_TABLES=10000 pytest -n 0 tests/brief/test_sentences.py
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest
from claims import apart, ends, generated, holds, pair

from sim import influence, parameters
from sim.brief import sentences
from sim.brief.facts import PERPETRATORS, RINGS, Base, Facts
from sim.brief.language import CODES, language
from sim.brief.slots import Listed, Number, Percent, Sentence, Signed, Slot
from sim.scenario.case import COUNTERFACTUAL
from sim.show.sentences import Claim
from sim.study.evidence import Evidence

TABLES = int(os.environ.get("DRAWDOWN_TABLES", "50"))


def facts(rng: np.random.Generator) -> Facts:
    """Return facts as nature might deal them."""
    a = generated(rng)
    worlds, schedules = a.worlds, len(a.names)
    excess = a.values["killed"][:-1] - a.values["killed"][-1]
    rings = excess[:, :, None] * rng.dirichlet([1.0, 1.0, 0.3], schedules)[:, None, :]
    by = {}
    for metric in PERPETRATORS:
        own = np.round(rng.gamma(2.0, 50.0, (schedules + 1, worlds)))
        by[metric] = own if rng.random() < 0.8 else np.broadcast_to(own[-1], own.shape)
    bases = tuple(
        Base(
            n,
            f"Base {k}",
            str(rng.choice(["Alpha", "Beta", "Gamma"])),
            worlds,
            took := int(rng.integers(0, worlds + 1)),
            float(rng.uniform(0, 0.4)),
            float(rng.integers(1_000, 900_000)),
            took,
            0,
            0,
        )
        for n in a.names
        for k in range(int(rng.integers(0, 5)))
    )
    moving = tuple("abcdefgh"[: rng.integers(1, 8)])
    sure = Evidence(324, int(rng.integers(1, 324)), 80, int(rng.integers(0, 80)))
    if rng.random() < 0.5:
        undone = (("listen", "low", -3.0),) if rng.random() < 0.5 else ()
        sure = replace(
            sure,
            schedule=a.names[0],
            moving=moving,
            moving_guesses=int(rng.integers(0, len(moving) + 1)),
            undone=undone,
        )
    titles = {n: f"Plan {n}" if rng.random() < 0.8 else "The same title" for n in (*a.names, COUNTERFACTUAL)}
    return Facts(
        answers=a,
        evidence=sure,
        title="Generated",
        titles=titles,
        start=date(2020, 1, 6),
        end=date(2023, 1, 1),
        seed=1,
        rings=rings,
        by=by,
        bases=bases,
        closing={n: {"Base 0": date(2020, 3, 2)} for n in a.names},
    )


def every_sentence(f: Facts) -> list[Sentence]:
    """Return all that is ever said of facts."""
    a = f.answers
    said: list[Sentence | None] = [
        sentences.question(f),
        sentences.no_forecast(f),
        sentences.how_sure(f),
        sentences.ignorance(f),
        sentences.one_number(f),
        sentences.ties(f),
        sentences.able_army(f),
    ]
    for whole in (
        "actual",
        "too_few",
        "against_none",
        "few_bad_worlds",
        "first_two",
        "worst",
        "turning",
        "saturated",
        "next_to_nothing",
        "cost",
        "guesses_decide",
        "cannot_say",
    ):
        said += getattr(sentences, whole)(f)
    for n in a.names:
        said += [sentences.how_likely(f, n), sentences.beside(f, n)]
        for single in ("where", "when", "who", "bases_matter", "rings", "perpetrators"):
            said += getattr(sentences, single)(f, n)
    return [s for s in said if s is not None]


# -- claims -----------------------------------------------------------------------------------------------


def true(f: Facts, c: Claim, signs: dict[str, dict[tuple[str, str], int]]) -> bool:
    """Return whether a claim is true: here what a briefing adds, the rest by `claims.holds`."""
    a = f.answers

    def same(*expected: float) -> bool:
        return c.value == pytest.approx(expected, rel=1e-6, abs=1e-6)

    def share_of(x: np.ndarray) -> tuple[float, int, int]:
        return float(x.mean()), int((x > 0).sum()), len(x)

    match c.kind:
        case "median":
            return same(np.median(pair(a, c)))
        case "worst":
            x = np.sort(pair(a, c))[::-1]
            return same(x[: max(1, math.ceil(len(x) / 20))].mean())
        case "word":
            return 0 <= c.value[0] <= c.value[1]  # the word itself: test_words_of_shares
        case "fewest":
            return min(a.names, key=lambda n: a.values["killed"][a.names.index(n)].mean()) == c.place or any(
                a.values["killed"][a.names.index(n)].mean()
                == pytest.approx(a.values["killed"][a.names.index(c.place)].mean())
                for n in a.names
                if n != c.place
            )
        case "needed":
            x = pair(a, c)
            if x.mean() == 0 or x.std(ddof=1) == 0:
                return same(0)
            n = 7.8489 * x.var(ddof=1) / x.mean() ** 2
            return same(0) if n > 20_000 else 0.999 * n <= c.value[0] <= 1.11 * n + 1
        case "half by" | "last year":
            mean = a.cumulated[a.names.index(c.a)].mean(axis=0)
            if c.kind == "last year":
                return same(max((mean[-1] - mean[-3]) / mean[-1], 0.0))
            h = int(c.value[0])
            stays = all(m / mean[-1] >= 0.5 for m in mean[h:])
            return stays and (h == 0 or mean[h - 1] / mean[-1] < 0.5)
        case "ring":
            return same(*share_of(f.rings[a.names.index(c.a), :, RINGS.index(c.metric)]))
        case "by":
            values = f.by[c.metric]
            return same(*share_of(values[a.names.index(c.a)] - values[-1]))
        case "part clear":
            k = a.names.index(c.a)
            ring = c.metric in RINGS
            x = f.rings[k, :, RINGS.index(c.metric)] if ring else f.by[c.metric][k] - f.by[c.metric][-1]
            if a.worlds < 20:
                return same(0)
            low, high = ends(np.asarray(x, float))
            return same(float(low > 0 or high < 0))
        case "base":
            own = {(b.base, b.district): b for b in f.bases if b.schedule == c.a and b.took and b.depth > 0}
            (b,) = (x for (base, _), x in own.items() if base == c.place)
            most = {d: max(x.depth * x.people for (_, e), x in own.items() if e == d) for _, d in own}
            rank = sorted(most.values(), reverse=True)
            return same(100 * b.depth, b.people) and b.depth * b.people in rank[:3]
        case "apart":
            signs.setdefault("killed", apart(a, "killed"))
            pairs = list(combinations(a.names, 2))
            return same(len(pairs), sum(signs["killed"][p] != 0 for p in pairs))
        case "evidence":
            e = f.evidence
            return same(e.guesses, e.parameters, e.weak_rows, e.rows)
        case "moving":
            return same(len(f.evidence.moving), f.evidence.moving_guesses, 0.1)
        case "rating":
            return c.place == f.evidence.rating
        case "undone":
            return any((f"{n} {e}", m) == (c.place, c.value[0]) for n, e, m in f.evidence.undone)
        case "ignorance":
            tier = sum(one.tier == 1 for one in influence.table().values())
            times = influence.made()["magnification"]["excess"]["magnified"]
            return same(tier, f.evidence.parameters, 0.3, times)
        case "older":
            return bool(influence.made().get("older"))
    return holds(a, c, signs)


def slots(s: Slot) -> Iterator[Slot]:
    """Yield what stands in the slots of a sentence, and in those of its parts."""
    for one in s.slots.values() if isinstance(s, Sentence) else s.items if isinstance(s, Listed) else ():
        yield one
        yield from slots(one)


def values(s: Sentence) -> list[float]:
    """Return the numbers that stand in a sentence."""
    return [x.value for x in slots(s) if isinstance(x, Number | Signed | Percent)]


def backing(s: Sentence) -> set[float]:
    """Return the numbers that the claims of a sentence stand for, shares included."""
    found: set[float] = set()
    for c in s.claims:
        found |= {*c.value}
        if c.kind in ("more in", "fewer in", "word") and c.value[1]:
            found.add(c.value[0] / c.value[1])
        if c.kind == "filled by" and c.value[-1]:
            found.add(c.value[0] / c.value[-1])
        if c.kind == "level":
            found.add(c.value[0] / 100)
    return found


def test_every_claim_holds_and_every_number_is_claimed() -> None:
    rng = np.random.default_rng(11)
    seen: dict[str, int] = {}
    for number in range(TABLES):
        f = facts(rng)
        signs: dict[str, dict[tuple[str, str], int]] = {}
        checked: set[Claim] = set()
        free = {float(len(f.answers.names)), float(f.answers.worlds)}
        for s in every_sentence(f):
            for c in s.claims:
                seen[c.kind] = seen.get(c.kind, 0) + 1
                if c not in checked:
                    checked.add(c)
                    assert true(f, c, signs), f"table {number}: {s.show(language('en'))}\n{c}"
            for v in values(s):
                near = any(v == pytest.approx(b, rel=1e-9, abs=1e-9) for b in backing(s) | free)
                assert near, f"table {number}: {s.show(language('en'))}\n{v} in no claim"
    wanted = {
        "median",
        "worst",
        "word",
        "fewest",
        "needed",
        "half by",
        "last year",
        "ring",
        "by",
        "part clear",
        "base",
        "apart",
        "evidence",
        "moving",
        "rating",
        "undone",
        "ignorance",
        "told",
        "place",
        "filled by",
        "troop-years more",
        "more in",
        "fewer in",
        "too few",
        "same",
        "turns",
    }
    assert set(seen) >= wanted, f"never said: {wanted - set(seen)}"


SIGNS = {
    "en": {
        r"\bMore civilians are killed\b": {1},
        r"\bFewer civilians are killed\b": {-1},
        r"beyond chance": {1, -1},
        r"It can be told from|Most are killed .*more than under each": {1},
        r"[Tt]he runs cannot tell|cannot be told": {0},
    },
    "fr": {
        r"\bPlus de civils sont tués\b": {1},
        r"\bMoins de civils sont tués\b": {-1},
        r"au-delà de ce que le hasard explique": {1, -1},
        r"Ce plan se distingue du suivant|plus qu.avec chacun": {1},
        r"ne permettent pas? ?de|ne peuvent être départagés|ne se distingu": {0},
    },
}
"""Words, and what the runs must have told for them to be used."""


@pytest.mark.parametrize("code", CODES)
def test_words_are_no_stronger_than_claims(code: str) -> None:
    rng = np.random.default_rng(12)
    lang, used = language(code), set()
    for _ in range(min(TABLES, 300)):
        f = facts(rng)
        for s in every_sentence(f):
            told = {int(c.value[0]) for c in s.claims if c.kind in ("told", "part clear")}
            for pattern, wanted in SIGNS[code].items():
                if re.search(pattern, s.show(lang)):
                    used.add(pattern)
                    assert told & wanted, s.show(lang)
    assert used == set(SIGNS[code])


def test_words_of_shares() -> None:
    edges = {
        "all": 1,
        "nearly all": 0.95,
        "most": 0.75,
        "more than half": 0.55,
        "about half": 0.45,
        "less than half": 0.25,
        "few": 0.05,
        "almost none": 1e-9,
        "none": 0,
    }
    order = list(edges)
    for of in (1, 7, 20, 40, 200, 1000):
        for part in range(of + 1):
            said = sentences.word(part, of).template
            assert part / of >= edges[said]
            stronger = order[order.index(said) - 1] if said != "all" else None
            assert stronger is None or part / of < edges[stronger] or part == 0, (part, of)


def test_likely_and_sure_are_kept_apart() -> None:
    """No sentence on the runs says how sure the evidence is, and none on the evidence counts worlds."""
    rng = np.random.default_rng(13)
    for _ in range(20):
        for s in every_sentence(facts(rng)):
            kinds = {c.kind for c in s.claims}
            assert not (
                kinds & {"evidence", "rating", "moving"} and kinds & {"more in", "fewer in", "median", "told"}
            )


def test_no_sentence_gives_a_mean_alone() -> None:
    """A mean of a heavy tail stands beside the share of worlds in which there is more."""
    rng = np.random.default_rng(14)
    for _ in range(30):
        for s in every_sentence(facts(rng)):
            text = s.show(language("en"))
            if "on average" in text and "few bad worlds" not in text:
                assert re.search(r"(more|fewer) in \d", text), text


def test_guessed_parameters_exist() -> None:
    f = replace(facts(np.random.default_rng(1)), evidence=Evidence(324, 3, 5, 1))
    (said,) = sentences.guesses_decide(f)
    named = [x for x in slots(said) if hasattr(x, "text")]
    assert named
    assert all(parameters.PARAMETERS[x.text.strip("`")].certainty == "guess" for x in named)
    assert all(parameters.PARAMETERS[name].certainty == "guess" for name in sentences.GUESSED)
    text = said.show(language("en"))
    assert sum(words.template in text for words in sentences.GUESSED.values()) == len(named), "in words"


def test_what_was_measured_under_earlier_rules_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    f = facts(np.random.default_rng(1))
    for older in ("", "before something changed"):
        monkeypatch.setitem(influence.made(), "older", older)
        for said in (sentences.ignorance(f), *sentences.guesses_decide(f)):
            for code, words in (("en", "before the rules last changed"), ("fr", "changement des règles")):
                assert (words in said.show(language(code))) == bool(older)


def test_deaths_from_want_stand_beside_killed_that_tell_nothing() -> None:
    rng = np.random.default_rng(3)
    seen = 0
    for _ in range(40):
        f = facts(rng)
        a = f.answers
        wanted = [
            n for n in f.ordered
            if a.enough and not a.told("killed", n) and a.paired("killed", n).any()
            and a.told("excess_deaths", n) > 0
        ]  # fmt: skip
        said = sentences.want_beside(f)
        assert bool(said) == bool(wanted)
        if said:
            seen += 1
            assert "die of want" in said[0].show(language("en"))
    assert seen
