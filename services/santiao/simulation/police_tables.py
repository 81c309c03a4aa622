"""The police's front-end tables (前置库): `T_JJDB` incidents and `T_CJFK` feedback, day by day as CSV, and as SQLite at the end."""

import csv
import re
import sqlite3
from io import StringIO
from pathlib import Path

import msgspec

from santiao.simulation import lists
from santiao.simulation.desk import Office

AGENCY = "police-110"
SCHEMA = """\
CREATE TABLE T_JJDB (
  JJDBH VARCHAR(30) NOT NULL,
  GLJJDBH VARCHAR(30),
  XZQH VARCHAR(6),
  JJDWBH VARCHAR(12),
  GXDWBH VARCHAR(12),
  BJFSDM VARCHAR(4),
  BJSJ VARCHAR(14),
  JJSJ VARCHAR(14),
  BJDH VARCHAR(20),
  BJRXM VARCHAR(60),
  BJRXB VARCHAR(1),
  BJRSFZH VARCHAR(40),
  LXDH VARCHAR(50),
  SFDZ VARCHAR(200),
  XZB VARCHAR(20),
  YZB VARCHAR(20),
  BJNR VARCHAR(2000),
  JQLBDM VARCHAR(6),
  JQLXDM VARCHAR(6),
  JQXLDM VARCHAR(6),
  JQJBDM VARCHAR(6),
  JJDZT VARCHAR(2),
  SFYX VARCHAR(1) DEFAULT '1',
  ISTRANSLATED VARCHAR(1) DEFAULT '0',
  RKSJ VARCHAR(14),
  GXSJ VARCHAR(14),
  PRIMARY KEY (JJDBH)
);
CREATE TABLE T_CJFK (
  CJDBH VARCHAR(33) NOT NULL,
  JJDBH VARCHAR(30),
  CJDWBH VARCHAR(12),
  CJYXM VARCHAR(60),
  DDXCSJ VARCHAR(14),
  CLWBSJ VARCHAR(14),
  CJQK VARCHAR(4000),
  CLJGDM VARCHAR(6),
  SFJJJF VARCHAR(1),
  DSRXM VARCHAR(200),
  DSRDH VARCHAR(200),
  FKSJ VARCHAR(14),
  GXSJ VARCHAR(14),
  PRIMARY KEY (CJDBH)
);
CREATE INDEX IX_JJDB_GXSJ ON T_JJDB (GXSJ, JJDBH);
CREATE INDEX IX_CJFK_GXSJ ON T_CJFK (GXSJ, CJDBH);
"""
INCIDENT, FEEDBACK = (re.findall(r"^  (\w+) VARCHAR", table, re.MULTILINE) for table in SCHEMA.split(");\n", 2)[:2])
CUT = "\ufffd"
"""Stands for the half character at the end of a text that was cut; in the CSV it is a lone lead byte."""


def deliver_tables(office: Office) -> None:
    """Write the snapshot of every polling day and the tables as they stand after the last one."""
    folder = office.out / AGENCY
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schema.sql").write_text(SCHEMA, encoding="utf-8")
    lists.write_police_codes(folder / "codes.csv")
    path = folder / "qzk_110.sqlite"
    path.unlink(missing_ok=True)
    days = office.schedule.police_days
    first_seen: dict[str, dict[str, int]] = {"T_JJDB": {}, "T_CJFK": {}}
    database = sqlite3.connect(path)
    database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
    for number, day in enumerate(days, 1):
        for table, columns in (("T_CJFK", FEEDBACK), ("T_JJDB", INCIDENT)):
            marks = ", ".join("?" * len(columns))
            for _, key, body in office.staging.take(f"{AGENCY}.{table}", days[number - 2] if number > 1 else None, day):
                database.execute(
                    f"INSERT OR REPLACE INTO {table} VALUES ({marks})", msgspec.json.decode(body, type=list[str])
                )
                first_seen[table].setdefault(key, number)
            name = f"{table}.day{number}.csv"
            _dump(database, table, columns, folder / name)
            row = {"agency": AGENCY, "file": f"{AGENCY}/{name}", "delivered_at": day.isoformat(), "expect": "accepted"}
            office.truth.delivery(day, dict(row))
    database.commit()
    database.execute("VACUUM")
    database.close()
    for key in first_seen["T_JJDB"].keys() | first_seen["T_CJFK"].keys():
        for number in range(1, len(days) + 1):
            for table, seen in first_seen.items():
                if seen.get(key, number + 1) <= number:
                    office.truth.place(AGENCY, key, f"{AGENCY}/{table}.day{number}.csv")


def _dump(database: sqlite3.Connection, table: str, columns: list[str], path: Path) -> None:
    with path.open("wb") as out:
        out.write((",".join(columns) + "\r\n").encode())
        for row in database.execute(f"SELECT * FROM {table} ORDER BY GXSJ, {columns[0]}"):
            line = StringIO()
            csv.writer(line).writerow(row)
            # The half character at the end of a cut text is a lone lead byte.
            out.write(b"\xb0".join(part.encode("gb18030") for part in line.getvalue().split(CUT)))
