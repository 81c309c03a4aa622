"""Parties that only a text tells, joined to those an item declares.

The rule kept here: who is declared is not told twice; a number that a text gives to a declared party is that party's; parties of the
text's own are marked by the note `told_in_text`.
"""

from datetime import date

import msgspec

from santiao.connectors.converters.identity import age_at
from santiao.connectors.converters.organisations import is_organisation
from santiao.connectors.fields import Notes
from santiao.connectors.mentions import Mention, Told
from santiao.connectors.numbers import born_by
from santiao.connectors.parties import ADULT, BY_TITLE, MAX_PARTIES, key_of_organisation
from santiao.domain.records import Identity, Party, Phone, QualityNote, TextField
from santiao.domain.vocabulary import NameClass, PartyKind, PartyRole


def add_told(parties: list[Party], told: Told, role: PartyRole, notes: Notes, on: date | None) -> None:
    """Join what a text tells to the declared parties: numbers to those it names, others as parties of their own."""
    declared = len(parties)
    if declared and (told.own_ids or told.own_phones):
        parties[0] = _with_numbers(parties[0], told.own_ids, told.own_phones, on)
    for mention in told.mentions:
        known = _known(parties, declared, mention)
        if known is not None:
            if mention.ids or mention.phones:
                parties[known] = _with_numbers(parties[known], mention.ids, mention.phones, on)
        elif not _is_doubtful(parties, declared, mention) and len(parties) < MAX_PARTIES:
            own_role = (
                parties[0].role if declared and mention.is_writer else PartyRole.INVOLVED if mention.is_kin else role
            )
            parties.append(_told_party(len(parties), mention, own_role, on))
            notes.append(QualityNote(f"parties/{len(parties) - 1}", "told_in_text"))


def _known(parties: list[Party], declared: int, mention: Mention) -> int | None:
    """The declared or already told party that a mention names."""
    if mention.name_class is NameClass.ORG:
        key = key_of_organisation(mention.name)
        return next((party.slot for party in parties if party.org_key == key), None)
    if mention.name_class is not NameClass.FULL:
        return None
    exact = next((party.slot for party in parties if party.name.value == mention.name), None)
    if exact is not None or not mention.is_writer or not declared:
        return exact
    own = parties[0]
    if (
        own.name_class is NameClass.FULL
        and own.name.value
        and (mention.name.startswith(own.name.value) or own.name.value.startswith(mention.name))
    ):
        return own.slot
    spoilt = own.name_class is NameClass.UNCERTAIN and (own.name.value or "").startswith(mention.surname)
    return own.slot if spoilt else None


def _is_doubtful(parties: list[Party], declared: int, mention: Mention) -> bool:
    """A surname with a title says little: where a declared party bears it, it is most likely that one."""
    if mention.name_class is not NameClass.SURNAME_ONLY:
        return False
    return any((party.name.value or "").startswith(mention.surname) for party in parties[:declared]) or any(
        (party.name.value or "").startswith(mention.surname) for party in parties[declared:]
    )


def _with_numbers(party: Party, ids: tuple[Identity, ...], phones: tuple[Phone, ...], on: date | None) -> Party:
    known = {number.value for number in party.ids}
    more = tuple(number for number in ids if number.value not in known)
    told = {phone.number for phone in party.phones}
    calls = tuple(phone for phone in phones if phone.number not in told)
    if not more and not calls:
        return party
    born = party.born or (None if party.kind is PartyKind.ORG else born_by(more))
    minor = party.minor if party.minor is not None or born is None or on is None else age_at(born, on) < ADULT
    return msgspec.structs.replace(party, ids=party.ids + more, phones=party.phones + calls, born=born, minor=minor)


def _told_party(slot: int, mention: Mention, role: PartyRole, on: date | None) -> Party:
    is_org = mention.name_class is NameClass.ORG or is_organisation(mention.name)
    born = None if is_org else born_by(mention.ids)
    return Party(
        slot=slot,
        role=role,
        kind=PartyKind.ORG if is_org else PartyKind.NATURAL,
        name=TextField(mention.name, mention.name),
        name_class=mention.name_class,
        org_key=key_of_organisation(mention.name) if is_org else None,
        ids=mention.ids,
        phones=mention.phones,
        sex=BY_TITLE.get(mention.sex),
        born=born,
        minor=None if born is None or on is None else age_at(born, on) < ADULT,
    )
