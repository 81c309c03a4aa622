"""What a demo came to: items by agency and fate, cases by status, links by state, feedback by agency. Counts only."""

from collections import Counter
from pathlib import Path

import msgspec
from sqlalchemy import select

from santiao.bootstrap.hub import Hub
from santiao.delivery.reconciliation import AgencyAccount
from santiao.store import intake, tables
from santiao.store.case_codec import decode_case

_FATES = ("received", "accepted", "repeated", "quarantined", "refused", "blocked")


class DemoSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A city in numbers. `agencies`: items received and what became of them; `in_all` their sum."""

    home: str
    agencies: dict[str, dict[str, int]]
    in_all: dict[str, int]
    cases: int
    open_cases: int
    statuses: dict[str, int]
    sources: int
    cases_with_several_sources: int
    links: dict[str, int]
    events: int
    feedback: list[AgencyAccount]


def sum_up(hub: Hub, home: Path) -> DemoSummary:
    """Count what a hub holds."""
    with hub.database.readable() as connection:
        counts = intake.read_counts(connection)
        cases = [decode_case(data) for data in connection.execute(select(tables.case_files.c.data)).scalars()]
        links = Counter(
            str(state)
            for state in connection.execute(select(tables.links.c.state).where(tables.links.c.state != "")).scalars()
        )
        events = sum(hub.engine.log.shards(connection).values())
    living = [case for case in cases if case.merged_into is None]
    names = sorted({name.partition("|")[0] for name in counts})
    agencies = {name: {fate: counts.get(f"{name}|{fate}", 0) for fate in _FATES} for name in names}
    statuses = Counter(str(case.status) for case in living)
    return DemoSummary(
        home=str(home),
        agencies=agencies,
        in_all={fate: sum(each[fate] for each in agencies.values()) for fate in _FATES},
        cases=len(living),
        open_cases=len(living) - statuses["closed"],
        statuses=dict(sorted(statuses.items())),
        sources=sum(len(case.sources) for case in living),
        cases_with_several_sources=sum(len(case.sources) > 1 for case in living),
        links=dict(sorted(links.items())),
        events=events,
        feedback=hub.reconcile(),
    )
