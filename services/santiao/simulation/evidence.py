"""What the delivered text itself offers to join two records of one dispute; read from the text, not from what the simulator knows.

`explicit_reference`: one names the other's number. `both_ids`: an applicant's and the respondent's identity stand in both.
`one_id_and_counterpart`: one side's identity, and the other side's full name, in both. `phone_and_place`: a person's phone
(masked ones count) and the place's base name. `text_only`: less than any of these.
"""

import re
import unicodedata

import msgspec

from santiao.simulation.disputes import Dispute
from santiao.simulation.firms import Firm
from santiao.simulation.people import Person

BLANKS = re.compile(r"\s+")


class Shared(msgspec.Struct, frozen=True):
    """How many of the parties' identity numbers and full names, and of the phones, are found in both records."""

    ids: int
    names: int
    phones: int
    place: bool


class Told(msgspec.Struct, frozen=True):
    """What one record's delivered text tells of its dispute."""

    number: str
    """The record's own number, as another text would have it."""
    key: str
    text: str
    ids: frozenset[str]
    names: frozenset[str]
    phones: frozenset[str]
    place: bool


def normalise(text: str) -> str:
    """Full-width forms become ASCII, blanks go, letters are capitals."""
    return BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()


def has_identity(text: str, who: Person | Firm) -> bool:
    if isinstance(who, Firm):
        return who.uscc in text
    return who.id in text or who.id15 in text


def has_phone(text: str, phone: str) -> bool:
    return phone in text or f"{phone[:3]}****{phone[-4:]}" in text


def read_told(dispute: Dispute, number: str, key: str, text: str, others: tuple[Person, ...]) -> Told:
    """Find in the delivered text who and what it names. `others` are reporters and agents, whose phones count too."""
    plain = normalise(text)
    parties = (*dispute.applicants, dispute.respondent)
    people = {person.phone for person in (*dispute.people, *others)}
    return Told(
        number=normalise(number),
        key=normalise(key.partition("|")[0]),
        text=plain,
        ids=frozenset(who.ref for who in parties if has_identity(plain, who)),
        names=frozenset(who.ref for who in parties if who.name in plain),
        phones=frozenset(phone for phone in people if has_phone(plain, phone)),
        place=dispute.place.name in plain,
    )


def names_the_other(a: Told, b: Told) -> bool:
    return a.number in b.text or a.key in b.text or b.number in a.text or b.key in a.text


def weigh(dispute: Dispute, a: Told, b: Told) -> tuple[str, Shared]:
    """Return the best evidence two records of one dispute offer, and what they share."""
    ids, names, phones, place = a.ids & b.ids, a.names & b.names, a.phones & b.phones, a.place and b.place
    applicants, respondent = {person.ref for person in dispute.applicants}, dispute.respondent.ref
    if names_the_other(a, b):
        evidence = "explicit_reference"
    elif respondent in ids and applicants & ids:
        evidence = "both_ids"
    elif (applicants & ids and respondent in names) or (respondent in ids and applicants & names):
        evidence = "one_id_and_counterpart"
    elif phones and place:
        evidence = "phone_and_place"
    else:
        evidence = "text_only"
    return evidence, Shared(len(ids), len(names), len(phones), place)
