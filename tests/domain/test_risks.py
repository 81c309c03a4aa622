"""Risk: signs in what an item says, and what only the case knows, weighed into one level with its reasons."""

import pytest

from santiao.domain.gates import GateInput, TextTold
from santiao.domain.risks import RiskInput, risk_of, risk_signs
from santiao.domain.rulebook import Rulebook
from santiao.domain.vocabulary import Risk


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("十二名工人堵住大门讨要工资", ("K.crowd",)),
        ("没有堵门，只是在等负责人", ()),
        ("再不解决就去北京", ("K.visit",)),
        ("双方差点打起来", ("K.escalation",)),
        ("双方有争吵，未动手，无人受伤", ()),
        ("楼上漏水", ()),
    ],
)
def test_what_an_item_says_is_read_once(book: Rulebook, text: str, signs: tuple[str, ...]) -> None:
    assert risk_signs(book, GateInput(agency="hotline-12345", texts=(TextTold("narrative", text),))) == signs


@pytest.mark.parametrize(
    ("case", "risk", "reason"),
    [
        (RiskInput(), Risk.LOW, None),
        (RiskInput(gates=("G5",)), Risk.URGENT, "K.gate.urgent"),
        (RiskInput(gates=("G1",)), Risk.HIGH, "K.gate.high"),
        (RiskInput(gates=("G8",)), Risk.LOW, None),
        (RiskInput(people=49), Risk.MEDIUM, "K.people.10"),
        (RiskInput(people=50), Risk.HIGH, "K.people.50"),
        (RiskInput(people=9), Risk.LOW, None),
        (RiskInput(amount_fen=50_000_000), Risk.MEDIUM, "K.amount"),
        (RiskInput(sources=4), Risk.MEDIUM, "K.sources.4"),
        (RiskInput(minors=1), Risk.MEDIUM, "K.minors"),
        (RiskInput(dispute_type="D24"), Risk.HIGH, "K.death"),
        (RiskInput(signs=("K.crowd",)), Risk.HIGH, "K.crowd"),
    ],
)
def test_the_highest_sign_decides(book: Rulebook, case: RiskInput, risk: Risk, reason: str | None) -> None:
    found = risk_of(book, case)
    assert found.risk is risk
    assert (reason in found.reasons) if reason else not found.reasons


def test_every_sign_met_is_named(book: Rulebook) -> None:
    found = risk_of(book, RiskInput(signs=("K.escalation",), people=12, gates=("G3",)))
    assert found.risk is Risk.URGENT
    assert set(found.reasons) == {"K.escalation", "K.people.10", "K.gate.urgent"}
