"""What happens when nobody answers, answers late, or sends the letter on."""

import pytest

from santiao.domain import commands
from santiao.domain.errors import Rejection
from santiao.domain.vocabulary import CaseStatus
from tests.stories.telling import Story, at
from tests.stories.test_one_quarrel import POLICE, referred


def test_silence_sends_the_letter_back_and_never_accepts(story: Story) -> None:
    referred(story)
    story.let_time_pass("2026-03-20")
    case = story.case_of("police-110", POLICE)
    assert case.referral is not None
    assert case.referral.state == "timed_out"
    assert case.status is CaseStatus.REGISTERED
    assert "ReferralAccepted" not in story.happened()


def test_nothing_fires_before_it_is_due(story: Story) -> None:
    referred(story)
    story.let_time_pass("2026-03-02")
    assert "DeadlineBreached" not in story.happened()


def test_an_answer_dated_in_time_and_read_late_undoes_the_time_out(story: Story) -> None:
    case, referral = referred(story)
    story.let_time_pass("2026-03-20")
    story.act(
        commands.AcceptReferral(case=case, referral=referral, answered_at=at("2026-03-02", "23:00")), on="2026-03-20"
    )
    happened = story.happened()
    assert (
        happened.index("ReferralTimedOut")
        < happened.index("ReferralTimeoutReversed")
        < happened.index("ReferralAccepted")
    )
    assert "DeadlineReversed" in happened
    file = story.case_of("police-110", POLICE)
    assert file.referral is not None
    assert (file.referral.state, file.bounces) == ("accepted", 0)


def test_an_answer_dated_too_late_is_refused(story: Story) -> None:
    case, referral = referred(story)
    story.let_time_pass("2026-03-20")
    with pytest.raises(Rejection, match=r"case\.state"):
        story.act(commands.AcceptReferral(case=case, referral=referral, answered_at=at("2026-03-19")), on="2026-03-20")


def test_after_the_second_bounce_a_named_person_decides(story: Story) -> None:
    case, referral = referred(story)
    story.act(commands.DeclineReferral(case=case, referral=referral, reason="OUT_OF_SCOPE"))
    story.act(commands.SendReferral(case=case))
    second = story.case_of("police-110", POLICE).referral
    assert second is not None
    story.act(commands.DeclineReferral(case=case, referral=second.id, reason="OUT_OF_SCOPE"))
    assert story.case_of("police-110", POLICE).designation == "asked"
    with pytest.raises(Rejection, match=r"referral\.designation"):
        story.act(commands.SendReferral(case=case))
    body = second.body
    story.act(commands.DesignateBody(case=case, body=body, mode="GO", reason="属地负责"), who="p-supervisor")
    third = story.case_of("police-110", POLICE).referral
    assert third is not None
    assert third.designated
    with pytest.raises(Rejection, match=r"referral\.designated"):
        story.act(commands.DeclineReferral(case=case, referral=third.id, reason="OUT_OF_SCOPE"))


def test_a_body_may_ask_for_more_only_once(story: Story) -> None:
    case, referral = referred(story)
    story.act(commands.ReturnReferral(case=case, referral=referral, missing=("IDENTITY",)))
    with pytest.raises(Rejection, match=r"referral\.returned_before"):
        story.act(commands.ReturnReferral(case=case, referral=referral, missing=("FACTS",)))


def test_a_reason_must_be_one_of_the_list(story: Story) -> None:
    case, referral = referred(story)
    with pytest.raises(Rejection, match=r"reason\.unknown"):
        story.act(commands.DeclineReferral(case=case, referral=referral, reason="BECAUSE"))
