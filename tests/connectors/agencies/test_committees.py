"""Committees' files: registered, mediated, concluded, visited, and their answers to referrals."""

import pytest

from santiao.connectors.registry import Connectors
from santiao.domain.records import MediationResult, ReferralAnswer, SiteFeedback
from santiao.domain.vocabulary import Op, PartyRole
from tests.connectors.agencies.items import code, committee, dispute_of, people, person_id, record_of


def test_a_dispute_registered(connectors: Connectors) -> None:
    told = committee(
        connectors,
        "dispute.registered",
        acceptedOn="2026-03-01",
        region="340302",
        disputeType="邻里纠纷",
        facts="两家因排水发生争执",
        parties=[
            {
                "role": "申请人",
                "name": "张三",
                "kind": "自然人",
                "idNo": person_id(1),
                "phone": "13800000001",
                "sex": "男",
            },
            {"role": "被申请人", "name": "李四", "kind": "自然人"},
        ],
    )
    fact = dispute_of(told)
    assert record_of(told).reported_on is not None
    assert people(fact) == [(PartyRole.APPLICANT, "张三"), (PartyRole.RESPONDENT, "李四")]
    assert (code(fact.region), code(fact.stage)) == ("340302", "open")


@pytest.mark.parametrize(
    ("data", "stage", "outcome"),
    [
        ({"result": "调解成功", "form": "书面", "performance": "按期履行"}, "settled", "O10"),
        ({"result": "调解成功", "form": "口头"}, "settled", "O11"),
        ({"result": "调解成功", "form": "书面", "performance": "当场履行"}, "settled", "O12"),
        ({"result": "调解不成", "reason": "一方不愿调解"}, "failed", "O31"),
        ({"result": "调解不成"}, "failed", "O32"),
    ],
)
def test_how_mediation_ended(connectors: Connectors, data: dict[str, str], stage: str, outcome: str) -> None:
    record = record_of(committee(connectors, "mediation.concluded", concludedOn="2026-03-20", **data))
    assert isinstance(record.body, MediationResult)
    assert (record.part, code(record.body.stage), code(record.body.outcome)) == ("result", stage, outcome)


def test_what_happens_with_a_file_is_a_part_of_it(connectors: Connectors) -> None:
    started = record_of(committee(connectors, "mediation.started", heldOn="2026-03-10T09:00:00+08:00"))
    visited = record_of(committee(connectors, "dispute.followed-up", visitedOn="2026-04-10", satisfaction="满意"))
    assert isinstance(started.body, SiteFeedback)
    assert (started.part, visited.part) == ("mediation", "visit/2026-04-10")
    assert started.key == visited.key


def test_a_file_withdrawn(connectors: Connectors) -> None:
    assert record_of(committee(connectors, "dispute.withdrawn", region="340302")).op is Op.WITHDRAW


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("受理", "accepted"), ("不予受理", "declined"), ("退回", "returned"), ("need_more", "need_more")],
)
def test_an_answer_to_a_referral(connectors: Connectors, answer: str, expected: str) -> None:
    record = record_of(
        committee(
            connectors, "referral.answered", referralNo="R-1", answer=answer, answeredAt="2026-03-20T16:00:00+08:00"
        )
    )
    assert isinstance(record.body, ReferralAnswer)
    assert (record.part, record.body.answer) == ("answer/R-1", expected)


def test_an_answer_nobody_declared_is_quarantined(connectors: Connectors) -> None:
    told = committee(connectors, "referral.answered", referralNo="R-1", answer="也许")
    assert told.fault is not None
    assert told.fault.code == "item.no_answer"
