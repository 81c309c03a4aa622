"""A reply that says success is read row by row (N25)."""

import json
from pathlib import Path

import pytest

from santiao.delivery.answers import RowAnswer, read_reply
from santiao.delivery.reconciliation import reconcile
from santiao.domain.errors import InvalidRecord
from santiao.runtimes.embedded.replies import ReplyReader
from tests.delivery.debts import Door, HandClock, courier_of, owe, states
from tests.stories.telling import Story

REPLY = {
    "code": "0001",
    "msg": "成功",
    "successStr": "k0,k1",
    "conflictStr": "k2",
    "failSituationList": [{"xfjbh": "k3", "code": "0304", "msg": "办结状态不允许回传"}],
}


@pytest.fixture
def delivered(story: Story) -> Story:
    """A hub that handed four rows to the petition office and heard nothing yet."""
    for number in range(4):
        story.report("petitions", f"34030020260302000{number}", on="2026-03-02")
    with story.hub.database.writable() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
    owe(story, ["k0", "k1", "k2", "k3"], agency="petitions", cases=4)
    courier_of(story, HandClock(), Door()).deliver_due()
    return story


def test_every_row_gets_its_own_answer(delivered: Story) -> None:
    report = delivered.hub.answers.take("petitions", "reply-0001.json", json.dumps(REPLY).encode())
    assert (report.taken, report.conflict, report.failed, report.known) == (2, 1, 1, 4)
    assert states(delivered) == {
        "k0": ("delivered", None),
        "k1": ("delivered", None),
        "k2": ("dead", "answer.conflict"),
        "k3": ("dead", "answer.failed:0304"),
    }
    (account,) = reconcile(delivered.hub.database)
    assert account.owed == account.waiting + account.delivered + account.dead == 4
    assert (account.taken, account.unanswered, account.conflict, account.failed) == (2, 0, 1, 1)


def test_the_agencys_words_are_not_kept(delivered: Story) -> None:
    reply = REPLY | {"failSituationList": [{"xfjbh": "k3", "code": "张三不同意，电话13800000011", "msg": "张三"}]}
    delivered.hub.answers.take("petitions", "reply.json", json.dumps(reply).encode())
    assert states(delivered)["k3"] == ("dead", "answer.failed")


def test_the_same_reply_again_and_rows_we_never_sent_change_nothing(delivered: Story) -> None:
    data = json.dumps(REPLY | {"successStr": "k0,k1,stranger"}).encode()
    assert delivered.hub.answers.take("petitions", "a.json", data).known == 4
    before = states(delivered)
    assert delivered.hub.answers.take("petitions", "again.json", data).repeated
    assert delivered.hub.answers.take("court", "others.json", data).known == 0
    assert states(delivered) == before


def test_a_row_in_conflict_can_be_sent_again_and_answered_again(delivered: Story) -> None:
    delivered.hub.answers.take("petitions", "a.json", json.dumps(REPLY).encode())
    (letter,) = delivered.hub.dead_letters.find(cause="answer.conflict")
    assert delivered.hub.dead_letters.replay([letter.id]).taken == 1
    door = Door()
    assert courier_of(delivered, HandClock(), door).deliver_due().delivered == 1
    again = delivered.hub.answers.take("petitions", "b.json", b'{"successStr":"k2"}')
    assert again.known == 1
    assert states(delivered)["k2"] == ("delivered", None)


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b'{"code":"0001","successStr":null}', []),
        (b'{"successStr":"a,, b;c"}', [RowAnswer("a", "taken"), RowAnswer("b", "taken"), RowAnswer("c", "taken")]),
        (
            b'{"failSituationList":[{"code":"1","key":"x"},{"code":2},{"id":"y"}]}',
            [RowAnswer("x", "failed", "1"), RowAnswer("y", "failed")],
        ),
    ],
)
def test_replies_come_in_several_forms(data: bytes, rows: list[RowAnswer]) -> None:
    assert list(read_reply(data)) == rows


@pytest.mark.parametrize("data", [b"", b"[]", b"<html>", b'{"successStr":1}', b"\xff\xfe", b"{" * 100_000])
def test_what_is_no_reply_says_so(data: bytes) -> None:
    with pytest.raises(InvalidRecord, match="reply"):
        list(read_reply(data))


def test_a_running_hub_reads_each_file_once_and_puts_unreadable_ones_aside(delivered: Story, tmp_path: Path) -> None:
    folder = delivered.hub.feedback_folder / "petitions" / "replies"
    folder.mkdir(parents=True)
    (folder / "reply-0001.json").write_text(json.dumps(REPLY), encoding="utf-8")
    (folder / "reply-0002.json").write_text("no reply", encoding="utf-8")
    reader = ReplyReader(delivered.hub.feedback_folder, delivered.hub.answers)
    assert reader.turn() is False
    assert sorted(path.name for path in folder.iterdir()) == ["reply-0001.json.read", "reply-0002.json.unreadable"]
    assert states(delivered)["k3"] == ("dead", "answer.failed:0304")
