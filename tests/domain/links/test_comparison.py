"""What links by rule, what is shown to a person, and what is kept apart: one small story each."""

from datetime import date
from typing import Unpack

import pytest
from hypothesis import given

from santiao.domain.links.comparison import compare
from santiao.domain.links.evidence import Commonness
from santiao.domain.links.profile import Profile, index_tokens
from santiao.domain.links.tokens import Kind
from santiao.domain.links.verdict import Decision, Verdict, Veto, has_new_evidence
from santiao.domain.records import AgencyRecord, Party, Place, Reference, Relation
from santiao.domain.vocabulary import MappingStatus, Op, PartyRole, RelationKind
from tests.domain.links.small_cities import (
    FIRM,
    LI,
    OTHER_FIRM,
    POLICY,
    READER,
    WANG,
    ZHANG,
    Told,
    firm,
    person,
    profile_of,
    profiles,
    quoting,
    record,
)

A, B = PartyRole.APPLICANT, PartyRole.RESPONDENT
CALL = "20260110340302000187"


def rare(kind: Kind, token: int) -> int:
    assert kind
    assert token
    return 1


def common(*kinds: Kind) -> Commonness:
    return lambda kind, _token: 1000 if kind in kinds else 1


def judge(a: Profile, b: Profile, count: Commonness = rare) -> Verdict:
    return compare(a, b, count, POLICY)


def suit(*parties: Party, **options: Unpack[Told]) -> Profile:
    return profile_of("court", "8a8182f59b1c0001", *parties, **options)


def letter(*parties: Party, **options: Unpack[Told]) -> Profile:
    return profile_of("petitions", "340300202601130021", *parties, **options)


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


def test_namesakes_with_other_numbers_are_two_people() -> None:
    a = suit(person(A, "张伟", number=ZHANG), person(B, "李四", slot=1, number=LI))
    b = letter(person(PartyRole.PETITIONER, "张伟", number=WANG), person(B, "李四", slot=1))
    verdict = judge(a, b)
    assert verdict.decision is Decision.NONE


def test_a_family_telephone_makes_nobody_the_same() -> None:
    a = profile_of(
        "hotline-12345",
        "BB2601010001",
        person(PartyRole.CALLER, "郑一", phone="13800000011"),
        kind="D03",
        text="楼上噪音",
    )
    b = profile_of(
        "hotline-12345",
        "BB2601010002",
        person(PartyRole.CALLER, "郑二", phone="13800000011"),
        kind="D13",
        text="拖欠工资",
    )
    assert judge(a, b).decision is Decision.NONE


def test_kinds_of_dispute_that_never_meet_do_not_link_by_identity() -> None:
    a = suit(person(A, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI), kind="D08")
    b = letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI), kind="D17")
    vague = letter(
        person(PartyRole.PETITIONER, "张三", number=ZHANG),
        person(B, "李四", slot=1, number=LI),
        kind="D98",
        mapping=MappingStatus.DEFAULTED_BY_SOURCE,
    )
    assert judge(a, b).vetoes == (Veto.TYPES_APART,)
    assert judge(a, vague).decision is Decision.AUTO


def test_swapped_sides_are_shown_to_a_person() -> None:
    a = suit(person(A, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI), kind="D08")
    b = letter(person(PartyRole.PETITIONER, "李四", number=LI), person(B, "张三", slot=1, number=ZHANG), kind="D08")
    assert judge(a, b).vetoes == (Veto.SIDES_SWAPPED,)
    assert judge(a, b).decision is Decision.PROPOSE


def test_swapped_sides_in_another_matter_are_nothing() -> None:
    a = suit(person(A, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI), kind="D08", text="借款不还")
    b = letter(person(A, "李四", number=LI), person(B, "张三", slot=1, number=ZHANG), kind="D08", text="在群里辱骂")
    c = letter(person(A, "李四", number=LI), person(B, "张三", slot=1, number=ZHANG), kind="D23")
    assert judge(a, b).decision is judge(a, c).decision is Decision.NONE


def test_a_victim_of_violence_at_home_is_found_by_explicit_reference_only() -> None:
    a = suit(person(A, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI), text="长期遭受家庭暴力")
    b = letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI))
    assert judge(a, b).vetoes == (Veto.SHIELDED,)
    quoted = letter(references=(quoting("8a8182f59b1c0001"),))
    assert judge(a, quoted).decision is Decision.AUTO


def test_nothing_links_by_rule_long_after_an_agreement() -> None:
    parties = (person(A, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI))
    old = suit(*parties, day=date(2025, 6, 1), settled=date(2025, 7, 5))
    soon = letter(*parties, day=date(2025, 11, 1))
    late = letter(*parties, day=date(2025, 11, 3))
    quoted = letter(*parties, day=date(2025, 11, 3), references=(quoting("8a8182f59b1c0001"),))
    assert judge(old, soon).decision is Decision.AUTO
    assert judge(old, late).decision is Decision.NONE
    assert judge(old, quoted).decision is Decision.PROPOSE
    assert judge(old, quoted).vetoes == (Veto.AFTER_AGREEMENT,)


def test_a_number_quoted_as_another_matters_keeps_the_two_apart() -> None:
    old = profile_of(
        "court", "8a8182f59b1c0002", person(A, "张三"), key_base="(2025)皖0302民诉前调453号", day=date(2025, 12, 1)
    )
    text = "此前(2025)皖0302民诉前调453号一案双方已履行，本次系新发生的争议。另报过警20260110340302000187。"
    new = letter(person(A, "张三"), text=text, references=(quoting("(2025)皖0302民诉前调453号"), quoting(CALL)))
    assert judge(old, new).is_barrier
    assert judge(profile_of("police-110", CALL, person(PartyRole.REPORTER, "张三")), new).decision is Decision.AUTO


def test_a_number_that_two_matters_bear_needs_support() -> None:
    filed = suit(
        person(A, "孙涛", number=ZHANG),
        firm("恒居物业"),
        kind="D11",
        references=(quoting("BB2511060063"),),
        text="物业费7480元",
    )
    first = profile_of("hotline-12345", "BB2511060063", firm("恒居物业"), kind="D11", text="未交物业费7480元")
    second = profile_of(
        "hotline-12345",
        "BB2511060063|2025-11-30",
        person(PartyRole.CALLER, "傅一"),
        key_base="BB2511060063",
        kind="D08",
        text="借款75100元",
    )
    ambiguous = common(Kind.OWN)
    assert judge(filed, first, ambiguous).decision is Decision.AUTO
    assert judge(filed, second, ambiguous).vetoes == (Veto.REFERENCE_UNSUPPORTED,)


def test_a_neighbours_number_quoted_without_a_word_of_whose_it_is_is_shown_to_a_person() -> None:
    a = suit(person(A, "张三", number=ZHANG), firm("恒居物业", code=FIRM), kind="D11")
    b = letter(
        person(A, "王五", number=WANG),
        firm("恒居物业", code=FIRM),
        kind="D11",
        references=(quoting("8a8182f59b1c0001"),),
    )
    assert judge(a, b).vetoes == (Veto.REFERENCE_UNSUPPORTED,)


def test_another_matter_between_the_same_two_is_shown_to_a_person() -> None:
    a = suit(person(A, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI), kind="D04", text="押金不退")
    b = letter(
        person(A, "张三", number=ZHANG),
        person(B, "李四", slot=1, number=LI),
        kind="D98",
        mapping=MappingStatus.DEFAULTED_BY_SOURCE,
        text="在群里辱骂我",
    )
    assert judge(a, b).vetoes == (Veto.MATTERS_APART,)
    assert judge(a, b).decision is Decision.PROPOSE


def test_a_reference_that_all_else_contradicts_is_shown_to_a_person() -> None:
    a = suit(
        person(A, "张三", number=ZHANG),
        person(B, "李四", slot=1),
        kind="D08",
        references=(quoting("340300202601130021"),),
    )
    b = letter(person(PartyRole.PETITIONER, "王五", number=WANG), firm("瑞景物业"), kind="D17")
    assert judge(a, b).vetoes == (Veto.REFERENCE_UNSUPPORTED,)


def test_what_the_agency_merged_is_one_and_what_it_parted_is_kept_apart() -> None:
    def word(op: Op) -> Profile:
        told = record("petitions", "340300202603050002")
        return READER.derive_profile(
            AgencyRecord(
                connector="petitions",
                feed="main",
                key=told.key,
                op=op,
                shard=3403,
                received_at=told.received_at,
                content_hash=b"",
                body=Relation(others=("340300202601130021",)),
            )
        )

    other = letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), kind="D03")
    assert judge(word(Op.MERGE), other).decision is Decision.AUTO
    assert judge(word(Op.UNMERGE), other).is_barrier


def test_a_reference_to_a_parent_batch_is_no_link() -> None:
    batch = Reference("petition", "340300202601130021", RelationKind.PARENT_BATCH)
    assert judge(suit(references=(batch,)), letter()).decision is Decision.NONE


def test_a_name_in_the_text_is_a_counterpart_where_the_matter_agrees() -> None:
    a = suit(person(A, "张三", number=ZHANG), person(B, "傅德胜", slot=1), kind="D03", text="夜间噪声，赔偿1180元")
    b = letter(
        person(PartyRole.PETITIONER, "张三", number=ZHANG), kind="D03", text="楼上傅德胜家夜里拖凳子，我要1180元"
    )
    c = letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), kind="D03", text="楼上邻居家夜里拖凳子，我要1180元")
    assert judge(a, b).decision is Decision.AUTO
    assert judge(a, c).decision is not Decision.AUTO


def test_one_building_is_not_one_dispute() -> None:
    place = Place(estate="百合公寓", building="14")
    a = profile_of(
        "hotline-12345", "BB2601010001", person(PartyRole.CALLER, "陈晓红"), kind="D03", text="楼上噪音", place=place
    )
    b = profile_of(
        "hotline-12345", "BB2601010002", person(PartyRole.CALLER, "单传芳"), kind="D03", text="被犬只咬伤", place=place
    )
    assert judge(a, b).decision is Decision.NONE


def test_a_different_firm_code_is_a_different_firm() -> None:
    a = suit(person(A, "张三", number=ZHANG), firm("力健健身馆", code=FIRM), kind="D12")
    b = letter(person(PartyRole.PETITIONER, "张三", number=ZHANG), firm("力健健身馆", code=OTHER_FIRM), kind="D12")
    assert judge(a, b).decision is not Decision.AUTO


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
