"""The store's contract, run on SQLite and on PostgreSQL: what the hub relies on, whatever the database."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from santiao.domain import commands
from santiao.domain.errors import Conflict
from santiao.domain.messages import Batch, Delivered, Fault, FaultKind, Offset, ReceiptState, Watermark
from santiao.settings import Settings
from santiao.store import intake, tables
from santiao.store.offsets import read_offset
from santiao.store.opening import migrate
from tests.stories.telling import Story, at

POLICE = "20260302340302000187"
PETITION = "340300202603040021"


@pytest.fixture(params=["sqlite", "postgres"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    """A fresh hub on each kind of database."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    told = Story(tmp_path / "home", settings=Settings(home=tmp_path / "home", store_url=url, clock="follow"))
    yield told
    assert list(told.hub.refolder.differences()) == []
    told.hub.close()


def test_migrating_twice_changes_nothing(story: Story) -> None:
    migrate(story.hub.database)
    with story.hub.database.readable() as connection:
        names = set(sa.inspect(connection).get_table_names())
    assert set(tables.metadata.tables) <= names


def test_positions_are_dense_and_events_are_read_back_in_order(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02")
    story.report("petitions", PETITION, on="2026-03-04", quotes=POLICE)
    log = story.hub.engine.log
    with story.hub.database.readable() as connection:
        positions = [meta.position for meta, _ in log.stream(connection, 3403)]
        tail = log.read(connection, 3403, positions[-3], limit=2)
        heads = log.shards(connection)
    assert positions == list(range(1, len(positions) + 1))
    assert [meta.position for meta, _ in tail] == positions[-2:]
    assert heads == {3403: positions[-1]}


def test_a_batch_that_fails_leaves_nothing(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02")
    before = story.happened()
    offset = Offset("santiao.records", 0, expected=7, after=8)
    with pytest.raises(Conflict, match=r"offset\.moved"):
        story.hub.receiver.receive(Batch((), offset=offset))
    assert story.happened() == before


def test_an_offset_moves_by_compare_and_set(story: Story) -> None:
    for expected, after in ((0, 3), (3, 10)):
        story.hub.receiver.receive(Batch((), offset=Offset("santiao.records", 1, expected, after)))
    with pytest.raises(Conflict):
        story.hub.receiver.receive(Batch((), offset=Offset("santiao.records", 1, 3, 11)))
    with story.hub.database.readable() as connection:
        assert read_offset(connection, "santiao.records", 1) == 10
        assert read_offset(connection, "santiao.records", 2) == 0


def test_a_watermark_commits_with_its_records_and_tells_silence_from_nothing_new(story: Story) -> None:
    mark = Watermark("court", "main", {"page": "7"}, at("2026-03-02"))
    story.hub.receiver.receive(Batch((), watermark=mark))
    with story.hub.database.readable() as connection:
        assert intake.read_watermark(story.hub.database, connection, "court", "main") == mark
        assert intake.read_watermark(story.hub.database, connection, "court", "other") is None


def test_what_is_not_understood_is_kept_and_counted(story: Story) -> None:
    fault = Fault(kind=FaultKind.QUARANTINED, code="item.no_key", path="caseId", detail="no key", detail_zh="缺少编号")
    item = Delivered(
        connector="court", feed="main", where="page-1#2", received_at=at("2026-03-02"), raw=b"\x00\xff", fault=fault
    )
    receipts = [story.hub.receiver.receive(Batch((item,)))[0] for _ in range(2)]
    assert {receipt.state for receipt in receipts} == {ReceiptState.QUARANTINED}
    quarantined = receipts[0].quarantine_id
    assert quarantined is not None
    assert receipts[1].quarantine_id == quarantined
    assert story.hub.quarantine.raw(quarantined) == b"\x00\xff"
    with story.hub.database.readable() as connection:
        assert intake.read_counts(connection) == {"court|received": 2, "court|quarantined": 2}


def test_a_nonce_is_used_once_but_the_same_delivery_may_be_read_again(story: Story) -> None:
    def item(where: str) -> Delivered:
        fault = Fault(kind=FaultKind.QUARANTINED, code="x", path="", detail="x", detail_zh="x")
        return Delivered(
            connector="hotline-12345",
            feed="main",
            where=where,
            received_at=at("2026-03-02"),
            raw=b"{}",
            fault=fault,
            nonce="9f3c",
        )

    states = [story.hub.receiver.receive(Batch((item(where),)))[0].state for where in ("a:1", "a:1", "b:1")]
    assert states == [ReceiptState.QUARANTINED, ReceiptState.QUARANTINED, ReceiptState.REFUSED]


def test_one_idempotency_key_gives_one_answer(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02", stage="reported")
    case = story.case_of("police-110", POLICE).id
    ask = commands.RequestConsent(case=case)
    first = story.hub.commander.command(ask, actor="p1", idempotency_key="k", received_at=at("2026-03-02"))
    again = story.hub.commander.command(ask, actor="p1", idempotency_key="k", received_at=at("2026-03-02"))
    assert (again.version, again.repeated) == (first.version, True)
    assert story.happened().count("ConsentRequested") == 1


def test_of_two_writers_on_one_version_one_wins(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02", stage="reported")
    case = story.case_of("police-110", POLICE)
    won: list[str] = []

    def write(name: str) -> None:
        ask = commands.FollowUp(case=case.id, satisfaction=5)
        try:
            story.hub.commander.command(
                ask, actor=name, idempotency_key=name, if_match=case.version, received_at=at("2026-03-02")
            )
        except Conflict:
            return
        won.append(name)

    writers = [threading.Thread(target=write, args=(f"p{number}",)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(won) == 1
    assert story.happened().count("FollowedUp") == 1


def test_case_files_of_another_code_are_folded_again(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02")
    before = story.case_of("police-110", POLICE)
    with story.hub.database.writable() as connection:
        connection.execute(tables.case_files.update().values(fingerprint="an older fold"))
    assert story.hub.refolder.refold_stale() == 1
    assert story.hub.refolder.refold_stale() == 0
    assert story.case_of("police-110", POLICE) == before
