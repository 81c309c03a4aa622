"""Who in one source is who in the other: the pairs of party mentions that agree, and how.

The rules kept here: two full numbers, birth dates or names that differ are two people, whatever else agrees; a telephone shared by
people of different names is a family's or an agent's and makes nobody the same.
"""

import msgspec

from santiao.domain.links.profile import PartyProfile, Profile, Side


class Agreement:
    """What two mentions have in common, as bits. Plain integers: they are tried for every pair of mentions of every candidate."""

    NONE = 0
    IDENTITY = 1
    NAME = 2
    BIRTH = 4
    STEM = 8
    PHONE = 16
    MASKED_PHONE = 32
    SURNAME = 64


_TWO_PEOPLE = -1
_FIRM = Agreement.IDENTITY | Agreement.NAME | Agreement.STEM | Agreement.PHONE | Agreement.MASKED_PHONE


class Match(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Two mentions of what is, or may be, one person or organisation."""

    left: PartyProfile
    right: PartyProfile
    agreement: int

    @property
    def is_identity(self) -> bool:
        return bool(self.agreement & Agreement.IDENTITY)

    @property
    def is_firm(self) -> bool:
        """Agrees by more than a surname or a birth date."""
        return bool(self.agreement & _FIRM)


class Alignment(msgspec.Struct, frozen=True, gc=False):
    """All that two sources' parties have to do with each other. `shared_phones` are telephones under two names."""

    matches: tuple[Match, ...] = ()
    shared_phones: tuple[int, ...] = ()


NOBODY = Alignment()


def align(a: Profile, b: Profile) -> Alignment:
    """Compare every mention of `a` with every one of `b`."""
    matches: list[Match] = []
    shared: set[int] = set()
    for left in a.parties:
        compare = _compare_orgs if left.is_org else _compare_people
        for right in b.parties:
            if left.is_org is not right.is_org:
                continue
            agreement = compare(left, right)
            if agreement > 0:
                matches.append(Match(left, right, agreement))
            elif agreement and left.masks and right.masks:
                shared.update({*left.masks} & {*right.masks})
    return Alignment(tuple(matches), tuple(sorted(shared))) if matches or shared else NOBODY


def _compare_orgs(left: PartyProfile, right: PartyProfile) -> int:
    agreement = Agreement.NAME if left.name and left.name == right.name else Agreement.NONE
    if left.ids and right.ids:
        if not _meet(left.ids, right.ids):
            return _TWO_PEOPLE
        agreement |= Agreement.IDENTITY
    return agreement | _compare_phones(left, right) if left.masks and right.masks else agreement


def _compare_people(left: PartyProfile, right: PartyProfile) -> int:
    """What two people's mentions share, or `_TWO_PEOPLE`."""
    agreement = Agreement.NONE
    if left.ids and right.ids:
        if not _meet(left.ids, right.ids):
            return _TWO_PEOPLE
        agreement = Agreement.IDENTITY
        if left.name and left.name == right.name:
            agreement |= Agreement.NAME
    elif left.name and right.name:
        if left.name != right.name:
            return _TWO_PEOPLE
        agreement = Agreement.NAME
    elif left.surname and right.surname:
        if left.surname != right.surname or (
            left.sex and right.sex and left.sex != right.sex and not (left.name or right.name)
        ):
            return _TWO_PEOPLE
        agreement = Agreement.SURNAME
    if not agreement & Agreement.IDENTITY and _birth_differs(left, right):
        return _TWO_PEOPLE
    if agreement and left.born and left.born == right.born:
        agreement |= Agreement.BIRTH
    if left.stem and left.stem == right.stem:
        agreement |= Agreement.STEM
    return agreement | _compare_phones(left, right) if left.masks and right.masks else agreement


def _birth_differs(left: PartyProfile, right: PartyProfile) -> bool:
    is_born_apart = left.born and right.born and left.born != right.born
    return bool(is_born_apart or (left.stem and right.stem and left.stem != right.stem))


def _compare_phones(left: PartyProfile, right: PartyProfile) -> int:
    if left.phones and right.phones:
        # Where both told the whole number and the whole differs, what a mask leaves says nothing.
        return Agreement.PHONE if _meet(left.phones, right.phones) else Agreement.NONE
    return Agreement.MASKED_PHONE if _meet(left.masks, right.masks) else Agreement.NONE


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
    if one == other:
        return -1 if one in {Side.APPLICANT, Side.RESPONDENT} else 0
    return 1 if {one, other} == {Side.APPLICANT, Side.RESPONDENT} else 0
