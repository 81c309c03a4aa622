"""Runs of messages to the hub on PostgreSQL: what is new, what is put aside and how, and what stops a worker."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from santiao.bootstrap import Hub
from santiao.domain.messages import Batch, Delivered
from santiao.domain.records import DisputeFact, TimeField
from santiao.hub.prepare import record_message_id
from santiao.runtimes.kafka.limits import FailureLimits, TooManyFailures
from santiao.runtimes.kafka.receiving import Gap, Letter, Message, RecordsReceiver
from santiao.runtimes.kafka.record_form import RecordForm
from santiao.schemas.single_object import SingleObjectCodec
from santiao.settings import Settings
from santiao.store import intake
from santiao.store.resources import resource_dir
from tests.hub.cities import city_items, facts_of

TOPIC = "santiao.records"


class Receiving:
    """A hub, what turns items into messages for it, and the letters that were sent."""

    def __init__(self, home: Path, url: str) -> None:
        self.hub = Hub(Settings(home=home, store_url=url))
        self.form = RecordForm(SingleObjectCodec(resource_dir("schemas")), self.hub.keys)
        self.letters: list[Letter] = []

    def receiver(self, limits: FailureLimits | None = None) -> RecordsReceiver:
        return RecordsReceiver(
            self.hub.receiver, self.form, TOPIC, self.letters.extend, limits or FailureLimits(at_least=10_000)
        )

    def messages(self, items: Sequence[Delivered], first: int = 0) -> list[Message]:
        sealed = self.form.seal(items)
        return [Message(first + place, each.key, each.value, each.headers) for place, each in enumerate(sealed)]

    def counts(self) -> dict[str, int]:
        with self.hub.database.readable() as connection:
            told = intake.read_counts(connection)
        states = {name.partition("|")[2] for name in told}
        return {state: sum(n for name, n in told.items() if name.endswith(f"|{state}")) for state in states}


@pytest.fixture
def receiving(tmp_path: Path, postgres_url: str) -> Iterator[Receiving]:
    made = Receiving(tmp_path, postgres_url)
    yield made
    made.hub.close()


def spoilt(item: Delivered, number: int) -> Delivered:
    """A record that can be made ready and whose step raises: no clock reaches beyond the last day there is."""
    assert item.record is not None
    body = item.record.body
    assert isinstance(body, DisputeFact)
    last = TimeField(instant=datetime.max.replace(tzinfo=UTC))
    record = msgspec.structs.replace(
        item.record,
        key=f"{item.record.key}-{number}",
        content_hash=number.to_bytes(32, "big"),
        body=msgspec.structs.replace(body, registered=last, source_deadline=last),
    )
    return msgspec.structs.replace(item, record=record)


def distinct(items: Sequence[Delivered]) -> list[Delivered]:
    """Each version once: an invented city sends some again."""
    return list({record_message_id(item.record): item for item in items if item.record is not None}.values())


def disputes(number: int) -> list[Delivered]:
    """Police reports, which all tell of a dispute."""
    items = [
        item for item in city_items(60, 5) if item.record is not None and isinstance(item.record.body, DisputeFact)
    ]
    return distinct([item for item in items if item.connector == "police-110"])[:number]


def test_what_is_sent_is_what_is_taken(receiving: Receiving, tmp_path: Path) -> None:
    items = city_items(20, 5)
    receiving.receiver().take(0, receiving.messages(items))
    straight = Hub(Settings(home=tmp_path / "straight"))
    for item in items:
        straight.receiver.receive(Batch((item,)))
    assert facts_of(receiving.hub) == facts_of(straight)
    straight.close()


def test_no_name_and_no_number_of_a_person_is_in_clear_on_the_topic(receiving: Receiving) -> None:
    items = city_items(20, 5)
    values = b"".join(message.value or b"" for message in receiving.messages(items))
    told = 0
    for item in items:
        assert item.record is not None
        for party in getattr(item.record.body, "parties", ()):
            for secret in (party.name, *(each.value for each in getattr(party, "identities", ()))):
                text = getattr(secret, "value", secret)
                if isinstance(text, str) and len(text) > 2:
                    told += 1
                    assert text.encode() not in values
    assert told > 20


def test_the_store_says_what_is_new(receiving: Receiving) -> None:
    messages = receiving.messages(distinct(city_items(12, 5)))
    first, second = receiving.receiver(), receiving.receiver()
    assert first.take(0, messages[:10]) == 10
    assert second.take(0, messages[:20]) == 10
    assert first.take(0, messages[:20]) == 0
    assert receiving.counts()["received"] == 20
    assert "repeated" not in receiving.counts()


def test_a_worker_that_was_taken_for_dead_writes_nothing_between(receiving: Receiving) -> None:
    messages = receiving.messages(distinct(city_items(12, 5)))
    zombie, successor = receiving.receiver(), receiving.receiver()
    zombie.take(0, messages[:5])
    successor.take(0, messages[5:12])
    assert zombie.take(0, messages[5:9]) == 0
    assert zombie.take(0, messages[9:14]) == 2
    assert receiving.counts()["accepted"] == receiving.counts()["received"] == 14


def test_a_hole_is_not_passed_over(receiving: Receiving) -> None:
    messages = receiving.messages(city_items(12, 5))
    receiver = receiving.receiver()
    with pytest.raises(Gap) as told:
        receiver.take(0, [*messages[:4], *messages[6:]])
    assert (told.value.next_offset, told.value.came) == (4, 6)
    assert receiver.next_offset(0) == 4
    assert receiver.take(0, messages) == len(messages) - 4


def test_nothing_in_a_message_still_moves_the_offset(receiving: Receiving) -> None:
    (message,) = receiving.messages(city_items(12, 5)[:1])
    tombstones = [Message(place, b"x:1", None, []) for place in range(3)]
    assert receiving.receiver().take(0, [*tombstones, message._replace(offset=3)]) == 4
    assert receiving.receiver().next_offset(0) == 4
    assert receiving.counts()["received"] == 1


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda _value: b"not avro at all", "message.malformed"),
        (lambda value: b"\xc3\x01" + bytes(8) + value[10:], "message.unknown_schema"),
        (lambda value: value[:-3], "message.malformed"),
        (lambda value: value + b"\x00", "message.malformed"),
    ],
    ids=["no-avro", "unknown-schema", "cut-off", "too-long"],
)
def test_bytes_that_are_no_record_are_quarantined_and_told_of(receiving: Receiving, harm: object, code: str) -> None:
    messages = receiving.messages(city_items(12, 5))
    bad = messages[3]._replace(value=harm(messages[3].value))  # type: ignore[operator]
    receiving.receiver().take(0, [*messages[:3], bad, *messages[4:]])
    (found,) = receiving.hub.quarantine.find("", code)
    assert receiving.hub.quarantine.raw(found.id) == bad.value
    assert [(letter.cause, letter.message.offset, letter.is_record) for letter in receiving.letters] == [
        (code, 3, False)
    ]
    assert receiving.counts()["received"] == len(messages)


def test_poison_costs_one_transaction_more_and_the_healthy_commit_with_it(receiving: Receiving) -> None:
    healthy = disputes(100)
    half = len(healthy) // 2
    poison = [spoilt(healthy[0], 1), spoilt(healthy[1], 2)]
    receiver = receiving.receiver()
    clean = receiving.messages(healthy[:half])
    receiver.take(0, clean)
    mixed = receiving.messages([poison[0], *healthy[half:], poison[1]], first=len(clean))
    passes: list[int] = []
    attempt = receiving.hub.receiver._attempt

    def counted(*told: Any) -> Any:
        passes.append(1)
        return attempt(*told)

    receiving.hub.receiver._attempt = counted  # type: ignore[method-assign,assignment]
    receiver.take(0, mixed)
    assert len(passes) == 2
    assert receiving.counts()["received"] == len(healthy) + 2
    letters = receiving.hub.dead_letters.find()
    assert sorted(letter.about for letter in letters) == sorted(
        item.record.key for item in poison if item.record is not None
    )
    assert sorted(letter.message.offset for letter in receiving.letters) == [mixed[0].offset, mixed[-1].offset]
    assert {letter.is_record for letter in receiving.letters} == {True}


def test_replay_of_dead_letters_touches_no_offset(receiving: Receiving) -> None:
    messages = receiving.messages([spoilt(disputes(1)[0], 1)])
    receiving.receiver().take(0, messages)
    before = receiving.receiver().next_offset(0)
    assert receiving.hub.dead_letters.replay([]).matched == 1
    assert receiving.receiver().next_offset(0) == before == 1


def test_what_the_database_cannot_hold_is_found_by_halving(receiving: Receiving) -> None:
    healthy = disputes(9)
    assert healthy[4].record is not None
    record = msgspec.structs.replace(healthy[4].record, key="340\x00398", content_hash=b"n" * 32)
    unwritable = msgspec.structs.replace(healthy[4], record=record)
    receiver = receiving.receiver()
    messages = receiving.messages([*healthy[:4], unwritable, *healthy[5:]])
    receiver.take(0, messages)
    assert receiver.next_offset(0) == len(messages)
    assert [each.code for each in receiving.hub.quarantine.find("", "record.unwritable")] == ["record.unwritable"]
    assert receiving.counts()["accepted"] == len(healthy) - 1


def test_a_party_in_no_place_is_its_records_fault_alone(receiving: Receiving) -> None:
    healthy = disputes(5)
    assert healthy[2].record is not None
    body = healthy[2].record.body
    assert isinstance(body, DisputeFact)
    parties = tuple(msgspec.structs.replace(party, slot=-7) for party in body.parties)
    record = msgspec.structs.replace(
        healthy[2].record, key="other", content_hash=b"m" * 32, body=msgspec.structs.replace(body, parties=parties)
    )
    messages = receiving.messages([*healthy, msgspec.structs.replace(healthy[2], record=record)])
    receiving.receiver().take(0, messages)
    assert receiving.counts()["accepted"] == len(healthy)
    assert receiving.counts()["quarantined"] == 1


def test_a_limit_stops_the_worker_before_anything_commits(receiving: Receiving) -> None:
    first = disputes(1)[0]
    messages = receiving.messages([spoilt(first, number) for number in range(1, 30)])
    receiver = receiving.receiver(FailureLimits(consecutive=20))
    with pytest.raises(TooManyFailures):
        receiver.take(0, messages)
    assert receiver.next_offset(0) == 0
    assert receiving.hub.dead_letters.find() == []
    assert receiving.letters == []


def test_a_ratio_of_failures_stops_the_worker() -> None:
    limits = FailureLimits(ratio=0.2, at_least=100, consecutive=1000)
    for _ in range(20):
        limits.judge(1, 10)
        limits.passed(10)
    with pytest.raises(TooManyFailures):
        limits.judge(40, 50)
