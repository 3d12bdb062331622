from __future__ import annotations

import numpy as np
import pytest
from worlds import START, army, close, district, plan, rates, row, small, unit

from sim.agents import peacekeeper
from sim.build import build
from sim.ensemble import Ensemble
from sim.scenario.schema import Host
from sim.world.host import HOST, consent_to
from sim.world.state import KILLED, STATE_FORCES


def with_host(weeks: int = 40, **stance: object):
    case = small(weeks)
    return case.__class__(
        **{**case.__dict__, "header": case.header.model_copy(update={"host": Host.model_validate(stance)})}
    )


def test_votes_are_near_around_their_day_and_far_otherwise() -> None:
    case = with_host(60, elections=[START.replace(month=7)])
    votes = build(case, "none")[0].votes
    week = case.week_of(START.replace(month=7))
    assert votes[week] == 1.0
    assert votes[week - 5] == votes[week + 5] == 0.5
    assert votes[: week - 10].max() == 0.0


def test_a_vote_raises_tension_where_communities_differ() -> None:
    without = with_host(60)
    voting = with_host(60, elections=[START.replace(month=7)])
    calm, tense = (Ensemble(c, "none").run(1, 0, 4).records["tension"] for c in (without, voting))
    assert np.array_equal(calm[:, :14], tense[:, :14])
    assert (tense[:, 20:30, 0] > calm[:, 20:30, 0]).all()
    assert (tense[:, :, 2] == 0.0).all()  # one people lives there


def test_without_consent_the_mission_neither_moves_nor_answers() -> None:
    free = Ensemble(with_host(), "none").run(1, 0, 4).records
    bound = Ensemble(with_host(consent=0.0), "none").run(1, 0, 4).records
    assert free["un_presence"].mean() > 0.05
    assert bound["un_presence"].max() == 0.0
    assert bound["un_met"].max() == bound["answered_un"].max() == 0.0


def test_reports_of_abuse_cost_consent_while_the_mission_is_there() -> None:
    model = with_host().model("none")
    model.step()
    before = model.world.host[0].consent
    model.world.pending[0, 1, STATE_FORCES, KILLED] = 50
    model.step()
    assert model.world.host[0].consent < before
    consent = model.world.host[0].consent
    unit_, p = model.world.peacekeepers[0], model.world.parameters[0]
    assert peacekeeper.readiness(unit_, consent, p) == pytest.approx(p.un_act_chance * consent)

    gone = small(40, units=(unit("Alpha post", "alpha"),), schedules={"p": plan("p", close("Alpha post", 1))})
    model = gone.model("p")
    for _ in range(3):
        model.step()
    assert model.world.host[0].mission_there == 0
    model.world.pending[0, 3, STATE_FORCES, KILLED] = 50
    model.step()
    assert model.world.host[0].consent == 1.0


def test_consent_comes_back_and_never_falls_by_more_than_a_share_in_a_week() -> None:
    p = rates(consent_reports=0.0005, consent_withdrawn=0.9)
    host = row(HOST, consent=0.5, first_consent=1.0)
    consent_to(host, 0.0, p)
    assert host.consent == pytest.approx(0.5 + 0.5 * p.consent_return)
    host.consent = 1.0
    consent_to(host, 100.0, p)
    assert host.consent == pytest.approx(0.95)
    host.consent = 1.0
    consent_to(host, 1e9, p)
    assert host.consent == pytest.approx(0.1)


def test_a_mission_tied_to_the_government_restrains_it_less() -> None:
    def abuses(alignment: float) -> float:
        case = with_host(80, alignment=alignment)
        case = case.__class__(
            **{
                **case.__dict__,
                "units": (unit("Alpha post", "alpha", strength=5000),),
                "districts": (district("alpha"),),
                "routes": (),
                "armed_groups": (),
                "humanitarians": (),
                "state_forces": tuple(army(f"a{i}", "alpha", discipline=0.2) for i in range(4)),
                "schedules": {},
            }
        ).with_parameters(oversight=0.6)
        return float(Ensemble(case, "none").run(1, 0, 20).records["abuses"].sum())

    assert abuses(1.0) > 1.2 * abuses(0.0)
