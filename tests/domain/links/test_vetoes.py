"""What keeps two sources from being linked by rule: one small story each."""

from datetime import date

from santiao.domain.links.profile import Profile
from santiao.domain.links.tokens import Kind
from santiao.domain.links.verdict import Decision, Veto
from santiao.domain.records import AgencyRecord, Place, Reference, Relation
from santiao.domain.vocabulary import MappingStatus, Op, PartyRole, RelationKind
from tests.domain.links.judging import CALL, A, B, common, judge, letter, suit
from tests.domain.links.small_cities import (
    FIRM,
    LI,
    OTHER_FIRM,
    READER,
    WANG,
    ZHANG,
    firm,
    person,
    profile_of,
    quoting,
    record,
)


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
