"""What must hold in a home at any moment between two acts, whatever happened in whatever order."""

from collections import Counter

from sqlalchemy import func, select

from santiao.bootstrap import Hub
from santiao.domain.deciders.clocks import LIVE, NEVER
from santiao.domain.events.deadlines import DeadlineBreached, DeadlineRecomputed, DeadlineSet, DeadlineWarned
from santiao.hub.erase import decode_erasure
from santiao.projections.moments import due_at, end_of_day
from santiao.store import intake, tables
from santiao.store.case_codec import decode_case
from santiao.store.log import to_millis
from santiao.store.shelf import decode_source

FATES = ("accepted", "repeated", "quarantined", "refused")


def assert_totals(counts: dict[str, int]) -> None:
    """What came in is accepted, repeated, quarantined or refused, for every connector."""
    for name in {each.partition("|")[0] for each in counts}:
        fates = sum(counts.get(f"{name}|{fate}", 0) for fate in FATES)
        assert counts.get(f"{name}|received", 0) == fates, name


def assert_all_agrees(hub: Hub) -> None:
    """Everything below."""
    with hub.database.readable() as connection:
        assert_totals(intake.read_counts(connection))
        assert connection.execute(tables.parked.select()).all() == []
    assert_log_is_dense(hub)
    assert list(hub.refolder.differences()) == []
    assert_timers_fit_clocks(hub)
    assert_owed_once(hub)
    assert_secrets_are_gone(hub)
    assert not hub.projector.stalled
    assert [each.view for each in hub.projector.verify() if not each.agrees] == []


def assert_log_is_dense(hub: Hub) -> None:
    """Positions run from one without a gap, no event is there twice, recorded times do not go back."""
    with hub.database.readable() as connection:
        log = hub.engine.log
        heads = log.shards(connection)
        metas = {shard: [meta for meta, _ in log.stream(connection, shard)] for shard in heads}
        assert connection.execute(select(func.count()).select_from(tables.events)).scalar() == sum(heads.values())
    for shard, head in heads.items():
        assert [meta.position for meta in metas[shard]] == list(range(1, head + 1))
        times = [meta.recorded_at for meta in metas[shard]]
        assert times == sorted(times)
    twice = [
        name for name, number in Counter(meta.id for each in metas.values() for meta in each).items() if number > 1
    ]
    assert twice == []


def assert_timers_fit_clocks(hub: Hub) -> None:
    """Every running clock has the timers that its dates ask for and there are no others; none fired before it was due."""
    wanted: set[tuple[str, int]] = set()
    with hub.database.readable() as connection:
        for row in connection.execute(tables.case_files.select()):
            for clock in decode_case(row.data).clocks:
                if clock.state in LIVE:
                    wanted.add((f"{clock.id}.due", due_at(clock.effective_end)))
                if clock.state in LIVE and clock.provisional:
                    wanted.add((f"{clock.id}.firm", to_millis(NEVER)))
                if clock.state == "running" and clock.warn_on:
                    wanted.add((f"{clock.id}.warn", end_of_day(clock.warn_on[:10]) - 86_400_000))
        timers = connection.execute(tables.timers.select()).all()
        events = [
            pair for shard in hub.engine.log.shards(connection) for pair in hub.engine.log.stream(connection, shard)
        ]
    assert {(timer.id, timer.due_ms) for timer in timers} == wanted
    assert [timer.id for timer in timers if timer.attempts] == [], "a timer raised"
    ends: dict[str, tuple[str, str]] = {}
    for meta, event in events:
        if isinstance(event, DeadlineSet | DeadlineRecomputed):
            ends[event.deadline_id] = (event.effective_end, event.warn_on or "")
        elif isinstance(event, DeadlineBreached):
            assert to_millis(meta.recorded_at) >= due_at(ends[event.deadline_id][0])
        elif isinstance(event, DeadlineWarned):
            assert to_millis(meta.recorded_at) >= end_of_day(ends[event.deadline_id][1][:10]) - 86_400_000


def assert_owed_once(hub: Hub) -> None:
    """What the log says is owed lies in the outbox, each once, under the id of the event that owes it."""
    with hub.database.readable() as connection:
        rows = set(connection.execute(select(tables.outbox.c.id)).scalars())
        log = hub.engine.log
        owing = {
            meta.shard << tables.POSITION_BITS | meta.position
            for shard in log.shards(connection)
            for meta, event in log.stream(connection, shard)
            if type(event).__name__ == "FeedbackOwed"
        }
    assert rows == owing


def assert_secrets_are_gone(hub: Hub) -> None:
    """No key is left of anybody who was erased, nor of a source that was sealed off; linking finds neither any more."""
    with hub.database.readable() as connection:
        erasures = [decode_erasure(row.data) for row in connection.execute(tables.erasures.select())]
        sealed_off = [
            row.pk for row in connection.execute(tables.sources.select()) if decode_source(row.data).sealed_off
        ]
        key_of = select(tables.mentions.c.key_id).where(tables.mentions.c.source_pk.in_(sealed_off))
        doomed = [*connection.execute(key_of).scalars(), *(key for each in erasures for key in each.key_ids)]
        subjects = select(tables.mentions.c.subject).where(tables.mentions.c.key_id.in_(doomed))
        named = list(connection.execute(subjects.where(tables.mentions.c.source_pk.not_in(sealed_off))).scalars())
        carried = (tables.party_index.c.source_pk.in_(sealed_off)) & (tables.party_index.c.live == 1)
        indexed = select(func.count()).select_from(tables.party_index).where(carried)
        assert connection.execute(indexed).scalar() == 0
    assert all(each.done for each in erasures)
    assert hub.keys.fetch(doomed) == {}
    assert set(named) <= {0}
