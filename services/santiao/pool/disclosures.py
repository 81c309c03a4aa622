"""The record of disclosures (披露记录): who was shown what of which case, why and when. Written by the door alone, only ever added to.

The rule kept here: a record names cases and mentions by id and fields by name; it holds no value of any of them.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from santiao.domain.errors import SantiaoError, StoreFailure
from santiao.store.access_tables import disclosed_cases, disclosures
from santiao.store.cases import find_case
from santiao.store.database import Database
from santiao.store.log import from_millis, to_millis

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class ShownCase(msgspec.Struct, frozen=True, kw_only=True):
    """What of one case was shown: fields by path with `:masked` or `:erased` where not in full; `subjects` the mentions opened, by
    the id of their data key.
    """

    case_id: str
    fields: tuple[str, ...]
    subjects: tuple[str, ...] = ()


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """One answer with case data. `query` is a digest of what was asked, `rows` how many were given."""

    id: str
    at: datetime
    agency: str
    person: str
    credential: str
    purpose: str
    channel: str
    view: str
    query: str
    rows: int
    fields: tuple[str, ...]
    cases: tuple[ShownCase, ...] = ()


class _Head(msgspec.Struct, frozen=True, array_like=True):
    credential: str
    channel: str
    query: str
    rows: int
    fields: tuple[str, ...]


class _Part(msgspec.Struct, frozen=True, array_like=True):
    fields: tuple[str, ...]
    subjects: tuple[bytes, ...]


_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_part = msgspec.msgpack.Decoder(_Part).decode


def make_disclosure_id(at: datetime) -> str:
    """26 characters that sort by time: 48 bits of milliseconds, 80 of chance."""
    number = to_millis(at) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def digest_query(query: str) -> str:
    """What is kept of a question: enough to tell two apart."""
    return hashlib.blake2b(query.encode(), digest_size=12, person=b"query").hexdigest() if query else ""


class DisclosureBook:
    """Keeps the record of disclosures in the store."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def record(self, disclosure: Disclosure) -> None:
        """Commit a disclosure before its answer is sent.

        Raises:
            StoreFailure: `disclosure.not_recorded`; then nothing may be sent.
        """
        head = _Head(disclosure.credential, disclosure.channel, disclosure.query, disclosure.rows, disclosure.fields)
        row = (
            disclosure.id,
            to_millis(disclosure.at),
            disclosure.agency,
            disclosure.person,
            disclosure.purpose,
            disclosure.view,
            _encode(head),
        )
        parts = [
            (disclosure.id, each.case_id, _encode(_Part(each.fields, tuple(map(bytes.fromhex, each.subjects)))))
            for each in sorted(disclosure.cases, key=lambda each: each.case_id)
        ]
        try:
            with self.database.writable() as connection:
                self.database.insert(connection, disclosures, [row])
                self.database.insert(connection, disclosed_cases, parts)
        except Exception as error:  # noqa: BLE001 (whatever kept it from being written: then nothing may be shown)
            cause = error.code if isinstance(error, SantiaoError) else type(error).__name__
            raise StoreFailure(
                "disclosure.not_recorded",
                f"the disclosure could not be recorded ({cause}), so nothing was shown; tell the operator",
                "披露记录无法写入，未提供任何数据，请联系运维",
            ) from None

    def who_has_seen(self, case: str, *, limit: int = 1000) -> list[Disclosure]:
        """Disclosures of a case under any of its names, the latest first."""
        with self.database.readable() as connection:
            found = find_case(self.database, connection, case)
        return self.seen_by((found.id, *found.aliases) if found is not None else (case,), limit=limit)

    def seen_by(
        self,
        case_ids: Sequence[str],
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        limit: int = 1000,
    ) -> list[Disclosure]:
        """Who was shown one of these cases between two moments, `since` included and `until` not, the latest first.

        After an undone link this says who had been shown the case while the link stood.
        """
        table = disclosed_cases
        query = select(table.c.disclosure).join(disclosures, disclosures.c.id == table.c.disclosure)
        query = query.where(table.c.case_id.in_([each for each in case_ids if len(each) == 26]))
        if since is not None:
            query = query.where(disclosures.c.recorded_ms >= to_millis(since))
        if until is not None:
            query = query.where(disclosures.c.recorded_ms < to_millis(until))
        query = query.distinct().order_by(table.c.disclosure.desc()).limit(limit)
        with self.database.readable() as connection:
            ids = list(connection.execute(query).scalars())
        return self._read(ids)

    def disclosures_between(
        self,
        since: datetime,
        until: datetime,
        *,
        agency: str = "",
        person: str = "",
        before: str = "",
        limit: int = 100,
    ) -> list[Disclosure]:
        """Disclosures recorded in a span, the latest first; `before` is the id of the last one seen (keyset)."""
        table = disclosures
        query = select(table.c.id).where(
            (table.c.recorded_ms >= to_millis(since)) & (table.c.recorded_ms < to_millis(until))
        )
        if agency:
            query = query.where(table.c.agency == agency)
        if person:
            query = query.where(table.c.person == person)
        if before:
            query = query.where(table.c.id < before)
        with self.database.readable() as connection:
            ids = list(connection.execute(query.order_by(table.c.id.desc()).limit(limit)).scalars())
        return self._read(ids)

    def _read(self, ids: Iterable[str]) -> list[Disclosure]:
        wanted = list(ids)
        with self.database.readable() as connection:
            columns = tuple(column.name for column in disclosures.columns)
            heads = self.database.select_in(connection, disclosures, columns, "id", wanted)
            parts = self.database.select_in(
                connection, disclosed_cases, ("disclosure", "case_id", "data"), "disclosure", wanted
            )
        cases: dict[str, list[ShownCase]] = {}
        for disclosure, case_id, data in sorted(parts, key=lambda part: part[1]):
            part = _decode_part(data)
            shown = ShownCase(
                case_id=case_id, fields=part.fields, subjects=tuple(subject.hex() for subject in part.subjects)
            )
            cases.setdefault(disclosure, []).append(shown)
        found = [_as_disclosure(row, tuple(cases.get(row[0], ()))) for row in heads]
        return sorted(found, key=lambda each: each.id, reverse=True)


def _as_disclosure(row: Sequence[Any], cases: tuple[ShownCase, ...]) -> Disclosure:
    name, recorded_ms, agency, person, purpose, view, data = row
    head = _decode_head(data)
    return Disclosure(
        id=name,
        at=from_millis(recorded_ms),
        agency=agency,
        person=person,
        credential=head.credential,
        purpose=purpose,
        channel=head.channel,
        view=view,
        query=head.query,
        rows=head.rows,
        fields=head.fields,
        cases=cases,
    )
