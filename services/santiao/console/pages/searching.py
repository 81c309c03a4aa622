"""Finding a case by its number or by an agency's own number, never by a person.

The rule kept here: what is looked for comes in a form, stands in no address and in no log, and is not repeated on the page.
"""

import unicodedata

from starlette.responses import Response

from santiao.console.visits import Visit
from santiao.console.worklists import is_within_reach
from santiao.console.workrows import values_of, work_row
from santiao.domain.errors import NotFound
from santiao.pool.access import Resource
from santiao.pool.disclose import CaseRow as Shown
from santiao.projections.case_overview_rows import CASES, SOURCES, CaseRow
from santiao.projections.case_queries import MERGES_MAX, find_row, sources_of
from santiao.projections.linking import SHOWN_KEYS
from santiao.projections.reading import Reading

FOUND_MAX = 20


def find_case(visit: Visit) -> Response:
    """To the case where there is one, to a batch's children; a list where several agencies use the number."""
    told = unicodedata.normalize("NFKC", visit.field("number", 80))
    number = "".join(told.split()).upper()
    if number.startswith("QT") and number[2:].isdigit() and number.isascii():
        return visit.go(f"/worklist?batch={number}")
    with visit.services.views.reading() as reading:
        found = [row for row in _find(visit, reading, told) if is_within_reach(reading, row.case_id, visit.rights)]
        sources = sources_of(reading, [row.case_id for row in found])
    if len(found) == 1:
        return visit.go(f"/cases/{found[0].case_no}")
    asked = [Shown(row.case_id, values_of(row, sources.get(row.case_id, ()))) for row in found]
    shown = visit.disclose(Resource.CASES, asked, query="search").rows if asked else ()
    return visit.show(
        "search.html", 200 if found else 404, rows=[work_row(visit, row) for row in shown], is_asked=bool(told)
    )


def show_search(visit: Visit) -> Response:
    """The form alone."""
    return visit.show("search.html", rows=[], is_asked=False)


def _find(visit: Visit, reading: Reading, told: str) -> list[CaseRow]:
    compact = "".join(told.split())
    if not compact:
        return []
    try:
        return [_living(reading, find_row(reading, compact.upper() if compact[:2].lower() == "sd" else compact))]
    except NotFound:
        pass
    names = [f"{agency}:{key}" for agency in visit.services.titles for key in dict.fromkeys((told.strip(), compact))]
    names += [row.source_id for row in reading.rows(SHOWN_KEYS, "key = ?", (told.strip(),), limit=FOUND_MAX)]
    cases = dict.fromkeys(row.case_id for row in reading.among(SOURCES, "source_id", names) if row.reported)
    return [_living(reading, row) for row in reading.among(CASES, "case_id", list(cases)[:FOUND_MAX])]


def _living(reading: Reading, row: CaseRow) -> CaseRow:
    for _ in range(MERGES_MAX):
        if not row.merged_into:
            break
        row = find_row(reading, row.merged_into)
    return row
