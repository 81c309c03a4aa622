"""Rows of intake beside the log: inbox, nonces, quarantine, refusals, watermarks, counters. All inside the batch's transaction."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from santiao.domain.events.envelope import Sealed
from santiao.domain.messages import Delivered, Fault, Watermark
from santiao.store import tables
from santiao.store.database import Database
from santiao.store.log import from_millis, to_millis

encode = msgspec.msgpack.Encoder().encode
decode_sealed = msgspec.msgpack.Decoder(Sealed).decode
decode_state = msgspec.msgpack.Decoder(dict[str, str]).decode


class Taken(NamedTuple):
    """Receipt of a message that was taken before."""

    source_pk: int
    event_id: int
    blocked: int


def read_inbox(database: Database, connection: Connection, message_ids: Iterable[bytes]) -> dict[bytes, Taken]:
    """Which messages were taken, with their receipts."""
    rows = database.select_in(
        connection, tables.inbox, ("message_id", "source_pk", "event_id", "blocked"), "message_id", set(message_ids)
    )
    return {bytes(row[0]): Taken(row[1], row[2], row[3]) for row in rows}


def write_inbox(database: Database, connection: Connection, rows: Mapping[bytes, tuple[int, int, int, int]]) -> None:
    """Remember messages: (source_pk, event_id, blocked, received_ms) by id."""
    ordered = [(message_id, *rows[message_id]) for message_id in sorted(rows)]
    database.insert(connection, tables.inbox, ordered, on_conflict="replace")


def read_nonces(database: Database, connection: Connection, connector: str, nonces: Iterable[str]) -> dict[str, str]:
    """Where each of these nonces of a connector was used."""
    rows = database.select_in(connection, tables.nonces, ("connector", "nonce", "place"), "nonce", set(nonces))
    return {nonce: place for name, nonce, place in rows if name == connector}


def write_nonces(
    database: Database, connection: Connection, nonces: Mapping[tuple[str, str], str], now: datetime
) -> None:
    """Remember nonces and where each was first used."""
    rows = sorted((connector, nonce, place, to_millis(now)) for (connector, nonce), place in nonces.items())
    database.insert(connection, tables.nonces, rows, on_conflict="ignore")


def quarantine_id(item: Delivered) -> str:
    """The same raw item of the same feed is the same quarantined item, however often it comes."""
    digest = hashlib.blake2b(digest_size=12, person=b"quarantine")
    for piece in (item.connector.encode(), item.feed.encode(), item.raw):
        digest.update(len(piece).to_bytes(4, "big"))
        digest.update(piece)
    return f"q{digest.hexdigest()}"


def write_quarantine(
    database: Database, connection: Connection, rows: Iterable[tuple[str, Delivered, Fault, Sealed]]
) -> None:
    """Keep items that were not understood; one that comes again is tried once more and stays one row."""
    values = [
        (
            row_id,
            item.connector,
            item.feed,
            item.where,
            fault.code,
            fault.path,
            fault.detail,
            fault.detail_zh,
            to_millis(item.received_at),
            "open",
            1,
            encode(sealed),
        )
        for row_id, item, fault, sealed in rows
    ]
    if values:
        names = ", ".join(column.name for column in tables.quarantine.columns)
        sql = (
            f"INSERT INTO quarantine ({names}) VALUES ({', '.join('?' * 12)}) ON CONFLICT (id) DO UPDATE SET "
            "tries = quarantine.tries + 1, code = excluded.code, path = excluded.path, detail = excluded.detail, "
            "detail_zh = excluded.detail_zh, state = 'open'"
        )
        database.execute_many(connection, sql, values)


def write_refusals(database: Database, connection: Connection, rows: Iterable[tuple[Delivered, str]]) -> None:
    """Keep a reason code and a digest of each refused item; nothing else of it."""
    values = [
        (
            item.connector,
            item.feed,
            item.where,
            code,
            hashlib.new("sm3", item.raw).digest(),
            to_millis(item.received_at),
        )
        for item, code in rows
    ]
    database.execute_many(
        connection,
        "INSERT INTO refusals (connector, feed, place, code, digest, received_ms) VALUES (?, ?, ?, ?, ?, ?)",
        values,
    )


def add_counts(database: Database, connection: Connection, counts: Counter[str]) -> None:
    """Add to the totals that must add up after any crash."""
    values = sorted((name, number) for name, number in counts.items() if number)
    database.execute_many(
        connection,
        "INSERT INTO counters (name, value) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value",
        values,
    )


def read_counts(connection: Connection) -> dict[str, int]:
    """Totals by `connector|state`."""
    return {row.name: row.value for row in connection.exec_driver_sql("SELECT name, value FROM counters")}


def read_watermark(database: Database, connection: Connection, connector: str, feed: str) -> Watermark | None:
    """How far a feed was read."""
    row = connection.execute(
        tables.watermarks.select().where(
            (tables.watermarks.c.connector == connector) & (tables.watermarks.c.feed == feed)
        )
    ).first()
    if row is None:
        return None
    return Watermark(connector, feed, decode_state(row.state), from_millis(row.observed_ms))


def write_watermark(database: Database, connection: Connection, mark: Watermark, *, had_news: bool) -> None:
    """Advance a feed with the records it covers. `news_ms` moves only when the feed told something."""
    observed = to_millis(mark.observed_at)
    known = connection.execute(
        tables.watermarks.select().where(
            (tables.watermarks.c.connector == mark.connector) & (tables.watermarks.c.feed == mark.feed)
        )
    ).first()
    news = observed if had_news or known is None else known.news_ms
    row = (mark.connector, mark.feed, encode(mark.state), observed, news)
    database.insert(connection, tables.watermarks, [row], on_conflict="replace")
