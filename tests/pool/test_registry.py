"""The register of who may call: keys shown once, refused once revoked; duties kept apart; nothing in clear in the tables."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, select

from santiao.domain.errors import NotFound, Rejection
from santiao.pool.access import Role
from santiao.pool.passwords import Cost, fits_password, hash_password, make_password
from santiao.store.access_tables import api_keys, people, sessions
from tests.pool.conftest import Pool


def everything_in(pool: Pool) -> str:
    """Every cell of every table, as text."""
    metadata = MetaData()
    metadata.reflect(pool.database.engine)
    with pool.database.readable() as connection:
        rows = [tuple(row) for table in metadata.tables.values() for row in connection.execute(select(table))]
    return repr(rows)


def test_a_key_is_known_by_its_holder_alone(pool: Pool) -> None:
    pool.registry.add_agency("court", "法院")
    issued = pool.registry.issue_key("court")
    caller = pool.registry.caller_of_key(issued.key)
    assert caller is not None
    assert (caller.agency, caller.credential, caller.roles) == ("court", issued.key_id, ())
    assert issued.key not in everything_in(pool)
    assert issued.key.partition(".")[2] not in everything_in(pool)


def test_a_revoked_key_is_refused_from_the_next_request_on(pool: Pool) -> None:
    pool.registry.add_agency("court", "法院")
    issued = pool.registry.issue_key("court")
    pool.registry.revoke_key(issued.key_id)
    assert pool.registry.caller_of_key(issued.key) is None
    pool.registry.revoke_key(issued.key_id)
    assert pool.registry.agencies()[0].key_ids == ()


def test_two_keys_may_overlap_and_no_third(pool: Pool) -> None:
    pool.registry.add_agency("court", "法院")
    first, second = pool.registry.issue_key("court"), pool.registry.issue_key("court")
    with pytest.raises(Rejection, match=r"keys\.too_many"):
        pool.registry.issue_key("court")
    pool.registry.revoke_key(first.key_id)
    third = pool.registry.issue_key("court")
    assert set(pool.registry.agencies()[0].key_ids) == {second.key_id, third.key_id}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
def test_no_other_text_is_a_key(pool: Pool, text: str) -> None:
    assert pool.registry.caller_of_key(text) is None


def test_one_changed_character_makes_it_another_key(pool: Pool) -> None:
    pool.registry.add_agency("court", "法院")
    key = pool.registry.issue_key("court").key
    for place in range(len(key)):
        other = "A" if key[place] != "A" else "B"
        assert pool.registry.caller_of_key(key[:place] + other + key[place + 1 :]) is None


def test_a_key_of_no_agency_is_not_issued(pool: Pool) -> None:
    with pytest.raises(NotFound, match=r"agency\.unknown"):
        pool.registry.issue_key("court")
    with pytest.raises(Rejection, match=r"agency\.id"):
        pool.registry.add_agency("Court 法院", "法院")


def test_a_person_named_by_a_key_brings_her_role_only_to_her_own_agency(pool: Pool) -> None:
    pool.registry.add_agency("court", "法院")
    pool.registry.add_agency("petitions", "信访局")
    person = pool.registry.add_person("审计甲", "court", "auditor")
    own = pool.registry.caller_of_key(pool.registry.issue_key("court").key, person.person_id)
    other = pool.registry.caller_of_key(pool.registry.issue_key("petitions").key, person.person_id)
    assert own is not None
    assert own.roles == (Role.AUDITOR,)
    assert other is not None
    assert other.roles == ()


@pytest.mark.parametrize(
    ("first", "second"), [("operator", "auditor"), ("auditor", "security"), ("dispatcher", "operator")]
)
def test_separate_duties_are_separate_people(pool: Pool, first: str, second: str) -> None:
    pool.registry.add_person("周乙", "mediation-centre", first)
    with pytest.raises(Rejection, match=r"people\.duties"):
        pool.registry.add_person("周乙", "mediation-centre", second)
    pool.registry.add_person("周乙", "court", second)
    assert len(pool.registry.people()) == 2


def test_business_roles_may_be_held_together(pool: Pool) -> None:
    pool.registry.add_person("周乙", "mediation-centre", "dispatcher")
    pool.registry.add_person("周乙", "mediation-centre", "supervisor")
    assert {person.role for person in pool.registry.people()} == {Role.DISPATCHER, Role.SUPERVISOR}


def test_an_unknown_role_is_refused(pool: Pool) -> None:
    with pytest.raises(Rejection, match=r"people\.role"):
        pool.registry.add_person("周乙", "mediation-centre", "king")


def test_a_password_is_kept_as_a_hash_only(pool: Pool) -> None:
    added = pool.registry.add_person("周乙", "mediation-centre", "dispatcher")
    assert added.password not in everything_in(pool)
    with pool.database.readable() as connection:
        kept = connection.execute(select(people.c.password)).scalar_one()
    assert fits_password(added.password, bytes(kept))
    assert not fits_password(make_password(), bytes(kept))


def test_the_cost_of_a_password_may_rise_without_locking_anybody_out() -> None:
    kept = hash_password("one", Cost(n=2, r=1, p=1))
    dearer = hash_password("one", Cost(n=4, r=2, p=1))
    assert fits_password("one", kept)
    assert fits_password("one", dearer)
    assert kept != dearer


def test_the_register_stands_on_postgresql_too(pool_on_postgres: Pool) -> None:
    registry = pool_on_postgres.registry
    registry.add_agency("court", "法院")
    issued = registry.issue_key("court")
    assert registry.caller_of_key(issued.key) is not None
    added = registry.add_person("周乙", "mediation-centre", "dispatcher")
    opened = pool_on_postgres.sessions.open(added.person_id, added.password)
    assert pool_on_postgres.sessions.find(opened.token) is not None


def test_the_tables_are_those_of_the_migration(pool: Pool) -> None:
    metadata = MetaData()
    metadata.reflect(pool.database.engine)
    for table in (api_keys, people, sessions):
        assert {column.name for column in table.columns} == {
            column.name for column in metadata.tables[table.name].columns
        }
