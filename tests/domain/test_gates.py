"""Gates by code, age, number and agency, and how hits are ordered: the texts' own ways of speaking are tested in `test_gate_sayings`."""

import datetime as dt

import msgspec
import pytest

from santiao.domain.gates import (
    CodeTold,
    GateAction,
    GateHit,
    GateInput,
    TextTold,
    confirmation_obstacles,
    evaluate_gates,
    gate_input_of,
)
from santiao.domain.records import (
    AgencyRecord,
    CodeField,
    DisputeFact,
    Party,
    Reference,
    Relation,
    SiteFeedback,
    TextField,
)
from santiao.domain.rulebook import Rulebook
from santiao.domain.vocabulary import NameClass, PartyKind, PartyRole


def told(agency: str, *texts: str, **more: object) -> GateInput:
    item = GateInput(agency=agency, texts=tuple(TextTold("narrative", text) for text in texts))
    return msgspec.structs.replace(item, **more)


def gates_of(book: Rulebook, item: GateInput) -> list[str]:
    return [hit.gate for hit in evaluate_gates(book, item)]


@pytest.mark.parametrize(
    ("code", "gates"),
    [
        ("100100", ["G1"]),
        ("199999", ["G1"]),
        ("200600", ["G3"]),
        ("700100", ["G5"]),
        ("200200", []),
        ("200100", []),
        ("600300", []),
        ("10010", []),
        ("010100", []),
    ],
)
def test_the_polices_own_classes_tell_by_themselves(book: Rulebook, code: str, gates: list[str]) -> None:
    item = told("police-110", "请民警到场处理", codes=(CodeTold("police.class", code),))
    assert gates_of(book, item) == gates
    assert gates_of(book, msgspec.structs.replace(item, agency="petitions")) == []


def test_a_handled_domestic_call_is_no_violence_going_on(book: Rulebook) -> None:
    codes = (CodeTold("police.class", "200600"),)
    assert gates_of(book, told("police-110", "丈夫打妻子，已出具告诫书，双方愿就财产调解", codes=codes)) == []


def test_an_accusation_by_purpose_is_refused_before_anything_else(book: Rulebook) -> None:
    for code in (CodeTold("petitions.purpose", "04"), CodeTold("any", "0004", "揭发控告"), CodeTold("x", "7", "检举")):
        item = told("petitions", "本村电动车被盗", codes=(code,))
        hits = evaluate_gates(book, item)
        assert (hits[0].gate, hits[0].action, hits[0].reason) == (
            "G7",
            GateAction.REFUSE,
            "accusation_informer_protected",
        )
        assert [hit.gate for hit in hits] == ["G7", "G1"]


def test_a_courts_own_record_is_not_gated_by_its_own_suit(book: Rulebook) -> None:
    text = "原告诉至法院，法院已立案审理，案号（2026）皖0302民初12号"
    assert gates_of(book, told("court", text)) == []
    assert gates_of(book, told("peoples-mediation", "受法院委托调解（2026）皖0302民初12号案件")) == []
    assert gates_of(book, told("hotline-12345", text)) == ["G8"]


def test_quoted_numbers_count_also_outside_the_text(book: Rulebook) -> None:
    item = told("hotline-12345", "要求退款", court_numbers=("（2026）皖0302民初12号",))
    assert evaluate_gates(book, item)[0].evidence_field == "court_numbers"
    assert gates_of(book, told("hotline-12345", "要求退款", court_numbers=("（2026）皖0302民诉前调12号",))) == []
    assert gates_of(book, told("hotline-12345", "不服", court_numbers=("（2026）皖0302行初12号",))) == ["G10"]


@pytest.mark.parametrize(("ages", "gates"), [((12,), ["G4"]), ((12, 40), ["G4"]), ((18, 40), []), ((), [])])
def test_a_young_party_makes_a_beating_a_childs_matter(book: Rulebook, ages: tuple[int, ...], gates: list[str]) -> None:
    assert gates_of(book, told("police-110", "报警人称当事人被同村人打伤", ages=ages)) == gates


def test_the_fields_own_name_is_the_evidence_and_no_word_of_it(book: Rulebook) -> None:
    item = GateInput(
        agency="hotline-12345",
        texts=(TextTold("title", "市民来电"), TextTold("narrative", "来电人扬言明天到项目部喝农药")),
    )
    assert evaluate_gates(book, item) == (
        GateHit("G5", "emergency_or_threat", GateAction.BLOCK, "G5.suicide@1", "narrative"),
    )


def test_a_rule_counts_only_while_it_is_in_force(book: Rulebook) -> None:
    item = told("hotline-12345", "来电人扬言要跳楼")
    assert evaluate_gates(book, item, dt.date(2015, 12, 31)) == ()
    assert evaluate_gates(book, item, dt.date(2026, 1, 1))


def test_what_a_court_cannot_confirm_is_told_and_blocks_nothing(book: Rulebook) -> None:
    item = told("petitions", "请求判令离婚并分割财产")
    assert evaluate_gates(book, item) == ()
    assert [hit.gate for hit in confirmation_obstacles(book, item)] == ["G6"]


def test_an_item_without_words_meets_nothing(book: Rulebook) -> None:
    assert evaluate_gates(book, GateInput(agency="police-110")) == ()


def record(body: DisputeFact | SiteFeedback | Relation, **more: object) -> AgencyRecord:
    base = AgencyRecord(
        connector="petitions",
        feed="f",
        key="k",
        shard=3403,
        received_at=dt.datetime(2026, 3, 12, 9, tzinfo=dt.UTC),
        content_hash=b"h",
        body=body,
    )
    return msgspec.structs.replace(base, **more)


def test_a_record_is_read_for_codes_texts_ages_and_numbers() -> None:
    child = Party(
        slot=0,
        role=PartyRole.VICTIM,
        kind=PartyKind.NATURAL,
        name=TextField("张三"),
        name_class=NameClass.FULL,
        born=dt.date(2013, 3, 13),
    )
    fact = DisputeFact(
        type=CodeField("petitions.class", code="999901", hub_code="D98"),
        region=CodeField("GB/T 2260", code="340302"),
        stage=CodeField("hub.stage@1", code="open"),
        title=TextField("t", "标题"),
        narrative=TextField("n", "正文"),
        claim=TextField("c"),
        codes=(CodeField("petitions.purpose", code="04", label="揭发控告"),),
        parties=(child,),
    )
    quoted = (Reference("court_number", "（2026）皖0302民初12号"), Reference("order", "BB2603100077"))
    item = gate_input_of(record(fact, references=quoted))
    assert item.dispute_type == "D98"
    assert CodeTold("petitions.purpose", "04", "揭发控告") in item.codes
    assert item.texts == (TextTold("narrative", "正文"), TextTold("title", "标题"))
    assert item.ages == (12,)
    assert item.court_numbers == ("（2026）皖0302民初12号",)


def test_feedback_is_read_as_feedback_and_a_merge_tells_nothing() -> None:
    seen = SiteFeedback(
        result=CodeField("police.result", code="06", label="受理为案件"),
        stage=CodeField("hub.stage@1", code="transferred"),
        narrative=TextField("n", "已受理，另案办理。"),
    )
    item = gate_input_of(record(seen))
    assert item.texts == (TextTold("feedback", "已受理，另案办理。"),)
    assert CodeTold("police.result", "06", "受理为案件") in item.codes
    assert gate_input_of(record(Relation(others=("x",)))) == GateInput(agency="petitions")
