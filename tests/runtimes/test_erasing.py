"""A person is erased wherever she is held, and stays so; others are not."""

import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from santiao.bootstrap import Hub
from santiao.domain.errors import NotFound, Rejection, StoreFailure
from santiao.domain.events import Event, Meta
from santiao.domain.events.envelope import Sealed
from santiao.domain.messages import Batch, Delivered, Fault, FaultKind
from santiao.hub.secrets import decode_party
from santiao.settings import Settings
from santiao.store import erasure_ledger, tables
from santiao.store.erasure_ledger import ErasureLine
from santiao.store.sealing import unseal
from tests.stories.telling import LI, WANG, ZHANG, Story, at

POLICE, PETITION = "20260302340302000187", "340300202603040021"


def readable_names(hub: Hub) -> list[str]:
    """Every name that the log's sealed fields still give with the keys there are."""
    with hub.database.readable() as connection:
        events: list[tuple[Meta, Event]] = list(hub.engine.log.stream(connection, 3403))
    sealed = [
        mention.sealed
        for _, event in events
        for mention in getattr(getattr(event, "facts", None), "mentions", ())
        if mention.sealed is not None
    ]
    keys = hub.keys.fetch(each.key_id for each in sealed)
    return sorted(
        decode_party(unseal(keys[each.key_id], each)).name.value or "" for each in sealed if each.key_id in keys
    )


def narratives(hub: Hub) -> int:
    """How many sealed narratives can still be opened."""
    with hub.database.readable() as connection:
        events = list(hub.engine.log.stream(connection, 3403))
    told = [getattr(getattr(event, "facts", None), "narrative", None) for _, event in events]
    return len(hub.keys.fetch(each.key_id for each in told if isinstance(each, Sealed)))


@pytest.fixture
def told(story: Story) -> Story:
    """A hub that was told of Zhang twice by the police, once by the petition office, and of Wang apart from her."""
    story.report("police-110", POLICE, on="2026-03-02", version=1)
    story.report("police-110", POLICE, on="2026-03-03", version=2, says="楼上又漏水了。")
    story.report("petitions", PETITION, on="2026-03-04", quotes=POLICE)
    story.report("court", "8a8182f59e370001", on="2026-03-05", by=WANG, against=LI)
    return story


def test_a_person_becomes_unreadable_everywhere_and_others_stay(told: Story) -> None:
    assert readable_names(told.hub).count("张三") == 3
    assert narratives(told.hub) == 4
    digest = [each for each in told.hub.projector.verify() if each.agrees]
    report = told.hub.erasing.erase(number=ZHANG[1], reason="申请 2026-01")
    assert (report.mentions, report.sources, report.unreached_backups) == (2, 2, ())
    assert readable_names(told.hub) == ["李四"] * 4 + ["王五"]
    assert narratives(told.hub) == 1
    assert list(told.hub.refolder.differences()) == []
    assert all(each.agrees for each in told.hub.projector.verify())
    assert digest
    with told.hub.database.readable() as connection:
        data = b"".join(bytes(row.data) for row in connection.execute(tables.events.select()))
    assert ZHANG[1].encode() not in data


@pytest.mark.parametrize("written", [" 340398198503151238 ", "340398850315123", "34039819850315123８"])
def test_the_number_may_be_written_as_people_write_it(told: Story, written: str) -> None:
    assert told.hub.erasing.erase(number=written, reason="申请", dry_run=True).mentions == 2
    assert readable_names(told.hub).count("张三") == 3


@pytest.mark.parametrize("asked", [{"number": ZHANG[1]}, {"mentions": [f"petitions:{PETITION}#1"]}])
def test_erasing_again_finds_nothing(told: Story, asked: dict[str, Any]) -> None:
    told.hub.erasing.erase(**asked, reason="申请")
    before = told.happened()
    with pytest.raises(NotFound):
        told.hub.erasing.erase(**asked, reason="申请")
    assert told.happened() == before


def test_erasing_again_destroys_what_a_failure_left(told: Story) -> None:
    failing = patch("santiao.hub.erase.Eraser.destroy", side_effect=StoreFailure("store.disk_full", "full", "满"))
    with failing, pytest.raises(StoreFailure):
        told.hub.erasing.erase(mentions=[f"petitions:{PETITION}#1"], reason="申请")
    before = told.happened()
    told.hub.erasing.erase(mentions=[f"petitions:{PETITION}#1"], reason="申请")
    assert told.happened() == before
    assert readable_names(told.hub).count("李四") == 3


def test_a_slot_that_was_anothers_later_keeps_the_other(story: Story) -> None:
    story.report("police-110", POLICE, on="2026-03-02", version=1)
    story.report("police-110", POLICE, on="2026-03-03", version=2, by=WANG)
    story.hub.erasing.erase(number=ZHANG[1], reason="申请")
    assert readable_names(story.hub) == ["李四", "李四", "王五"]
    story.report("petitions", PETITION, on="2026-03-04", by=WANG, against=LI)
    assert story.case_of("petitions", PETITION).id == story.case_of("police-110", POLICE).id, "Wang is still found"


def test_a_mention_can_be_named_where_no_number_is_known(told: Story) -> None:
    report = told.hub.erasing.erase(mentions=[f"petitions:{PETITION}#1"], reason="申请")
    assert (report.mentions, report.sources) == (1, 1)
    assert readable_names(told.hub).count("李四") == 3


def test_what_waits_and_what_was_not_understood_is_erased_too(story: Story) -> None:
    fault = Fault(kind=FaultKind.QUARANTINED, code="item.no_key", path="x", detail="", detail_zh="")
    raw = f"报警人张三，身份证{ZHANG[1]}".encode("gb18030")
    item = Delivered(
        connector="police-110", feed="main", where="T:1", received_at=at("2026-03-02"), raw=raw, fault=fault
    )
    story.hub.receiver.receive(Batch((item,)))
    with patch("santiao.hub.transaction.advance_record", side_effect=RuntimeError):
        story.report("police-110", POLICE, on="2026-03-02")
    report = story.hub.erasing.erase(number=ZHANG[1], reason="申请")
    assert (report.mentions, report.parked, report.quarantined) == (0, 1, 1)
    assert story.hub.quarantine.find() == []
    story.hub.dead_letters.replay([])
    assert readable_names(story.hub) == ["李四"]
    story.hub.receiver.receive(Batch((item,)))
    (again,) = story.hub.quarantine.find()
    with pytest.raises(NotFound):
        story.hub.quarantine.raw(again.id)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"number": ZHANG[1], "reason": " "}, "erase.reason"),
        ({"number": "123", "reason": "x"}, "erase.number"),
        ({"mentions": ["police-110"], "reason": "x"}, "erase.mention"),
        ({"number": "340398199001010010", "reason": "x"}, "erase.nothing"),
        ({"reason": "x"}, "erase.nothing"),
    ],
)
def test_what_cannot_be_done_is_said(told: Story, asked: dict[str, object], code: str) -> None:
    with pytest.raises(Rejection, match=code) as failure:
        told.hub.erasing.erase(**asked)  # type: ignore[arg-type]
    assert ZHANG[1] not in str(failure.value)


def test_an_erasure_cut_short_is_finished_at_the_next_start(told: Story, tmp_path: Path) -> None:
    with patch("santiao.hub.erase.Eraser.destroy", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        told.hub.erasing.erase(number=ZHANG[1], reason="申请")
    assert readable_names(told.hub).count("张三") == 3
    again = Hub(Settings(home=tmp_path / "home", clock="follow"))
    assert "张三" not in readable_names(again)
    assert again.erasing.complete_ledger()[0] == 1
    again.close()


def test_the_ledger_holds_ids_alone_and_a_torn_last_line_is_left_out(told: Story) -> None:
    report = told.hub.erasing.erase(number=ZHANG[1], reason="申请")
    ledger = told.hub.erasing.ledger
    text = ledger.read_text(encoding="utf-8")
    assert ZHANG[1] not in text
    assert "张三" not in text
    assert [line.id for line in erasure_ledger.read_lines(ledger)] == [report.erasure]
    ledger.write_text(text + text[:30], encoding="utf-8")
    assert [line.id for line in erasure_ledger.read_lines(ledger)] == [report.erasure]
    again = told.hub.erasing.erase(number=LI[1], reason="申请")
    assert [line.id for line in erasure_ledger.read_lines(ledger)] == [report.erasure, again.erasure]


@pytest.mark.parametrize("together", [True, False])
def test_informers_material_learned_of_late_is_destroyed_though_the_hub_died(
    story: Story, tmp_path: Path, together: bool
) -> None:
    known = told_by_police(story)
    fault = Fault(kind=FaultKind.REFUSED, code="informer", path="", detail="", detail_zh="", key=POLICE)
    late = msgspec.structs.replace(known, record=None, fault=fault, raw=b"late")
    *before, last = [(known, late)] if together else [(known,), (late,)]
    for batch in before:
        story.hub.receiver.receive(Batch(batch))
    with patch("santiao.hub.receive.Eraser.destroy", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        story.hub.receiver.receive(Batch(last))
    assert readable_names(story.hub) == ["张三", "李四"]
    again = Hub(Settings(home=tmp_path / "home", clock="follow"))
    assert readable_names(again) == []
    assert narratives(again) == 0
    again.erasing.keep_ledger()
    (line,) = erasure_ledger.read_lines(again.erasing.ledger)
    assert (line.id[0], line.reason, line.mentions) == ("s", "sealed_off" if together else "informer", ())
    again.close()


def test_nothing_is_kept_that_is_told_of_a_source_after_it_was_sealed_off(story: Story) -> None:
    known = told_by_police(story)
    fault = Fault(kind=FaultKind.REFUSED, code="informer", path="", detail="", detail_zh="", key=POLICE)
    late = msgspec.structs.replace(known, record=None, fault=fault, raw=b"late")
    story.hub.receiver.receive(Batch((known,)))
    story.hub.receiver.receive(Batch((late,)))
    story.report("police-110", POLICE, on="2026-03-09", version=4, says="又漏水了。")
    with patch("santiao.hub.transaction.advance_record", side_effect=RuntimeError):
        story.report("police-110", POLICE, on="2026-03-10", version=5)
    story.hub.dead_letters.replay([])
    assert story.happened().count("SourceCorrected") == 2
    assert (readable_names(story.hub), narratives(story.hub)) == ([], 0)
    story.report("petitions", PETITION, on="2026-03-11")
    assert "LinkAccepted" not in story.happened()
    assert "LinkProposed" not in story.happened()


def told_by_police(story: Story) -> Delivered:
    """What the police deliver of Zhang and Li, not received yet."""
    with patch.object(story.hub.receiver, "receive") as receive:
        story.report("police-110", POLICE, on="2026-03-02")
    (item,) = receive.call_args.args[0].items
    assert isinstance(item, Delivered)
    return item


def test_backups_in_reach_are_told_and_others_are_named(told: Story, tmp_path: Path) -> None:
    near, far = tmp_path / "near", tmp_path / "far"
    for folder in (near, far):
        folder.mkdir()
        erasure_ledger.remember_backup(told.hub.settings.home, folder)
    shutil.rmtree(far)
    report = told.hub.erasing.erase(number=ZHANG[1], reason="申请")
    assert report.unreached_backups == (str(far),)
    (line,) = erasure_ledger.read_lines(near / erasure_ledger.FILE_NAME)
    assert isinstance(line, ErasureLine)
    assert msgspec.json.encode(line)
