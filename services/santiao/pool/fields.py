"""The classes of fields: what each field of an answer is, by its name, and how a masked one looks.

The rule kept here: a field that is not listed leaves nobody. A class is about what a field tells of people, not about where it stands, so
that the same name is the same class in every view.
"""

from enum import StrEnum

from santiao.connectors.converters.surnames import surname_of

ERASED = "已删除"
"""What stands where a value was whose keys are destroyed (erased)."""


class Treatment(StrEnum):
    """How a field is shown."""

    FULL = "full"
    MASKED = "masked"
    ABSENT = "absent"


class FieldClass(StrEnum):
    """What a field tells."""

    CASE = "case"
    """Facts of the case without identity: number, status, type, region, times."""
    WORK = "work"
    """The workflow: bodies, referrals, clocks, links."""
    ROLE = "role"
    """What a mention is to the dispute: role, kind, under age or not."""
    COUNT = "count"
    """Numbers of cases."""
    SYSTEM = "system"
    """The hub's own running; nothing of any case."""
    NAME = "name"
    IDENTITY = "identity"
    PHONE = "phone"
    ADDRESS = "address"
    BIRTH = "birth"
    NARRATIVE = "narrative"
    OFFICIAL = "official"
    """Officials who handle it, as the agency wrote them."""

    @property
    def is_personal(self) -> bool:
        """True for what is sealed: shown only by a row that says so."""
        return self in _PERSONAL


_PERSONAL = frozenset(
    {
        FieldClass.NAME,
        FieldClass.IDENTITY,
        FieldClass.PHONE,
        FieldClass.ADDRESS,
        FieldClass.BIRTH,
        FieldClass.NARRATIVE,
        FieldClass.OFFICIAL,
    }
)


_NAMES: dict[FieldClass, str] = {
    FieldClass.CASE: (
        "case_id case_no status dispute_type region risk opened_at closed_at updated_at sources source agency key state gates "
        "aliases version outcome positions position occurred_at received_at recorded_at type event data cursor timeline notices "
        "parties mentions part stage reported_on registered_at people amount_fen standing summary source_id absent stands into "
        "old_key new_key absorbed absorbed_no split_from was code erasure_id merged_into blocked_by gate found_in opened_by day "
        "channel decided_at batch batch_no formed_at children effective_from effective_to last_day ended_by routing_rule"
    ),
    FieldClass.WORK: (
        "referral referral_id body mode edge basis bounce bounces hub_due legal_due silence sent_at answered_at designated "
        "deadline deadlines deadline_id rule clock about start natural_end effective_end warn_on provisional legal_source trace "
        "confidence a b by score reasons proposed_at mediation agreement_no form effective_on perform_by actor reason officer level "
        "proposed_body mediation_kind mediation_id mediation_state consents sides side designation referral_state agreement_state due "
        "next_due end party_right on_expiry is_live deemed late missing to then told_by_source performed_on performed court applied_on "
        "confirmed ruling_no satisfaction warned at progress is_open source_a source_b"
    ),
    FieldClass.ROLE: "slot role kind minor",
    FieldClass.COUNT: "count counts",
    FieldClass.SYSTEM: (
        "connector feed feed_state last_answer_at last_news_at last_event_at waiting_in_quarantine answered news_at observed_at silent "
        "quarantined received accepted repeated refused blocked "
        "disclosure id agency person credential purpose view query rows fields cases subjects"
    ),
}
_CLASSES = {name: kind for kind, names in _NAMES.items() for name in names.split()}


def class_of(name: str) -> FieldClass | None:
    """The class of a field by its name; None for one that is not listed and leaves nobody."""
    return _CLASSES.get(name)


def mask_name(name: str) -> str:
    """张三 as 张*, 欧阳娜 as 欧阳*; a name without a known surname keeps its first character."""
    return f"{surname_of(name) or name[:1]}*"


def mask_identity(number: str) -> str:
    """340398198503151238 as 3403**********1238; a short one keeps its last two."""
    if len(number) < 15:
        return "*" * max(2, len(number) - 2) + number[-2:] if len(number) > 4 else "****"
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def mask_phone(number: str) -> str:
    """13800000011 as 138****0011; a landline keeps its last two digits."""
    if len(number) == 11 and number[0] == "1":
        return f"{number[:3]}****{number[-4:]}"
    return "*" * max(2, len(number) - 2) + number[-2:] if len(number) > 4 else "****"


def mask_year(day: str) -> str:
    """1985-03-15 as 1985."""
    return day[:4]
