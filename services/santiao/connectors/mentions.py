"""Mentions (文中提及): what one text tells of a person or organisation, and whose the numbers in it are.

The rule kept here: a number belongs to the mention before it in the same sentence, or to the writer where the text says so; where
neither can be told it belongs to nobody.
"""

import re

import msgspec

from santiao.connectors.converters.identity import find_identities
from santiao.connectors.converters.phone import find_phones
from santiao.connectors.converters.uscc import find_credit_codes
from santiao.domain.records import Identity, Phone
from santiao.domain.vocabulary import IdentityKind, NameClass

MAX_MENTIONS = 12
_REACH = 48
_SENTENCE_END = re.compile("[。！？!?\n【]")
_WRITERS_OWN = re.compile(
    "(?:市民|本人|来电人|来信人|信访人|诉求人|求助人|申请人|报警人|反映人|我的?|补充)[^，。；]{0,8}$"
)


class Mention(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One person or organisation told in a text, with the numbers told of it."""

    name: str
    name_class: NameClass
    surname: str = ""
    sex: str = ""
    is_writer: bool = False
    """The text says it is the one who writes or calls."""
    is_kin: bool = False
    """Called the writer's own kin: on either side."""
    ids: tuple[Identity, ...] = ()
    phones: tuple[Phone, ...] = ()


class Told(msgspec.Struct, frozen=True, gc=False):
    """What a text tells: its mentions, and the numbers it gives as the writer's own."""

    mentions: tuple[Mention, ...] = ()
    own_ids: tuple[Identity, ...] = ()
    own_phones: tuple[Phone, ...] = ()


NOTHING = Told()


class Found(msgspec.Struct):
    """A mention while numbers are still being given to it."""

    start: int
    end: int
    name: str
    name_class: NameClass
    surname: str = ""
    sex: str = ""
    is_writer: bool = False
    is_kin: bool = False
    ids: list[Identity] = msgspec.field(default_factory=list)
    phones: list[Phone] = msgspec.field(default_factory=list)

    def mention(self) -> Mention:
        return Mention(
            name=self.name,
            name_class=self.name_class,
            surname=self.surname,
            sex=self.sex,
            is_writer=self.is_writer,
            is_kin=self.is_kin,
            ids=tuple(self.ids),
            phones=tuple(self.phones),
        )


def merge(found: list[Found]) -> tuple[Mention, ...]:
    """Each name once, in the order they stand, with all the numbers given to it."""
    merged: dict[str, Found] = {}
    for each in sorted(found, key=lambda each: each.start):
        first = merged.setdefault(each.name, each)
        if first is not each:
            first.ids += [number for number in each.ids if number not in first.ids]
            first.phones += [phone for phone in each.phones if phone not in first.phones]
            first.is_writer = first.is_writer or each.is_writer
    return tuple(each.mention() for each in list(merged.values())[:MAX_MENTIONS])


def give_numbers(text: str, found: list[Found]) -> tuple[list[Identity], list[Phone]]:
    """Give every number to the mention before it in its sentence, or to the writer where the text says so; others to nobody."""
    own_ids: list[Identity] = []
    own_phones: list[Phone] = []
    longest = max(map(len, _RUNS.findall(text)), default=0)
    if not longest:
        return own_ids, own_phones
    if longest >= 18:
        for code, span in find_credit_codes(text):
            owner = _owner(text, span[0], found, organisation=True)
            if owner is not None:
                owner.ids.append(Identity(IdentityKind.USCC, text[span[0] : span[1]], code))
    numbers: list[tuple[tuple[int, int], Identity | Phone]] = [
        (span, Identity(IdentityKind.RESIDENT, text[span[0] : span[1]], number))
        for number, span in (find_identities(text) if longest >= 15 else ())
    ]
    numbers += [(span, phone) for phone, span in find_phones(text)]
    before, is_own = -_NEXT, False
    for (start, end), number in sorted(numbers, key=lambda told: told[0]):
        organisation = False if isinstance(number, Identity) else None
        owner = _owner(text, start, found, organisation=organisation)
        is_next = 0 <= start - before <= _NEXT and not _SENTENCE_END.search(text, before, start)
        if is_next and is_own and owner is not None and owner.start >= before:
            is_next = False
        is_own = (is_next and is_own) or _WRITERS_OWN.search(text, max(0, start - 14), start) is not None
        before = end
        if is_own:
            own_ids.append(number) if isinstance(number, Identity) else own_phones.append(number)
        elif owner is not None:
            owner.ids.append(number) if isinstance(number, Identity) else owner.phones.append(number)
    return own_ids, own_phones


_NEXT = 12
"""A number that follows the writer's own so closely, nobody being named between, is the writer's too."""
_RUNS = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚ*-]{10,}")
"""Where no such run stands, there is no identity number, code or telephone."""


def _owner(text: str, position: int, found: list[Found], *, organisation: bool | None) -> Found | None:
    before = [
        each
        for each in found
        if each.end <= position <= each.end + _REACH
        and (organisation is None or organisation is (each.name_class is NameClass.ORG))
    ]
    if not before:
        return None
    nearest = max(before, key=lambda each: each.end)
    return None if _SENTENCE_END.search(text, nearest.end, position) else nearest
