"""A polled table gives each version of each row once, loses none, and is never written to; on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from santiao.connectors.transports.database import open_read_only
from santiao.connectors.transports.table import TableSettings
from santiao.connectors.transports.table_columns import TableSpec, decode_row
from santiao.domain.errors import DeliveryFailed, InvalidRecord
from tests.connectors.transports.front_end import SETTINGS, FrontEnd, Reader, sqlite_front_end, stamp
from tests.connectors.transports.hand_clock import HandClock


@pytest.fixture(params=["sqlite", "postgresql"])
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FrontEnd]:
    if request.param == "sqlite":
        with sqlite_front_end(tmp_path) as front:
            yield front
        return
    front = FrontEnd(request.getfixturevalue("postgres_url"))
    yield front
    front.close()


def test_a_first_reading_gives_all_rows_in_order_table_by_table(front: FrontEnd, clock: HandClock) -> None:
    for number in (5, 1, 4, 2, 3):
        front.insert(f"A{number}", stamp(clock.now, hours=6 - number))
    front.insert_feedback("A1001", "A1", stamp(clock.now, days=30))
    assert Reader(front, clock).poll() == [*(f"T_JJDB/A{number}" for number in range(1, 6)), "T_CJFK/A1001"]


def test_rows_that_share_a_second_are_all_read_across_pages(front: FrontEnd, clock: HandClock) -> None:
    for number in range(20):
        front.insert(f"A{number:02}", stamp(clock.now))
    assert Reader(front, clock).poll() == [f"T_JJDB/A{number:02}" for number in range(20)]


def test_a_second_poll_rereads_the_overlap_and_finds_no_item_there(front: FrontEnd, clock: HandClock) -> None:
    front.insert("A1", stamp(clock.now, minutes=3))
    reader = Reader(front, clock)
    assert reader.poll() == ["T_JJDB/A1"]
    front.insert("A0", stamp(clock.now, minutes=9))
    front.insert("A2", stamp(clock.move(minutes=1)))
    assert reader.poll() == ["T_JJDB/A0", "T_JJDB/A2"]
    assert reader.poll() == []


def test_the_same_second_with_another_body_is_an_item(front: FrontEnd, clock: HandClock) -> None:
    front.insert("A1", stamp(clock.now), "楼上漏水")
    reader = Reader(front, clock)
    reader.poll()
    front.update("A1", stamp(clock.now), "楼上漏水，双方争吵")
    assert reader.poll() == ["T_JJDB/A1"]


def test_a_flag_that_the_source_flips_is_no_news(front: FrontEnd, clock: HandClock) -> None:
    front.insert("A1", stamp(clock.now))
    reader = Reader(front, clock)
    reader.poll()
    front.write("UPDATE T_JJDB SET ISTRANSLATED = '1'")
    assert reader.poll() == []


def test_a_time_in_the_future_moves_the_watermark_no_further_than_now(front: FrontEnd, clock: HandClock) -> None:
    front.insert("A1", stamp(clock.now, days=-400))
    reader = Reader(front, clock)
    assert reader.poll() == ["T_JJDB/A1"]
    front.insert("A2", stamp(clock.move(minutes=5)))
    assert reader.poll() == ["T_JJDB/A2"]
    assert reader.watermark is not None
    assert reader.watermark.state["T_JJDB.high"] <= clock.now.isoformat()


@pytest.mark.parametrize("updated", [None, "", "   ", "00000000000000"])
def test_a_row_whose_time_cannot_be_placed_is_given_once(
    front: FrontEnd, clock: HandClock, updated: str | None
) -> None:
    front.insert("A1", stamp(clock.now))
    reader = Reader(front, clock)
    reader.poll()
    front.insert("A2", updated)
    assert reader.poll() == ["T_JJDB/A2"]
    front.insert("A3", stamp(clock.move(days=3)))
    assert [reader.poll(), reader.poll()] == [["T_JJDB/A3"], []]
    front.update("A2", stamp(clock.move(minutes=1)), "改正")
    assert [reader.poll(), reader.poll()] == [["T_JJDB/A2"], []]


def test_rows_without_a_key_or_with_an_impossible_time_are_given_once(front: FrontEnd, clock: HandClock) -> None:
    front.insert(None, stamp(clock.now), "没有编号")
    front.insert("A1", "20260310256100")
    front.insert("A2", "不详")
    reader = Reader(front, clock)
    assert sorted(reader.poll()) == ["T_JJDB/?", "T_JJDB/A1", "T_JJDB/A2"]
    front.insert("A3", stamp(clock.move(days=3)))
    assert [reader.poll(), reader.poll()] == [["T_JJDB/A3"], []]
    assert reader.watermark is not None
    assert reader.watermark.state["T_JJDB.high"] == clock.now.isoformat()


def test_padding_of_char_columns_is_taken_off(front: FrontEnd, clock: HandClock) -> None:
    front.insert("A1", stamp(clock.now), text=" 原文 ", region="340302")
    (item,) = next(iter(Reader(front, clock).pages())).items
    assert item.cells is not None
    assert (item.cells["XZQH"], item.cells["BJNR"]) == ("340302", " 原文 ")
    assert item.delivered_at == clock.now


def test_padded_keys_and_times_are_paged_like_any_other(front: FrontEnd, clock: HandClock) -> None:
    front.write("CREATE TABLE PADDED (BH CHAR(20), GXSJ CHAR(20))")
    for number in range(7):
        front.write("INSERT INTO PADDED VALUES (:key, :at)", key=f"B{number}", at=stamp(clock.now))
    settings = TableSettings(tables=(TableSpec(name="padded", key=("bh",), updated="gxsj"),), page_rows=2)
    reader = Reader(front, clock, settings)
    assert reader.poll() == [f"padded/B{number}" for number in range(7)]
    assert reader.poll() == []


def test_a_declared_column_of_bytes_comes_undecoded(front: FrontEnd, clock: HandClock) -> None:
    front.insert("A1", stamp(clock.now), text="反斜\\杠")
    spec = msgspec.structs.replace(SETTINGS.tables[0], bytes=("BJNR",))
    settings = TableSettings(tables=(spec,))
    (item,) = next(iter(Reader(front, clock, settings).pages())).items
    assert item.cells is not None
    assert item.cells["BJNR"] == "反斜\\杠".encode()
    assert decode_row(item.raw) == ("T_JJDB", item.cells)


def test_a_view_and_a_key_of_two_columns_are_read_too(front: FrontEnd, clock: HandClock) -> None:
    front.write("CREATE VIEW V_JJDB AS SELECT JJDBH, XZQH, GXSJ FROM T_JJDB")
    for number in range(8):
        front.insert(f"A{number % 4}", stamp(clock.now), region=f"3403{number:02}")
    spec = TableSpec(name="V_JJDB", key=("XZQH", "JJDBH"), updated="GXSJ")
    reader = Reader(front, clock, TableSettings(tables=(spec,), page_rows=3))
    assert len(set(reader.poll())) == 8
    assert reader.poll() == []


def test_a_column_of_the_databases_own_time_is_polled(front: FrontEnd, clock: HandClock) -> None:
    kind = "TIMESTAMP" if front.engine.dialect.name == "postgresql" else "VARCHAR(19)"
    front.write(f"CREATE TABLE TIMED (BH VARCHAR(9), GXSJ {kind})")
    spec = TableSpec(
        name="TIMED",
        key=("BH",),
        updated="GXSJ",
        updated_format="" if front.engine.dialect.name == "postgresql" else "%Y-%m-%d %H:%M:%S",
    )
    reader = Reader(front, clock, TableSettings(tables=(spec,)))
    front.write("INSERT INTO TIMED VALUES ('A1', '2026-03-12 08:59:30'), ('A2', NULL)")
    assert sorted(reader.poll()) == ["TIMED/A1", "TIMED/A2"]
    front.write("INSERT INTO TIMED VALUES ('A3', '2026-03-12 08:55:00')")
    assert [reader.poll(), reader.poll()] == [["TIMED/A3"], []]


def test_reading_all_reads_all_whatever_was_read_before(front: FrontEnd, clock: HandClock) -> None:
    for number in range(4):
        front.insert(f"A{number}", stamp(clock.now, days=number))
    reader = Reader(front, clock)
    reader.poll()
    reader.watermark = None
    assert len(reader.poll()) == 4


def test_more_than_is_remembered_comes_again_and_nothing_is_lost(front: FrontEnd, clock: HandClock) -> None:
    for number in range(9):
        front.insert(f"A{number}", stamp(clock.now))
    reader = Reader(front, clock, msgspec.structs.replace(SETTINGS, recent_limit=4))
    assert len(reader.poll()) == 9
    assert 0 < len(reader.poll()) <= 9
    assert reader.watermark is not None
    assert reader.watermark.state["T_JJDB.recent"].count(",") < 4


def test_a_poll_without_news_still_says_when_the_source_answered(front: FrontEnd, clock: HandClock) -> None:
    reader = Reader(front, clock)
    reader.poll()
    asked = clock.move(hours=1)
    pages = list(reader.pages())
    assert not any(page.items for page in pages)
    assert pages[-1].watermark is not None
    assert pages[-1].watermark.observed_at == asked


def test_nothing_can_be_written_through_a_polled_database(front: FrontEnd, clock: HandClock) -> None:
    front.insert("A1", stamp(clock.now))
    engine = open_read_only(front.url)
    for statement in ("DELETE FROM T_JJDB", "CREATE TABLE X (A INTEGER)", "UPDATE T_JJDB SET BJNR = ''"):
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=r"(?i)read-?only"):
            connection.execute(sa.text(statement))
    engine.dispose()
    assert Reader(front, clock).poll() == ["T_JJDB/A1"]


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (TableSpec(name="T_NONE", key=("JJDBH",), updated="GXSJ"), "table.missing"),
        (TableSpec(name="T_JJDB; DROP TABLE T_JJDB", key=("JJDBH",), updated="GXSJ"), "table.missing"),
        (TableSpec(name="T_JJDB", key=("1=1 OR JJDBH",), updated="GXSJ"), "table.declaration"),
        (TableSpec(name="T_JJDB", key=("JJDBH",), updated="GXSJ", updated_format=""), "table.declaration"),
    ],
)
def test_a_name_that_the_database_does_not_know_is_told(
    front: FrontEnd, clock: HandClock, spec: TableSpec, code: str
) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        Reader(front, clock, TableSettings(tables=(spec,))).poll()
    assert caught.value.code == code


def test_a_table_that_fails_while_it_is_read_is_told_without_its_content(front: FrontEnd, clock: HandClock) -> None:
    for number in range(6):
        front.insert(f"A{number}", stamp(clock.now), "冯守业来电")
    pages = Reader(front, clock).pages()
    next(pages)
    front.write("ALTER TABLE T_JJDB RENAME TO T_JJDB_OLD")
    with pytest.raises(DeliveryFailed) as caught:
        list(pages)
    assert caught.value.code == "database.failed"
    assert "冯守业" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_text_cut_inside_a_character_comes_as_bytes(tmp_path: Path, clock: HandClock) -> None:
    with sqlite_front_end(tmp_path) as front:
        cut = "楼上漏水".encode("gb18030")[:-1]
        front.write(
            "INSERT INTO T_JJDB (JJDBH, BJNR, GXSJ) VALUES ('A1', CAST(:cut AS TEXT), :at)",
            cut=cut,
            at=stamp(clock.now),
        )
        (item,) = next(iter(Reader(front, clock).pages())).items
        assert item.cells is not None
        assert item.cells["BJNR"] == cut
        assert decode_row(item.raw)[1] == item.cells


def test_a_locked_database_is_asked_again_later(tmp_path: Path, clock: HandClock) -> None:
    with sqlite_front_end(tmp_path) as front, front.engine.connect() as writer:
        writer.exec_driver_sql("BEGIN EXCLUSIVE")
        with pytest.raises(DeliveryFailed, match=r"database\.failed"):
            Reader(front, clock, msgspec.structs.replace(SETTINGS, timeout_seconds=0)).poll()
        writer.rollback()
        assert Reader(front, clock).poll() == []


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("no url at all", "database.url"),
        ("sqlite:////nowhere/at/all.sqlite", "database.missing"),
        ("sqlite://", "database.missing"),
        ("mssql://hub:hunter2@front.example.org/police", "database.not_read_only"),
        ("oracle+oracledb://hub:hunter2@front.example.org/police", "database.driver"),
        ("postgresql://hub:hunter2@127.0.0.1:1/police", "database.failed"),
    ],
)
def test_a_database_that_cannot_be_opened_is_told_without_its_password(
    clock: HandClock, tmp_path: Path, source: str, code: str
) -> None:
    with sqlite_front_end(tmp_path) as front:
        reader = Reader(front, clock)
        with pytest.raises(DeliveryFailed) as caught:
            list(reader.transport.read(source, None))
    assert caught.value.code == code
    assert "hunter2" not in f"{caught.value} {caught.value.detail_zh}"


def test_a_time_that_does_not_sort_is_refused_when_declared() -> None:
    with pytest.raises(msgspec.ValidationError, match="does not sort"):
        msgspec.convert({"name": "T", "key": ["A"], "updated": "B", "updated_format": "%d/%m/%Y %H:%M:%S"}, TableSpec)
    with pytest.raises(msgspec.ValidationError, match="at least one key"):
        msgspec.convert({"name": "T", "key": [], "updated": "B"}, TableSpec)


def test_bytes_that_are_no_row_are_not_understood() -> None:
    with pytest.raises(InvalidRecord):
        decode_row(b"\xff\xfe")
