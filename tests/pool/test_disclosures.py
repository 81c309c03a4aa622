"""Finding disclosures again: by case, by time, by whom; a page at a time."""

from datetime import timedelta

from santiao.pool.access import Caller, Resource
from santiao.pool.disclose import CaseRow
from tests.pool.conftest import Pool
from tests.pool.test_disclose import AGENCY, CASE, DISPATCHER, ask

OTHER = "zyxwvtsrqpnmkjhgfedcba9876"


def show(pool: Pool, caller: Caller, *cases: str) -> str:
    purpose = "handle" if caller is AGENCY else "dispatch"
    return pool.door.disclose(
        ask(caller, purpose, Resource.CASES), [CaseRow(case, {"case_no": "SD"}) for case in cases]
    ).id


def test_a_span_of_time_is_found_without_its_end(pool: Pool) -> None:
    start = pool.clock()
    early = show(pool, AGENCY, CASE)
    pool.clock.pass_time(timedelta(minutes=1))
    middle, moment = show(pool, DISPATCHER, CASE, OTHER), pool.clock()
    pool.clock.pass_time(timedelta(minutes=1))
    late = show(pool, AGENCY, CASE)
    assert [each.id for each in pool.book.who_has_seen(CASE)] == [late, middle, early]
    assert [each.id for each in pool.book.seen_by((CASE,), moment)] == [late, middle]
    assert [each.id for each in pool.book.seen_by((CASE,), start, moment)] == [early]
    assert [each.id for each in pool.book.seen_by((OTHER, CASE), moment, pool.clock())] == [middle]
    assert pool.book.seen_by(("nobody",)) == []


def test_auditors_read_a_page_at_a_time(pool: Pool) -> None:
    start = pool.clock()
    made = []
    for _ in range(5):
        pool.clock.pass_time(timedelta(seconds=1))
        made.append(show(pool, AGENCY, CASE))
    until = pool.clock() + timedelta(seconds=1)
    first = pool.book.disclosures_between(start, until, limit=2)
    rest = pool.book.disclosures_between(start, until, before=first[-1].id, limit=10)
    assert [each.id for each in (*first, *rest)] == made[::-1]
    assert pool.book.disclosures_between(start, until, agency="petitions") == []
    assert len(pool.book.disclosures_between(start, until, agency="court")) == 5
    assert pool.book.disclosures_between(start, until, person="P1") == []


def test_an_answer_over_many_cases_is_one_record(pool: Pool) -> None:
    show(pool, DISPATCHER, CASE, OTHER)
    (record,) = pool.book.who_has_seen(OTHER)
    assert [shown.case_id for shown in record.cases] == [CASE, OTHER]
    assert record.rows == 2
