"""Making a record ready for deciding: message id, gates, risks, blind profile, and everything personal sealed.

This is the pure phase before the transaction: a record that cannot be made ready is isolated here and its batch goes on.
"""

from collections.abc import Callable, Mapping

import msgspec

from santiao.domain.events.envelope import Mention, Sealed
from santiao.domain.events.sources import GateFound, SourceFacts, Version
from santiao.domain.ids import MessageId, derive_event_id, derive_message_id, source_id
from santiao.domain.links.profile import Profile
from santiao.domain.prepared import PreparedRecord
from santiao.domain.records import (
    AgencyRecord,
    CodeField,
    DisputeFact,
    MediationResult,
    Party,
    ReferralAnswer,
    Relation,
    SiteFeedback,
)
from santiao.domain.vocabulary import UNCLASSIFIED, Stage
from santiao.hub.secrets import NarrativeSecret, encode_secret
from santiao.store.keys import derive_key_id
from santiao.store.sealing import seal

NARRATIVE_SLOT = -1


class Findings(msgspec.Struct, frozen=True, gc=False):
    """What the rulebook finds in a record's own content; `refusal` a reason code when it may not be taken at all."""

    gates: tuple[GateFound, ...] = ()
    risks: tuple[str, ...] = ()
    refusal: str = ""
    refusal_rule: str = ""


Examine = Callable[[AgencyRecord], Findings]


def record_message_id(record: AgencyRecord) -> MessageId:
    """A version is itself by source, part, op and content; a resend of the same content is the same message."""
    return derive_message_id("record", record.connector, record.key, record.part, record.op, record.content_hash)


def parties_of(record: AgencyRecord) -> tuple[Party, ...]:
    """Party mentions of a record, whatever it tells."""
    body = record.body
    return body.parties if isinstance(body, DisputeFact | SiteFeedback | MediationResult) else ()


def key_ids_of(record: AgencyRecord, message_id: MessageId) -> dict[int, bytes]:
    """The data keys a record's sealed fields need, by slot."""
    key_ids = {party.slot: derive_key_id(message_id, party.slot) for party in parties_of(record)}
    key_ids[NARRATIVE_SLOT] = derive_key_id(message_id, NARRATIVE_SLOT)
    return key_ids


def prepare(
    record: AgencyRecord,
    message_id: MessageId,
    key_ids: Mapping[int, bytes],
    keys: Mapping[bytes, bytes],
    findings: Findings,
    profile: Profile | None,
) -> PreparedRecord:
    """Seal and sum up a record. `key_ids` by slot, `keys` by id; a missing key was destroyed, and its field stays empty for ever."""
    seal_id = derive_event_id(message_id, 0)

    def close(slot: int, path: str, plain: bytes) -> Sealed | None:
        key_id = key_ids[slot]
        key = keys.get(key_id)
        return seal(key, key_id, seal_id, path, plain) if key is not None else None

    mentions = tuple(
        Mention(
            slot=party.slot,
            role=party.role,
            kind=party.kind,
            name_class=party.name_class,
            minor=party.minor,
            sealed=close(party.slot, f"mentions/{party.slot}", encode_secret(party)),
        )
        for party in parties_of(record)
    )
    narrative = _narrative(record)
    facts = _facts(
        record,
        findings,
        mentions,
        close(NARRATIVE_SLOT, "narrative", encode_secret(narrative)) if narrative is not None else None,
        close(NARRATIVE_SLOT, "raw", record.raw) if record.raw else None,
    )
    body = record.body
    relation = body if isinstance(body, Relation) else Relation()
    return PreparedRecord(
        source_id=source_id(record.connector, record.key),
        connector=record.connector,
        key=record.key,
        key_base=record.key_base,
        key_rank=record.key_rank,
        key_qualifier=record.key_qualifier,
        part=record.part,
        op=record.op,
        aliases=record.aliases,
        at=Version(record.content_hash, record.source_version, record.source_updated_at),
        facts=facts,
        profile=profile,
        others=relation.others,
        reason=(relation.reason.hub_code or relation.reason.code or "") if relation.reason else "",
    )


def _narrative(record: AgencyRecord) -> NarrativeSecret | None:
    body = record.fact
    if isinstance(body, DisputeFact):
        return NarrativeSecret(
            title=body.title,
            narrative=body.narrative,
            claim=body.claim,
            place_text=body.place_text,
            place=body.place,
            amount=body.amount,
            handler=body.handler,
            extra=record.extra,
        )
    if isinstance(body, Relation):
        return NarrativeSecret(extra=record.extra) if record.extra else None
    return NarrativeSecret(narrative=body.narrative, extra=record.extra)


def _facts(
    record: AgencyRecord,
    findings: Findings,
    mentions: tuple[Mention, ...],
    narrative: Sealed | None,
    raw: Sealed | None,
) -> SourceFacts:
    body = record.body
    told = SourceFacts(
        kind="relation",
        stage="",
        reported_on=record.reported_on,
        gates=findings.gates,
        risks=findings.risks,
        mentions=mentions,
        references=record.references,
        quality=record.quality,
        narrative=narrative,
        raw=raw,
    )
    if isinstance(body, DisputeFact):
        return msgspec.structs.replace(
            told,
            kind="dispute",
            type=body.type.hub_code or UNCLASSIFIED,
            type_mapping=body.type.mapping_status,
            region=body.region.hub_code or "",
            street=body.place.street or "" if body.place else "",
            stage=body.stage.hub_code or Stage.REPORTED,
            outcome=_hub(body.outcome),
            settled_on=body.settled_on,
            registered_at=body.registered.instant if body.registered else None,
            source_deadline=body.source_deadline.instant if body.source_deadline else None,
            people=body.people,
            amount_fen=body.amount.fen if body.amount else None,
            codes=body.codes,
        )
    if isinstance(body, SiteFeedback | MediationResult):
        return msgspec.structs.replace(
            told,
            kind="site_feedback" if isinstance(body, SiteFeedback) else "mediation_result",
            stage=body.stage.hub_code or "",
            outcome=_hub(body.outcome),
            settled_on=body.settled_on,
            codes=(body.result,) if isinstance(body, SiteFeedback) else (),
        )
    if isinstance(body, ReferralAnswer):
        return msgspec.structs.replace(told, kind="referral_answer", referral_no=body.referral_no, answer=body.answer)
    return told


def _hub(code: CodeField | None) -> str | None:
    return code.hub_code if code is not None else None
