"""Quarantine (隔离件): looking at items that were not understood, and trying them again after a mend."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, select

from santiao.domain.errors import NotFound
from santiao.domain.messages import Batch, ReceiptState
from santiao.runtimes.intake import Intake
from santiao.runtimes.replaying import ReplayProgress, ReplayReport
from santiao.store import intake, tables
from santiao.store.keys import derive_key_id
from santiao.store.log import from_millis
from santiao.store.sealing import unseal


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A quarantined item, without its bytes."""

    id: str
    connector: str
    feed: str
    where: str
    code: str
    path: str
    detail: str
    detail_zh: str
    received_at: datetime
    state: str
    tries: int


class QuarantineDesk:
    """Looking at quarantined items and trying them again."""

    def __init__(self, intake_: Intake) -> None:
        self.intake = intake_
        self.engine = intake_.engine

    def find(self, connector: str = "", code: str = "") -> list[Quarantined]:
        """Open items, oldest first."""
        table = tables.quarantine
        query = select(table).where(table.c.state == "open").order_by(table.c.received_ms, table.c.id)
        if connector:
            query = query.where(table.c.connector == connector)
        if code:
            query = query.where(table.c.code == code)
        with self.engine.database.readable() as connection:
            return [_as_item(row) for row in connection.execute(query)]

    def show(self, item: str) -> Quarantined:
        """One item.

        Raises:
            NotFound: no item under this id.
        """
        return _as_item(self._row(item))

    def raw(self, item: str) -> bytes:
        """The item's own bytes, opened."""
        row = self._row(item)
        key_id = derive_key_id(item.encode(), -1)
        keys = self.engine.keys.fetch([key_id])
        if key_id not in keys:
            raise NotFound("quarantine.erased", "the item's bytes were erased", "该件内容已删除")
        return unseal(keys[key_id], intake.decode_sealed(row.raw))

    def replay(
        self,
        items: Sequence[str],
        *,
        connector: str = "",
        code: str = "",
        dry_run: bool = False,
        progress: ReplayProgress = lambda _what, _done, _all: None,
    ) -> ReplayReport:
        """Translate and receive items again, through the same path as live ones; what is taken leaves quarantine."""
        chosen = [self.show(item) for item in items] or self.find(connector, code)
        if dry_run:
            return ReplayReport(matched=len(chosen), taken=0, left=len(chosen), dry_run=True)
        taken = 0
        for done, each in enumerate(chosen, 1):
            taken += self._try(each)
            progress("replay", done, len(chosen))
        return ReplayReport(matched=len(chosen), taken=taken, left=len(chosen) - taken)

    def _try(self, item: Quarantined) -> bool:
        connector = self.intake.connectors[item.connector]
        delivered = [
            msgspec.structs.replace(each, where=item.where, quarantine_id=item.id)
            for each in connector.retranslate(self.raw(item.id), item.where, item.received_at)
        ]
        receipts = self.intake.take(Batch(tuple(delivered)))
        done = bool(receipts) and all(receipt.state is not ReceiptState.QUARANTINED for receipt in receipts)
        if done:
            with self.engine.database.writable() as connection:
                connection.execute(
                    tables.quarantine.update().where(tables.quarantine.c.id == item.id).values(state="taken")
                )
        return done

    def _row(self, item: str) -> Row[Any]:
        with self.engine.database.readable() as connection:
            row = connection.execute(select(tables.quarantine).where(tables.quarantine.c.id == item)).first()
        if row is None:
            raise NotFound("quarantine.unknown", f"no quarantined item {item}", f"没有隔离件 {item}")
        return row


def _as_item(row: Row[Any]) -> Quarantined:
    fields = row._mapping  # noqa: SLF001 - how SQLAlchemy names a row by its columns
    return Quarantined(
        id=fields["id"],
        connector=fields["connector"],
        feed=fields["feed"],
        where=fields["place"],
        code=fields["code"],
        path=fields["path"],
        detail=fields["detail"],
        detail_zh=fields["detail_zh"],
        received_at=from_millis(fields["received_ms"]),
        state=fields["state"],
        tries=fields["tries"],
    )
