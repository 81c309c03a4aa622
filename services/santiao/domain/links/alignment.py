"""Who in one source is who in the other: the pairs of party mentions that agree, and how.

The rules kept here: two full numbers, birth dates or names that differ are two people, whatever else agrees; a telephone shared by
people of different names is a family's or an agent's and makes nobody the same.
"""

from enum import IntFlag

import msgspec

from santiao.domain.links.profile import PartyProfile, Profile, Side


class Agreement(IntFlag):
    """What two mentions have in common."""

    NONE = 0
    IDENTITY = 1
    NAME = 2
    BIRTH = 4
    STEM = 8
    PHONE = 16
    MASKED_PHONE = 32
    SURNAME = 64


_FIRM = Agreement.IDENTITY | Agreement.NAME | Agreement.STEM | Agreement.PHONE | Agreement.MASKED_PHONE


class Match(msgspec.Struct, frozen=True):
    """Two mentions of what is, or may be, one person or organisation."""

    left: PartyProfile
    right: PartyProfile
    agreement: Agreement

    @property
    def is_identity(self) -> bool:
        return bool(self.agreement & Agreement.IDENTITY)

    @property
    def is_firm(self) -> bool:
        """Agrees by more than a surname or a birth date."""
        return bool(self.agreement & _FIRM)


class Alignment(msgspec.Struct, frozen=True):
    """All that two sources' parties have to do with each other.

    `shared_phones` are telephones under two names. `namesakes` says that a full name stands for two people.
    """

    matches: tuple[Match, ...] = ()
    shared_phones: tuple[int, ...] = ()
    namesakes: bool = False


NOBODY = Alignment()


def align(a: Profile, b: Profile) -> Alignment:
    """Compare every mention of `a` with every one of `b`."""
    matches: list[Match] = []
    shared: set[int] = set()
    namesakes = False
    for left in a.parties:
        for right in b.parties:
            if left.is_org != right.is_org:
                continue
            agreement = _compare_orgs(left, right) if left.is_org else _compare_people(left, right)
            if agreement is None:
                namesakes = namesakes or bool(left.name and left.name == right.name)
                shared.update(_phones_in_both(left, right))
            elif agreement:
                matches.append(Match(left, right, agreement))
    if not (matches or shared or namesakes):
        return NOBODY
    return Alignment(tuple(matches), tuple(sorted(shared)), namesakes)


def _compare_orgs(left: PartyProfile, right: PartyProfile) -> Agreement | None:
    agreement = Agreement.NONE
    if left.ids and right.ids:
        if _meet(left.ids, right.ids):
            agreement |= Agreement.IDENTITY
        else:
            return None
    if left.name and left.name == right.name:
        agreement |= Agreement.NAME
    return agreement | _compare_phones(left, right)


def _compare_people(left: PartyProfile, right: PartyProfile) -> Agreement | None:
    """What two people's mentions share; None when they are two people."""
    if left.ids and right.ids:
        if not _meet(left.ids, right.ids):
            return None
        return _rest(left, right, Agreement.IDENTITY)
    if (left.born and right.born and left.born != right.born) or (left.stem and right.stem and left.stem != right.stem):
        return None
    if left.name and right.name:
        return _rest(left, right, Agreement.NAME) if left.name == right.name else None
    if left.surname and right.surname and left.surname != right.surname:
        return None
    if left.sex and right.sex and left.sex != right.sex and not (left.name or right.name):
        return None
    return _rest(left, right, Agreement.SURNAME if left.surname and right.surname else Agreement.NONE)


def _rest(left: PartyProfile, right: PartyProfile, agreement: Agreement) -> Agreement:
    if left.name and left.name == right.name:
        agreement |= Agreement.NAME
    if agreement and left.born and left.born == right.born:
        agreement |= Agreement.BIRTH
    if left.stem and left.stem == right.stem:
        agreement |= Agreement.STEM
    return agreement | _compare_phones(left, right)


def _compare_phones(left: PartyProfile, right: PartyProfile) -> Agreement:
    if left.phones and right.phones and _meet(left.phones, right.phones):
        return Agreement.PHONE
    if left.masks and right.masks and _meet(left.masks, right.masks):
        # Where both told the whole number and the whole differs, what a mask leaves says nothing.
        return Agreement.NONE if left.phones and right.phones else Agreement.MASKED_PHONE
    return Agreement.NONE


def _phones_in_both(left: PartyProfile, right: PartyProfile) -> set[int]:
    return {*left.masks} & {*right.masks}


def _meet(left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    return left == right or not {*left}.isdisjoint(right)


def stand_apart(first: Match, second: Match) -> bool:
    """True when two matches are two people in both sources."""
    return _are_two(first.left, second.left) and _are_two(first.right, second.right)


def _are_two(one: PartyProfile, other: PartyProfile) -> bool:
    if one is other or one.slot == other.slot:
        return False
    if one.name and other.name:
        return one.name != other.name
    if one.ids and other.ids:
        return not _meet(one.ids, other.ids)
    return not (one.masks and other.masks and _meet(one.masks, other.masks))


def are_opposed(first: Match, second: Match) -> bool:
    """True when one source sets the two against each other and the other does not set them side by side."""
    left = _opposition(first.left.side, second.left.side)
    right = _opposition(first.right.side, second.right.side)
    return max(left, right) > 0 and min(left, right) >= 0


def _opposition(one: int, other: int) -> int:
    sides = {one, other}
    if sides == {Side.APPLICANT, Side.RESPONDENT}:
        return 1
    if one == other and one in {Side.APPLICANT, Side.RESPONDENT}:
        return -1
    return 0
