"""How far an asker's reach goes, as a condition on case rows: it stands in the question, so that pages and counts tell of nobody else's."""

from collections.abc import Iterable

import msgspec

from santiao.projections.case_overview_rows import CASES, SOURCES
from santiao.projections.reading import Reading, Value


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """Whose cases: those with a source of one of these agencies, and those that one of these bodies has."""

    agencies: tuple[str, ...]
    bodies: tuple[str, ...]


def own_condition(reading: Reading, own: Own, prefix: str = "") -> tuple[str, list[Value]]:
    """The condition and its values; `prefix` names the case table in a join."""
    agencies, bodies = (", ".join("?" * len(names)) or "NULL" for names in (own.agencies, own.bodies))
    told = (
        f"({prefix}body IN ({bodies}) OR {prefix}case_id IN "
        f"(SELECT case_id FROM {reading.table(SOURCES)} WHERE agency IN ({agencies}) AND reported = 1))"
    )
    return told, [*own.bodies, *own.agencies]


def known_cases(reading: Reading, case_ids: Iterable[str], own: Own) -> set[str]:
    """Those of the cases that are within the reach; one that was merged away counts as the case it lives in."""
    wanted = sorted(set(case_ids))
    rows = {row.case_id: row for row in reading.among(CASES, "case_id", wanted)}
    living = {row.merged_into or row.case_id for row in rows.values()}
    told, values = own_condition(reading, own)
    marks = ", ".join("?" * len(living)) or "NULL"
    sql = f"SELECT case_id FROM {reading.table(CASES)} WHERE case_id IN ({marks}) AND {told}"
    known = {row[0] for row in reading.execute(sql, [*sorted(living), *values])}
    return {name for name, row in rows.items() if (row.merged_into or name) in known}
