"""What of a case decides which actions fit it."""

import msgspec


class CaseState(msgspec.Struct, frozen=True, kw_only=True):
    """What decides which actions fit a case."""

    case_id: str
    case_no: str
    version: int
    status: str
    region: str = ""
    dispute_type: str = ""
    is_blocked: bool = False
    is_merged: bool = False
    mediation_kind: str = ""
    mode: str = ""
    proposed_body: str = ""
    consents: tuple[str, ...] = ()
    needs_consent: bool = True
    designation: str = ""
    routing_rule: str = ""
    referral_id: str = ""
    referral_state: str = ""
    mediation_state: str = ""
    agreement_state: str = ""

    @property
    def is_early(self) -> bool:
        """Nothing is under way and nothing stops it."""
        return self.status in ("registered", "consent_pending", "failed") and not self.is_blocked

    @property
    def may_be_sent(self) -> bool:
        """A letter may go out: somebody to send it to, and both sides agree where that is needed."""
        agreed = len(self.consents) == 2 or not self.needs_consent
        return self.is_early and bool(self.proposed_body) and self.designation != "asked" and agreed

    @property
    def is_awaited(self) -> bool:
        """A referral waits for its answer."""
        return self.referral_state == "sent" and self.status == "referred"

    @property
    def has_agreement(self) -> bool:
        """An agreement stands."""
        return self.status in ("agreed", "confirming", "performing")
