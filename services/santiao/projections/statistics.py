"""Statistics (统计) by day, region, type and channel: how many files were reported, how many cases went which way.

A case is counted under the region and type it had that day, and under the agency of its founding source. Rows are kept by shard and
added up when asked: exactly in `statistics_queries.py`, and so that nobody is told of in `protected_counts.py`.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from santiao.domain.events import cases, mediations, sources
from santiao.domain.vocabulary import SETTLED_OUTCOMES
from santiao.projections.contract import Key, Projection, TableSet, ViewTable
from santiao.projections.moments import day_of
from santiao.store.log import Entry

VIEW = "statistics"
MERGED_OUTCOME = "O50"


class CountRow(msgspec.Struct, gc=False):
    """What happened on a day (Asia/Shanghai, by time of recording) under a region, type and channel."""

    day: str
    region: str
    dispute_type: str
    channel: str
    shard: int
    reported: int = 0
    opened: int = 0
    linked: int = 0
    blocked: int = 0
    referred: int = 0
    accepted: int = 0
    declined: int = 0
    timed_out: int = 0
    mediations: int = 0
    settled: int = 0
    failed: int = 0
    confirmed: int = 0
    performed: int = 0
    closed: int = 0
    reopened: int = 0
    merged: int = 0
    withdrawn: int = 0


class CountedCaseRow(msgspec.Struct, gc=False):
    """Under what a case is counted, and whether its settlement was."""

    case_id: str
    region: str
    dispute_type: str
    channel: str
    settled: int = 0


def _cases_of(entry: Entry, event: Any) -> Iterable[Key]:
    return (entry.case_id,) if entry.case_id else ()


COUNTS = ViewTable(name=VIEW, view=VIEW, row=CountRow, key_columns=5)
COUNTED_CASES = ViewTable(name="statistics_cases", view=VIEW, row=CountedCaseRow, looks_at=_cases_of)
MEASURES = CountRow.__struct_fields__[5:]


class StatisticsFold:
    """Counts events."""

    def __init__(self, tables: TableSet) -> None:
        self.rows = tables.of(COUNTS)
        self.cases = tables.of(COUNTED_CASES)

    def _row(self, at: Entry, region: str, dispute_type: str, channel: str) -> CountRow:
        key = (day_of(at.recorded_ms), region, dispute_type, channel, at.shard)
        row = self.rows.change(key)
        if row is None:
            row = CountRow(*key)
            self.rows.put(row)
        return row

    def _case(self, at: Entry) -> CountedCaseRow:
        case = self.cases.get(at.case_id)
        if case is None:
            raise KeyError(at.case_id)
        return case

    def of_case(self, at: Entry) -> CountRow:
        """The row under which the event's case is counted today."""
        case = self._case(at)
        return self._row(at, case.region, case.dispute_type, case.channel)

    def reported(self, at: Entry, event: sources.SourceReported) -> None:
        facts = event.facts
        self._row(at, facts.region or self._case(at).region, facts.type, event.agency).reported += 1

    def opened(self, at: Entry, event: cases.CaseOpened) -> None:
        channel = event.sources[0].partition(":")[0] if event.sources else ""
        self.cases.put(CountedCaseRow(at.case_id, event.region, event.dispute_type, channel))
        self.of_case(at).opened += 1

    def reclassified(self, at: Entry, event: cases.CaseReclassified) -> None:
        case = self.cases.change(at.case_id)
        if case is not None:
            case.region, case.dispute_type = event.region, event.dispute_type

    def concluded(self, at: Entry, event: mediations.MediationConcluded) -> None:
        if event.outcome in SETTLED_OUTCOMES:
            self._settle(at)
        elif event.outcome != MERGED_OUTCOME:
            self.of_case(at).failed += 1

    def closed(self, at: Entry, event: cases.CaseClosed) -> None:
        self.of_case(at).closed += 1
        if event.outcome in SETTLED_OUTCOMES:
            self._settle(at)

    def _settle(self, at: Entry) -> None:
        """A settlement counts once, whether the mediation told of it or the end of the case."""
        case = self.cases.change(at.case_id)
        if case is not None and not case.settled:
            case.settled = 1
            self.of_case(at).settled += 1

    def reopened(self, at: Entry, event: cases.CaseReopened) -> None:
        self.of_case(at).reopened += 1
        case = self.cases.change(at.case_id)
        if case is not None:
            case.settled = 0

    def withdrawn(self, at: Entry, event: sources.SourceWithdrawn) -> None:
        if at.case_id and event.stands:
            self.of_case(at).withdrawn += 1

    def decided(self, at: Entry, event: mediations.ConfirmationDecided) -> None:
        self.of_case(at).confirmed += event.confirmed


def _counts(measure: str) -> Callable[[StatisticsFold, Entry, Any], None]:
    def fold(fold: StatisticsFold, at: Entry, event: Any) -> None:
        row = fold.of_case(at)
        setattr(row, measure, getattr(row, measure) + 1)

    return fold


_COUNTED = {
    "SourceJoined": "linked",
    "CaseBlocked": "blocked",
    "ReferralSent": "referred",
    "ReferralAccepted": "accepted",
    "ReferralDeclined": "declined",
    "ReferralTimedOut": "timed_out",
    "MediationStarted": "mediations",
    "AgreementPerformed": "performed",
    "CaseMerged": "merged",
}

STATISTICS = Projection(
    name=VIEW,
    version=1,
    tables=(COUNTS, COUNTED_CASES),
    fold=StatisticsFold,
    handlers={
        "SourceReported": StatisticsFold.reported,
        "CaseOpened": StatisticsFold.opened,
        "CaseReclassified": StatisticsFold.reclassified,
        "MediationConcluded": StatisticsFold.concluded,
        "CaseClosed": StatisticsFold.closed,
        "CaseReopened": StatisticsFold.reopened,
        "ConfirmationDecided": StatisticsFold.decided,
        "SourceWithdrawn": StatisticsFold.withdrawn,
        **{name: _counts(measure) for name, measure in _COUNTED.items()},
    },
    unread=frozenset(_COUNTED),
)
