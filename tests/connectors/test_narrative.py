"""Parties told in free text: found where a word says who they are, left alone where nothing does."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.lexicon import load_lexicon
from santiao.connectors.mentions import Mention
from santiao.connectors.narrative import NarrativeReader

PLACES = ("安徽", "安徽省", "蚌埠", "蚌埠市", "蚌山区", "龙子湖区", "胜利街道")
READER = NarrativeReader(load_lexicon(), PLACES)


def names(mentions: Iterable[Mention]) -> list[str]:
    return [each.name for each in mentions if not each.is_writer]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("对方为李四", ["李四"]),
        ("退租后房东林建华以墙面有划痕为由扣押金", ["林建华"]),
        ("2025年11月借给魏素云75100元，有借条", ["魏素云"]),
        ("楼上501的魏玉兰家卫生间往下漏水", ["魏玉兰"]),
        ("为停车拌了几句嘴，傅刚上来一把把我推倒", ["傅刚"]),
        ("被欧阳志远推倒受伤", ["欧阳志远"]),
        ("老大孙文刚说当年分家没给他房子", ["孙文刚"]),
        ("我和傅佳艳合伙做洗车行，我出钱他管账", ["傅佳艳"]),
        ("儿子罗小军拒绝赡养", ["罗小军"]),
        ("邻居徐女士用砖头垒了巷子", ["徐"]),
        ("王㛃在群里骂我", ["王㛃"]),
        ("在蚌埠闪送网络科技有限公司的站点跑单", ["蚌埠闪送网络科技有限公司"]),
        ("花园物业蚌埠安居物业服务有限公司一年涨两回价", ["蚌埠安居物业服务有限公司"]),
        ("给蚌埠市龙子湖区力健健身馆供货", ["蚌埠市龙子湖区力健健身馆"]),
        ("被反映单位：蚌山区胜利街道柳岗村村民委员会。", ["蚌山区胜利街道柳岗村村民委员会"]),
        ("对方是安徽华庭酒店管理有限公司营业部", ["安徽华庭酒店管理有限公司营业部"]),
        ("被申请人蚌埠甲乙建筑劳务\n有限公司拖欠工资", ["蚌埠甲乙建筑劳务有限公司"]),
        ("对方是蚌埠甲乙物业 管理有限公司，电话13800000011", ["蚌埠甲乙物业管理有限公司"]),
        ("楼上司马相如家漏水，被告南宫问天不管", ["司马相如", "南宫问天"]),
    ],
)
def test_a_party_is_found(text: str, told: list[str]) -> None:
    assert names(READER.read(text).mentions) == told


@pytest.mark.parametrize(
    "text",
    [
        "高铁新区安置房门口有人讨薪，金额不大，周末再说",
        "请龙子湖区诉前人民调解委员会和派出所民警张建国到场",
        "调解员李红梅、法官王强都来过",
        "楼上卫生间漏水，物业公司不管，某公司也不管",
        "物业来看过两回，说是业主之间的事不管",
        "和解不成，应当起诉，计划明天去法院",
        "孩子上学、老人看病都受了影响，皮球踢来踢去",
        "滨河学校扩建工地",
        "百里之外赶来，第五次投诉，东方花园西门口没人管",
        "长孙女上学，太叔家里不管",
        "拖欠工资\n公司不认账",
        "",
    ],
)
def test_nobody_is_made_up(text: str) -> None:
    assert names(READER.read(text).mentions) == []


def test_the_writer_is_known_by_her_words() -> None:
    for text in (
        "我叫陈晓红，家住胜利街道。",
        "信访人陈晓红反映：楼上噪音。",
        "陈晓红，女，现住胜利街道。",
        "此致，陈晓红敬上。",
    ):
        (mention,) = READER.read(text).mentions
        assert (mention.name, mention.is_writer) == ("陈晓红", True), text


def test_numbers_go_to_the_name_before_them_in_their_sentence() -> None:
    told = READER.read(
        "被反映人：李四，身份证340398197608204565，手机13800000012。被反映单位：蚌埠安居物业服务有限公司"
        "（统一社会信用代码91340398MA0TE0T00W）。另有电话13800000099。"
    )
    person, firm = told.mentions
    assert [number.value for number in person.ids] == ["340398197608204565"]
    assert [phone.number for phone in person.phones] == ["13800000012"]
    assert [number.value for number in firm.ids] == ["91340398MA0TE0T00W"]
    assert firm.phones == ()


def test_the_writers_own_number_is_nobody_elses() -> None:
    told = READER.read("楼上李四家漏水。【补充】市民补充证件号：340398198503151238")
    assert [number.value for number in told.own_ids] == ["340398198503151238"]
    assert told.mentions[0].ids == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("不过为了孩子打闹几句话，刘俊一把把我推倒", ["刘俊"]),
        ("村民反映孙春才翻建时占了半间屋", ["孙春才"]),
        ("养老的钱借给了表亲崔刚，一年多只还过两千", ["崔刚"]),
        ("养老的钱借给了生意伙伴石㛃，一年多只还过两千", ["石㛃"]),
        ("被反映人：刘𬬭，联系方式13800000001", ["刘𬬭"]),
        ("2025年12月31日方学明在家长群说我", ["方学明"]),
        ("与配偶金银涵为彩礼旧账分居", ["金银涵"]),
        ("反映华庭一品物业公司停了门禁卡", []),
        ("反映松涛世家小区停水", []),
        ("学校与对方家长都不愿承担", []),
        ("各级领导：郑小云家11月22日开工，搭了彩钢瓦棚", ["郑小云"]),
    ],
)
def test_where_a_name_ends_and_what_is_none(text: str, expected: list[str]) -> None:
    assert names(READER.read(text).mentions) == expected


def test_a_declarations_own_words_count() -> None:
    reader = NarrativeReader(load_lexicon(), PLACES, ("涉事人",))
    text = "涉事人钱大勇"
    assert names(READER.read(text).mentions) == []
    assert names(reader.read(text).mentions) == ["钱大勇"]


@given(st.text(max_size=400))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    told = READER.read(text)
    assert all(each.name in "".join(text.split()).replace("(", "（").replace(")", "）") for each in told.mentions)


def test_a_number_after_a_broken_name_is_still_the_firms() -> None:
    (firm,) = READER.read("对方是蚌埠甲乙物业\n管理有限公司，统一社会信用代码91340398MA0TE0T00W").mentions
    assert [number.value for number in firm.ids] == ["91340398MA0TE0T00W"]
