"""The register of who may call: partner agencies with their keys, people with their roles (机构、密钥、人员).

The rules kept here: a key and a password are shown once and kept only as digests; a revoked key is refused from the next request on,
because nothing is cached; system, audit and security duties are separate people (三员分立). What a caller may do is `access.py`'s.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Connection

from santiao.domain.errors import NotFound, Rejection
from santiao.pool.access import Caller, Role
from santiao.pool.passwords import Cost, hash_password, make_password
from santiao.store.access_tables import agencies, api_keys, people
from santiao.store.database import Database
from santiao.store.log import to_millis

_AGENCY = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_TOKEN = re.compile(r"K[0-9A-F]{10}\.[A-Za-z0-9_-]{43}\Z")
_KEYS_AT_ONCE = 2


class Agency(msgspec.Struct, frozen=True, kw_only=True):
    """A partner agency and the ids of its keys that are good."""

    agency: str
    name: str
    key_ids: tuple[str, ...] = ()


class IssuedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is shown once. `key` is what goes behind `Authorization: Bearer`."""

    agency: str
    key_id: str
    key: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person who works with the hub."""

    person_id: str
    name: str
    org: str
    role: Role


class AddedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person as she is told once, with her password for the console."""

    person_id: str
    name: str
    org: str
    role: Role
    password: str


class Registry:
    """Keeps the register. `secret` keys the digests, so that a stolen table proves nothing."""

    def __init__(
        self,
        database: Database,
        *,
        secret: bytes,
        clock: Callable[[], datetime],
        separate_duties: tuple[Role, ...],
        password_cost: Cost | None = None,
    ) -> None:
        self.database = database
        self._secret = secret
        self._clock = clock
        self._separate_duties = frozenset(separate_duties)
        self.password_cost = password_cost or Cost()

    # --- agencies and keys ---------------------------------------------------------------------------------------

    def add_agency(self, agency: str, name: str) -> Agency:
        """Add a partner agency, or name a known one anew.

        Raises:
            Rejection: `agency.id` for an id that is not lower-case letters, digits and hyphens.
        """
        if not _AGENCY.match(agency):
            raise Rejection(
                "agency.id",
                "an agency's id is up to 64 lower-case letters, digits and hyphens, as `court`",
                "机构编号由小写字母、数字和连字符组成，如 court",
            )
        with self.database.writable() as connection:
            known = connection.execute(agencies.select().where(agencies.c.agency == agency)).first()
            if known is None:
                row = {"agency": agency, "name": name[:200], "created_ms": to_millis(self._clock())}
                connection.execute(agencies.insert().values(row))
            else:
                connection.execute(agencies.update().where(agencies.c.agency == agency).values(name=name[:200]))
            return Agency(agency=agency, name=name[:200], key_ids=_good_keys(connection, agency))

    def agencies(self) -> list[Agency]:
        """Every agency by id."""
        with self.database.readable() as connection:
            rows = connection.execute(agencies.select().order_by(agencies.c.agency)).all()
            return [
                Agency(agency=row.agency, name=row.name, key_ids=_good_keys(connection, row.agency)) for row in rows
            ]

    def issue_key(self, agency: str) -> IssuedKey:
        """Issue a key: 32 random bytes, shown in this answer and never again. Two may overlap while one is replaced.

        Raises:
            NotFound: no such agency.
            Rejection: `keys.too_many` while two are good.
        """
        key_id = f"K{secrets.token_hex(5).upper()}"
        key = f"{key_id}.{urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip('=')}"
        with self.database.writable() as connection:
            if connection.execute(agencies.select().where(agencies.c.agency == agency)).first() is None:
                raise NotFound("agency.unknown", f"no agency {agency}; add it first", f"没有机构 {agency}，请先登记")
            if len(good := _good_keys(connection, agency)) >= _KEYS_AT_ONCE:
                raise Rejection(
                    "keys.too_many",
                    f"{agency} has {len(good)} keys that are good ({', '.join(good)}); revoke one first",
                    f"{agency} 已有 {len(good)} 个有效密钥，请先吊销一个",
                )
            row = {
                "key_id": key_id,
                "agency": agency,
                "digest": self._digest(key),
                "issued_ms": to_millis(self._clock()),
            }
            connection.execute(api_keys.insert().values(row))
        return IssuedKey(agency=agency, key_id=key_id, key=key)

    def revoke_key(self, key_id: str) -> None:
        """Revoke a key; revoking it again changes nothing.

        Raises:
            NotFound: no such key.
        """
        with self.database.writable() as connection:
            row = connection.execute(api_keys.select().where(api_keys.c.key_id == key_id)).first()
            if row is None:
                raise NotFound("keys.unknown", "no such key", "没有该密钥")
            if row.revoked_ms is None:
                now = to_millis(self._clock())
                connection.execute(api_keys.update().where(api_keys.c.key_id == key_id).values(revoked_ms=now))

    def caller_of_key(self, token: str, person_id: str = "") -> Caller | None:
        """Whose key this is; None for one that is unknown, revoked or malformed, all in the same time.

        `person_id` is whom the agency names: a person of its own in the register adds her role, any other id is only remembered.
        """
        key_id = token[:11] if _TOKEN.match(token) else ""
        with self.database.readable() as connection:
            row = connection.execute(api_keys.select().where(api_keys.c.key_id == key_id)).first()
            named = (
                connection.execute(people.select().where(people.c.person_id == person_id)).first()
                if person_id
                else None
            )
        is_it = hmac.compare_digest(self._digest(token), bytes(row.digest) if row is not None else bytes(32))
        if row is None or not is_it or row.revoked_ms is not None:
            return None
        roles = (Role(named.role),) if named is not None and named.org == row.agency else ()
        return Caller(agency=row.agency, credential=key_id, person=person_id, roles=roles)

    # --- people --------------------------------------------------------------------------------------------------

    def add_person(self, name: str, org: str, role: str) -> AddedPerson:
        """Add a person with one role; her id and password are told once.

        Raises:
            Rejection: `people.role` for an unknown role; `people.duties` where the same person of the same organisation would hold a
                separate duty (三员分立) beside another role.
        """
        known_roles = [each.value for each in Role]
        if role not in known_roles:
            told = ", ".join(known_roles)
            raise Rejection("people.role", f"a role is one of {told}", f"角色应为 {told} 之一")
        if not name.strip() or not org.strip() or len(name) > 100 or len(org) > 64:
            raise Rejection(
                "people.name", "name and organisation must not be empty or overlong", "姓名和单位不得为空或过长"
            )
        person_id, password = f"P{secrets.token_hex(4).upper()}", make_password()
        kept = hash_password(password, self.password_cost)
        with self.database.writable() as connection:
            same = select(people.c.role).where((people.c.name == name) & (people.c.org == org))
            held = {Role(each) for each in connection.execute(same).scalars()}
            together = {*held, Role(role)}
            if len(together) > 1 and together & self._separate_duties:
                raise Rejection(
                    "people.duties",
                    f"this person is {', '.join(sorted(held))} already; system, audit and security duties are separate people "
                    "(another person of the same name needs a name that tells them apart)",
                    "该人员已任其他角色；系统管理、安全保密、审计须由不同人员担任（同名者请以不同名称登记）",
                )
            row = {
                "person_id": person_id,
                "name": name,
                "org": org,
                "role": role,
                "password": kept,
                "created_ms": to_millis(self._clock()),
            }
            connection.execute(people.insert().values(row))
        return AddedPerson(person_id=person_id, name=name, org=org, role=Role(role), password=password)

    def people(self) -> list[Person]:
        """Everybody, by organisation and name."""
        with self.database.readable() as connection:
            rows = connection.execute(people.select().order_by(people.c.org, people.c.name, people.c.person_id))
            return [Person(person_id=row.person_id, name=row.name, org=row.org, role=Role(row.role)) for row in rows]

    def person(self, person_id: str) -> Person | None:
        """One person by id."""
        with self.database.readable() as connection:
            row = connection.execute(people.select().where(people.c.person_id == person_id)).first()
        if row is None:
            return None
        return Person(person_id=row.person_id, name=row.name, org=row.org, role=Role(row.role))

    def _digest(self, key: str) -> bytes:
        return hmac.new(self._secret, b"key\0" + key.encode("utf-8", "replace"), hashlib.sha256).digest()


def caller_of_person(person: Person, credential: str) -> Caller:
    """A person at the console as the pool sees her."""
    return Caller(
        agency=person.org, credential=credential, person=person.person_id, roles=(person.role,), is_session=True
    )


def _good_keys(connection: Connection, agency: str) -> tuple[str, ...]:
    query = (
        select(api_keys.c.key_id)
        .where((api_keys.c.agency == agency) & api_keys.c.revoked_ms.is_(None))
        .order_by(api_keys.c.issued_ms, api_keys.c.key_id)
    )
    return tuple(connection.execute(query).scalars())
