"""Whether what is kept agrees with itself: the log dense, files as the log folds, totals that add up, erasures done and known outside."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import select

from santiao.hub.engine import Engine
from santiao.hub.erase import decode_erasure
from santiao.hub.refold import Refolder
from santiao.projections.projector import Projector
from santiao.runtimes.doctor.finding import Finding, good, notice, wrong
from santiao.store import erasure_ledger, intake, tables
from santiao.store.log import global_id

_SHOWN = 5
_VERIFY_EVENTS = 100_000
_STATES = ("accepted", "repeated", "quarantined", "refused")


def examine_records(engine: Engine, refolder: Refolder, projector: Projector, home: Path) -> Iterator[Finding]:
    """Findings about log, files, views, totals and erasures."""
    events, gaps = _count_events(engine)
    if gaps:
        yield wrong(
            "log",
            f"positions are missing or doubled in shard {', '.join(gaps)}: the database was damaged or changed by hand",
            f"分片 {', '.join(gaps)} 的日志序号不连续，数据库受损或被手工修改",
            "santiao restore DIR  # into an empty home, from the last good backup",
        )
        return
    yield good("log", f"{events} events, dense in every shard", f"日志 {events} 条，序号连续")
    yield _files(refolder)
    yield from _views(projector, events)
    yield _totals(engine)
    yield from _erasures(engine, home)


def _count_events(engine: Engine) -> tuple[int, list[str]]:
    total, gaps = 0, []
    with engine.database.readable() as connection:
        mark = "?" if engine.database.is_sqlite else "%s"
        for shard, position in engine.log.shards(connection).items():
            first, last = global_id(shard, 1), global_id(shard + 1, 0) - 1
            count, low, high = connection.exec_driver_sql(
                f"SELECT COUNT(*), MIN(id), MAX(id) FROM events WHERE id BETWEEN {mark} AND {mark}", (first, last)
            ).one()
            total += count
            is_dense = (not count and not position) or (low, high, count) == (
                first,
                global_id(shard, position),
                position,
            )
            if not is_dense:
                gaps.append(str(shard))
    return total, gaps


def _files(refolder: Refolder) -> Finding:
    found = list(islice(refolder.differences(), _SHOWN + 1))
    if found:
        return wrong(
            "files",
            f"stored files are not what the log folds to: {'; '.join(found[:_SHOWN])}",
            "卷宗与日志不一致",
            "santiao backup DIR && santiao restore DIR  # a restore folds them from the log",
        )
    return good("files", "sources, cases and links are what the log folds to", "卷宗与日志一致")


def _views(projector: Projector, events: int) -> Iterator[Finding]:
    behind = [state for state in projector.states() if state.behind]
    if behind:
        yield notice(
            "views",
            f"{max(state.behind for state in behind)} events behind: {', '.join(state.name for state in behind)}",
            "视图落后于日志",
            "santiao serve  # or `santiao cases`, which folds them first",
        )
    elif events > _VERIFY_EVENTS:
        yield good("views", "at the head of the log; compare them by `santiao views verify`", "视图已跟上日志")
    else:
        differing = [each.view for each in projector.verify() if not each.agrees]
        if differing:
            names = " ".join(differing)
            yield wrong(
                "views", f"not what the log folds to: {names}", "视图与日志不一致", f"santiao views rebuild {names}"
            )
        else:
            yield good("views", "at the head of the log, and what it folds to", "视图与日志一致")


def _totals(engine: Engine) -> Finding:
    with engine.database.readable() as connection:
        counts = intake.read_counts(connection)
    connectors = sorted({name.partition("|")[0] for name in counts})
    differing = [name for name in connectors if _open_items(counts, name)]
    if differing:
        told = ", ".join(f"{name} {_open_items(counts, name):+d}" for name in differing)
        return wrong(
            "totals",
            f"received is not accepted + repeated + quarantined + refused: {told}",
            f"收件数与处理结果不符：{told}",
            "santiao backup DIR  # then ask those who keep the software",
        )
    received = sum(counts.get(f"{name}|received", 0) for name in connectors)
    return good("totals", f"{received} items received, every one accounted for", f"共收到 {received} 件，去向均已登记")


def _open_items(counts: dict[str, int], connector: str) -> int:
    return counts.get(f"{connector}|received", 0) - sum(counts.get(f"{connector}|{state}", 0) for state in _STATES)


def _erasures(engine: Engine, home: Path) -> Iterator[Finding]:
    with engine.database.readable() as connection:
        listed = [decode_erasure(data) for data in connection.execute(select(tables.erasures.c.data)).scalars()]
    undone = [each.id for each in listed if not each.done]
    if undone:
        yield wrong(
            "erasures",
            f"{len(undone)} were cut short",
            f"有 {len(undone)} 项删除未完成",
            "santiao doctor  # opening the home finishes them",
        )
    kept = {line.id for line in erasure_ledger.read_lines(home / erasure_ledger.FILE_NAME)}
    unknown = [each.id for each in listed if each.id not in kept]
    if unknown:
        yield wrong(
            "erasures",
            f"the ledger beside the databases lacks {len(unknown)}: a restore of an older backup would bring them back",
            f"删除台账缺少 {len(unknown)} 项，旧备份恢复后会重现",
            "santiao backup DIR  # writes what the ledger lacks",
        )
    far = _unreached(home, [each.id for each in listed])
    if far:
        yield notice(
            "erasures",
            f"backups that were not told of every erasure: {', '.join(far)}",
            "有备份未登记最近的删除",
            f"cp {home / erasure_ledger.FILE_NAME} …/{erasure_ledger.FILE_NAME}  # into each, or restore with --erasures",
        )
    if not undone and not unknown and not far:
        yield good(
            "erasures", f"{len(listed)} done, and known to every backup", f"删除 {len(listed)} 项，均已完成并登记"
        )


def _unreached(home: Path, erasures: Sequence[str]) -> list[str]:
    far = []
    for folder in erasure_ledger.known_backups(home):
        there = {line.id for line in erasure_ledger.read_lines(Path(folder) / erasure_ledger.FILE_NAME)}
        if Path(folder).is_dir() and not there.issuperset(erasures):
            far.append(folder)
    return far
