"""The one door through which case data leaves: `Door.disclose`.

The rules kept here: whoever asks, by whatever channel, for whatever purpose, gets an answer only from here; sealed values are opened
only here, field by field, as far as the purpose allows; who was shown what is committed before the answer is given, and when it cannot
be written nothing is shown. A row that the caller may not see never comes here: views are asked with the caller's reach.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from santiao.domain.observing import UNOBSERVED, Observer
from santiao.pool.access import AccessPolicy, Caller, Reach, Resource, Rights
from santiao.pool.disclosures import Disclosure, DisclosureBook, digest_query, make_disclosure_id
from santiao.pool.showing import Json, Showing, key_ids_in
from santiao.store.keys import KeyStore


class Channel(StrEnum):
    """How an answer leaves."""

    API = "api"
    CONSOLE = "console"
    FEED = "feed"
    EXPORT = "export"
    HOOK = "hook"


class DisclosureRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for what and why. `query` says in the asker's words what was asked for; only its digest is kept. Who asks `masked` is
    shown no person in full, whatever the rows allow: for a page that is looked at by the way.
    """

    caller: Caller
    purpose: str
    channel: Channel
    resource: Resource
    query: str = ""
    masked: bool = False


class CaseRow(msgspec.Struct, frozen=True):
    """A row of a view: the case it tells of ("" for counts) and its values, a struct or a mapping by field name. `also` are other
    cases it tells of, as a link does.
    """

    case_id: str
    values: Any
    also: tuple[str, ...] = ()


class Disclosed(msgspec.Struct, frozen=True):
    """The answer: the record's id and the rows as they may be shown, in order."""

    id: str
    rows: tuple[Json, ...]


class Door:
    """The one door. `clock` is the hub's, so that a disclosure and a link's time can be compared."""

    def __init__(
        self,
        policy: AccessPolicy,
        keys: KeyStore,
        book: DisclosureBook,
        clock: Callable[[], datetime],
        observer: Observer = UNOBSERVED,
    ) -> None:
        self.policy = policy
        self.book = book
        self._keys = keys
        self._clock = clock
        self._observer = observer

    def admit(self, request: DisclosureRequest) -> Rights:
        """What the caller may do, once purpose and resource are granted; its reach goes into the view's question.

        Raises:
            Denied: purpose or resource is not granted.
            Rejection: the purpose is unknown, or a named person's without a name.
        """
        self.policy.check_purpose(request.caller, request.purpose)
        self.policy.check_resource(request.caller, request.resource, request.purpose)
        return self.policy.rights_of(request.caller)

    def disclose(self, request: DisclosureRequest, rows: Sequence[CaseRow]) -> Disclosed:
        """Open what may be opened, record who was shown what, and only then give the answer.

        Raises:
            Denied, Rejection: as `admit`.
            StoreFailure: the record could not be written, or the keys not read; nothing is shown.
        """
        rights = self.admit(request)
        showing = Showing(
            self.policy,
            request.caller,
            request.purpose,
            masked=request.masked,
            withhold=rights.reach is Reach.OWN,
        )
        if showing.opens_anything:
            showing.keys = self._keys.fetch(key_ids_in(row.values for row in rows))
        shown = tuple(showing.show_row(row.values, (row.case_id, *row.also)) for row in rows)
        now = self._clock()
        disclosure = Disclosure(
            id=make_disclosure_id(now),
            at=now,
            agency=request.caller.agency,
            person=request.caller.person,
            credential=request.caller.credential,
            purpose=request.purpose,
            channel=request.channel,
            view=request.resource,
            query=digest_query(request.query),
            rows=len(rows),
            fields=tuple(sorted(showing.all_fields)),
            cases=showing.cases(),
        )
        self.book.record(disclosure)
        self._observer.disclosed(request.purpose, request.channel, len(rows))
        return Disclosed(disclosure.id, shown)
