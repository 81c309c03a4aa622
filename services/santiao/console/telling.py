"""Telling in words what an event holds: bodies, reasons and rules by their names, never a code where there is a word for it."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from santiao.console.labels import Label, label_of
from santiao.console.rendering import body_name
from santiao.console.visits import Visit
from santiao.domain.calendar import NATIONAL
from santiao.domain.deciders.clocks import GIVEN
from santiao.domain.rulebook import Rulebook

Data = Mapping[str, Any]
BAD = frozenset(
    [
        "GateHit",
        "CaseBlocked",
        "DeadlineBreached",
        "ReferralTimedOut",
        "ReferralDeclined",
        "AgreementBreached",
        "ConsentRefused",
        "SourceSealedOff",
    ]
)
"""What went wrong."""
MILESTONES = frozenset(
    [
        "CaseOpened",
        "CaseMerged",
        "CaseSplit",
        "BatchJoined",
        "CaseClosed",
        "CaseReopened",
        "CaseTriaged",
        "ConsentRequested",
        "ReferralSent",
        "ReferralAccepted",
        "ReferralReturned",
        "ReferralForwarded",
        "BodyDesignated",
        "MediationStarted",
        "MediationConcluded",
        "AgreementReached",
        "AgreementPerformed",
        "ConfirmationApplied",
        "ConfirmationDecided",
        "CaseEscalated",
        "LinkAccepted",
        "SourceReported",
    ]
)
"""What one looks for first."""


def weight_of(event: str) -> str:
    """How much an event stands out in the list."""
    return "bad" if event in BAD else "main" if event in MILESTONES else "minor"


@lru_cache(maxsize=4)
def rule_names(rulebook: Rulebook) -> Mapping[str, str]:
    """Names of the law's clocks by their ids and aliases; of a clock that a province has its own text for, the nation's."""
    local_first = sorted(rulebook.rules, key=lambda rule: rule.jurisdiction == NATIONAL)
    return {name: rule.name for rule in local_first for name in (rule.rule_id, *rule.aliases)}


def rule_name(visit: Visit, rule_id: str) -> str:
    """A clock's name; what the source itself gave has none of the law."""
    if rule_id == GIVEN:
        return "given by the source" if visit.language == "en" else "来源单位给定期限"
    return rule_names(visit.services.rulebook).get(rule_id, rule_id)


class Teller:
    """Tells events of one case in the visitor's language."""

    def __init__(self, visit: Visit, deadlines: Mapping[str, str], keys: Mapping[str, str]) -> None:
        self._visit = visit
        self._is_english = visit.language == "en"
        self._gates = {gate.gate: gate.name for gate in visit.services.rulebook.gates.gates}
        self._reasons = {row.code: Label(row.name, row.name_en) for row in visit.services.workflow.reasons}
        self._deadlines = deadlines
        self._keys = keys

    def rule(self, rule_id: str) -> str:
        """A clock's name."""
        return rule_name(self._visit, rule_id)

    def tell(self, event: str, data: Data) -> str:
        """The facts of an event in a few words; empty when its name says all."""
        teller = _TELLERS.get(event)
        return "；".join(part for part in teller(self, data) if part) if teller is not None else ""

    def label(self, name: str, code: object) -> str:
        """A code's word."""
        found = label_of(name, code)
        return found.en if self._is_english else found.zh

    def source(self, name: object) -> str:
        """A source by its agency and key."""
        agency, _, identity = str(name or "").partition(":")
        key = self._keys.get(str(name)) or identity.partition("#")[0]
        return f"{self.label('agency', agency)} {key}".strip()

    def body(self, name: object) -> str:
        """A body's name."""
        return body_name(self._visit, str(name)) if name else ""

    def reason(self, code: object) -> str:
        """A reason's words; what is no code stays as it is."""
        found = self._reasons.get(str(code or ""))
        return (found.en if self._is_english else found.zh) if found else str(code or "")

    def gate(self, told: object) -> str:
        """A gate's name."""
        code = str(told or "").partition(":")[0]
        return self._gates.get(code, code)

    def deadline(self, data: Data) -> str:
        """Which clock an event is about."""
        rule = str(data.get("rule") or self._deadlines.get(str(data.get("deadline_id")), ""))
        return self.rule(rule) if rule else ""


def _source(teller: Teller, data: Data) -> list[str]:
    told = [teller.source(data.get("source_id"))]
    if data.get("stage"):
        told.append(teller.label("stage", data["stage"]))
    if data.get("outcome"):
        told.append(teller.label("outcome", data["outcome"]))
    return told


def _reported(teller: Teller, data: Data) -> list[str]:
    return [teller.source(f"{data.get('agency')}:{data.get('key')}"), teller.label("dispute_type", data.get("type"))]


def _link(teller: Teller, data: Data) -> list[str]:
    score = data.get("score")
    return [
        f"{teller.source(data.get('a'))} ⇄ {teller.source(data.get('b'))}",
        f"{int(score) / 1000:.3f}" if score else "",
        teller.label("link_by", data["by"]) if data.get("by") else "",
    ]


def _classified(teller: Teller, data: Data) -> list[str]:
    return [teller.label("dispute_type", data.get("dispute_type")), teller.label("risk", data.get("risk"))]


def _referral(teller: Teller, data: Data) -> list[str]:
    told = [str(data.get("referral_id") or "")]
    if data.get("body") or data.get("to"):
        told.append(teller.body(data.get("body") or data.get("to")))
    if data.get("mode"):
        told.append(teller.label("mode", data["mode"]))
    if str(data.get("rule") or "").startswith("designation/"):
        told.append(str(data["rule"]))
    if data.get("reason"):
        told.append(teller.reason(data["reason"]))
    told.extend(teller.reason(each) for each in data.get("missing") or ())
    return told


def _consent(teller: Teller, data: Data) -> list[str]:
    sides = data.get("sides") or [data["side"]] if data.get("sides") or data.get("side") else []
    told = ["、".join(teller.label("side", side) for side in sides)]
    if data.get("form"):
        told.append(teller.label("form", data["form"]))
    return [*told, teller.body(data.get("body"))]


def _mediation(teller: Teller, data: Data) -> list[str]:
    told = [teller.body(data.get("body"))]
    if data.get("outcome"):
        told.append(teller.label("outcome", data["outcome"]))
    if data.get("reason"):
        told.append(teller.reason(data["reason"]))
    if data.get("told_by_source"):
        told.append(teller.source(data["told_by_source"]))
    return told


def _agreement(teller: Teller, data: Data) -> list[str]:
    names = ("agreement_no", "effective_on", "perform_by", "performed_on", "applied_on", "ruling_no")
    told = [str(data[name]) for name in names if data.get(name)]
    return [*told, teller.body(data.get("court"))]


def _deadline(teller: Teller, data: Data) -> list[str]:
    end = str(data.get("effective_end") or "")
    return [teller.deadline(data), f"→ {end[:16].replace('T', ' ')}" if end else ""]


def _gates(teller: Teller, data: Data) -> list[str]:
    return ["、".join(dict.fromkeys(teller.gate(each) for each in data.get("gates") or [data.get("gate")])), ""]


_TELLERS: dict[str, Callable[[Teller, Data], list[str]]] = {
    **dict.fromkeys(("SourceReported",), _reported),
    **dict.fromkeys(
        [
            "SourceCorrected",
            "SourceSupplemented",
            "SourceConfirmed",
            "SourceWithdrawn",
            "SourceMerged",
            "SourceUnmerged",
            "SourceSealedOff",
            "SourceJoined",
        ],
        _source,
    ),
    **dict.fromkeys(["LinkAccepted", "LinkProposed", "LinkRejected", "LinkDissolved"], _link),
    **dict.fromkeys(("CaseOpened", "CaseReclassified"), _classified),
    **dict.fromkeys(
        [
            "ReferralSent",
            "ReferralAccepted",
            "ReferralDeclined",
            "ReferralReturned",
            "ReferralForwarded",
            "ReferralTimedOut",
            "ReferralTimeoutReversed",
            "ReferralRecalled",
            "BodyDesignated",
            "DesignationEnded",
            "CaseTriaged",
        ],
        _referral,
    ),
    **dict.fromkeys(["ConsentRequested", "ConsentGiven", "ConsentRefused"], _consent),
    **dict.fromkeys(["MediationStarted", "MediationSuspended", "MediationResumed", "MediationConcluded"], _mediation),
    **dict.fromkeys(
        ["AgreementReached", "AgreementPerformed", "AgreementBreached", "ConfirmationApplied", "ConfirmationDecided"],
        _agreement,
    ),
    **dict.fromkeys(
        [
            "DeadlineSet",
            "DeadlineRecomputed",
            "DeadlineWarned",
            "DeadlineMet",
            "DeadlineBreached",
            "DeadlineReversed",
            "DeadlineCancelled",
        ],
        _deadline,
    ),
    **dict.fromkeys(("GateHit", "GateCleared", "CaseBlocked"), _gates),
    "BatchJoined": lambda _, data: [str(data.get("batch") or "")],
    "BatchLeft": lambda _, data: [str(data.get("batch") or "")],
    "CaseMerged": lambda _, data: [str(data.get("absorbed_no") or "")],
    "CaseClosed": lambda teller, data: [teller.label("outcome", data["outcome"]) if data.get("outcome") else ""],
    "NoticeRaised": lambda teller, data: [teller.label("notice", data.get("code"))],
    "FeedbackOwed": lambda teller, data: [
        teller.label("agency", data.get("agency")),
        teller.label("feedback", data.get("kind")),
        str(data.get("due") or ""),
    ],
    "FollowedUp": lambda teller, data: [
        teller.label("satisfaction", data["satisfaction"]) if data.get("satisfaction") else ""
    ],
    "CaseEscalated": lambda teller, data: [
        teller.label("about", "origin") if data.get("to") == "origin" else teller.body(data.get("to"))
    ],
}
