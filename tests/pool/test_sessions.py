"""Console sessions: opened with the right password only, ended by time or by leaving, with a CSRF token of their own."""

from datetime import timedelta

import pytest

from santiao.domain.errors import Rejection
from tests.pool.conftest import Pool


def open_one(pool: Pool) -> tuple[str, str, str]:
    added = pool.registry.add_person("周乙", "mediation-centre", "dispatcher")
    opened = pool.sessions.open(added.person_id, added.password)
    return added.person_id, added.password, opened.token


def test_a_session_knows_its_person(pool: Pool) -> None:
    person_id, _, token = open_one(pool)
    session = pool.sessions.find(token)
    assert session is not None
    assert session.person.person_id == person_id
    assert session.caller.is_session
    assert session.caller.actor == f"person/{person_id}"


def test_a_session_ends_by_time(pool: Pool) -> None:
    _, _, token = open_one(pool)
    pool.clock.pass_time(timedelta(hours=12))
    assert pool.sessions.find(token) is None


def test_a_session_ends_by_leaving(pool: Pool) -> None:
    _, _, token = open_one(pool)
    pool.sessions.close(token)
    assert pool.sessions.find(token) is None
    assert pool.sessions.find("") is None


def test_a_form_needs_the_sessions_own_token(pool: Pool) -> None:
    person_id, password, token = open_one(pool)
    other = pool.sessions.open(person_id, password)
    session = pool.sessions.find(token)
    assert session is not None
    assert pool.sessions.fits_csrf(session, session.csrf)
    assert not pool.sessions.fits_csrf(session, other.session.csrf)
    assert not pool.sessions.fits_csrf(session, "张")


def test_wrong_passwords_make_one_wait_and_no_other(pool: Pool) -> None:
    person_id, password, _ = open_one(pool)
    other = pool.registry.add_person("周丙", "mediation-centre", "dispatcher")
    for _ in range(5):
        with pytest.raises(Rejection, match=r"session\.wrong"):
            pool.sessions.open(person_id, "wrong")
    with pytest.raises(Rejection, match=r"session\.too_many"):
        pool.sessions.open(person_id, password)
    assert pool.sessions.open(other.person_id, other.password).token
    pool.clock.pass_time(timedelta(minutes=16))
    assert pool.sessions.open(person_id, password).token


def test_an_unknown_person_gets_the_same_answer(pool: Pool) -> None:
    with pytest.raises(Rejection, match=r"session\.wrong"):
        pool.sessions.open("P00000000", "wrong")
