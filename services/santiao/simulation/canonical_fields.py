"""Typed cells for canonical records: codes, places, people and phones as a connector would have read them.

Values that many records share are made once. How much a channel tells of a person is its own: the police and the hotline hear a surname
and a phone, courts an identity.
"""

from datetime import datetime

from santiao.domain.records import CodeField, Identity, MoneyField, Party, Phone, Place, TextField, TimeField
from santiao.domain.vocabulary import (
    DISPUTE_TYPE_LIST,
    REGION_LIST,
    IdentityKind,
    MappingStatus,
    NameClass,
    PartyKind,
    PartyRole,
    PhoneKind,
    Precision,
)
from santiao.simulation.chance import Chance
from santiao.simulation.firms import Firm
from santiao.simulation.journeys import Telling
from santiao.simulation.kinds import Kind
from santiao.simulation.people import Person
from santiao.simulation.places import Flat

SEX_LIST = "GB/T 2261.1"
KNOWS_IDENTITY = {
    "police-110": 0.2,
    "court": 1.0,
    "petitions": 0.75,
    "human-resources": 0.65,
    "hotline-12345": 0.03,
    "peoples-mediation": 0.7,
}
"""How often a channel has its teller's identity number."""
KNOWS_OTHER = {
    "police-110": 0.0,
    "court": 0.65,
    "petitions": 0.2,
    "human-resources": 0.75,
    "hotline-12345": 0.0,
    "peoples-mediation": 0.45,
}
"""How often it has the counterpart's."""
SURNAME_ONLY = frozenset({"police-110", "hotline-12345"})


class FieldBook:
    """Makes cells. `worn` is how much of the usual wear of identities (N8) there is."""

    def __init__(self, chance: Chance, worn: float) -> None:
        self._chance = chance
        self._worn = worn
        self._types: dict[tuple[str, str], CodeField] = {}
        self._regions: dict[str, CodeField] = {}
        self._org_keys: dict[str, str] = {}
        self._sexes = {code: CodeField(SEX_LIST, "2003", code, None, code, MappingStatus.EXACT) for code in ("1", "2")}

    def canonical(self, case_number: str) -> str:
        """A court's case number as a connector writes it: half-width brackets."""
        return case_number.replace("（", "(").replace("）", ")")

    def type_of(self, agency: str, kind: Kind) -> CodeField:
        known = self._types.get((agency, kind.label))
        if known is None:
            known = CodeField(DISPUTE_TYPE_LIST, "1", kind.type, kind.label, kind.type, MappingStatus.EXACT)
            self._types[agency, kind.label] = known
        return known

    def region_of(self, code: str) -> CodeField:
        known = self._regions.get(code)
        if known is None:
            known = self._regions[code] = CodeField(REGION_LIST, "2017", code, None, code, MappingStatus.EXACT)
        return known

    def place_of(self, flat: Flat) -> Place:
        place = flat.place
        if place.kind == "estate":
            return Place(
                place.district.code, None, place.road, place.name, str(flat.building), str(flat.unit), flat.room
            )
        if place.kind == "village":
            return Place(place.district.code, place.street, None, place.name)
        return Place(place.district.code, place.street, place.road, place.name if place.kind == "site" else None)

    def money(self, yuan: int) -> MoneyField:
        return MoneyField(f"{yuan}.00", yuan * 100)

    def moment(self, at: datetime) -> TimeField:
        return TimeField(None, at, None, Precision.SECOND)

    def parties(self, file: Telling) -> tuple[Party, ...]:
        """Both sides as a channel knows them, the teller first."""
        dispute, agency, c = file.dispute, file.agency, self._chance
        assert dispute is not None
        teller_side = dispute.applicants[:4] if agency not in SURNAME_ONLY else dispute.applicants[:1]
        parties = [
            self._person(slot, PartyRole.APPLICANT, person, agency, KNOWS_IDENTITY[agency])
            for slot, person in enumerate(teller_side)
        ]
        if file.side == "R":
            parties[0] = self._person(0, PartyRole.CALLER, file.teller, agency, 0.0)
        elif file.side == "B":
            parties[0] = self._person(0, PartyRole.RESPONDENT, file.teller, agency, KNOWS_IDENTITY[agency])
            return tuple(parties)
        if agency not in SURNAME_ONLY or c.hits(0.4):
            respondent, slot = dispute.respondent, len(parties)
            if isinstance(respondent, Firm):
                parties.append(self._firm(slot, respondent, c.hits(KNOWS_OTHER[agency])))
            else:
                parties.append(
                    self._person(slot, PartyRole.RESPONDENT, respondent, agency, KNOWS_OTHER[agency], full=True)
                )
        return tuple(parties)

    def parties_on_site(self, file: Telling) -> tuple[Party, ...]:
        """Both sides as officers write them down: full names, some phones."""
        dispute, c = file.dispute, self._chance
        assert dispute is not None
        first = self._person(0, PartyRole.INVOLVED, dispute.applicants[0], file.agency, 0.0, full=True)
        other = dispute.respondent
        if isinstance(other, Firm):
            return first, self._firm(1, other, known=False)
        return first, self._person(1, PartyRole.INVOLVED, other, file.agency, 0.0, full=c.hits(0.7))

    def _person(
        self, slot: int, role: PartyRole, who: Person, agency: str, knows: float, *, full: bool = False
    ) -> Party:
        c = self._chance
        name, told = who.name, NameClass.FULL
        if not full and agency in SURNAME_ONLY and c.draw() < 0.35 * self._worn:
            name, told = who.titled, NameClass.SURNAME_ONLY
        ids: tuple[Identity, ...] = ()
        if c.draw() < knows:
            ids = (Identity(IdentityKind.RESIDENT, who.id, who.id),)
        number, masked = who.phone, False
        if agency == "hotline-12345" and c.draw() < 0.4 * self._worn:
            number, masked = f"{number[:3]}****{number[-4:]}", True
        phones = (
            ()
            if role is PartyRole.RESPONDENT and c.draw() < 0.4
            else (Phone(number, number, None, PhoneKind.MOBILE, masked),)
        )
        return Party(
            slot=slot,
            role=role,
            kind=PartyKind.NATURAL,
            name=TextField(name, name),
            name_class=told,
            ids=ids,
            phones=phones,
            sex=self._sexes[who.sex],
            born=who.birth if ids else None,
        )

    def _firm(self, slot: int, firm: Firm, known: bool) -> Party:  # noqa: FBT001 (told by chance)
        ids = (Identity(IdentityKind.USCC, firm.uscc, firm.uscc),) if known else ()
        return Party(
            slot=slot,
            role=PartyRole.RESPONDENT,
            kind=PartyKind.ORG,
            name=TextField(firm.name, firm.name),
            name_class=NameClass.ORG,
            org_key=firm.name,
            ids=ids,
        )
