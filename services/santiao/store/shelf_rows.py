"""Writing a shelf back: every table once per transaction, in sorted runs, so that a batch costs few pages."""

from typing import Any

import msgspec

from santiao.domain.files import CaseFile
from santiao.domain.ids import SourceId
from santiao.store import tables
from santiao.store.case_codec import encode_case
from santiao.store.designations import write_designations
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
    write_designations(shelf.database, shelf.connection, shelf.events)
    shelf.database.execute_many(
        shelf.connection,
        "UPDATE shards SET position = ?, case_serial = ?, source_serial = ? WHERE shard = ?",
        [(shelf.position, shelf.case_serial, shelf.source_serial, shelf.shard)],
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
    mentions = sorted((key_id, shelf.source_pks[name], slot, subject) for key_id, name, slot, subject in shelf.mentions)
    shelf.database.insert(shelf.connection, tables.mentions, mentions, on_conflict="ignore")
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
        if case_id in shelf.new_cases:
            names.extend(((case.id, pk), (case.no, pk)))
    rows = [
        (pk, case.shard, case.version, fingerprint, encode_case(case))
        for pk, case in sorted(files, key=lambda item: item[0])
    ]
    shelf.database.insert(shelf.connection, tables.case_files, rows, on_conflict="replace")
    shelf.database.insert(shelf.connection, tables.case_names, sorted(set(names)), on_conflict="ignore")


def _write_links(shelf: Shelf) -> None:
    rows = []
    for a, b in {*shelf.changed_links, *shelf.changed_pairs}:
        first, second = SourceId(a), SourceId(b)
        link = shelf.link(first, second)
        pair = shelf.pairs_of(first).get(second)
        remembered = None if pair is None or pair.is_void else encode(pair)
        state = str(link.state) if link is not None else ""
        rows.append(
            (
                shelf.source_pks[first],
                shelf.source_pks[second],
                state,
                encode(link) if link is not None else None,
                remembered,
            )
        )
    rows.sort(key=lambda row: row[:2])
    kept = [row for row in rows if row[3] is not None or row[4] is not None]
    gone = [row[:2] for row in rows if row[3] is None and row[4] is None]
    shelf.database.insert(shelf.connection, tables.links, kept, on_conflict="replace")
    shelf.database.execute_many(shelf.connection, "DELETE FROM links WHERE a_pk = ? AND b_pk = ?", gone)


def _write_timers(shelf: Shelf) -> None:
    due, gone = [], []
    for timer in shelf.timers.values():
        if timer.due is None:
            gone.append((timer.id,))
        else:
            due.append(
                (
                    timer.id,
                    shelf.shard,
                    to_millis(timer.due),
                    shelf.case_pks.get(timer.case_id, 0),
                    timer.kind,
                    timer.about,
                    0,
                )
            )
    shelf.database.execute_many(shelf.connection, "DELETE FROM timers WHERE id = ?", gone)
    shelf.database.insert(shelf.connection, tables.timers, sorted(due), on_conflict="replace")


def _write_outbox(shelf: Shelf) -> None:
    rows = [
        (
            global_id(shelf.shard, owed.position),
            shelf.shard,
            owed.destination,
            owed.kind,
            shelf.case_pks[owed.case_id],
            owed.data,
            "due",
            0,
            0,
            None,
        )
        for owed in shelf.owed
    ]
    shelf.database.insert(shelf.connection, tables.outbox, rows)
