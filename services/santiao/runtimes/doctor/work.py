"""Whether the work goes on: items that wait for a person, feeds that fell silent, timers that nobody fires, clocks and files that grew."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select

from santiao.connectors.connector import Connector
from santiao.delivery.reconciliation import reconcile
from santiao.hub.engine import Engine
from santiao.runtimes.doctor.finding import Finding, good, notice, wrong
from santiao.runtimes.embedded.upkeep import wal_bytes
from santiao.store import tables
from santiao.store.database import Database
from santiao.store.log import from_millis, to_millis

_WAL_WRONG = 512 * 1024 * 1024
_CLOCK_SLACK = timedelta(seconds=5)
_TIMER_SLACK = timedelta(hours=1)


def examine_work(
    engine: Engine, connectors: Mapping[str, Connector], databases: tuple[Database, ...], sources: Mapping[str, str]
) -> Iterator[Finding]:
    """Findings about what waits, what is silent, and what grew."""
    yield from _waiting(engine)
    yield from _feedback(engine)
    yield from _feeds(engine, connectors, sources)
    yield _timers(engine)
    yield _clock(engine)
    yield from _wal(databases)


def _waiting(engine: Engine) -> Iterator[Finding]:
    with engine.database.readable() as connection:
        parked = connection.execute(select(func.count()).select_from(tables.parked)).scalar_one()
        shelved = connection.execute(
            select(func.count()).select_from(tables.quarantine).where(tables.quarantine.c.state == "open")
        ).scalar_one()
    if parked:
        yield wrong(
            "parked records",
            f"{parked} records could not be decided, or wait behind one that could not",
            f"{parked} 条记录处理失败或在其后等待",
            "santiao dead-letters list  # mend the cause, then: santiao dead-letters replay",
        )
    else:
        yield good("parked records", "none", "无搁置记录")
    if shelved:
        yield notice(
            "quarantine",
            f"{shelved} items were not understood",
            f"{shelved} 件未能识别，已隔离",
            "santiao quarantine list  # mend the cause, then: santiao quarantine replay",
        )
    else:
        yield good("quarantine", "empty", "无隔离件")


def _feedback(engine: Engine) -> Iterator[Finding]:
    for account in reconcile(engine.database):
        if account.dead:
            yield wrong(
                f"feedback to {account.agency}",
                f"{account.dead} of {account.owed} given up ({account.conflict} in conflict, {account.failed} failed there)",
                f"应反馈 {account.owed} 件，{account.dead} 件失败（冲突 {account.conflict}，对方失败 {account.failed}）",
                f"santiao dead-letters list --agency {account.agency}",
            )


def _feeds(engine: Engine, connectors: Mapping[str, Connector], sources: Mapping[str, str]) -> Iterator[Finding]:
    now = engine.clock.arrival()
    with engine.database.readable() as connection:
        rows = {row.connector: row for row in connection.execute(tables.watermarks.select())}
    silent = 0
    for name, connector in sorted(connectors.items()):
        row = rows.get(name)
        if row is None:
            if name in sources:
                yield notice(
                    f"feed {name}", "it has a source and was never read", "已配置来源，尚未读取过", "santiao serve"
                )
            continue
        finding = _silence(name, connector, row.observed_ms, row.news_ms, now, is_polled=name in sources)
        if finding is not None:
            silent += 1
            yield finding
    if rows and not silent:
        yield good(
            "feeds",
            f"{len(rows)} feeds have told something within what is normal for them",
            "各来源均在正常间隔内有消息",
        )


def _silence(
    name: str, connector: Connector, observed_ms: int, news_ms: int, now: datetime, *, is_polled: bool
) -> Finding | None:
    freshness = connector.declaration.freshness
    answered, news = from_millis(observed_ms), from_millis(news_ms)
    if is_polled and now - answered > timedelta(hours=freshness.answer_hours):
        return wrong(
            f"feed {name}",
            f"has not answered since {answered:%Y-%m-%d %H:%M} UTC, {freshness.answer_hours:g} h is normal",
            f"自 {answered:%Y-%m-%d %H:%M} UTC 起无应答",
            "santiao serve  # is it running? else ask the agency: network, account, certificate, address list",
        )
    if now - news > timedelta(hours=freshness.news_hours):
        return notice(
            f"feed {name}",
            f"nothing new since {news:%Y-%m-%d %H:%M} UTC, {freshness.news_hours:g} h is normal",
            f"自 {news:%Y-%m-%d %H:%M} UTC 起无新记录",
            "ask the agency whether it has stopped sending 请向来源单位核实是否停止推送",
        )
    return None


def _timers(engine: Engine) -> Finding:
    late = to_millis(engine.clock.now() - _TIMER_SLACK) if engine.clock.now().year > 1970 else 0
    with engine.database.readable() as connection:
        overdue = connection.execute(
            select(func.count()).select_from(tables.timers).where(tables.timers.c.due_ms < late)
        ).scalar_one()
        raising = connection.execute(
            select(func.count()).select_from(tables.timers).where(tables.timers.c.attempts > 0)
        ).scalar_one()
    if raising:
        return wrong(
            "timers",
            f"{raising} raised when they fired",
            f"{raising} 个计时器触发失败",
            "santiao serve  # its log names them",
        )
    if overdue:
        return notice(
            "timers",
            f"{overdue} are due and were not fired",
            f"{overdue} 个计时器到期未触发",
            "santiao serve  # only a running hub fires timers",
        )
    return good("timers", "none is overdue", "无逾期未触发的计时器")


def _clock(engine: Engine) -> Finding:
    behind = engine.clock.behind()
    if behind > _CLOCK_SLACK:
        seconds = int(behind.total_seconds())
        return wrong(
            "clock",
            f"the machine's clock is {seconds} s behind what was recorded, so it was set back or was ahead; recorded times wait for it",
            f"系统时钟落后已记录时间 {seconds} 秒，追上之前记录时间不再前进",
            "timedatectl  # set the clock right and let it be kept so (NTP)",
        )
    return good("clock", "not behind what was recorded", "系统时钟正常")


def _wal(databases: tuple[Database, ...]) -> Iterator[Finding]:
    grown = [(database.path, wal_bytes(database)) for database in databases if wal_bytes(database) > _WAL_WRONG]
    for path, size in grown:
        yield wrong(
            "write-ahead log",
            f"{path}-wal has {size // 1024**2} MiB: some reader holds it open, or nobody checkpoints it",
            f"预写日志已达 {size // 1024**2} MiB，有读取方长期占用",
            "stop what reads the database for hours (a copy, a shell), then: santiao serve",
        )
