"""A comparison for programs: everything that the printed page says, as plain values."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.show.sentences import answers_in_order
from sim.study.answers import Answers
from sim.study.evidence import evidence
from sim.study.summary import summary

if TYPE_CHECKING:
    from sim.study.comparison import Comparison


def as_json(result: Comparison) -> dict[str, Any]:
    """Return provenance, summary, sentences with their claims and the evidence, as plain values (no NaN)."""
    a, e = Answers.of(result), evidence(result.scenario)
    said = [
        {"question": question, "text": s.text, "claims": [asdict(c) for c in s.claims]}
        for question, group in answers_in_order(a, every=True)
        for s in group
    ]
    plain = {
        "provenance": result.provenance,
        "summary": summary(result).to_dict("records"),
        "sentences": said,
        "evidence": {**asdict(e), "rating": e.rating},
    }
    made = _plain(plain)
    assert isinstance(made, dict)
    return made


def _plain(value: Any) -> Any:
    """Return a value without NaN, infinities or NumPy types."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
