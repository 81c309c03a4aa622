"""One quarrel through several doors: told, linked, referred, mediated, agreed, performed, told back."""

from datetime import date

import pytest

from santiao.domain import commands
from santiao.domain.errors import Rejection
from santiao.domain.vocabulary import CaseStatus
from tests.stories.telling import Story

POLICE = "20260302340302000187"
PETITION = "340300202603040021"


def referred(story: Story, *, kind: str = "D03") -> tuple[str, str]:
    """A case whose letter is out; its id and the referral's."""
    story.report("police-110", POLICE, on="2026-03-02", stage="reported", kind=kind)
    case = story.case_of("police-110", POLICE)
    story.act(commands.RequestConsent(case=case.id))
    for side in ("applicant", "respondent"):
        story.act(commands.RecordConsent(case=case.id, side=side, given=True))
    story.act(commands.SendReferral(case=case.id))
    referral = story.case_of("police-110", POLICE).referral
    assert referral is not None
    return case.id, referral.id


def test_two_agencies_that_tell_of_one_quarrel_make_one_case(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02", stage="reported")
    story.report("petitions", PETITION, on="2026-03-04", quotes=POLICE)
    case = story.case_of("police-110", POLICE)
    assert case == story.case_of("petitions", PETITION)
    assert {name.partition(":")[0] for name in case.sources} == {"police-110", "petitions"}
    assert case.dispute_type == "D03"
    assert case.region == "340302"


def test_the_quarrel_of_others_stays_a_case_of_its_own(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02")
    story.report(
        "petitions",
        PETITION,
        on="2026-03-04",
        by=("赵六", "340398196505051311"),
        against=("孙七", "340398198802290078"),
    )
    assert story.case_of("police-110", POLICE).id != story.case_of("petitions", PETITION).id


def test_nothing_is_referred_before_both_sides_agreed(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02", stage="reported")
    case = story.case_of("police-110", POLICE)
    assert case.triage is not None
    with pytest.raises(Rejection, match=r"referral\.consent"):
        story.act(commands.SendReferral(case=case.id))
    story.act(commands.RequestConsent(case=case.id))
    story.act(commands.RecordConsent(case=case.id, side="applicant", given=True))
    with pytest.raises(Rejection, match=r"referral\.consent"):
        story.act(commands.SendReferral(case=case.id))
    story.act(commands.RecordConsent(case=case.id, side="respondent", given=False))
    assert story.case_of("police-110", POLICE).status is CaseStatus.FAILED


def test_the_whole_way_to_a_performed_agreement(story: Story) -> None:
    case, referral = referred(story)
    assert story.case_of("police-110", POLICE).status is CaseStatus.REFERRED
    story.act(commands.AcceptReferral(case=case, referral=referral, mediator="p-mediator"))
    story.act(commands.StartMediation(case=case, mediator="p-mediator"))
    assert story.case_of("police-110", POLICE).status is CaseStatus.MEDIATING
    story.act(commands.ConcludeMediation(case=case, outcome="O10", effective_on=date(2026, 3, 10)), on="2026-03-10")
    agreed = story.case_of("police-110", POLICE)
    assert agreed.status is CaseStatus.AGREED
    confirm = next(clock for clock in agreed.clocks if clock.rule == "JC.APPLY.30D")
    assert (confirm.effective_end, confirm.party_right) == ("2026-04-09", True)
    story.act(commands.RecordPerformance(case=case, performed_on=date(2026, 3, 20)), on="2026-03-20")
    closed = story.case_of("police-110", POLICE)
    assert (closed.status, closed.outcome) == (CaseStatus.CLOSED, "O10")
    happened = story.happened()
    assert happened.index("ReferralSent") < happened.index("MediationStarted") < happened.index("CaseClosed")
    assert happened.count("FeedbackOwed") >= 3


@pytest.mark.parametrize(("kind", "moves"), [("D17", True), ("D03", False)])
def test_a_clock_stands_still_during_an_appraisal_where_its_text_says_so(story: Story, kind: str, moves: bool) -> None:
    case, referral = referred(story, kind=kind)
    story.act(commands.AcceptReferral(case=case, referral=referral))
    story.act(commands.StartMediation(case=case), on="2026-03-03")
    before = next(clock for clock in story.case_of("police-110", POLICE).clocks if clock.about == "mediation")
    story.act(commands.SuspendMediation(case=case, reason="APPRAISAL"), on="2026-03-10")
    assert story.case_of("police-110", POLICE).status is CaseStatus.SUSPENDED
    story.act(commands.ResumeMediation(case=case), on="2026-03-20")
    after = next(clock for clock in story.case_of("police-110", POLICE).clocks if clock.about == "mediation")
    assert (after.effective_end > before.effective_end) is moves


def test_a_failed_mediation_climbs_or_goes_back_to_its_origin(story: Story) -> None:
    case, referral = referred(story)
    story.act(commands.AcceptReferral(case=case, referral=referral))
    story.act(commands.StartMediation(case=case))
    story.act(commands.ConcludeMediation(case=case, outcome="O32"))
    assert story.case_of("police-110", POLICE).status is CaseStatus.FAILED
    assert "CaseEscalated" in story.happened()
