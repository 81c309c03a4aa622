"""The one door: masked by default, erased where keys are destroyed, recorded before the answer, shut when it cannot record."""

from datetime import date

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from santiao.domain.errors import Rejection, StoreFailure
from santiao.domain.events.envelope import Mention, Sealed
from santiao.domain.records import Identity, Party, Phone, Place, TextField
from santiao.domain.vocabulary import IdentityKind, NameClass, PartyKind, PartyRole, PhoneKind
from santiao.hub.secrets import NarrativeSecret, encode_secret
from santiao.pool.access import Caller, Denied, Resource, Role
from santiao.pool.disclose import CaseRow, Channel, DisclosureRequest
from santiao.pool.fields import ERASED
from santiao.store.access_tables import disclosures
from santiao.store.keys import derive_key_id
from santiao.store.sealing import seal
from tests.pool.conftest import Pool

CASE = "0123456789abcdefghjkmnpqrs"
NAME, NUMBER, PHONE = "张三", "340398198503151238", "13800000011"
DISPATCHER = Caller(agency="mediation-centre", credential="S1", person="P1", roles=(Role.DISPATCHER,), is_session=True)
MEDIATOR = Caller(agency="lzh-pmc", credential="S2", person="P2", roles=(Role.MEDIATOR,), is_session=True)
AGENCY = Caller(agency="court", credential="K1")


def ask(caller: Caller, purpose: str, resource: Resource = Resource.PARTIES) -> DisclosureRequest:
    return DisclosureRequest(caller=caller, purpose=purpose, channel=Channel.API, resource=resource, query="q")


def sealed_party(
    pool: Pool, slot: int = 0, *, minor: bool | None = None, kind: PartyKind = PartyKind.NATURAL
) -> Mention:
    party = Party(
        slot=slot,
        role=PartyRole.APPLICANT,
        kind=kind,
        name=TextField(raw=NAME, value=NAME),
        name_class=NameClass.FULL,
        ids=(Identity(kind=IdentityKind.RESIDENT, raw=NUMBER, value=NUMBER),),
        phones=(Phone(raw=PHONE, number=PHONE, kind=PhoneKind.MOBILE),),
        address=TextField(raw="治淮路某小区3栋2单元", value="治淮路某小区3栋2单元"),
        place=Place(road="治淮路"),
        born=date(1985, 3, 15),
        minor=minor,
    )
    key_id = derive_key_id(b"message-of-tests", slot)
    key = pool.keys.obtain([key_id])[key_id]
    sealed = seal(key, key_id, b"event", f"mentions/{slot}", encode_secret(party))
    return Mention(slot=slot, role="APPLICANT", kind=kind, name_class="FULL", minor=minor, sealed=sealed)


def rows_of(*mentions: Mention) -> list[CaseRow]:
    return [CaseRow(CASE, {"case_no": "SD1", "parties": list(mentions)})]


def test_an_agency_sees_a_name_masked(pool: Pool) -> None:
    shown = pool.door.disclose(ask(AGENCY, "handle"), rows_of(sealed_party(pool)))
    (party,) = shown.rows[0]["parties"]
    assert party["name"] == "张*"
    assert party["ids"] == ["3403**********1238"]
    assert party["phones"] == ["138****0011"]
    assert "address" not in party
    assert "born" not in party


def test_the_mediator_of_the_case_sees_whom_she_must_reach(pool: Pool) -> None:
    shown = pool.door.disclose(ask(MEDIATOR, "handle"), rows_of(sealed_party(pool)))
    (party,) = shown.rows[0]["parties"]
    assert (party["name"], party["phones"], party["ids"]) == (NAME, [PHONE], ["3403**********1238"])
    assert party["born"] == "1985"


def test_a_person_under_age_stays_masked(pool: Pool) -> None:
    shown = pool.door.disclose(ask(MEDIATOR, "handle"), rows_of(sealed_party(pool, minor=True)))
    assert shown.rows[0]["parties"][0]["name"] == "张*"


def test_who_asks_masked_is_shown_nobody_in_full(pool: Pool) -> None:
    asked = msgspec.structs.replace(ask(MEDIATOR, "handle"), masked=True)
    (party,) = pool.door.disclose(asked, rows_of(sealed_party(pool))).rows[0]["parties"]
    assert (party["name"], party["phones"]) == ("张*", ["138****0011"])
    recorded = pool.door.book.who_has_seen(CASE)[0]
    assert "parties.name:masked" in recorded.fields


def test_a_firm_is_not_masked(pool: Pool) -> None:
    shown = pool.door.disclose(ask(AGENCY, "handle"), rows_of(sealed_party(pool, kind=PartyKind.ORG)))
    assert shown.rows[0]["parties"][0]["name"] == NAME


def test_what_was_erased_says_so(pool: Pool) -> None:
    mention = sealed_party(pool)
    assert mention.sealed is not None
    pool.keys.destroy([mention.sealed.key_id])
    shown = pool.door.disclose(ask(MEDIATOR, "handle"), rows_of(mention))
    (party,) = shown.rows[0]["parties"]
    assert (party["name"], party["erased"]) == (ERASED, True)
    (record,) = pool.book.who_has_seen(CASE)
    assert record.cases[0].subjects == ()
    assert "parties.name:erased" in record.cases[0].fields


def test_who_saw_whom_why_and_what_is_recorded(pool: Pool) -> None:
    mention = sealed_party(pool)
    shown = pool.door.disclose(ask(DISPATCHER, "dispatch"), rows_of(mention))
    (record,) = pool.book.who_has_seen(CASE)
    assert mention.sealed is not None
    assert record.id == shown.id
    assert (record.agency, record.person, record.credential) == ("mediation-centre", "P1", "S1")
    assert (record.purpose, record.channel, record.view, record.rows) == ("dispatch", "api", "parties", 1)
    assert record.cases[0].subjects == (mention.sealed.key_id.hex(),)
    assert {"case_no", "parties.name", "parties.ids:masked"} <= set(record.cases[0].fields)


def test_the_record_holds_no_personal_value(pool: Pool) -> None:
    pool.door.disclose(ask(MEDIATOR, "handle"), rows_of(sealed_party(pool)))
    told = msgspec.json.encode(pool.book.who_has_seen(CASE)).decode()
    with pool.database.readable() as connection:
        told += repr(connection.execute(select(disclosures)).all())
    for value in (NAME, NUMBER, PHONE, "治淮路"):
        assert value not in told


def test_nothing_is_shown_that_cannot_be_recorded(pool: Pool) -> None:
    with pool.database.writable() as connection:
        connection.exec_driver_sql("DROP TABLE disclosures")
    with pytest.raises(StoreFailure, match=r"disclosure\.not_recorded") as failure:
        pool.door.disclose(ask(MEDIATOR, "handle"), rows_of(sealed_party(pool)))
    assert NAME not in str(failure.value)


def test_nothing_is_shown_that_cannot_be_recorded_on_postgresql(pool_on_postgres: Pool) -> None:
    pool = pool_on_postgres
    mention = sealed_party(pool)
    pool.door.disclose(ask(MEDIATOR, "handle"), rows_of(mention))
    assert len(pool.book.who_has_seen(CASE)) == 1
    with pool.database.writable() as connection:
        connection.exec_driver_sql("DROP TABLE disclosures")
    with pytest.raises(StoreFailure, match=r"disclosure\.not_recorded"):
        pool.door.disclose(ask(MEDIATOR, "handle"), rows_of(mention))


def test_a_narrative_is_shown_to_who_handles_the_case(pool: Pool) -> None:
    key_id = derive_key_id(b"message-of-tests", -1)
    key = pool.keys.obtain([key_id])[key_id]
    secret = NarrativeSecret(
        title=TextField(value="漏水"), narrative=TextField(value="楼上漏水"), extra={"备注": "私密"}
    )
    sealed = seal(key, key_id, b"event", "narrative", encode_secret(secret))
    rows = [CaseRow(CASE, {"narrative": sealed, "raw": sealed})]
    shown = pool.door.disclose(ask(MEDIATOR, "handle", Resource.NARRATIVES), rows)
    assert shown.rows == ({"narrative": {"title": "漏水", "text": "楼上漏水"}},)
    dispatched = pool.door.disclose(ask(DISPATCHER, "dispatch"), rows)
    assert dispatched.rows == ({},)


@pytest.mark.parametrize(
    ("caller", "purpose", "resource", "code"),
    [
        (AGENCY, "dispatch", Resource.CASES, "purpose.not_granted"),
        (AGENCY, "handle", Resource.NARRATIVES, "resource.not_granted"),
        (AGENCY, "statistics", Resource.CASES, "resource.purpose"),
        (DISPATCHER, "dispatch", Resource.DISCLOSURES, "resource.not_granted"),
        (AGENCY, "audit", Resource.CASES, "purpose.actor"),
    ],
)
def test_what_is_not_granted_is_neither_shown_nor_recorded(
    pool: Pool, caller: Caller, purpose: str, resource: Resource, code: str
) -> None:
    with pytest.raises((Denied, Rejection), match=code):
        pool.door.disclose(ask(caller, purpose, resource), rows_of(sealed_party(pool)))
    assert pool.book.who_has_seen(CASE) == []


def test_small_counts_are_withheld_from_those_who_only_count(pool: Pool) -> None:
    rows = [CaseRow("", {"region": "340302", "count": number}) for number in (0, 1, 4, 5, 60)]
    partner = pool.door.disclose(ask(AGENCY, "statistics", Resource.STATISTICS), rows)
    assert [row["count"] for row in partner.rows] == [0, None, None, 5, 60]
    centre = pool.door.disclose(ask(DISPATCHER, "statistics", Resource.STATISTICS), rows)
    assert [row["count"] for row in centre.rows] == [0, 1, 4, 5, 60]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.just(NAME),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["case_no", "sources", "name", "raw", "phone", "surprise", "data"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.dictionaries(
        st.sampled_from(["name", "raw", "phone", "surprise", "narrative", "subject"]), values, max_size=4
    )
)
def test_a_field_that_is_not_listed_leaves_nobody(pool: Pool, told: dict[str, object]) -> None:
    shown = pool.door.disclose(ask(MEDIATOR, "handle"), [CaseRow(CASE, told)])
    assert shown.rows == ({},)


def test_a_sealed_value_that_is_no_narrative_is_not_opened(pool: Pool) -> None:
    mention = sealed_party(pool)
    shown = pool.door.disclose(ask(MEDIATOR, "handle"), [CaseRow(CASE, {"data": mention.sealed, "case_no": "SD1"})])
    assert shown.rows == ({"case_no": "SD1"},)
    assert isinstance(mention.sealed, Sealed)
