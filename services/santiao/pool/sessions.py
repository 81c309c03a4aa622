"""People's sessions at the console: opened with a password, kept at the server, ended by time or by leaving.

The rules kept here: the token stands only in the person's browser, the table holds a keyed digest of it; the CSRF token is derived from
the session's and is worth nothing without it; who guesses passwords has to wait.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property

import msgspec

from santiao.domain.errors import Rejection
from santiao.pool.access import Caller, Role
from santiao.pool.passwords import fits_password, hash_password
from santiao.pool.registry import Person, Registry, caller_of_person
from santiao.store.access_tables import people, sessions
from santiao.store.log import from_millis, to_millis

_TRIES = 5
_WAIT = timedelta(minutes=15)
_WATCHED = 10_000


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session under way. `id` names it in disclosures and proves nothing."""

    id: str
    person: Person
    csrf: str
    expires_at: datetime

    @property
    def caller(self) -> Caller:
        """The person as the pool sees her."""
        return caller_of_person(self.person, self.id)


class OpenedSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session just opened. `token` goes into the cookie and is told only here."""

    token: str
    session: Session


class Sessions:
    """Opens, finds and closes sessions."""

    def __init__(
        self, registry: Registry, *, secret: bytes, clock: Callable[[], datetime], lifetime: timedelta
    ) -> None:
        self.registry = registry
        self.database = registry.database
        self._secret = secret
        self._clock = clock
        self._lifetime = lifetime
        self._failures: dict[str, list[datetime]] = {}
        self._lock = threading.Lock()

    def open(self, person_id: str, password: str) -> OpenedSession:
        """Open a session with a person's id and password.

        Raises:
            Rejection: `session.wrong`, whichever of the two is wrong; `session.too_many` after five failures, for a quarter of an hour.
        """
        now = self._clock()
        self._check_tries(person_id, now)
        with self.database.readable() as connection:
            row = connection.execute(people.select().where(people.c.person_id == person_id)).first()
        fits = fits_password(password[:200], bytes(row.password) if row is not None else self._nobody)
        if row is None or not fits:
            self._remember_failure(person_id, now)
            raise Rejection("session.wrong", "id or password is wrong", "编号或密码不正确")
        with self._lock:
            self._failures.pop(person_id, None)
        token = secrets.token_urlsafe(32)
        expires_at = now + self._lifetime
        with self.database.writable() as connection:
            connection.execute(sessions.delete().where(sessions.c.expires_ms <= to_millis(now)))
            row_of_session = (self._digest(token), person_id, to_millis(now), to_millis(expires_at))
            self.database.insert(connection, sessions, [row_of_session])
        person = Person(person_id=row.person_id, name=row.name, org=row.org, role=Role(row.role))
        return OpenedSession(token=token, session=self._as_session(token, person, expires_at))

    def find(self, token: str) -> Session | None:
        """The session of a token; None when there is none or its time is over."""
        if not token:
            return None
        with self.database.readable() as connection:
            row = connection.execute(sessions.select().where(sessions.c.digest == self._digest(token))).first()
        if row is None or row.expires_ms <= to_millis(self._clock()):
            return None
        person = self.registry.person(row.person_id)
        return self._as_session(token, person, from_millis(row.expires_ms)) if person is not None else None

    def close(self, token: str) -> None:
        """End a session."""
        with self.database.writable() as connection:
            connection.execute(sessions.delete().where(sessions.c.digest == self._digest(token)))

    def fits_csrf(self, session: Session, told: str) -> bool:
        """True when a form carries the session's own CSRF token; compared in constant time."""
        return hmac.compare_digest(session.csrf.encode(), told.encode("utf-8", "replace"))

    def _as_session(self, token: str, person: Person, expires_at: datetime) -> Session:
        csrf = hmac.new(self._secret, b"csrf\0" + token.encode(), hashlib.sha256).hexdigest()
        return Session(id=f"S{self._digest(token).hex()[:14]}", person=person, csrf=csrf, expires_at=expires_at)

    @cached_property
    def _nobody(self) -> bytes:
        """The hash of a password that nobody has, so that an unknown id takes as long as a known one."""
        return hash_password(secrets.token_hex(8), self.registry.password_cost)

    def _digest(self, token: str) -> bytes:
        return hmac.new(self._secret, b"session\0" + token.encode("utf-8", "replace"), hashlib.sha256).digest()

    def _check_tries(self, person_id: str, now: datetime) -> None:
        with self._lock:
            recent = [at for at in self._failures.get(person_id, ()) if now - at < _WAIT]
        if len(recent) >= _TRIES:
            raise Rejection(
                "session.too_many",
                "too many wrong passwords; wait a quarter of an hour",
                "密码错误次数过多，请15分钟后再试",
            )

    def _remember_failure(self, person_id: str, now: datetime) -> None:
        with self._lock:
            if len(self._failures) >= _WATCHED:
                self._failures.clear()
            self._failures.setdefault(person_id[:64], []).append(now)
            self._failures[person_id[:64]] = self._failures[person_id[:64]][-_TRIES:]
