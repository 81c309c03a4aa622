"""Erasing a person by number or by mention, wherever the hub holds something of her: log, index, parked records, quarantine.

The rules kept here: a number is canonical before it is looked for and is neither kept nor told; every erasure goes into the ledger beside
the databases, so that a restored backup can be erased again.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import func, select, update

from santiao.connectors.converters.identity import convert_identity
from santiao.domain.errors import NotFound, Rejection
from santiao.domain.links.profile import forget
from santiao.domain.links.tokens import as_token
from santiao.domain.prepared import first_slot
from santiao.domain.vocabulary import FieldStatus, IdentityKind
from santiao.hub.engine import Engine
from santiao.hub.erase import Eraser, Erasure, decode_erasure
from santiao.store import erasure_ledger, intake, tables
from santiao.store.erasure_ledger import ErasureLine
from santiao.store.keys import derive_key_id
from santiao.store.log import from_millis
from santiao.store.parking import Parked, read_parked, rewrite
from santiao.store.sealing import unseal

_KINDS = (IdentityKind.RESIDENT, IdentityKind.PASSPORT, IdentityKind.OTHER)
_SLOT_MARK = "#"
_SHORTEST = 5


class ErasureReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased, or would be: counts and the erasure's id, nothing of the person."""

    erasure: str = ""
    mentions: int
    sources: int
    parked: int = 0
    quarantined: int = 0
    dry_run: bool = False
    unreached_backups: tuple[str, ...] = ()
    """Backups that could not be told: a restore of them needs the ledger of this home."""


class ErasureDesk:
    """Erases people for a home. `home` is where the ledger stands."""

    def __init__(self, engine: Engine, eraser: Eraser, home: Path) -> None:
        self.engine = engine
        self._eraser = eraser
        self._home = home
        self._known = 0
        """Erasures that the ledger was seen to hold."""

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self._home / erasure_ledger.FILE_NAME

    def erase(
        self,
        *,
        number: str = "",
        mentions: Sequence[str] = (),
        reason: str,
        actor: str = "operator",
        dry_run: bool = False,
    ) -> ErasureReport:
        """Erase the person of a number, or these mentions (`connector:key#slot`).

        Raises:
            Rejection: neither a number nor a mention, or one of wrong form, or no reason.
            NotFound: the hub holds nothing of that person.
        """
        if not reason.strip():
            raise Rejection("erase.reason", "an erasure needs its reason", "删除须注明理由")
        subjects = self._subjects_of(number) if number else ()
        named = {_mention_of(told) for told in mentions}
        found = named | {mention for subject in subjects for mention in self._eraser.mentions_of(subject)}
        parked = [each for each in self._parked() if _slots_of(each, subjects)]
        quarantined = self._quarantined_with(number) if number else []
        if not found and not parked and not quarantined:
            raise NotFound("erase.nothing", "nothing is known of that person", "没有此人的内容")
        report = ErasureReport(
            mentions=len(found),
            sources=len({name for name, _ in found}),
            parked=len(parked),
            quarantined=len(quarantined),
            dry_run=dry_run,
        )
        if dry_run:
            return report
        self.complete_ledger()
        if parked or quarantined:
            self._erase_unread(parked, quarantined, subjects, reason)
        erased = ""
        if found:
            subject = subjects[0] if subjects else 0
            erased = self._eraser.erase(sorted(found), reason=reason, actor=actor, subject=subject).id
        _, unreached = self.complete_ledger()
        return msgspec.structs.replace(report, erasure=erased, unreached_backups=tuple(unreached))

    def _subjects_of(self, number: str) -> tuple[int, ...]:
        """Blind tokens of a person's number, as linking makes them; the resident's first."""
        told = "".join(number.split()).upper()
        if len(told) < _SHORTEST:
            raise Rejection("erase.number", "that is no identity number", "证件号码格式不正确")
        converted = convert_identity(told)
        resident = converted.value if converted.status is FieldStatus.OK else None
        values = {IdentityKind.RESIDENT: resident or told, IdentityKind.PASSPORT: told, IdentityKind.OTHER: told}
        return tuple(as_token(self.engine.blind.token(kind.value, values[kind])) for kind in _KINDS)

    def _parked(self) -> list[Parked]:
        with self.engine.database.readable() as connection:
            return read_parked(connection)

    def _quarantined_with(self, number: str) -> list[str]:
        """Items in quarantine whose bytes hold the number, in its eighteen characters or the fifteen it had before."""
        converted = convert_identity("".join(number.split()).upper())
        told = converted.value if converted.status is FieldStatus.OK and converted.value else number.strip().upper()
        forms = {
            told.encode(),
            told.lower().encode(),
            (told[:6] + told[8:17]).encode() if len(told) == 18 else told.encode(),
        }
        table = tables.quarantine
        with self.engine.database.readable() as connection:
            rows = connection.execute(select(table.c.id, table.c.raw).where(table.c.state == "open")).all()
        keys = self.engine.keys.fetch(derive_key_id(row.id.encode(), -1) for row in rows)
        found = []
        for row in rows:
            key = keys.get(derive_key_id(row.id.encode(), -1))
            if key is not None:
                raw = unseal(key, intake.decode_sealed(row.raw))
                if any(form in raw for form in forms):
                    found.append(row.id)
        return found

    def _erase_unread(
        self, parked: Sequence[Parked], quarantined: Sequence[str], subjects: Sequence[int], reason: str
    ) -> None:
        """What was never decided or never understood: its keys go, and its row says so."""
        doomed = [derive_key_id(item.encode(), -1) for item in quarantined]
        with self.engine.database.writable() as connection:
            for each in parked:
                prepared, slots = each.record.prepared, _slots_of(each, subjects)
                offset = first_slot(prepared.part)
                doomed += [
                    mention.sealed.key_id
                    for mention in prepared.facts.mentions
                    if mention.sealed is not None and mention.slot + offset in slots
                ]
                doomed += [derive_key_id(each.message_id, -1)]
                profile = prepared.profile
                for slot in slots:
                    profile = forget(profile, slot) if profile is not None else None
                rewrite(
                    connection,
                    msgspec.structs.replace(each.record, prepared=msgspec.structs.replace(prepared, profile=profile)),
                    each,
                )
            table = tables.quarantine
            connection.execute(update(table).where(table.c.id.in_(quarantined)).values(state="erased"))
        digest = hashlib.blake2b(b"".join(sorted(doomed)), digest_size=12, person=b"erasure").hexdigest()
        self._eraser.erase_again(
            Erasure(id=f"u{digest}", key_ids=tuple(sorted(doomed)), mentions=(), reason=reason), actor="operator"
        )

    def _line_of(self, erasure: Erasure) -> ErasureLine:
        return ErasureLine(
            id=erasure.id,
            key_ids=erasure.key_ids,
            mentions=erasure.mentions,
            reason=erasure.reason,
            at=self.engine.clock.now(),
        )

    def apply_again(self, lines: Sequence[ErasureLine]) -> int:
        """Do the erasures of a ledger again, as a restore needs; how many."""
        for line in lines:
            again = Erasure(id=line.id, key_ids=line.key_ids, mentions=line.mentions, reason=line.reason)
            self._eraser.erase_again(again, actor="restore")
        return len(lines)

    def keep_ledger(self) -> None:
        """Complete the ledger when the store has come to know more: sealing off erases too, and a crash may have come in between.

        Raises:
            StoreFailure: the ledger cannot be read or written.
        """
        with self.engine.database.readable() as connection:
            known = connection.execute(select(func.count()).select_from(tables.erasures)).scalar_one()
        if known != self._known:
            self.complete_ledger()
            self._known = known

    def complete_ledger(self) -> tuple[int, list[str]]:
        """Add to the ledger, and to the backups, what the store knows and they lack; how many lines, and the backups not reached.

        Raises:
            StoreFailure: the ledger cannot be read or written.
        """
        known = {line.id for line in erasure_ledger.read_lines(self.ledger)}
        with self.engine.database.readable() as connection:
            rows = connection.execute(tables.erasures.select().order_by(tables.erasures.c.recorded_ms)).all()
        missing = [(decode_erasure(row.data), row.recorded_ms) for row in rows if row.id not in known]
        for erasure, recorded in missing:
            line = msgspec.structs.replace(self._line_of(erasure), at=from_millis(recorded))
            erasure_ledger.append_line(self.ledger, line)
        lines = erasure_ledger.read_lines(self.ledger)
        return len(missing), erasure_ledger.tell_backups(self._home, lines)


def _mention_of(told: str) -> tuple[str, int]:
    name, mark, slot = told.rpartition(_SLOT_MARK)
    if not mark or ":" not in name or not slot.isdecimal():
        raise Rejection("erase.mention", "a mention is connector:key#slot", "提及的格式为 connector:key#序号")
    return name, int(slot)


def _slots_of(parked: Parked, subjects: Sequence[int]) -> set[int]:
    """Slots of a parked record in which one of these people stands."""
    profile = parked.record.prepared.profile
    if profile is None:
        return set()
    return {party.slot for party in profile.parties if any(subject in party.ids for subject in subjects)}
