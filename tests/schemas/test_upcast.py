"""Every version ever written still reads: a kept sample of each, and the way up of each old major."""

from datetime import date

import pytest

from santiao.domain.events import EVENT_TYPES
from santiao.domain.events.referrals import ReferralSent
from santiao.schemas.catalogue import CASE, read_catalogue
from santiao.schemas.codec import decode_event, encode_event
from santiao.schemas.folder import make_path, read_released
from santiao.schemas.retired import RETIRED, ReferralSentV1
from santiao.schemas.single_object import SingleObjectCodec
from santiao.schemas.upcast import UPCASTERS, upcast
from tests.schemas.keep_samples import SCHEMAS, Sample, agrees, read_samples, say

V1 = ReferralSentV1(
    referral_id="r-1",
    body="body-1",
    mode="诉调",
    edge="court-committee",
    basis="CPL.122",
    bounce=1,
    origin_key="(2026)皖0304诉前调1号",
    due=date(2026, 1, 30),
)


@pytest.fixture(scope="module")
def codec() -> SingleObjectCodec:
    return SingleObjectCodec(SCHEMAS)


@pytest.mark.parametrize("sample", read_samples(), ids=lambda sample: sample.path)
def test_a_kept_sample_reads_as_it_always_did(codec: SingleObjectCodec, sample: Sample) -> None:
    message = bytes.fromhex(sample.message)
    if sample.path.startswith(CASE):
        assert agrees(sample.reads_as, say(decode_event(sample.name, sample.major, bytes.fromhex(sample.stored))))
        assert agrees(sample.reads_as, say(codec.decode_event(message)[1]))
    else:
        assert agrees(sample.reads_as, say(codec.decode_record(message)))


def test_a_sample_notices_a_value_that_changed_or_got_lost() -> None:
    kept = say(V1)
    assert agrees(kept, {**kept, "added": 1})
    assert agrees({**kept, "gone": 1}, kept)
    assert not agrees(kept, {**kept, "bounce": 0})
    assert not agrees({"list": [1, 2]}, {"list": [1]})


def test_every_released_version_and_every_retired_major_has_a_sample() -> None:
    kept = {sample.path for sample in read_samples()}
    retired = {make_path(entry.kind, entry.name, entry.major, 0) for entry in read_catalogue() if entry.is_retired}
    missing = (set(read_released(SCHEMAS)) | retired) - kept
    assert not missing, f"run `python -m tests.schemas.keep_samples` and commit: {sorted(missing)}"


def test_the_second_version_of_a_referral_reads_the_first() -> None:
    """Major 1 knew one clock. Its day is the hub's; what the law's clock said then stays unsaid."""
    assert decode_event("ReferralSent", 1, encode_event(V1)) == ReferralSent(
        referral_id="r-1",
        body="body-1",
        mode="诉调",
        edge="court-committee",
        basis="CPL.122",
        bounce=1,
        origin_key="(2026)皖0304诉前调1号",
        hub_due="2026-01-30",
        legal_due=None,
    )


def test_the_second_version_reads_itself() -> None:
    event = ReferralSent(
        referral_id="r", body="b", mode="m", edge="e", basis="x", hub_due="2026-01-30", legal_due="2026-02-28"
    )
    assert decode_event("ReferralSent", 2, encode_event(event)) == event


def test_every_retired_major_has_a_way_up_to_the_present() -> None:
    assert set(RETIRED) == set(UPCASTERS)
    assert all(EVENT_TYPES[name].version > major for name, major in RETIRED)


def test_a_missing_step_is_named() -> None:
    with pytest.raises(LookupError, match="no upcaster leads ReferralSent from major 2 to 3"):
        upcast("ReferralSent", 1, V1, present=3)
