"""Gates stop what must not be diverted; links are made, undone and remembered; people are erased."""

import pytest

from santiao.domain import commands
from santiao.domain.errors import Rejection
from santiao.domain.messages import ReceiptState
from santiao.domain.records import CodeField
from santiao.domain.vocabulary import CaseStatus, Op, SourceState
from santiao.store import tables
from santiao.store.shelf import decode_source
from tests.stories.telling import WANG, ZHANG, Story

POLICE = "20260302340302000187"
PETITION = "340300202603040021"
KNIFE = "对方持刀上门，扬言要砍死报警人全家，情况紧急。"
INFORMER = "实名举报某局长收受贿赂、以权谋私，请为举报人保密。"


def state_of(story: Story, agency: str, key: str) -> SourceState:
    with story.hub.database.readable() as connection:
        rows = story.hub.database.select_in(connection, tables.sources, ("data",), "name", [f"{agency}:{key}"])
    return decode_source(rows[0][0]).state


def test_a_threat_with_a_knife_blocks_the_case(story: Story) -> None:
    receipt = story.report("police-110", POLICE, on="2026-03-02", says=KNIFE)
    assert receipt.blocked
    case = story.case_of("police-110", POLICE)
    assert case.status is CaseStatus.BLOCKED
    with pytest.raises(Rejection, match=r"case\.blocked"):
        story.act(commands.SendReferral(case=case.id))


def test_a_correction_takes_the_ground_of_a_gate_away(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02", says=KNIFE)
    story.report("police-110", POLICE, on="2026-03-03", version=2)
    assert story.case_of("police-110", POLICE).status is CaseStatus.REGISTERED
    assert state_of(story, "police-110", POLICE) is SourceState.CORRECTED


def test_a_gate_of_one_source_stops_new_referrals_of_the_whole_case(story: Story) -> None:
    story.report("petitions", PETITION, on="2026-03-02")
    story.report("police-110", POLICE, on="2026-03-04", says=KNIFE, quotes=PETITION)
    case = story.case_of("petitions", PETITION)
    assert case.id == story.case_of("police-110", POLICE).id
    assert case.status is CaseStatus.BLOCKED


def test_informers_material_is_refused_and_nothing_of_it_is_kept(story: Story) -> None:
    receipt = story.report("petitions", PETITION, on="2026-03-02", says=INFORMER)
    assert receipt.state is ReceiptState.REFUSED
    assert story.happened() == []


def test_informers_material_learned_of_later_shuts_the_source_away(story: Story) -> None:
    story.report("petitions", PETITION, on="2026-03-02")
    receipt = story.report("petitions", PETITION, on="2026-03-03", says=INFORMER, version=2)
    assert receipt.state is ReceiptState.REFUSED
    assert state_of(story, "petitions", PETITION) is SourceState.SEALED_OFF
    with story.hub.database.readable() as connection:
        ids = [bytes(row.key_id) for row in connection.execute(tables.mentions.select())]
    assert story.hub.keys.fetch(ids) == {}


def test_an_undone_link_parts_the_case_and_is_not_made_again(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02")
    story.report("petitions", PETITION, on="2026-03-04", quotes=POLICE)
    case = story.case_of("police-110", POLICE)
    a, b = f"petitions:{PETITION}", f"police-110:{POLICE}"
    story.act(commands.DissolveLink(case=case.id, a=a, b=b, reason="不是同一件事"))
    assert story.case_of("police-110", POLICE).id != story.case_of("petitions", PETITION).id
    story.report("petitions", PETITION, on="2026-03-05", quotes=POLICE, version=2)
    assert story.case_of("police-110", POLICE).id != story.case_of("petitions", PETITION).id
    story.act(commands.ConfirmLink(case=case.id, a=a, b=b))
    assert story.case_of("police-110", POLICE).id == story.case_of("petitions", PETITION).id


def test_the_case_furthest_along_survives_a_merge(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02", by=ZHANG, stage="reported")
    story.report("petitions", PETITION, on="2026-03-04", by=WANG, kind="D11")
    young = story.case_of("petitions", PETITION)
    story.act(commands.RequestConsent(case=young.id))
    story.act(commands.ConfirmLink(case=young.id, a=f"petitions:{PETITION}", b=f"police-110:{POLICE}"))
    merged = story.case_of("police-110", POLICE)
    assert merged.id == young.id
    assert len(merged.aliases) == 1


def test_an_agencys_own_merge_joins_and_its_unmerge_parts(story: Story) -> None:
    other = "340300202603050009"
    story.report("petitions", PETITION, on="2026-03-04")
    story.report("petitions", other, on="2026-03-05", by=WANG)
    story.relate("petitions", other, Op.MERGE, PETITION, on="2026-03-06")
    assert state_of(story, "petitions", other) is SourceState.MERGED
    assert story.case_of("petitions", other).id == story.case_of("petitions", PETITION).id
    story.relate("petitions", other, Op.UNMERGE, on="2026-03-07", version=10)
    assert state_of(story, "petitions", other) is SourceState.LIVE


def test_a_case_whose_sources_are_all_withdrawn_closes_and_opens_again(story: Story) -> None:
    story.report("petitions", PETITION, on="2026-03-04")
    story.relate("petitions", PETITION, Op.WITHDRAW, on="2026-03-06", version=2)
    assert story.case_of("petitions", PETITION).status is CaseStatus.CLOSED
    story.report("petitions", PETITION, on="2026-03-08", version=3)
    assert story.case_of("petitions", PETITION).status is CaseStatus.REGISTERED


@pytest.mark.parametrize(
    ("op", "told", "outcome"),
    [
        (Op.WITHDRAW, "O21", "O21"),
        (Op.WITHDRAW, "O90", "O90"),
        (Op.WITHDRAW, None, "O21"),
        (Op.SNAPSHOT_ABSENT, None, None),
    ],
)
def test_a_case_withdrawn_closes_with_its_sources_outcome(
    story: Story, op: Op, told: str | None, outcome: str | None
) -> None:
    story.report("petitions", PETITION, on="2026-03-04")
    reason = None if told is None else CodeField("petitions.reason", "2022", None, "撤", told)
    story.relate("petitions", PETITION, op, on="2026-03-06", version=2, reason=reason)
    case = story.case_of("petitions", PETITION)
    assert (case.status, case.outcome) == (CaseStatus.CLOSED, outcome)


def test_a_repeat_changes_nothing(story: Story) -> None:
    first = story.report("petitions", PETITION, on="2026-03-04")
    again = story.report("petitions", PETITION, on="2026-03-04")
    assert (first.state, again.state) == (ReceiptState.ACCEPTED, ReceiptState.REPEATED)
    assert again.receipt_id == first.receipt_id
    assert story.happened().count("SourceReported") == 1


def test_an_erased_person_is_unreadable_and_the_log_still_folds(story: Story) -> None:
    story.report("petitions", PETITION, on="2026-03-04")
    mentions = [(f"petitions:{PETITION}", 0)]
    erasure = story.hub.eraser.erase(mentions, reason="申请删除", actor="p-operator")
    assert story.hub.keys.fetch(erasure.key_ids) == {}
    assert "SubjectErased" in story.happened()
    assert story.hub.eraser.finish_erasures(again=True) == 1
