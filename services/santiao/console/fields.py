"""Fields of a form: what is asked for, which answers there are, and how what was sent becomes a command's values.

The rules kept here: a form's fields bear the names of the command's own; what was sent is kept when the form is shown again, with what
is wrong told beside the field in Chinese and English.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from santiao.console.labels import codes_of, label_of
from santiao.console.visits import Visit
from santiao.domain.errors import Rejection

TEXT_LIMIT = 500
_OFFSET = "+08:00"


class Kind(StrEnum):
    """How a field is asked for."""

    TEXT = "text"
    AREA = "area"
    SELECT = "select"
    RADIO = "radio"
    CHECKS = "checks"
    DATE = "date"
    MOMENT = "moment"


class Choice(msgspec.Struct, frozen=True):
    """One of the answers. `group` is a heading under which it stands."""

    value: str
    zh: str
    en: str
    group: str = ""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a form. `value` what stands in it at first; `is_aside` for what is seldom needed."""

    name: str
    zh: str
    en: str
    kind: Kind = Kind.TEXT
    choices: tuple[Choice, ...] = ()
    is_required: bool = False
    is_aside: bool = False
    value: tuple[str, ...] = ()
    hint_zh: str = ""
    hint_en: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """Headings of the choices in order."""
        return tuple(dict.fromkeys(choice.group for choice in self.choices))


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a form: the field's name ("" for the form as a whole) and words for it."""

    field: str
    zh: str
    en: str


def listed(name: str, codes: Iterable[str] | None = None) -> tuple[Choice, ...]:
    """Choices of a list of labels."""
    labels = ((code, label_of(name, code)) for code in (codes if codes is not None else codes_of(name)))
    return tuple(Choice(code, label.zh, label.en) for code, label in labels)


def yes_no(yes: tuple[str, str], no: tuple[str, str]) -> tuple[Choice, ...]:
    """Two choices that become True and False."""
    return (Choice("true", *yes), Choice("false", *no))


def read_values(visit: Visit, fields: Iterable[Field]) -> dict[str, tuple[str, ...]]:
    """What was sent for these fields, bounded."""
    return {
        field.name: tuple(told.strip()[:TEXT_LIMIT] for told in visit.form.get(field.name, ()) if told.strip())
        for field in fields
    }


def find_faults(fields: Iterable[Field], values: Mapping[str, tuple[str, ...]]) -> list[Fault]:
    """What is missing, and what is none of the choices."""
    faults = []
    for field in fields:
        told = values.get(field.name, ())
        if field.is_required and not told:
            faults.append(Fault(field.name, f"请填写“{field.zh}”", f"{field.en} is required"))
        known = {choice.value for choice in field.choices}
        if known and not set(told) <= known:
            faults.append(Fault(field.name, f"请从列表中选择“{field.zh}”", f"choose {field.en} from the list"))
    return faults


def as_members(fields: Iterable[Field], values: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Values as a command's members; what was left empty is left out."""
    members: dict[str, Any] = {}
    for field in fields:
        told = values.get(field.name, ())
        if not told:
            continue
        if field.kind is Kind.CHECKS:
            members[field.name] = told
        elif field.kind is Kind.MOMENT:
            members[field.name] = told[0] + (":00" if len(told[0]) == 16 else "") + _OFFSET
        else:
            members[field.name] = told[0]
    return members


def fault_of_form(error: msgspec.ValidationError, fields: Iterable[Field]) -> Fault:
    """A value that is not of its field's form, found by the name the error ends with."""
    text = str(error)
    for field in fields:
        if f"$.{field.name}`" in text or f"$.{field.name}[" in text:
            return Fault(field.name, f"“{field.zh}”格式不正确", f"{field.en} is not of the right form")
    return Fault("", "填写的内容格式不正确", "something is not of the right form")


def fault_of(error: Rejection, fields: Iterable[Field]) -> Fault:
    """The business said no: beside the field it names, else above the form."""
    name = error.path.removeprefix("/")
    known = {field.name for field in fields}
    return Fault(name if name in known else "", error.detail_zh or error.detail, error.detail)
