"""How codes are read by people, from labels.yaml: a Chinese word and an English one for every code a page shows.

The rule kept here: a code without a label is shown as it is, so that a new code is seen and never hidden.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec
import yaml

FILE = Path(__file__).parent / "labels.yaml"
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Label(msgspec.Struct, frozen=True, array_like=True):
    """A word in Chinese and in English."""

    zh: str
    en: str


Labels = Mapping[str, Mapping[str, Label]]
"""Lists of codes, each with its labels."""


@lru_cache(maxsize=1)
def load_labels() -> Labels:
    """The lists of labels.yaml."""
    rows = yaml.load(FILE.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (CSafeLoader is a safe loader)
    return msgspec.convert(rows, dict[str, dict[str, Label]])


def label_of(name: str, code: object) -> Label:
    """The label of a code in a list; the code itself where there is none."""
    told = "" if code is None else str(code)
    known = load_labels().get(name, {}).get(told)
    return known if known is not None else Label(told, told)


def codes_of(name: str) -> tuple[str, ...]:
    """The codes of a list in the order in which people read them."""
    return tuple(load_labels()[name])
