"""What may be done to a home, each by its name and some numbers, so that a history is a list anybody can do again.

What an act comes to depends on the home and its numbers alone: the same act again, after a crash, is the retry of whoever asked for it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import msgspec

from santiao.bootstrap import Hub
from santiao.domain import commands
from santiao.domain.errors import Conflict, Rejection
from santiao.domain.messages import Batch, Delivered, Fault, FaultKind, Receipt
from santiao.domain.records import Relation
from santiao.domain.vocabulary import Op
from santiao.projections.catalogue import PROJECTIONS
from santiao.store import tables
from santiao.store.case_codec import decode_case
from santiao.store.shelf import decode_source
from tests.projections.lives import delivered, next_steps, records_of

DISPUTES = 9
ITEMS = len(records_of(DISPUTES))
VARIANTS = 5
"""Each record comes as it is, corrected, older than it is, as a relation of its source, and as something that must not be taken."""
_RELATIONS = (Op.WITHDRAW, Op.MERGE, Op.UNMERGE, Op.SNAPSHOT_ABSENT)
OFFICER = "P1"


def item_of(number: int) -> Delivered:
    """One of the items that agencies may send."""
    records = records_of(DISPUTES)
    record, variant = records[number % ITEMS], number // ITEMS % VARIANTS
    later = record.received_at + timedelta(hours=variant)
    told = msgspec.structs.replace(record, received_at=later, content_hash=number.to_bytes(32, "big"))
    if variant == 0:
        return delivered(record)
    if variant in (1, 2):
        version = record.source_version + (1 if variant == 1 else -1)
        return delivered(msgspec.structs.replace(told, source_version=version))
    if variant == 3:
        other = records[number * 7 % ITEMS]
        relation = Relation(others=(other.key,))
        op = _RELATIONS[number % len(_RELATIONS)]
        return delivered(msgspec.structs.replace(told, part="", op=op, body=relation, references=()))
    fault = Fault(kind=FaultKind.REFUSED, code="informer", path="", detail="refused", detail_zh="拒收", key=record.key)
    return msgspec.structs.replace(delivered(told), record=None, fault=fault)


def receive(hub: Hub, numbers: Sequence[int]) -> list[Receipt]:
    """These items come in one batch."""
    return hub.receiver.receive(Batch(tuple(map(item_of, numbers))))


def tick(hub: Hub, numbers: Sequence[int]) -> None:
    """So many days pass, and what is due fires, a few at a time."""
    hub.engine.clock.hear(hub.engine.clock.now() + timedelta(days=numbers[0]))
    while hub.timers.fire_due(limit=3):
        pass


def project(hub: Hub, numbers: Sequence[int]) -> None:
    """Views are folded."""
    hub.catch_up()


def rebuild(hub: Hub, numbers: Sequence[int]) -> None:
    """Some views are built anew."""
    hub.projector.rebuild(sorted({PROJECTIONS[number % len(PROJECTIONS)].name for number in numbers}))


def erase(hub: Hub, numbers: Sequence[int]) -> None:
    """A person is erased who is told of in a source."""
    record = records_of(DISPUTES)[numbers[0] % ITEMS]
    try:
        hub.erasing.erase(mentions=[f"{record.connector}:{record.key}#{numbers[1] % 2}"], reason="申请")
    except Rejection:
        return


def work(hub: Hub, numbers: Sequence[int]) -> None:
    """Somebody works on a case; the last number is the asker's own, so that who asks again is not heard twice."""
    which, step, serial = numbers
    with hub.database.readable() as connection:
        found = [decode_case(row.data) for row in connection.execute(tables.case_files.select().order_by("pk"))]
    cases = [case for case in found if case.merged_into is None]
    if cases:
        for place, command in enumerate(next_steps(cases[which % len(cases)], step)):
            _ask(hub, command, f"{serial}-{place}")


def link(hub: Hub, numbers: Sequence[int]) -> None:
    """Somebody says something about two sources."""
    first, second, kind, serial = numbers
    with hub.database.readable() as connection:
        sources = [decode_source(row.data) for row in connection.execute(tables.sources.select().order_by("pk"))]
    if len(sources) > 1:
        a, b = sorted((sources[first % len(sources)].id, sources[second % len(sources)].id))
        case = next(source.case_id for source in sources if source.id == a) or ""
        ways = (commands.ConfirmLink, commands.RejectLink, commands.ProposeLink)
        _ask(hub, ways[kind % 3](case=case, a=a, b=b), f"{serial}-link")


def _ask(hub: Hub, command: commands.Command, key: str) -> None:
    try:
        hub.commander.command(
            command,  # type: ignore[arg-type] # every command here is one of the union
            actor=OFFICER,
            idempotency_key=key,
            received_at=hub.engine.clock.now(),
        )
    except (Rejection, Conflict):
        return


ACTS: Mapping[str, Callable[[Hub, Sequence[int]], object]] = {
    act.__name__: act for act in (receive, tick, project, rebuild, erase, work, link)
}
