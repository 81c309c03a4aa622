"""The one door through which case data leaves: `Door.disclose`.

The rules kept here: whoever asks, by whatever channel, for whatever purpose, gets an answer only from here; sealed values are opened
only here, field by field, as far as the purpose allows; who was shown what is committed before the answer is given, and when it cannot
be written nothing is shown. A row that the caller may not see never comes here: views are asked with the caller's reach.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec

from santiao.domain.events.envelope import Mention, Sealed
from santiao.domain.records import Party, TextField
from santiao.domain.vocabulary import PartyKind
from santiao.hub.secrets import NarrativeSecret, decode_narrative, decode_party
from santiao.pool.access import AccessPolicy, Caller, Reach, Resource, Rights
from santiao.pool.disclosures import Disclosure, DisclosureBook, ShownCase, digest_query, make_disclosure_id
from santiao.pool.fields import (
    ERASED,
    FieldClass,
    Treatment,
    class_of,
    mask_identity,
    mask_name,
    mask_phone,
    mask_year,
)
from santiao.store.keys import KeyStore
from santiao.store.sealing import unseal

Json = dict[str, Any]
"""A shown row, ready to be written as JSON or into a page: the edge."""


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
    """A row of a view: the case it tells of ("" for counts) and its values, a struct or a mapping by field name."""

    case_id: str
    values: Any


class Disclosed(msgspec.Struct, frozen=True):
    """The answer: the record's id and the rows as they may be shown, in order."""

    id: str
    rows: tuple[Json, ...]


class Door:
    """The one door. `clock` is the hub's, so that a disclosure and a link's time can be compared."""

    def __init__(
        self, policy: AccessPolicy, keys: KeyStore, book: DisclosureBook, clock: Callable[[], datetime]
    ) -> None:
        self.policy = policy
        self.book = book
        self._keys = keys
        self._clock = clock

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
        showing = _Showing(self.policy, request, withhold=rights.reach is Reach.OWN)
        if showing.opens_anything:
            showing.keys = self._keys.fetch(_key_ids(row.values for row in rows))
        shown = tuple(showing.show_row(row) for row in rows)
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
        return Disclosed(disclosure.id, shown)


class _Showing:
    """One answer in the making: what was shown of each case so far."""

    def __init__(self, policy: AccessPolicy, request: DisclosureRequest, *, withhold: bool) -> None:
        self._policy = policy
        self._request = request
        self._smallest = policy.book.limits.smallest_count if withhold else 0
        self._treatments: dict[tuple[FieldClass, bool], Treatment] = {}
        self._fields: dict[str, set[str]] = {}
        self._subjects: dict[str, set[str]] = {}
        self._case = ""
        self.all_fields: set[str] = set()
        self.keys: Mapping[bytes, bytes] | None = None
        """Data keys of this answer; None where no personal field may be shown, so that nothing is opened."""

    @property
    def opens_anything(self) -> bool:
        """True when some class of personal fields may be shown to this caller."""
        return any(
            self._treatment(kind, minor=minor) is not Treatment.ABSENT
            for kind in FieldClass
            if kind.is_personal
            for minor in (False, True)
        )

    def show_row(self, row: CaseRow) -> Json:
        """A row as it may be shown."""
        self._case = row.case_id
        if row.case_id:
            self._fields.setdefault(row.case_id, set())
        return self._show_members(row.values, "")

    def cases(self) -> tuple[ShownCase, ...]:
        """What was shown of every case."""
        return tuple(
            ShownCase(
                case_id=case_id, fields=tuple(sorted(fields)), subjects=tuple(sorted(self._subjects.get(case_id, ())))
            )
            for case_id, fields in sorted(self._fields.items())
        )

    def _show_members(self, values: Any, path: str) -> Json:
        members = values if isinstance(values, Mapping) else _members_of(values)
        shown: Json = {}
        for name, value in members.items():
            told = self._show(value, str(name), f"{path}{name}")
            if told is not _ABSENT:
                shown[str(name)] = told
        return shown

    def _show(self, value: Any, name: str, path: str) -> Any:
        if isinstance(value, Mention):
            return self._show_mention(value, path)
        if isinstance(value, Sealed):
            return self._show_narrative(value, path) if name == "narrative" else _ABSENT
        kind = class_of(name)
        if kind is None or kind.is_personal:
            return _ABSENT
        if isinstance(value, Mapping | msgspec.Struct):
            return self._show_members(value, f"{path}.")
        if isinstance(value, list | tuple):
            told = [self._show(each, name, path) for each in value]
            self._note(path)
            return [each for each in told if each is not _ABSENT]
        self._note(path)
        if kind is FieldClass.COUNT and isinstance(value, int) and 0 < value < self._smallest:
            return None
        return value.isoformat() if isinstance(value, date | datetime) else value

    def _show_mention(self, mention: Mention, path: str) -> Json:
        """A party mention: its place in the dispute, and as much of the person as may be shown."""
        shown: Json = {"slot": mention.slot, "role": mention.role, "kind": mention.kind, "minor": mention.minor}
        self._note(f"{path}.role")
        sealed = mention.sealed
        if self.keys is None:
            return shown
        if sealed is None or sealed.key_id not in self.keys:
            self._note(f"{path}.name:erased")
            return {**shown, "name": ERASED, "erased": True}
        party = decode_party(unseal(self.keys[sealed.key_id], sealed))
        personal = self._show_party(party, path, minor=bool(mention.minor or party.minor))
        if personal:
            self._subjects.setdefault(self._case, set()).add(sealed.key_id.hex())
        return {**shown, **personal}

    def _show_party(self, party: Party, path: str, *, minor: bool) -> Json:
        is_body = party.kind is PartyKind.ORG
        texts: list[tuple[str, FieldClass, str | None, Callable[[str], str]]] = [
            ("name", FieldClass.NAME, _text(party.name), str if is_body else mask_name),
            ("born", FieldClass.BIRTH, party.born.isoformat() if party.born else None, mask_year),
            ("address", FieldClass.ADDRESS, _text(party.address), lambda _: _street(party)),
        ]
        shown: Json = {}
        for name, kind, value, mask in texts:
            told = self._treat(kind, value, mask, f"{path}.{name}", minor=minor)
            if told is not None:
                shown[name] = told
        lists: list[tuple[str, FieldClass, list[str], Callable[[str], str]]] = [
            (
                "ids",
                FieldClass.IDENTITY,
                [each.value or each.raw for each in party.ids],
                str if is_body else mask_identity,
            ),
            ("phones", FieldClass.PHONE, [each.number or each.raw for each in party.phones], mask_phone),
        ]
        for name, kind, values, mask in lists:
            told_all = [self._treat(kind, value, mask, f"{path}.{name}", minor=minor) for value in values]
            if any(told_all):
                shown[name] = [told for told in told_all if told is not None]
        return shown

    def _show_narrative(self, sealed: Sealed, path: str) -> Any:
        """Title, text, claim, place, amount and officials of a version; unknown columns stay where they are."""
        if self.keys is None or self._treatment(FieldClass.NARRATIVE, minor=False) is not Treatment.FULL:
            return _ABSENT
        if sealed.key_id not in self.keys:
            self._note(f"{path}:erased")
            return {"text": ERASED, "erased": True}
        secret: NarrativeSecret = decode_narrative(unseal(self.keys[sealed.key_id], sealed))
        self._note(path)
        self._subjects.setdefault(self._case, set()).add(sealed.key_id.hex())
        told: Json = {
            "title": _text(secret.title),
            "text": _text(secret.narrative),
            "claim": _text(secret.claim),
            "place": _text(secret.place_text),
            "amount_fen": secret.amount.fen if secret.amount else None,
            "handler": self._treat(
                FieldClass.OFFICIAL, _text(secret.handler), mask_name, f"{path}.handler", minor=False
            ),
        }
        return {name: value for name, value in told.items() if value is not None}

    def _treat(
        self, kind: FieldClass, value: str | None, mask: Callable[[str], str], path: str, *, minor: bool
    ) -> str | None:
        treatment = self._treatment(kind, minor=minor)
        if not value or treatment is Treatment.ABSENT:
            return None
        self._note(path if treatment is Treatment.FULL else f"{path}:masked")
        return value if treatment is Treatment.FULL else mask(value)

    def _treatment(self, kind: FieldClass, *, minor: bool) -> Treatment:
        known = self._treatments.get((kind, minor))
        if known is None:
            request = self._request
            known = self._policy.treatment(request.caller, request.purpose, kind, minor=minor)
            if request.masked and known is Treatment.FULL and kind.is_personal:
                known = Treatment.MASKED
            self._treatments[kind, minor] = known
        return known

    def _note(self, path: str) -> None:
        self.all_fields.add(path)
        if self._case:
            self._fields[self._case].add(path)


class _Absent:
    """What is not shown at all."""


_ABSENT = _Absent()


def _members_of(values: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(values, name) for name in values.__struct_fields__}


def _key_ids(values: Iterable[Any]) -> set[bytes]:
    """Keys of everything sealed in these values, however deep it stands."""
    found: set[bytes] = set()
    left = list(values)
    while left:
        value = left.pop()
        if isinstance(value, Sealed):
            found.add(value.key_id)
        elif isinstance(value, msgspec.Struct):
            left.extend(_members_of(value).values())
        elif isinstance(value, Mapping):
            left.extend(value.values())
        elif isinstance(value, list | tuple):
            left.extend(value)
    return found


def _text(field: TextField | None) -> str | None:
    return (field.value or field.raw) if field is not None else None


def _street(party: Party) -> str:
    """An address as far as the street."""
    place = party.place
    return f"{place.street or place.road}***" if place is not None and (place.street or place.road) else "***"
