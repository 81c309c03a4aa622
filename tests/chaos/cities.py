"""Six cities' records as agencies send them: three times each, out of order, one in a hundred bad."""

import random
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from santiao.domain.messages import Delivered
from santiao.domain.records import AgencyRecord, DisputeFact
from santiao.simulation.canonical import canonical_stream
from santiao.simulation.settings import SimulationSettings

SHARDS = (3401, 3402, 3403, 3404, 3405, 3406)
SENDINGS = 3
BAD_SHARE = 0.01


class Sending(NamedTuple):
    """An item to be sent; `bytes_are_bad` when what goes out is no record at all."""

    item: Delivered
    bytes_are_bad: bool = False


def records_of(shard: int, disputes: int, seed: int) -> Iterator[AgencyRecord]:
    """A city's records. Numbers are its own, so that no city's sources are another's."""
    for record in canonical_stream(SimulationSettings(disputes=disputes, seed=seed * 100 + shard)):
        yield msgspec.structs.replace(
            record,
            shard=shard,
            key=_own(record.key, shard),
            key_base=_own(record.key_base, shard) if record.key_base else "",
            aliases=tuple(_own(alias, shard) for alias in record.aliases),
            references=tuple(
                msgspec.structs.replace(each, number=_own(each.number, shard)) for each in record.references
            ),
        )


def _own(number: str, shard: int) -> str:
    return f"{number}@{shard}"


def deliveries_of(shard: int, disputes: int, seed: int) -> list[Delivered]:
    """A city's items, each once, in order; a few have steps that raise."""
    chance = random.Random(seed * 1000 + shard)
    items = []
    for record in records_of(shard, disputes, seed):
        spoils = isinstance(record.body, DisputeFact) and chance.random() < BAD_SHARE / 2
        items.append(delivered(_spoilt(record) if spoils else record))
    return items


def delivered(record: AgencyRecord) -> Delivered:
    """A record as its connector hands it over."""
    return Delivered(
        connector=record.connector,
        feed=record.feed,
        where=f"chaos:{record.ordinal}",
        received_at=record.received_at,
        raw=record.raw,
        record=record,
    )


def _spoilt(record: AgencyRecord) -> AgencyRecord:
    """Its region is none, which no step bears; a source of its own, so that no other waits behind it."""
    assert isinstance(record.body, DisputeFact)
    region = msgspec.structs.replace(record.body.region, hub_code="zz")
    body = msgspec.structs.replace(record.body, region=region)
    return msgspec.structs.replace(
        record, key=f"{record.key}-spoilt", content_hash=record.content_hash[::-1], body=body, references=()
    )


def sendings(disputes: int, seed: int) -> list[Sending]:
    """Everything that is sent, in the order it is sent: each item three times, later ones up to hundreds of places on."""
    chance = random.Random(seed)
    placed: list[tuple[float, Sending]] = []
    for shard in SHARDS:
        for place, item in enumerate(deliveries_of(shard, disputes, seed)):
            placed += [(place + chance.random() * 200, Sending(item)) for _ in range(SENDINGS)]
            if chance.random() < BAD_SHARE / 2 * SENDINGS:
                placed.append((place + chance.random() * 200, Sending(item, bytes_are_bad=True)))
    placed.sort(key=lambda each: each[0])
    return [sending for _, sending in placed]
