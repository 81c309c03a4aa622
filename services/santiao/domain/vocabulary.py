"""The words everyone shares: the hub's own closed lists. Agencies' codes are data and live in their connectors.

`CaseStatus`, `Risk`, `SourceState` and the list ids are the outside contract; their values never change.
"""

from enum import StrEnum

DISPUTE_TYPE_LIST = "hub.dispute_type@1"
OUTCOME_LIST = "hub.outcome@1"
DOCKING_LIST = "hub.docking@1"
STAGE_LIST = "hub.stage@1"
REGION_LIST = "GB/T 2260"
PURPOSE_LIST = "hub.purpose@1"
UNCLASSIFIED = "D99"
"""Dispute type of an item whose source gave none; never merged with D98 其他."""


class FieldStatus(StrEnum):
    """What became of one agency cell."""

    OK = "OK"
    NULL_MARKER = "NULL_MARKER"
    INVALID = "INVALID"
    DEFAULTED = "DEFAULTED"
    TRUNCATED = "TRUNCATED"
    DAMAGED = "DAMAGED"
    UNMAPPED = "UNMAPPED"


class MappingStatus(StrEnum):
    """How well an agency's code is said by the hub's."""

    EXACT = "exact"
    BROADER = "broader"
    NARROWER = "narrower"
    DEFAULTED_BY_SOURCE = "defaulted_by_source"
    UNMAPPED = "unmapped"


class Op(StrEnum):
    """What an agency record does to its source."""

    UPSERT = "UPSERT"
    WITHDRAW = "WITHDRAW"
    MERGE = "MERGE"
    UNMERGE = "UNMERGE"
    SPLIT = "SPLIT"
    SNAPSHOT_ABSENT = "SNAPSHOT_ABSENT"


class Precision(StrEnum):
    """How finely an agency told a time."""

    YEAR = "YEAR"
    MONTH = "MONTH"
    DAY = "DAY"
    MINUTE = "MINUTE"
    SECOND = "SECOND"


class PartyRole(StrEnum):
    """What a person or organisation is to the dispute. A caller is not a party."""

    APPLICANT = "APPLICANT"
    RESPONDENT = "RESPONDENT"
    THIRD_PARTY = "THIRD_PARTY"
    AGENT = "AGENT"
    GUARDIAN = "GUARDIAN"
    REPORTER = "REPORTER"
    PETITIONER = "PETITIONER"
    CALLER = "CALLER"
    VICTIM = "VICTIM"
    INVOLVED = "INVOLVED"


class PartyKind(StrEnum):
    """Person, organisation, or a group of people told in one cell."""

    NATURAL = "NATURAL"
    ORG = "ORG"
    GROUP = "GROUP"
    UNKNOWN = "UNKNOWN"


class NameClass(StrEnum):
    """How much of a name was told."""

    FULL = "FULL"
    SURNAME_ONLY = "SURNAME_ONLY"
    PLACEHOLDER = "PLACEHOLDER"
    UNCERTAIN = "UNCERTAIN"
    ORG = "ORG"


class IdentityKind(StrEnum):
    """Which register an identity number belongs to."""

    RESIDENT = "RIN"
    USCC = "USCC"
    ORG_CODE = "ORG9"
    PASSPORT = "PASSPORT"
    OTHER = "OTHER"


class PhoneKind(StrEnum):
    """Mobile, landline, or a number of no known form."""

    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"
    SERVICE = "SERVICE"
    UNKNOWN = "UNKNOWN"


class RelationKind(StrEnum):
    """What a quoted number says about the source it names."""

    SAME_DISPUTE = "SAME_DISPUTE"
    REPEAT_OF = "REPEAT_OF"
    SPAWNED_FROM = "SPAWNED_FROM"
    MERGED_INTO = "MERGED_INTO"
    PARENT_BATCH = "PARENT_BATCH"


class Stage(StrEnum):
    """Where the agency's own handling of its file stands, in the hub's words."""

    REPORTED = "reported"
    OPEN = "open"
    DISPATCHED = "dispatched"
    MEDIATING = "mediating"
    SETTLED = "settled"
    FAILED = "failed"
    REFERRED = "referred"
    TRANSFERRED = "transferred"
    FILED = "filed"
    REOPENED = "reopened"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class SourceState(StrEnum):
    """State of a source as others see it (contract)."""

    LIVE = "live"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    SEALED_OFF = "sealed_off"


class CaseStatus(StrEnum):
    """State of a case as others see it (contract)."""

    REGISTERED = "registered"
    BLOCKED = "blocked"
    CONSENT_PENDING = "consent_pending"
    REFERRED = "referred"
    MEDIATING = "mediating"
    SUSPENDED = "suspended"
    AGREED = "agreed"
    FAILED = "failed"
    CONFIRMING = "confirming"
    PERFORMING = "performing"
    CLOSED = "closed"


class Risk(StrEnum):
    """How badly a case may turn (contract)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class LinkState(StrEnum):
    """State of a link as others see it (contract)."""

    ACCEPTED = "accepted"
    PROPOSED = "proposed"
    REJECTED = "rejected"
    DISSOLVED = "dissolved"


class LinkedBy(StrEnum):
    """Who stands behind a link."""

    RULE = "rule"
    PERSON = "person"


SETTLED_OUTCOMES = frozenset({"O10", "O11", "O12"})
"""Outcomes of `hub.outcome@1` that end a dispute by agreement."""

FAILED_OUTCOMES = frozenset({"O30", "O31", "O32", "O33", "O34", "O40"})
"""Outcomes after which the dispute is still there and goes on elsewhere; the others left nothing to mediate here."""

MERGED_OUTCOME = "O50"
"""The mediation ended because its case became part of another."""

ENDED_STAGES = frozenset({Stage.SETTLED, Stage.CLOSED, Stage.CANCELLED})
"""Stages after which an agency has nothing more to do with its file."""
