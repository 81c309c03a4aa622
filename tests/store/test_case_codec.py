"""A case file stays small however large its dispute is, and is read as it was written."""

from datetime import UTC, date, datetime

import pytest

from santiao.domain.files import AgreementFile, CaseFile, Clock, MediationFile, ReferralFile
from santiao.domain.ids import CaseId, SourceId
from santiao.domain.vocabulary import CaseStatus
from santiao.store.case_codec import decode_case, encode_case

BUDGET = 16 * 1024
CASE = CaseId("5kqg6wd5af1z3wh7dzv5wma45p")
MOMENT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def case_of(sources: int) -> CaseFile:
    """A case that so many sources tell of, each with its own clock, and that has come far."""
    names = tuple(
        SourceId(f"hotline-12345:BB2603{number:06d}#2026-03-02 {number % 24:02d}:07:03") for number in range(sources)
    )
    clocks = tuple(
        Clock(
            id=f"{CASE}.d{number}",
            rule="XF.HANDLE.60D",
            clock="origin",
            about=f"source/{name}",
            start=f"2026-03-{number % 28 + 1:02d}",
            effective_end=f"2026-05-{number % 28 + 1:02d}",
            warn_on=f"2026-04-{number % 28 + 1:02d}",
        )
        for number, name in enumerate(names)
    )
    referral = ReferralFile(
        id="SD202603023403020000017-01",
        body="lzh-governance",
        mode="GO",
        edge="E3",
        state="accepted",
        sent_at=MOMENT,
        hub_due="2026-03-05",
        origin_source=names[0],
    )
    return CaseFile(
        id=CASE,
        no="SD202603023403020000017",
        shard=3403,
        opened_at=MOMENT,
        status=CaseStatus.AGREED,
        sources=names,
        clocks=clocks,
        aliases=tuple(f"alias{number:021d}" for number in range(sources // 10)),
        referral=referral,
        mediation=MediationFile(id="M", body="lzh-governance", state="concluded", started_on=date(2026, 3, 4)),
        agreement=AgreementFile(no="A", form="written", effective_on=date(2026, 3, 20)),
        batch="QT202603023403020000018",
    )


@pytest.mark.parametrize("sources", [1, 20, 200])
def test_a_file_is_read_as_it_was_written_and_keeps_within_its_budget(sources: int) -> None:
    case = case_of(sources)
    data = encode_case(case)
    assert decode_case(data) == case
    assert len(data) <= BUDGET
