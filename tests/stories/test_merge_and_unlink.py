"""What becomes of letters, mediations, agreements and origins' clocks when cases merge or part, row by row of the page that tells it."""

import re
from datetime import date
from pathlib import Path

import pytest

from santiao.domain import commands
from santiao.domain.deciders.grouping import MERGE_RANK
from santiao.domain.events import Event, Meta
from santiao.domain.events.cases import CaseMerged, CaseSplit, FeedbackOwed, NoticeRaised, WrongLinkSeen
from santiao.domain.events.mediations import CaseEscalated, MediationConcluded
from santiao.domain.events.referrals import ReferralRecalled
from santiao.domain.files import CaseFile
from santiao.domain.vocabulary import CaseStatus
from tests.stories.telling import LI, WANG, ZHANG, Story

POLICE = "20260302340302000187"
OTHER = "20260303340302000212"
PETITION = "340300202603040021"
PAGE = Path(__file__).parents[2] / "docs" / "merge-and-unlink.md"


def events_of(story: Story, kind: type[Event]) -> list[tuple[Meta, Event]]:
    with story.hub.database.readable() as connection:
        return [pair for pair in story.hub.engine.log.stream(connection, 3403) if isinstance(pair[1], kind)]


def bring(story: Story, key: str, stage: str) -> CaseFile:
    """A case of one police report, brought as far as `stage`."""
    by = ZHANG if key == POLICE else WANG
    story.report("police-110", key, on="2026-03-03", by=by, stage="reported", kind="D03" if key == POLICE else "D08")
    case = story.case_of("police-110", key).id
    if stage == "open":
        return story.case_of("police-110", key)
    story.act(commands.RequestConsent(case=case))
    if stage != "consent":
        for side in ("applicant", "respondent"):
            story.act(commands.RecordConsent(case=case, side=side, given=True))
        story.act(commands.SendReferral(case=case))
        referral = story.case_of("police-110", key).referral
        assert referral is not None
        if stage != "referral":
            story.act(commands.AcceptReferral(case=case, referral=referral.id))
        if stage in ("mediation", "agreement"):
            story.act(commands.StartMediation(case=case))
        if stage == "agreement":
            story.act(commands.ConcludeMediation(case=case, outcome="O10", effective_on=date(2026, 3, 3)))
    return story.case_of("police-110", key)


def join(story: Story, case: CaseFile) -> CaseFile:
    """A person says that both tell of one dispute; the case that is left."""
    a, b = sorted((f"police-110:{POLICE}", f"police-110:{OTHER}"))
    story.act(commands.ConfirmLink(case=case.id, a=a, b=b))
    assert story.case_of("police-110", POLICE).id == story.case_of("police-110", OTHER).id
    return story.case_of("police-110", POLICE)


def told(story: Story, kind: str) -> list[FeedbackOwed]:
    owed = [event for _, event in events_of(story, FeedbackOwed)]
    return [event for event in owed if isinstance(event, FeedbackOwed) and event.kind == kind]


def test_the_page_tells_the_rows_that_decide() -> None:
    rows = re.findall(r"^\| (M\d\.\w+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [name for name, _ in MERGE_RANK]
    assert {state for _, states in MERGE_RANK for state in states} == set(CaseStatus)


@pytest.mark.parametrize(
    ("less", "more", "row"),
    [
        ("open", "consent", "M4.consent"),
        ("consent", "referral", "M3.referral"),
        ("referral", "mediation", "M2.mediation"),
        ("accepted", "mediation", "M2.mediation"),
        ("mediation", "agreement", "M1.agreement"),
        ("open", "open", "M5.open"),
    ],
)
def test_who_is_furthest_along_survives_and_the_row_is_told(story: Story, less: str, more: str, row: str) -> None:
    older, newer = bring(story, POLICE, less), bring(story, OTHER, more)
    survivor = older if less == more else newer
    absorbed = newer if less == more else older
    left = join(story, older)
    assert left.id == survivor.id
    assert absorbed.id in left.aliases
    ((meta, event),) = events_of(story, CaseMerged)
    assert isinstance(event, CaseMerged)
    assert (meta.case_id, event.absorbed, event.rule) == (survivor.id, absorbed.id, row)
    assert left.status is survivor.status


def test_a_letter_nobody_answered_is_recalled_and_its_clocks_stop(story: Story) -> None:
    absorbed = bring(story, POLICE, "referral")
    bring(story, OTHER, "mediation")
    left = join(story, absorbed)
    ((meta, event),) = events_of(story, ReferralRecalled)
    assert isinstance(event, ReferralRecalled)
    assert (meta.case_id, event.reason) == (absorbed.id, "merged")
    with story.hub.database.readable() as connection:
        due = [row.about for row in connection.exec_driver_sql("SELECT about FROM timers").all()]
    assert not [about for about in due if about.startswith(absorbed.id)]
    assert left.referral is not None
    assert left.referral.state == "accepted"


def test_a_letter_being_acted_on_is_shown_to_a_person(story: Story) -> None:
    absorbed = bring(story, POLICE, "accepted")
    bring(story, OTHER, "mediation")
    join(story, absorbed)
    ((_, event),) = events_of(story, NoticeRaised)
    assert isinstance(event, NoticeRaised)
    assert event.code == "merged.while_acting"


def test_a_mediation_ends_as_merged_into_another_case_and_its_agencies_are_told(story: Story) -> None:
    absorbed = bring(story, POLICE, "mediation")
    bring(story, OTHER, "agreement")
    join(story, absorbed)
    ended = [event for meta, event in events_of(story, MediationConcluded) if meta.case_id == absorbed.id]
    assert [event.outcome for event in ended if isinstance(event, MediationConcluded)] == ["O50"]
    assert events_of(story, CaseEscalated) == []
    assert (POLICE, "O50") in [(event.key, event.outcome) for event in told(story, "outcome")]
    assert POLICE in [event.key for event in told(story, "correction")]


def test_origins_clocks_run_on_in_the_survivor(story: Story) -> None:
    story.report("petitions", PETITION, on="2026-03-04", by=LI, against=ZHANG, kind="D08")
    petition = story.case_of("petitions", PETITION)
    (before,) = [clock for clock in petition.clocks if clock.clock == "origin"]
    survivor = bring(story, OTHER, "referral")
    a, b = sorted((f"petitions:{PETITION}", f"police-110:{OTHER}"))
    story.act(commands.ConfirmLink(case=survivor.id, a=a, b=b))
    left = story.case_of("petitions", PETITION)
    assert left.id == survivor.id
    assert [(c.id, c.effective_end, c.state) for c in left.clocks if c.about == before.about] == [
        (before.id, before.effective_end, "running")
    ]


def parted(story: Story) -> tuple[CaseFile, CaseFile]:
    """A referred case of a police report and a petition, before and after a person undid their link."""
    story.report("police-110", POLICE, on="2026-03-02", stage="reported")
    story.report("petitions", PETITION, on="2026-03-04", quotes=POLICE)
    case = story.case_of("police-110", POLICE).id
    story.act(commands.RequestConsent(case=case))
    for side in ("applicant", "respondent"):
        story.act(commands.RecordConsent(case=case, side=side, given=True))
    story.act(commands.SendReferral(case=case))
    before = story.case_of("police-110", POLICE)
    a, b = f"petitions:{PETITION}", f"police-110:{POLICE}"
    story.act(commands.DissolveLink(case=case, a=a, b=b, reason="不是同一件事", seen=("d-1", "d-2")))
    return before, story.case_of("petitions", PETITION)


def test_the_part_whose_source_the_letter_speaks_for_keeps_the_case(story: Story) -> None:
    before, moved = parted(story)
    assert before.referral is not None
    kept = story.case_of(*before.referral.origin_source.split(":", 1))
    assert kept.id == before.id
    assert (kept.status, kept.referral) == (CaseStatus.REFERRED, before.referral)
    assert moved.id != before.id
    assert (moved.status, moved.referral) == (CaseStatus.REGISTERED, None)
    ((_, event),) = events_of(story, CaseSplit)
    assert isinstance(event, CaseSplit)
    assert (event.rule, event.sources) == ("S1.own_case", (f"petitions:{PETITION}",))


def test_a_source_that_moved_keeps_its_clock_and_its_agency_is_told(story: Story) -> None:
    before, moved = parted(story)
    about = f"source/petitions:{PETITION}"
    ends = {clock.effective_end for clock in before.clocks if clock.about == about}
    assert {clock.effective_end for clock in moved.clocks if clock.about == about} == ends
    assert not [c for c in story.case_of("police-110", POLICE).clocks if c.about == about]
    assert [event.key for event in told(story, "correction")] == [PETITION]


def test_who_saw_the_wrong_link_is_listed(story: Story) -> None:
    parted(story)
    ((_, event),) = events_of(story, WrongLinkSeen)
    assert isinstance(event, WrongLinkSeen)
    assert event.disclosures == ("d-1", "d-2")
