"""From a record to its profile: canonical values in, blind tokens out.

The rules kept here: only values an agency's cell holds in good order become identity tokens (a damaged number is never repaired); a
name becomes one only when told in full; agents and guardians are marked, because theirs is no party's identity; nothing that depends
on when or how often a record arrived goes in.
"""

from collections.abc import Callable, Iterable
from datetime import date

from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.links.profile import (
    MAX_NAMES_TOLD,
    MAX_PARTIES,
    MAX_TOKENS,
    Amount,
    PartyProfile,
    Profile,
    Sex,
    Side,
    short_token,
)
from santiao.domain.links.tokens import CANONICALISER, Blind, as_token, own_number
from santiao.domain.links.wording import NO_CLUES, Clues, TextReader, is_told_by
from santiao.domain.records import (
    AgencyRecord,
    Body,
    DisputeFact,
    Identity,
    MediationResult,
    MoneyField,
    Party,
    Phone,
    Place,
    Reference,
    Relation,
    SiteFeedback,
    TextField,
    TimeField,
)
from santiao.domain.vocabulary import (
    SETTLED_OUTCOMES,
    UNCLASSIFIED,
    FieldStatus,
    IdentityKind,
    MappingStatus,
    NameClass,
    Op,
    PartyKind,
    PartyRole,
    PhoneKind,
    RelationKind,
)

_SIDES = {
    PartyRole.APPLICANT: Side.APPLICANT,
    PartyRole.PETITIONER: Side.APPLICANT,
    PartyRole.VICTIM: Side.APPLICANT,
    PartyRole.RESPONDENT: Side.RESPONDENT,
    PartyRole.REPORTER: Side.REPORTER,
    PartyRole.CALLER: Side.REPORTER,
    PartyRole.AGENT: Side.HELPER,
    PartyRole.GUARDIAN: Side.HELPER,
}
_SEXES = {"1": Sex.MALE, "2": Sex.FEMALE}
_SURE = frozenset({MappingStatus.EXACT, MappingStatus.NARROWER})
_ORG_IDS = frozenset({IdentityKind.USCC, IdentityKind.ORG_CODE})
_PERSON_IDS = frozenset({IdentityKind.RESIDENT, IdentityKind.PASSPORT, IdentityKind.OTHER})
_STEM_DIGITS = 15
_APPROXIMATE_PER_CENT = 3


class ProfileReader:
    """Derives profiles by one policy with one blinding function; built once."""

    def __init__(self, policy: LinkingPolicy, blind: Blind) -> None:
        self._blind = blind
        self._text = TextReader(policy.text)
        self._compound = frozenset(policy.text.compound_surnames)

    def derive_profile(self, record: AgencyRecord, first_slot: int = 0) -> Profile:
        """The profile of one record, which is one part of its source.

        `first_slot` is added to the parties' slots, so that the parties of a further part stand apart from the main file's.
        """
        body = record.fact
        if isinstance(body, Relation):
            return self._of_relation(record, body)
        mentions = _parties_of(body)
        text = _text_of(body)
        clues = self._text.read(text, wants_names=not any(map(_is_named_respondent, mentions))) if text else NO_CLUES
        parties = [self._party(each, first_slot) for each in mentions[:MAX_PARTIES]]
        fact = body if isinstance(body, DisputeFact) else None
        places = [each.place for each in mentions if each.place is not None and not _is_org(each)]
        if fact is not None and fact.place is not None:
            places.append(fact.place)
        same, earlier = _divide_references(record.references, clues)
        reported = _ordinal(_reported_on(record, body))
        return Profile(
            agency=record.connector,
            type=UNCLASSIFIED if fact is None else fact.type.hub_code or UNCLASSIFIED,
            type_is_sure=fact is not None and fact.type.mapping_status in _SURE,
            region="" if fact is None else fact.region.hub_code or "",
            reported=reported,
            settled=_settled(record, body),
            own=_numbers((record.key_base or record.key, record.key, *record.aliases)),
            quotes=same,
            parted=earlier,
            parties=tuple(sorted(parties)),
            rooms=self._levels(places, _room),
            buildings=self._levels(places, _building),
            estates=self._levels(places, lambda place: place.estate),
            roads=self._levels(places, lambda place: place.road),
            amounts=_amounts(fact.amount if fact is not None else None, clues),
            days=_bounded((*clues.days, *_begun(fact, reported))),
            topics=clues.topics,
            names_told=self._names_told(clues, parties),
            shielded=clues.is_shielded,
            canonicaliser=CANONICALISER,
        )

    def _of_relation(self, record: AgencyRecord, body: Relation) -> Profile:
        others = _numbers(body.others)
        return Profile(
            agency=record.connector,
            own=_numbers((record.key_base or record.key, record.key, *record.aliases)),
            merged=others if record.op is Op.MERGE else (),
            parted=others if record.op is Op.UNMERGE else (),
            canonicaliser=CANONICALISER,
        )

    def _token(self, purpose: str, canonical: str) -> int:
        return as_token(self._blind(purpose, canonical))

    def _party(self, party: Party, first_slot: int) -> PartyProfile:
        is_org = _is_org(party)
        name = surname = born = 0
        told = party.name.value
        if is_org:
            key = party.org_key or told
            name = self._token("ORG", key) if key else 0
        elif told and party.name_class in {NameClass.FULL, NameClass.SURNAME_ONLY, NameClass.UNCERTAIN}:
            plain = "".join(told.split())
            if party.name_class is NameClass.FULL:
                name = self._token("NAME", plain)
            surname = short_token(self._token("SURNAME", self._surname_of(plain)))
        if party.born is not None and not is_org:
            born = short_token(self._token("BORN", party.born.isoformat()))
        ids = tuple(sorted({token for each in party.ids if (token := self._identity(each, is_org=is_org))}))
        phones = [each for each in party.phones if each.number]
        return PartyProfile(
            slot=first_slot + party.slot,
            side=_SIDES.get(party.role, Side.UNKNOWN),
            is_org=is_org,
            name=name,
            surname=surname,
            sex=_SEXES.get((party.sex.hub_code if party.sex is not None else None) or "", Sex.UNKNOWN),
            born=born,
            stem=0 if is_org else self._stem(party.ids),
            ids=ids,
            phones=tuple(sorted({self._token("PHONE", _full_phone(each)) for each in phones if not each.masked})),
            masks=tuple(sorted({self._token("MASK", mask) for each in phones if (mask := _mask(each))})),
        )

    def _identity(self, identity: Identity, *, is_org: bool) -> int:
        if identity.value is None or identity.status is not FieldStatus.OK:
            return 0
        if identity.kind in _ORG_IDS and is_org:
            value = identity.value.upper().replace("-", "")
            return self._token("ORG9", value[8:17] if len(value) == 18 else value)
        if identity.kind in _PERSON_IDS and not is_org:
            return self._token(identity.kind.value, identity.value.upper())
        return 0

    def _stem(self, identities: Iterable[Identity]) -> int:
        """What a valid number and its damaged copies have in common: division, birth and the sequence's first digit or so."""
        for each in identities:
            digits = each.value or "".join(each.raw.split())
            if each.kind is IdentityKind.RESIDENT and len(digits) == 18 and digits[:_STEM_DIGITS].isdigit():
                return short_token(self._token("STEM", digits[:_STEM_DIGITS]))
        return 0

    def _surname_of(self, name: str) -> str:
        return name[:2] if name[:2] in self._compound else name[:1]

    def _levels(self, places: Iterable[Place], level: Callable[[Place], str | None]) -> tuple[int, ...]:
        found = {told for place in places if (told := level(place))}
        return _bounded(self._token("PLACE", each) for each in found)

    def _names_told(self, clues: Clues, parties: list[PartyProfile]) -> tuple[int, ...]:
        known = {short_token(party.name) for party in parties}
        told = {short_token(self._token("NAME", name)) for name in clues.names[: 2 * MAX_NAMES_TOLD]}
        return tuple(sorted(told - known)[:MAX_NAMES_TOLD])


def _parties_of(body: Body) -> tuple[Party, ...]:
    return body.parties if isinstance(body, DisputeFact | SiteFeedback | MediationResult) else ()


def _text_of(body: Body) -> str:
    fields: tuple[TextField | None, ...] = ()
    if isinstance(body, DisputeFact):
        fields = (body.title, body.narrative, body.claim)
    elif isinstance(body, SiteFeedback | MediationResult):
        fields = (body.narrative,)
    return "\n".join(each.value for each in fields if each is not None and each.value)


def _is_org(party: Party) -> bool:
    return party.kind is PartyKind.ORG or party.name_class is NameClass.ORG


def _is_named_respondent(party: Party) -> bool:
    return party.role is PartyRole.RESPONDENT and party.name_class in {NameClass.FULL, NameClass.ORG}


def _divide_references(references: tuple[Reference, ...], clues: Clues) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Numbers quoted as this dispute's, and numbers which the text itself calls another matter's."""
    same: list[str] = []
    earlier: list[str] = []
    for each in references:
        if each.relation is RelationKind.PARENT_BATCH:
            continue
        is_earlier = each.relation is RelationKind.SAME_DISPUTE and is_told_by(each.number, clues.earlier_digits)
        (earlier if is_earlier else same).append(each.number)
    return _numbers(same), _numbers(earlier)


def _numbers(numbers: Iterable[str]) -> tuple[int, ...]:
    return _bounded({own_number(number) for number in numbers if number})


def _bounded(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(values))[:MAX_TOKENS])


def _reported_on(record: AgencyRecord, body: Body) -> date | None:
    """The day the dispute came to the agency; never the day it came to the hub."""
    if record.reported_on is not None:
        return record.reported_on
    return _day_of(body.registered) if isinstance(body, DisputeFact) else None


def _settled(record: AgencyRecord, body: Body) -> int:
    """The day of the agreement; where only the outcome is told, the last day the source speaks of."""
    if not isinstance(body, DisputeFact | SiteFeedback | MediationResult):
        return 0
    outcome = body.outcome.hub_code if body.outcome is not None else None
    if outcome not in SETTLED_OUTCOMES:
        return 0
    if body.settled_on is not None:
        return body.settled_on.toordinal()
    if record.source_updated_at is not None:
        return record.source_updated_at.date().toordinal()
    return _ordinal(_reported_on(record, body))


def _ordinal(day: date | None) -> int:
    return 0 if day is None else day.toordinal()


def _day_of(told: TimeField | None) -> date | None:
    if told is None:
        return None
    return told.day or (told.instant.date() if told.instant is not None else None)


def _begun(fact: DisputeFact | None, reported: int) -> tuple[int, ...]:
    """The day it happened, unless that is only the day of the call."""
    day = _ordinal(_day_of(fact.occurred)) if fact is not None else 0
    return (day,) if day and day != reported else ()


def _amounts(told: MoneyField | None, clues: Clues) -> tuple[Amount, ...]:
    found = set(clues.amounts)
    if told is not None and told.fen:
        found.add(Amount(told.fen, told.fen * _APPROXIMATE_PER_CENT // 100 if told.approximate else 0))
    return tuple(sorted(found)[:MAX_TOKENS])


def _building(place: Place) -> str:
    name = place.estate or place.road
    return f"{name}|{place.building}" if name and place.building else ""


def _room(place: Place) -> str:
    building = _building(place)
    return f"{building}|{place.room}" if building and place.room else ""


def _full_phone(phone: Phone) -> str:
    return f"{phone.number}-{phone.extension}" if phone.extension else str(phone.number)


def _mask(phone: Phone) -> str:
    number = str(phone.number)
    if phone.kind is PhoneKind.MOBILE and len(number) == 11:
        return f"{number[:3]}{number[-4:]}"
    return "" if phone.masked else _full_phone(phone)
