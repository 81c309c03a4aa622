"""The workflow's own rows: which clocks follow which step, and the reason codes people choose from. Data in `workflow.yaml`."""

import datetime as dt

import msgspec

from santiao.domain.directory import BodyKind
from santiao.domain.rules import Confidence


class AgreementClock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A right that an agreement before such a body starts (judicial confirmation, arbitration review). Empty fields fit all."""

    rule: str
    kinds: tuple[BodyKind, ...] = ()
    except_kinds: tuple[BodyKind, ...] = ()
    dispute_types: tuple[str, ...] = ()
    except_types: tuple[str, ...] = ()
    source_text: str
    effective_from: dt.date
    confidence: Confidence


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reason code: for which answer it is (decline, return, recall, suspend), and how people read it."""

    code: str
    answer: str
    name: str
    name_en: str
    source_text: str = ""


class OriginClock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The origin's own clock over a source of `agency` (案源自身期限). Stages empty: any."""

    agency: str
    rule: str
    stages: tuple[str, ...] = ()
    dispute_types: tuple[str, ...] = ()
    note: str = ""


class WorkflowBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, eq=False):
    """All of it. Rules are ids of the law's clocks; `outcomes` the codes of `hub.outcome@1` with names."""

    contact_rule: str
    follow_up_rule: str
    feedback_rule: str
    agreement_clocks: tuple[AgreementClock, ...]
    origin_clocks: tuple[OriginClock, ...]
    reasons: tuple[Reason, ...]
    outcomes: dict[str, str]
    given_by: dict[str, str]
    """How a deadline that an agency itself gave is cited, by connector."""
