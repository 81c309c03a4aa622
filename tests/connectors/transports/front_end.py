"""An agency's front-end database for tests, written to by the agency and polled by the hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from santiao.connectors.contract import Page
from santiao.connectors.transports.table import TableSettings, TableTransport
from santiao.connectors.transports.table_columns import TableSpec
from santiao.connectors.transports.timestamps import Clock
from santiao.domain.messages import Watermark

INCIDENTS = TableSpec(name="T_JJDB", key=("JJDBH",), updated="GXSJ", volatile=("ISTRANSLATED",))
FEEDBACK = TableSpec(name="T_CJFK", key=("CJDBH",), updated="GXSJ")
SETTINGS = TableSettings(tables=(INCIDENTS, FEEDBACK), page_rows=3)

TABLES = (
    "CREATE TABLE T_JJDB (JJDBH VARCHAR(30), XZQH CHAR(8), BJNR VARCHAR(2000), ISTRANSLATED CHAR(1), GXSJ VARCHAR(14))",
    "CREATE TABLE T_CJFK (CJDBH VARCHAR(33), JJDBH VARCHAR(30), CJQK VARCHAR(4000), GXSJ VARCHAR(14))",
)


class FrontEnd:
    """The agency's side: it inserts and updates rows as it likes."""

    def __init__(self, url: str, statements: tuple[str, ...] = TABLES) -> None:
        self.url = url
        self.engine = sa.create_engine(url)
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def write(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def insert(self, key: str | None, updated: str | None, text: str = "楼上漏水", region: str = "340302") -> None:
        self.write(
            "INSERT INTO T_JJDB (JJDBH, XZQH, BJNR, ISTRANSLATED, GXSJ) VALUES (:key, :region, :text, '0', :updated)",
            key=key,
            region=region,
            text=text,
            updated=updated,
        )

    def update(self, key: str, updated: str, text: str) -> None:
        self.write(
            "UPDATE T_JJDB SET BJNR = :text, GXSJ = :updated WHERE JJDBH = :key", key=key, text=text, updated=updated
        )

    def insert_feedback(self, key: str, incident: str, updated: str) -> None:
        self.write(
            "INSERT INTO T_CJFK (CJDBH, JJDBH, CJQK, GXSJ) VALUES (:key, :incident, '已调解', :updated)",
            key=key,
            incident=incident,
            updated=updated,
        )

    def clear(self) -> None:
        for table in ("T_JJDB", "T_CJFK"):
            self.write(f"DELETE FROM {table}")

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def sqlite_front_end(folder: Path, statements: tuple[str, ...] = TABLES) -> Iterator[FrontEnd]:
    front = FrontEnd(f"sqlite:///{folder / 'front end.sqlite'}", statements)
    try:
        yield front
    finally:
        front.close()


class Reader:
    """The hub's side: it keeps the watermark of the last page it took, as a transaction would."""

    def __init__(self, front: FrontEnd, clock: Clock, settings: TableSettings = SETTINGS) -> None:
        self._front = front
        self.transport = TableTransport(settings, connector="police-110", feed="front-end", clock=clock)
        self.watermark: Watermark | None = None

    def pages(self) -> Iterator[Page]:
        for page in self.transport.read(self._front.url, self.watermark):
            self.watermark = page.watermark
            yield page

    def poll(self) -> list[str]:
        """Where the items of one whole poll came from, in order."""
        return [item.where for page in self.pages() for item in page.items]


def stamp(moment: datetime, **less: float) -> str:
    """The time as the police write it."""
    return (moment - timedelta(**less)).strftime("%Y%m%d%H%M%S")
