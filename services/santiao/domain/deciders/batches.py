"""Parent batches (群体): the cases of a dispute that has more sources than one case may hold.

A link that only the size of a case holds back still says that two cases are one dispute. Cases so connected are the children of one
batch. Which cases those are follows from the links, whatever the order of arrival; the batch's number is history, as a case's is. A batch
has no file: a child carries its number, and the children are found along the links.
"""

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from santiao.domain.decisions import Draft
from santiao.domain.events import cases as told
from santiao.domain.files import CaseFile
from santiao.domain.ids import CaseId, SourceId, format_batch_no, numbering_region
from santiao.domain.links.pairs import Changes

SHANGHAI = ZoneInfo("Asia/Shanghai")
CrowdedWith = Callable[[SourceId], tuple[SourceId, ...]]
"""Sources that one is linked with but for the size of a case."""


def rebatch(draft: Draft, touched: Iterable[SourceId], changes: Changes, crowded_with: CrowdedWith) -> None:
    """Make batches agree with the links again, for the cases of sources whose links changed.

    Which number stays: that of the oldest case that carries it, with the group of two cases or more that it is in; of several numbers
    in one group the oldest case's.
    """
    names = {*touched, *(SourceId(name) for pair in changes.crowded for name in pair)}
    cases = {case_id for name in names if (case_id := _case_of(draft, name))}
    if not changes.crowded and not any(draft.known_case(case_id).batch for case_id in cases):
        return
    if _only_grew(draft, cases, changes, crowded_with):
        return
    groups: list[list[CaseFile]] = []
    seen: set[CaseId] = set()
    for case_id in sorted(cases):
        if case_id not in seen:
            reached = _connected(draft, case_id, crowded_with)
            seen |= reached
            groups.append(sorted((draft.known_case(each) for each in reached), key=_age))
    numbers = _numbers(groups)
    for group in sorted(groups, key=lambda group: _age(group[0])):
        _settle(draft, group, numbers)


def _age(case: CaseFile) -> tuple[str, CaseId]:
    return case.opened_at.isoformat(), case.id


def _case_of(draft: Draft, name: SourceId) -> CaseId | None:
    file = draft.source(name)
    return file.case_id if file is not None else None


def _only_grew(draft: Draft, cases: Iterable[CaseId], changes: Changes, crowded_with: CrowdedWith) -> bool:
    """True when links came and none went, all within one batch: its children stay as they are, and need not be walked through."""
    batches = {draft.known_case(case_id).batch for case_id in cases}
    if changes.dissolved or len(batches) != 1 or "" in batches:
        return False
    return all(
        SourceId(b) in crowded_with(SourceId(a)) or _case_of(draft, SourceId(a)) == _case_of(draft, SourceId(b))
        for a, b in changes.crowded
    )


def _connected(draft: Draft, start: CaseId, crowded_with: CrowdedWith) -> set[CaseId]:
    """The cases reached over links that only size holds back. Bounded by the cases there are."""
    reached, waiting = {start}, [start]
    while waiting:
        case = draft.known_case(waiting.pop())
        for name in case.sources:
            for other in crowded_with(name):
                case_id = _case_of(draft, other)
                if case_id and case_id not in reached:
                    reached.add(case_id)
                    waiting.append(case_id)
    return reached


def _numbers(groups: list[list[CaseFile]]) -> dict[str, CaseFile]:
    """For each number the oldest case that carries it and is not alone: its group keeps the number."""
    owners: dict[str, CaseFile] = {}
    for group in groups:
        for case in group if len(group) > 1 else ():
            known = owners.get(case.batch)
            if case.batch and (known is None or _age(case) < _age(known)):
                owners[case.batch] = case
    return owners


def _settle(draft: Draft, group: list[CaseFile], owners: dict[str, CaseFile]) -> None:
    """Give the cases of a group one number; a case alone has none."""
    number = ""
    if len(group) > 1:
        kept = [case.batch for case in group if case.batch and owners[case.batch].id == case.id]
        number = kept[0] if kept else _new_number(draft, group[0])
    for case in group:
        if case.batch == number:
            continue
        if case.batch:
            draft.emit(case.id, told.BatchLeft(batch=case.batch))
        if number:
            draft.emit(case.id, told.BatchJoined(batch=number))


def _new_number(draft: Draft, oldest: CaseFile) -> str:
    """The serial is the place in the shard's log, which is given out once."""
    occasion = draft.occasion
    day = occasion.received_at.astimezone(SHANGHAI).date()
    return format_batch_no(
        day, numbering_region(occasion.shard, oldest.region[:6]), occasion.first_position + len(draft.events)
    )
