"""Gates over many ways of saying: every threat is met, no figure of speech is, whoever tells it and whatever stands around it.

Method: each invented sentence is told bare, and with the openings and endings that the agencies put around a narrative.
"""

from pathlib import Path

import pytest
import yaml

from santiao.domain.gates import GateAction, GateHit, GateInput, TextTold, evaluate_gates
from santiao.domain.rulebook import Rulebook

_SAYINGS = yaml.safe_load((Path(__file__).parent / "sayings.yaml").read_text(encoding="utf-8"))
GATED: dict[str, list[str]] = _SAYINGS["gated"]
ACCUSATIONS: list[str] = _SAYINGS["accusations"]
HARMLESS: list[str] = _SAYINGS["harmless"]

OPENINGS = (
    "",
    "报警人称",
    "群众报警称",
    "来电称",
    "王先生报警：",
    "信访人郑静反映：",
    "【12345】来电人述：",
    "<p>来电人称，",
)
ENDINGS = (
    "",
    "，未动手",
    "，现双方仍在现场",
    "，请民警到场处理",
    "，双方有争吵，无人受伤",
    "。望相关部门核实处理。&nbsp;",
    "。请领导百忙之中为我们老百姓做主。",
    "。眼看事情越拖越大，孩子上学、老人看病都受了影响。",
)


def hits(book: Rulebook, agency: str, text: str) -> tuple[GateHit, ...]:
    return evaluate_gates(book, GateInput(agency=agency, texts=(TextTold("narrative", text),)))


@pytest.mark.parametrize("gate", sorted(GATED))
def test_every_gated_saying_meets_its_gate_and_no_other(book: Rulebook, gate: str) -> None:
    agencies = {"G7": ("petitions",), "G8": ("hotline-12345",)}.get(gate, ("police-110", "petitions", "hotline-12345"))
    wrong = []
    for sentence in GATED[gate]:
        for agency in agencies:
            for opening, ending in zip(OPENINGS, ENDINGS, strict=True):
                told = hits(book, agency, opening + sentence + ending)
                if [hit.gate for hit in told] != [gate]:
                    wrong.append((opening + sentence + ending, agency, [hit.rule_version for hit in told]))
    assert not wrong


def test_accusations_are_refused_whatever_they_were_booked_as(book: Rulebook) -> None:
    wrong = []
    for sentence in ACCUSATIONS:
        for agency in ("petitions", "hotline-12345", "police-110"):
            for opening in OPENINGS:
                told = hits(book, agency, opening + sentence)
                if not told or told[0].action is not GateAction.REFUSE:
                    wrong.append((opening + sentence, agency, [hit.rule_version for hit in told]))
    assert not wrong


@pytest.mark.parametrize("agency", ["police-110", "petitions", "hotline-12345", "human-resources", "court"])
def test_frightening_words_alone_are_no_gate(book: Rulebook, agency: str) -> None:
    wrong = []
    for sentence in HARMLESS:
        for opening, ending in zip(OPENINGS, ENDINGS, strict=True):
            told = hits(book, agency, opening + sentence + ending)
            if told:
                wrong.append((opening + sentence + ending, agency, [hit.rule_version for hit in told]))
    assert not wrong


@pytest.mark.parametrize("gate", sorted(GATED))
def test_each_gate_has_at_least_ten_sayings(gate: str) -> None:
    assert len(GATED[gate]) >= 10
    assert len(HARMLESS) >= 10 * len(GATED)


@pytest.mark.parametrize(
    ("text", "gates"),
    [
        ("妻子用菜刀追砍丈夫", {"G3", "G5"}),
        ("丈夫昨晚把我打了。他还扬言要放火烧了我娘家。", {"G3", "G5"}),
        ("电动车被偷。另外邻居家后妈天天打孩子。", {"G1", "G4"}),
    ],
)
def test_two_matters_in_one_item_meet_two_gates(book: Rulebook, text: str, gates: set[str]) -> None:
    assert {hit.gate for hit in hits(book, "hotline-12345", text)} == gates
