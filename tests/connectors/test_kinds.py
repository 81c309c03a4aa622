"""The kind of dispute by its words, and settlements by theirs."""

import re

import pytest

from santiao.connectors.kinds import KindWords, SettlementTeller
from santiao.connectors.lexicon import branching, load_lexicon

WORDS = KindWords(load_lexicon().disputes)
SETTLED = SettlementTeller(load_lexicon().settlements)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("楼上卫生间漏水，多次协商无果", "D03"),
        ("物业公司停电梯卡，因为我没交物业费", "D11"),
        ("工地拖欠农民工工资", "D13"),
        ("跑外卖，站点扣押金", "D14"),
        ("借条还在，到期不还钱", "D08"),
        ("父母走后留下遗嘱", "D02"),
        ("骑电动车被撞，责任书写他主责", "D16"),
        ("手术后遗症，医院不认", "D17"),
        ("表扬社区工作人员", ""),
        ("", ""),
    ],
)
def test_words_tell_the_kind(text: str, kind: str) -> None:
    assert WORDS.tell(text) == kind


def test_only_the_kinds_asked_for_are_told() -> None:
    assert WORDS.tell("楼上漏水，还拖欠工资", frozenset({"D13", "D14"})) == "D13"


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("经组织调解，双方已签订调解协议并履行。", True),
        ("双方已达成一致", True),
        ("经街道协调，双方已握手言和。", True),
        ("未达成协议，建议通过法定途径解决。", False),
        ("已书面答复信访人，建议通过法定途径解决。", False),
        ("双方未能达成一致。一方拒绝签字。", False),
        ("", False),
    ],
)
def test_a_reply_tells_whether_they_settled(text: str, settled: bool) -> None:
    assert SETTLED.tells_settled(text) is settled


def test_branches_find_the_longest_word_first() -> None:

    pattern = re.compile(branching(["业主", "业主群", "群里", "里"]))
    assert pattern.findall("业主群里里业主") == ["业主群", "里", "里", "业主"]
