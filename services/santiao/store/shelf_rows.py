"""Writing a shelf back: every table once per transaction, in sorted runs, so that a batch costs few pages."""

from typing import Any

import msgspec

from santiao.domain.files import CaseFile

from santiao.store import tables
from santiao.store.log import encode_row, global_id, to_millis
from santiao.store.shelf import Shelf

encode = msgspec.msgpack.Encoder().encode


def write(shelf: Shelf, fingerprint: str) -> None:
    """Write events, files, links, timers and outbox of everything settled, and the shard's counters."""
    _write_events(shelf)
    _write_sources(shelf)
    _write_cases(shelf, fingerprint)
    _write_links(shelf)
    _write_timers(shelf)
    _write_outbox(shelf)
    mark = "?" if shelf.database.is_sqlite else "%s"
    shelf.connection.exec_driver_sql(
        f"UPDATE shards SET position = {mark}, case_serial = {mark}, source_serial = {mark} WHERE shard = {mark}",  # noqa: S608
        (shelf.position, shelf.case_serial, shelf.source_serial, shelf.shard),
    )


def _write_events(shelf: Shelf) -> None:
    pks = shelf.case_pks
    rows = [
        (global_id(meta.shard, meta.position), pks.get(meta.case_id, 0) if meta.case_id else 0, encode_row(meta, event))  # type: ignore[call-overload]
        for meta, event in shelf.events
    ]
    shelf.database.insert(shelf.connection, tables.events, rows)


def _write_sources(shelf: Shelf) -> None:
    rows: list[tuple[Any, ...]] = []
    for name in shelf.changed_sources:
        file = shelf.source(name)
        if file is not None:
            base = f"{file.agency}:{file.key_base}" if file.key_base else None
            rows.append((shelf.source_pks[name], name, base, encode(file)))
    shelf.database.insert(shelf.connection, tables.sources, sorted(rows), on_conflict="replace")
    profiles = sorted((shelf.source_pks[name], encode(shelf.profile(name))) for name in shelf.changed_profiles)
    shelf.database.insert(shelf.connection, tables.profiles, profiles, on_conflict="replace")


def _write_cases(shelf: Shelf, fingerprint: str) -> None:
    files: list[tuple[int, CaseFile]] = []
    names: list[tuple[str, int]] = []
    for case_id in shelf.changed_cases:
        case = shelf.case(case_id)
        if case is None:
            continue
        pk = shelf.case_pks[case_id]
        files.append((pk, case))
        if case.version <= 1 or case.opened_at:
            names.extend(((case.id, pk), (case.no, pk)))
    rows = [(pk, case.shard, case.version, fingerprint, encode(case)) for pk, case in sorted(files, key=lambda item: item[0])]
    shelf.database.insert(shelf.connection, tables.case_files, rows, on_conflict="replace")
    shelf.database.insert(shelf.connection, tables.case_names, sorted(set(names)), on_conflict="ignore")


def _write_links(shelf: Shelf) -> None:
    rows = []
    for a, b in shelf.changed_links:
        link = shelf.link(a, b)
        if link is not None:
            rows.append((shelf.source_pks[a], shelf.source_pks[b], str(link.state), encode(link)))
    shelf.database.insert(shelf.connection, tables.links, sorted(rows), on_conflict="replace")


def _write_timers(shelf: Shelf) -> None:
    due, gone = [], []
    for timer in shelf.timers.values():
        if timer.due is None:
            gone.append((timer.id,))
        else:
            due.append((timer.id, shelf.shard, to_millis(timer.due), shelf.case_pks.get(timer.case_id, 0), timer.kind, timer.about, 0))
    shelf.database.execute_many(shelf.connection, "DELETE FROM timers WHERE id = ?", gone)
    shelf.database.insert(shelf.connection, tables.timers, sorted(due), on_conflict="replace")


def _write_outbox(shelf: Shelf) -> None:
    rows = [
        (global_id(shelf.shard, owed.position), shelf.shard, owed.destination, owed.kind, shelf.case_pks[owed.case_id], owed.data, "due", 0, 0, None)
        for owed in shelf.owed
    ]
    shelf.database.insert(shelf.connection, tables.outbox, rows)


