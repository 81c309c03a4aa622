"""Words of the language itself, as data: names of people and organisations in text, kinds of dispute, settlements.

The rule kept here: nothing in it belongs to one agency or one city; what does stands in that agency's declaration or in the city's data.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

import msgspec
import yaml

_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PeopleWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`people.yaml`: each a list of words divided by blanks; `given` a run of characters."""

    given: str
    no_names: str
    usual: str
    doubtful: str
    before: str
    before_weakly: str
    after: str
    self_before: str
    self_after: str
    own_kin: str
    officials: str
    titles: str


class OrganisationWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`organisations.yaml`."""

    endings: str
    places_only: str
    offices: str
    before: str


class DisputeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`dispute_types.yaml`: weights of words by kind of dispute."""

    least: int
    lead: int
    kinds: dict[str, dict[str, int]]


class SettlementWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`settlements.yaml`."""

    settled: str
    denied: str


class Lexicon(msgspec.Struct, frozen=True):
    """All of it."""

    people: PeopleWords
    organisations: OrganisationWords
    disputes: DisputeWords
    settlements: SettlementWords


@cache
def load_lexicon() -> Lexicon:
    """Read the words that stand beside this file."""
    folder = resources.files(__name__)

    def read(name: str) -> object:
        data: object = yaml.load(folder.joinpath(name).read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (a safe loader)
        return data

    return Lexicon(
        msgspec.convert(read("people.yaml"), PeopleWords),
        msgspec.convert(read("organisations.yaml"), OrganisationWords),
        msgspec.convert(read("dispute_types.yaml"), DisputeWords),
        msgspec.convert(read("settlements.yaml"), SettlementWords),
    )


def longest_first(words: Iterable[str]) -> list[str]:
    """Words in the order in which an alternation must try them."""
    return sorted(set(words), key=lambda word: (-len(word), word))


def branching(words: Iterable[str]) -> str:
    """A pattern of many words that looks at a character once: words with a common beginning share it, longer ones come first."""
    branches: dict[str, list[str]] = {}
    for word in longest_first(words):
        branches.setdefault(word[:1], []).append(word[1:])
    if set(branches) <= {""}:
        return ""
    parts = [
        re.escape(first) + (f"(?:{branching(rests)})" if any(rests) else "")
        for first, rests in branches.items()
        if first
    ]
    ends = ("",) if "" in branches else ()
    return "|".join((*parts, *ends))
