"""How a row is shown: field by field by its class, sealed values opened as far as may be, and what was shown noted case by case.

The rule kept here: a field without a class is left out; nothing is opened where nothing personal may be shown. Only the door uses this.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from santiao.domain.events.envelope import Mention, Sealed
from santiao.domain.records import Party, TextField
from santiao.domain.vocabulary import PartyKind
from santiao.hub.secrets import NarrativeSecret, decode_narrative, decode_party
from santiao.pool.access import AccessPolicy, Caller
from santiao.pool.disclosures import ShownCase
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
from santiao.store.sealing import unseal

Json = dict[str, Any]
"""A shown row, ready to be written as JSON or into a page: the edge."""


class Showing:
    """One answer in the making: what was shown of each case so far."""

    def __init__(
        self, policy: AccessPolicy, caller: Caller, purpose: str, *, masked: bool = False, withhold: bool = False
    ) -> None:
        self._policy = policy
        self._caller = caller
        self._purpose = purpose
        self._masked = masked
        self._smallest = policy.book.limits.smallest_count if withhold else 0
        self._treatments: dict[tuple[FieldClass, bool], Treatment] = {}
        self._fields: dict[str, set[str]] = {}
        self._subjects: dict[str, set[str]] = {}
        self._cases: tuple[str, ...] = ()
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

    def show_row(self, values: Any, cases: Sequence[str]) -> Json:
        """A row as it may be shown, and noted for the cases it tells of."""
        self._cases = tuple(case for case in cases if case)
        for case in self._cases:
            self._fields.setdefault(case, set())
        return self._show_members(values, "")

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
        if kind is FieldClass.COUNT:
            return self._show_counts(value, path)
        if isinstance(value, Mapping | msgspec.Struct):
            return self._show_members(value, f"{path}.")
        if isinstance(value, list | tuple):
            told = [self._show(each, name, path) for each in value]
            self._note(path)
            return [each for each in told if each is not _ABSENT]
        self._note(path)
        return value.isoformat() if isinstance(value, date | datetime) else value

    def _show_counts(self, value: Any, path: str) -> Any:
        """A number of cases, or several by what they count; small ones are withheld."""
        self._note(path)
        if isinstance(value, Mapping):
            return {str(name): self._show_counts(number, f"{path}.{name}") for name, number in value.items()}
        is_number = isinstance(value, int) or value is None
        return None if not is_number or (value is not None and 0 < value < self._smallest) else value

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
            self._note_subject(sealed.key_id)
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
        self._note_subject(sealed.key_id)
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
            known = self._policy.treatment(self._caller, self._purpose, kind, minor=minor)
            if self._masked and known is Treatment.FULL and kind.is_personal:
                known = Treatment.MASKED
            self._treatments[kind, minor] = known
        return known

    def _note(self, path: str) -> None:
        self.all_fields.add(path)
        for case in self._cases:
            self._fields[case].add(path)

    def _note_subject(self, key_id: bytes) -> None:
        for case in self._cases:
            self._subjects.setdefault(case, set()).add(key_id.hex())


class _Absent:
    """What is not shown at all."""


_ABSENT = _Absent()


def _members_of(values: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(values, name) for name in values.__struct_fields__}


def key_ids_in(values: Iterable[Any]) -> set[bytes]:
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
