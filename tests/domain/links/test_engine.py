"""The linker's stories: people's words, cases by way of others, giants, what becomes common, what is withdrawn."""

from datetime import date

import msgspec

from santiao.domain.links.engine import Linker
from santiao.domain.links.pairs import Word
from santiao.domain.links.policy import Caps
from santiao.domain.links.profile import Profile
from santiao.domain.links.working import EmptyView
from santiao.domain.records import Place
from santiao.domain.vocabulary import LinkedBy, LinkState, PartyRole
from tests.domain.links.small_cities import (
    FIRM,
    LI,
    OTHER_FIRM,
    POLICY,
    WANG,
    ZHANG,
    accepted,
    firm,
    pairs_in,
    person,
    profile_of,
    quoting,
)

A, B = PartyRole.APPLICANT, PartyRole.RESPONDENT
BOTH = (person(A, "张三", number=ZHANG), person(B, "李四", slot=1, number=LI))
THIN = (person(A, "张三", phone="13800000011"), person(B, "李四", slot=1))


def court(number: int = 1, *parties: object, **options: object) -> Profile:
    return profile_of("court", f"8a8182f59b1c000{number}", *(parties or BOTH), **options)  # type: ignore[arg-type]


def linker() -> Linker:
    return Linker(EmptyView(), POLICY)


def state(linked: Linker, one: str = "a", other: str = "b") -> LinkState | None:
    return linked.working.link(one, other).state


def test_a_later_source_is_linked_and_the_change_is_told_once() -> None:
    linked = linker()
    assert not linked.upsert("a", court(1))
    changes = linked.upsert("b", court(2))
    assert [change.pair for change in changes.accepted] == [("a", "b")]
    assert changes.accepted[0].after.by is LinkedBy.RULE
    assert not linked.upsert("b", court(2))


def test_a_correction_that_takes_the_ground_away_dissolves_the_link() -> None:
    linked = linker()
    linked.upsert("a", court(1))
    linked.upsert("b", court(2))
    changes = linked.upsert("b", court(2, person(A, "王五", number=WANG)))
    assert [change.pair for change in changes.dissolved] == [("a", "b")]
    assert linked.remove("b") is not None
    assert not accepted(linked, ["a", "b"])


def test_a_rejected_link_stays_rejected_until_something_new_agrees() -> None:
    linked = linker()
    linked.upsert("a", court(1, *THIN))
    linked.upsert("b", court(2, person(A, "张三"), person(B, "李四", slot=1)))
    assert state(linked) is LinkState.PROPOSED
    changes = linked.reject("a", "b")
    assert [change.pair for change in changes.withdrawn] == [("a", "b")]
    linked.upsert("b", court(2, person(A, "张三"), person(B, "李四", slot=1), kind="D07"))
    assert state(linked) is LinkState.REJECTED
    linked.upsert("b", court(2, *THIN))
    assert state(linked) is LinkState.PROPOSED
    assert linked.working.link("a", "b").word is Word.DOUBTED


def test_a_rejected_automatic_link_comes_back_as_a_question_only() -> None:
    linked = linker()
    linked.upsert("a", court(1))
    linked.upsert("b", court(2))
    assert linked.reject("a", "b").dissolved
    linked.upsert("b", court(2, references=(quoting("8a8182f59b1c0001"),)))
    assert state(linked) is LinkState.PROPOSED


def test_what_a_person_rejected_does_not_come_together_by_way_of_a_third() -> None:
    linked = linker()
    for number, name in enumerate("abc", start=1):
        linked.upsert(name, court(number))
    linked.reject("a", "b")
    assert len(accepted(linked, "abc")) == 1
    linked.undo("a", "b")
    assert len(accepted(linked, "abc")) == 3


def test_a_person_confirms_a_proposal_and_takes_it_back() -> None:
    linked = linker()
    linked.upsert("a", court(1, *THIN))
    linked.upsert("b", court(2, *THIN))
    assert state(linked) is LinkState.PROPOSED
    changes = linked.confirm("a", "b")
    assert changes.accepted[0].after.by is LinkedBy.PERSON
    assert linked.undo("a", "b").dissolved
    assert state(linked) is LinkState.PROPOSED


def test_a_proposal_within_one_case_is_withdrawn_and_comes_back_when_the_case_parts() -> None:
    linked = linker()
    linked.upsert("a", court(1, *BOTH))
    linked.upsert("b", court(2, *THIN, references=(quoting("8a8182f59b1c0003"),)))
    assert state(linked) is LinkState.PROPOSED
    changes = linked.upsert("c", court(3, *BOTH))
    assert {change.pair for change in changes.accepted} == {("a", "c"), ("b", "c")}
    assert ("a", "b") in {change.pair for change in changes.withdrawn}
    changes = linked.remove("c")
    assert ("a", "b") in {change.pair for change in changes.proposed}


def test_an_agreement_learned_later_parts_what_came_long_after_it() -> None:
    """Goal: a silent source of the old dispute must not carry the new one in. Method: the settlement is told by a correction."""
    linked = linker()
    linked.upsert("old", court(1, day=date(2025, 6, 1)))
    linked.upsert("told", court(2, day=date(2025, 6, 5)))
    linked.upsert("new", court(3, day=date(2026, 2, 10)))
    names = ["old", "told", "new"]
    assert len(accepted(linked, names)) == 3
    linked.upsert("old", court(1, day=date(2025, 6, 1), settled=date(2025, 7, 5)))
    assert accepted(linked, names) == {("old", "told")}
    linked.upsert("old", court(1, day=date(2025, 6, 1)))
    assert len(accepted(linked, names)) == 3


def test_a_case_never_grows_past_the_limit_by_rule() -> None:
    policy = msgspec.structs.replace(POLICY, component_limit=3)
    linked = Linker(EmptyView(), policy)
    names = [f"s{number}" for number in range(6)]
    for number, name in enumerate(names):
        linked.upsert(name, court(number))
    cases = [{name} | {other for pair in accepted(linked, [name]) for other in pair} for name in names]
    assert max(map(len, cases)) == 3
    assert pairs_in(linked, names, LinkState.PROPOSED)


def test_a_value_that_becomes_common_links_no_more_and_links_again_when_it_is_rare() -> None:
    policy = msgspec.structs.replace(POLICY, caps=Caps(org_id=2))
    linked = Linker(EmptyView(), policy)
    parties = (person(A, "张三"), firm("力健健身馆", code=FIRM))
    linked.upsert("a", court(1, *parties, kind="D12", text="余额4440元"))
    linked.upsert("b", court(2, *parties, kind="D12", text="还剩4440元"))
    assert state(linked) is LinkState.ACCEPTED
    changes = linked.upsert("c", court(3, person(A, "王五", number=WANG), firm("力健健身馆", code=FIRM), kind="D12"))
    assert [change.pair for change in changes.dissolved] == [("a", "b")]
    assert [change.pair for change in linked.remove("c").accepted] == [("a", "b")]


def test_a_reused_number_makes_a_bare_reference_ambiguous() -> None:
    linked = linker()
    linked.upsert("filed", court(1, person(A, "孙涛"), references=(quoting("BB2511060063"),)))
    linked.upsert("first", profile_of("hotline-12345", "BB2511060063"))
    assert state(linked, "filed", "first") is LinkState.ACCEPTED
    linked.upsert("second", profile_of("hotline-12345", "BB2511060063|2025", key_base="BB2511060063"))
    assert not accepted(linked, ["filed", "first", "second"])


def test_candidates_that_could_be_linked_by_rule_are_never_dropped() -> None:
    policy = msgspec.structs.replace(POLICY, candidate_limit=3)
    linked = Linker(EmptyView(), policy)
    place = Place(estate="百合公寓", building="14")
    for number in range(8):
        linked.upsert(f"n{number}", profile_of("petitions", f"n{number}", place=place))
    linked.upsert("z", profile_of("police-110", "20260110340302000187"))
    linked.upsert("q", court(1, person(A, "张三"), references=(quoting("20260110340302000187"),), place=place))
    assert accepted(linked, ["q"]) == {("q", "z")}
    assert len(linked.candidates("q")) == 3


def test_two_firms_against_each_other_find_each_other() -> None:
    linked = linker()
    firms = (firm("甲建材", slot=0, code=FIRM, role=A), firm("乙装饰", code=OTHER_FIRM))
    linked.upsert("a", court(1, *firms, kind="D07"))
    linked.upsert("b", court(2, *firms, kind="D07"))
    assert state(linked) is LinkState.ACCEPTED
