"""How far an asker's reach goes, as a condition on case rows: it stands in the question, so that pages and counts tell of nobody else's."""

import msgspec

from santiao.projections.case_overview_rows import SOURCES
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
