"""Two cities on one store: each is a shard, the unit of linking, and a source stays in the city it was first seen in."""

import msgspec
import pytest

from santiao.domain.messages import Batch, Delivered
from santiao.store import tables
from santiao.store.party_index import COMMON_FROM
from santiao.store.shelf import PK_BITS
from tests.stories.telling import LI, Story

HERE, THERE = 3403, 3404


@pytest.fixture
def told(story: Story, monkeypatch: pytest.MonkeyPatch) -> list[Delivered]:
    """What the hub was given, so that a test can send it on as another city's."""
    given: list[Delivered] = []
    receive = story.hub.receiver.receive

    def note(batch: Batch) -> object:
        given.extend(batch.items)
        return receive(batch)

    monkeypatch.setattr(story.hub.receiver, "receive", note)
    return given


def elsewhere(item: Delivered, *, key: str = "") -> Delivered:
    """The item as the other city's, under another number where one is given."""
    assert item.record is not None
    changed = {"key": key, "content_hash": key.encode().ljust(32, b"0")} if key else {"content_hash": bytes(32)}
    return msgspec.structs.replace(item, record=msgspec.structs.replace(item.record, shard=THERE, **changed))


def test_what_another_city_tells_links_nothing(story: Story, told: list[Delivered]) -> None:
    story.report("court", "c-1", on="2026-03-02")
    story.report("police-110", "p-1", on="2026-03-02")
    assert story.case_of("court", "c-1").sources == ("court:c-1", "police-110:p-1")
    first, second = told[:2]
    story.hub.receiver.receive(Batch((elsewhere(first, key="c-9"),)))
    assert "LinkAccepted" not in story.happened(THERE)
    assert "LinkProposed" not in story.happened(THERE)
    story.hub.receiver.receive(Batch((elsewhere(second, key="p-9"),)))
    assert story.happened(THERE).count("LinkAccepted") == 1
    assert story.case_of("court", "c-9").sources == ("court:c-9", "police-110:p-9")


def test_a_known_source_stays_in_its_city(story: Story, told: list[Delivered]) -> None:
    story.report("court", "c-1", on="2026-03-02")
    (receipt,) = story.hub.receiver.receive(Batch((elsewhere(told[0]),)))
    assert receipt.state == "accepted"
    assert story.happened(THERE) == []
    assert "SourceCorrected" in story.happened(HERE)
    with story.hub.database.readable() as connection:
        pks = connection.execute(tables.sources.select()).all()
    assert [row.pk >> PK_BITS for row in pks] == [HERE]


def test_a_source_that_one_batch_tells_of_two_cities_is_of_the_first(story: Story, told: list[Delivered]) -> None:
    story.report("court", "c-1", on="2026-03-02")
    new = elsewhere(told[0], key="c-2")
    assert new.record is not None
    back = msgspec.structs.replace(
        new, record=msgspec.structs.replace(new.record, shard=HERE, content_hash=b"other".ljust(32))
    )
    receipts = story.hub.receiver.receive(Batch((new, back)))
    assert [receipt.state for receipt in receipts] == ["accepted", "accepted"]
    assert "SourceCorrected" in story.happened(THERE)


def test_each_city_counts_its_own(story: Story, told: list[Delivered]) -> None:
    for number in range(COMMON_FROM + 4):
        story.report("court", f"c-{number}", on="2026-03-02", by=(f"甲{number}", ""), against=LI)
    many = tuple(elsewhere(item, key=f"d-{number}") for number, item in enumerate(told))
    story.hub.receiver.receive(Batch(many))
    with story.hub.database.readable() as connection:
        common = connection.execute(tables.common_tokens.select()).all()
    assert {row.shard for row in common} == {HERE, THERE}
    assert len({row.token for row in common}) * 2 == len(common)
    assert {row.carriers for row in common} == {COMMON_FROM + 4}
