"""The words of the printed page, in plain English."""

from __future__ import annotations

from sim import measures
from sim.intervals import FEWEST
from sim.show.numbers import wrap

TERMS: dict[str, str] = {
    "schedule": "A plan that says which base closes when. 'none' closes none and is always run for "
    "comparison; 'actual' carries out what the mission did, in a simulated world: it is not what happened "
    "there.",
    "matched world": "The same simulated world run under another schedule: the same strengths at the start, "
    "the same chance events. Until the first week in which two schedules differ the two are identical, so "
    "any difference is the schedule's doing. Also: matched run, replicate.",
    "more in 174 of 200": "In 174 of 200 matched worlds more people were killed under the schedule than "
    "under 'none'. It is a share of simulated worlds, not a probability for a real place.",
    "excess": "What a schedule has more than 'none' in the same world; fewer if negative. The mean excess "
    "is the average over worlds.",
    "nine worlds in ten": "From the 5th to the 95th of 100 worlds, ordered: how much luck differs from "
    "world to world. More runs do not narrow it.",
    "95 % interval of the mean": "How well this many runs pin down the average of this model; more runs "
    f"narrow it. It says nothing of whether the model is right. Not given below {FEWEST} runs.",
    "told apart": "The runs show a difference that chance between runs does not explain, all pairs of "
    "schedules judged together (Holm, 5 %).",
    "confidence": "How sure the evidence makes us: low, moderate or high, by how many of the numbers that "
    "move the answer are guesses. Apart from how often it comes out in the runs.",
    "killed": "Civilians killed by armed groups, state forces or communal militias. Not those killed by "
    "criminals, and not soldiers, fighters or peacekeepers.",
    "want": "Deaths beyond the usual because food, water and care do not reach people: excess deaths. Its "
    "level is among the weakest numbers of the model.",
    "flights": "People who flee, counted each time they do.",
    "on record": "What observers in the model would have written down. They leave with the bases. It is not "
    "the real record.",
    "district-week": "One district in one week. 24 districts over 410 weeks are 9,840 district-weeks.",
    "vacuum": f"A spell of at least {measures.SHORTEST_VACUUM} weeks in which an armed group of at least "
    f"{measures.ARMED} fighters is in a district, and neither the mission nor the state would deter it "
    "there.",
    "cliff": "What one closure takes away: how much less often attacks are met in its district than in the "
    f"matched world (depth, over {measures.DEPTH_WEEKS} weeks), until four fifths of that are made good "
    "(width).",
    "listener": "Somebody whom a community can call and who can act: a base, a police post, a monitor. When "
    "the last one leaves, alerts are no longer heard.",
    "troop-year": "One soldier or formed police officer of the mission for a year.",
}
"""Term to meaning, in the order of a reader's need."""


def glossary() -> str:
    """Return the glossary as text of 80 columns."""
    return "\n\n".join(f"{term}\n{wrap(meaning, '  ')}" for term, meaning in TERMS.items())


def markdown() -> str:
    """Return the glossary as a Markdown list."""
    return "\n".join(f"- **{term}**: {meaning}" for term, meaning in TERMS.items())
