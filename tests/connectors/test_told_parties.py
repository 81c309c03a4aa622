"""People told of in prose join those that stand in cells; nobody is told twice."""

import pytest

from santiao.connectors.registry import Connectors
from santiao.domain.vocabulary import NameClass, PartyRole
from tests.connectors.agencies.items import dispute_of, hotline, numbers, people, person_id, petition, police


def test_a_name_told_in_the_text_again_is_the_declared_party(connectors: Connectors) -> None:
    text = f"本人张建国，身份证号{person_id(7)}，电话13800000007，反映李四欠款。"
    fact = dispute_of(petition(connectors, f"<Xfr><xm>张建国</xm></Xfr><tsnr>{text}</tsnr>"))
    assert [name for _, name in people(fact)][:1] == ["张建国"]
    assert [name for _, name in people(fact)].count("张建国") == 1
    assert numbers(fact.parties[0]) == [person_id(7), "13800000007"]


@pytest.mark.parametrize(
    ("text", "own", "other"),
    [
        ("我的身份证{id}，手机13800000007，被李四打伤。", 2, 0),
        ("信访人张建国（身份证{id}，手机13800000007）反映李四打人。", 2, 0),
        ("我的手机13800000007。李四，身份证{id}。", 1, 1),
        ("我的手机13800000007，李四身份证{id}。", 1, 1),
        ("与李四，身份证{id}，手机13800000007，发生争执。", 0, 2),
        ("被李四打伤。现场遗落身份证{id}。", 0, 0),
    ],
)
def test_whose_the_numbers_are(connectors: Connectors, text: str, own: int, other: int) -> None:
    told = text.replace("{id}", person_id(7))
    fact = dispute_of(petition(connectors, f"<Xfr><xm>张建国</xm></Xfr><tsnr>{told}</tsnr>"))
    assert [len(numbers(party)) for party in fact.parties] == [own, other]


def test_what_the_text_tells_is_noted(connectors: Connectors) -> None:
    told = police(connectors, BJRXM="张三", BJNR="报警人称被房东林兆祥赶出租屋。")
    assert told.record is not None
    assert ("parties/1", "told_in_text") in [(note.field, note.code) for note in told.record.quality]
    assert people(dispute_of(told))[1] == (PartyRole.RESPONDENT, "林兆祥")


def test_a_firm_told_in_the_text(connectors: Connectors) -> None:
    fact = dispute_of(hotline(connectors, cusName="张女士", contentText="在蚌埠市朗润口腔医院有限公司看牙，要求退款"))
    assert fact.parties[1].name_class is NameClass.ORG
    assert fact.parties[1].org_key


@pytest.mark.parametrize(
    "text",
    [
        "邻居家的狗总叫，物业公司不管",
        "某公司拖欠工资",
        "报警人称钱包丢失",
        "派出所民警到场，社区调委会参与调解",
        "老板不给工资，他说下个月再说",
    ],
)
def test_nobody_is_made_out_of_words_for_a_kind(connectors: Connectors, text: str) -> None:
    fact = dispute_of(police(connectors, BJRXM="张三", BJNR=text))
    assert [name for _, name in people(fact)] == ["张三"]


def test_prose_without_end_is_read_in_bounds(connectors: Connectors) -> None:
    text = "".join(f"对方为李某{n}，" for n in range(2000))
    fact = dispute_of(police(connectors, BJNR=text))
    assert len(fact.parties) <= 64
