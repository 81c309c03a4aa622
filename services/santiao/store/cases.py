"""Finding case files by any of their names: case id, case number, or the id or number of a case merged into them."""

from sqlalchemy.engine import Connection

from santiao.domain.files import CaseFile
from santiao.store import tables
from santiao.store.case_codec import decode_case
from santiao.store.database import Database

_MAX_MERGES = 64


def find_case(database: Database, connection: Connection, name: str) -> CaseFile | None:
    """The case that lives under `name` now; None when nothing is known under it."""
    for _ in range(_MAX_MERGES):
        rows = database.select_in(connection, tables.case_names, ("case_pk",), "name", [name])
        if not rows:
            return None
        (data,) = database.select_in(connection, tables.case_files, ("data",), "pk", [rows[0][0]])[0]
        case = decode_case(data)
        if case.merged_into is None:
            return case
        name = case.merged_into
    return None
