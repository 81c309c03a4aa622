"""Telling a story to a hub: agencies report, people act, time passes."""

import hashlib
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec

from santiao.bootstrap import Hub
from santiao.domain.commands import AnyCommand
from santiao.domain.files import CaseFile
from santiao.domain.messages import Batch, Delivered, Receipt
from santiao.domain.records import (
    AgencyRecord,
    CodeField,
    DisputeFact,
    Identity,
    Party,
    Place,
    Reference,
    Relation,
    TextField,
    TimeField,
)
from santiao.domain.vocabulary import (
    DISPUTE_TYPE_LIST,
    OUTCOME_LIST,
    REGION_LIST,
    STAGE_LIST,
    IdentityKind,
    MappingStatus,
    NameClass,
    Op,
    PartyKind,
    PartyRole,
    RelationKind,
)
from santiao.hub.command import Answer
from santiao.settings import Settings
from santiao.store import tables
from santiao.store.cases import find_case
from santiao.store.shelf import decode_source

CHINA = timezone(timedelta(hours=8))
ZHANG = ("张三", "340398198503151238")
LI = ("李四", "340398197608204565")
WANG = ("王五", "340398199201010020")


def at(day: str, clock: str = "10:00") -> datetime:
    """A moment in China."""
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=CHINA)


def party(slot: int, role: PartyRole, person: tuple[str, str]) -> Party:
    """A natural person with a full name and a resident number."""
    name, number = person
    return Party(
        slot=slot,
        role=role,
        kind=PartyKind.NATURAL,
        name=TextField(name, name),
        name_class=NameClass.FULL,
        ids=(Identity(IdentityKind.RESIDENT, number, number),),
    )


class Story:
    """A hub on a fresh home, with a clock that follows what it hears."""

    def __init__(self, home: Path, *, settings: Settings | None = None, hub: Hub | None = None) -> None:
        self.hub = hub or Hub(settings or Settings(home=home, clock="follow"))
        self.now = at("2026-03-02")
        self._acts = 0

    def report(
        self,
        agency: str,
        key: str,
        *,
        on: str,
        by: tuple[str, str] = ZHANG,
        against: tuple[str, str] = LI,
        kind: str = "D03",
        stage: str = "open",
        says: str = "楼上漏水，双方为赔偿发生争吵。",
        quotes: str = "",
        outcome: str | None = None,
        settled_on: date | None = None,
        version: int = 1,
    ) -> Receipt:
        """An agency tells of a dispute."""
        body = DisputeFact(
            type=CodeField(list=DISPUTE_TYPE_LIST, code=kind, hub_code=kind, mapping_status=MappingStatus.EXACT),
            region=CodeField(list=REGION_LIST, code="340302", hub_code="340302", mapping_status=MappingStatus.EXACT),
            stage=CodeField(list=STAGE_LIST, hub_code=stage, mapping_status=MappingStatus.EXACT),
            outcome=CodeField(list=OUTCOME_LIST, hub_code=outcome) if outcome else None,
            settled_on=settled_on,
            narrative=TextField(says, says),
            place=Place(region="340302", street="治淮路街道"),
            registered=TimeField(instant=at(on)),
            parties=(party(0, PartyRole.APPLICANT, by), party(1, PartyRole.RESPONDENT, against)),
        )
        references = (Reference(kind="number", number=quotes, relation=RelationKind.SAME_DISPUTE),) if quotes else ()
        return self._deliver(agency, key, body, on=on, references=references, version=version)

    def relate(
        self, agency: str, key: str, op: Op, *others: str, on: str, version: int = 9, reason: CodeField | None = None
    ) -> Receipt:
        """An agency merges, parts or withdraws a file of its own."""
        kind = RelationKind.MERGED_INTO
        references = (
            tuple(Reference(kind="number", number=other, relation=kind) for other in others) if op is Op.MERGE else ()
        )
        body = Relation(others=others, reason=reason)
        return self._deliver(agency, key, body, on=on, op=op, references=references, version=version)

    def _deliver(self, agency: str, key: str, body: Any, *, on: str, **more: Any) -> Receipt:
        self.now = max(self.now + timedelta(minutes=1), at(on))
        version = more.pop("version")
        content = msgspec.msgpack.encode((key, body, more.get("op", ""), version))
        record = AgencyRecord(
            connector=agency,
            feed="main",
            key=key,
            shard=3403,
            source_version=version,
            source_updated_at=at(on),
            received_at=self.now,
            reported_on=date.fromisoformat(on),
            content_hash=hashlib.sha256(content).digest(),
            body=body,
            raw=b"as it came",
            **more,
        )
        item = Delivered(
            connector=agency, feed="main", where=f"story:{key}", received_at=self.now, raw=record.raw, record=record
        )
        return self.hub.receiver.receive(Batch((item,)))[0]

    def act(self, command: AnyCommand, *, who: str = "p-dispatcher", on: str | None = None) -> Answer:
        """A person acts."""
        self._acts += 1
        self.now = max(self.now + timedelta(minutes=1), at(on) if on else self.now)
        return self.hub.commander.command(command, actor=who, idempotency_key=f"act-{self._acts}", received_at=self.now)

    def let_time_pass(self, until: str) -> int:
        """Time passes; what is due fires, the earliest first."""
        self.now = at(until)
        fired = 0
        while number := self.hub.timers.fire_due(until=self.now):
            fired += number
        return fired

    def case_of(self, agency: str, key: str) -> CaseFile:
        """The case a source belongs to."""
        with self.hub.database.readable() as connection:
            rows = self.hub.database.select_in(connection, tables.sources, ("data",), "name", [f"{agency}:{key}"])
            case_id = decode_source(rows[0][0]).case_id
            assert case_id is not None
            case = find_case(self.hub.database, connection, case_id)
        assert case is not None
        return case

    def happened(self, shard: int = 3403) -> list[str]:
        """Names of all events so far."""
        with self.hub.database.readable() as connection:
            return [type(event).__name__ for _, event in self.hub.engine.log.stream(connection, shard)]
