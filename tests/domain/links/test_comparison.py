"""What links by rule and what is shown to a person: one small story each."""

from datetime import date

import pytest
from hypothesis import given

from santiao.domain.links.profile import Profile, index_tokens
from santiao.domain.links.tokens import Kind
from santiao.domain.links.verdict import Decision, has_new_evidence
from santiao.domain.vocabulary import PartyRole
from tests.domain.links.judging import CALL, A, B, common, judge, letter, suit
from tests.domain.links.small_cities import (
    FIRM,
    LI,
    WANG,
    ZHANG,
    firm,
    person,
    profile_of,
    profiles,
    quoting,
)


def test_an_explicit_reference_links() -> None:
    call = profile_of("police-110", CALL, person(PartyRole.REPORTER, "张三", phone="13800000011"))
    filed = suit(person(A, "张三"), references=(quoting(CALL),))
    verdict = judge(call, filed)
    assert verdict.decision is Decision.AUTO
    assert verdict.reasons[0] == "explicit_reference"


def test_a_reference_to_a_source_that_comes_later_is_found_by_the_index() -> None:
    call = profile_of("police-110", CALL)
    filed = suit(references=(quoting(CALL),))
    numbers = {each.token & ~1 for each in index_tokens(filed) if each.kind is Kind.QUOTED}
    assert numbers & {each.token for each in index_tokens(call) if each.kind is Kind.OWN}


def test_both_identities_link_and_so_does_one_with_a_counterpart_that_agrees() -> None:
    a = suit(person(A, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI))
    b = letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI))
    c = letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), person(B, "李四", slot=1))
    assert judge(a, b).reasons[0] == "both_ids"
    assert judge(a, c).reasons[0] == "one_id_and_counterpart"
    assert judge(a, b).decision is judge(a, c).decision is Decision.AUTO


@pytest.mark.parametrize(
    "other",
    [
        letter(person(PartyRole.PETITIONER, "张三", number=ZHANG)),
        letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), person(B, "王五", slot=1, number=WANG)),
        letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), firm("恒居物业")),
        letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), person(B, "李", slot=1)),
    ],
    ids=["no counterpart", "another person", "a firm", "a surname only"],
)
def test_a_busy_complainant_is_not_linked_by_her_number_alone(other: Profile) -> None:
    a = suit(person(A, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI))
    assert judge(a, other).decision is not Decision.AUTO


def test_telephone_and_name_never_link_by_rule() -> None:
    a = suit(person(A, "张三", phone="13800000011"), person(B, "李四", slot=1))
    b = profile_of(
        "hotline-12345",
        "BB2603100077",
        person(PartyRole.CALLER, "张三", phone="13800000011"),
        person(B, "李四", slot=1),
    )
    assert judge(a, b).decision is Decision.PROPOSE


def test_a_masked_telephone_agrees_with_the_whole_one() -> None:
    a = suit(person(A, "张三", phone="13800000011"), person(B, "李四", slot=1))
    b = profile_of(
        "hotline-12345", "BB2603100077", person(PartyRole.CALLER, "张", phone="138****0011"), person(B, "李四", slot=1)
    )
    verdict = judge(a, b)
    assert verdict.decision is Decision.PROPOSE
    assert "masked_phone" in verdict.reasons


def test_two_co_workers_are_no_counterparts_of_each_other() -> None:
    a = suit(person(A, "张三", number=ZHANG), person(A, "李四", slot=1, number=LI), firm("甲建筑", slot=2))
    b = letter(
        person(PartyRole.PETITIONER, "张三", number=ZHANG),
        person(PartyRole.PETITIONER, "李四", slot=1, number=LI),
        firm("乙物业", slot=2),
    )
    assert judge(a, b).decision is not Decision.AUTO


def test_a_rare_firm_links_with_a_person_of_that_name_and_the_sum_and_a_common_one_does_not() -> None:
    a = suit(person(A, "张三"), firm("力健健身馆", code=FIRM), kind="D12", text="余额4440元")
    b = letter(person(A, "张三"), firm("力健健身馆", code=FIRM), kind="D12", text="还剩4440元")
    namesake = letter(person(A, "张三"), firm("力健健身馆", code=FIRM), kind="D12")
    assert judge(a, b).decision is Decision.AUTO
    assert judge(a, namesake).decision is Decision.PROPOSE
    assert judge(a, b, common(Kind.ORG_ID)).decision is not Decision.AUTO
    assert judge(a, b, common(Kind.NAME)).decision is not Decision.AUTO
    assert {use.kind for use in judge(a, b).rests_on} >= {Kind.ORG_ID, Kind.NAME}


def test_beside_a_common_firm_a_person_must_agree_twice_and_the_sum_too() -> None:
    count = common(Kind.ORG_ID)
    a = suit(person(A, "张三", phone="13800000011"), firm("闪骑网络", code=FIRM), kind="D14", text="欠44100元")
    b = letter(person(A, "张三", phone="13800000011"), firm("闪骑网络", code=FIRM), kind="D14", text="一共44100元")
    other_sum = letter(
        person(A, "张三", phone="13800000011"), firm("闪骑网络", code=FIRM), kind="D14", text="一共2400元"
    )
    no_phone = letter(person(A, "张三"), firm("闪骑网络", code=FIRM), kind="D14", text="一共44100元")
    assert judge(a, b, count).decision is Decision.AUTO
    assert judge(a, other_sum, count).decision is not Decision.AUTO
    assert judge(a, no_phone, count).decision is not Decision.AUTO


def test_an_agents_number_is_nobodys() -> None:
    a = suit(person(A, "张三"), person(B, "李四", slot=1), person(PartyRole.AGENT, "王五", slot=2, number=WANG))
    b = letter(person(PartyRole.AGENT, "王五", number=WANG), person(B, "李四", slot=1))
    assert judge(a, b).decision is not Decision.AUTO


def test_a_callers_number_needs_the_matter_to_agree_too() -> None:
    """A father who called about his son's quarrel may have one of his own with the same firm."""
    caller = person(PartyRole.REPORTER, "张三", number=ZHANG)
    call = profile_of("police-110", CALL, caller, firm("恒居物业"), kind="D11")
    told = profile_of("police-110", CALL, caller, firm("恒居物业"), kind="D11", text="因未交的5000元争吵")
    filed = suit(person(A, "张三", number=ZHANG), firm("恒居物业"), kind="D11", text="尚欠5000元")
    again = profile_of(
        "police-110", "20260111340302000188", caller, firm("恒居物业"), kind="D11", text="又为5000元争吵"
    )
    assert judge(call, filed).decision is Decision.PROPOSE
    assert judge(told, filed).decision is Decision.AUTO
    assert judge(told, again).decision is not Decision.AUTO


def test_a_callers_number_with_the_other_persons_name_links_soon_after_and_not_long_after() -> None:
    call = profile_of("police-110", CALL, person(PartyRole.REPORTER, "张三", number=ZHANG), person(B, "李四", slot=1))
    parties = (person(A, "张三", number=ZHANG), person(B, "李四", slot=1))
    assert judge(call, suit(*parties)).decision is Decision.AUTO
    assert judge(call, suit(*parties, day=date(2026, 6, 10))).decision is Decision.PROPOSE


def test_a_name_in_the_text_is_a_counterpart_where_the_matter_agrees() -> None:
    a = suit(person(A, "张三", number=ZHANG), person(B, "傅德胜", slot=1), kind="D03", text="夜间噪声，赔偿1180元")
    b = letter(
        person(PartyRole.PETITIONER, "张三", number=ZHANG), kind="D03", text="楼上傅德胜家夜里拖凳子，我要1180元"
    )
    c = letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), kind="D03", text="楼上邻居家夜里拖凳子，我要1180元")
    assert judge(a, b).decision is Decision.AUTO
    assert judge(a, c).decision is not Decision.AUTO


def test_more_that_agrees_is_new_evidence_and_less_is_not() -> None:
    a = suit(person(A, "张三", phone="13800000011"), person(B, "李四", slot=1))
    thin = letter(person(A, "张三"), person(B, "李四", slot=1))
    thick = letter(person(A, "张三", phone="13800000011"), person(B, "李四", slot=1))
    few, many = judge(a, thin), judge(a, thick)
    assert few.evidence
    assert few.decision is many.decision is Decision.PROPOSE
    assert has_new_evidence(few.evidence, many.evidence)
    assert not has_new_evidence(many.evidence, few.evidence)
    assert not has_new_evidence(few.evidence, judge(a, thin, common(Kind.NAME)).evidence)


@given(profiles(), profiles())
def test_a_verdict_is_the_same_whichever_is_named_first(a: Profile, b: Profile) -> None:
    assert judge(a, b) == judge(b, a)
