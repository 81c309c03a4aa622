"""What senders are told of their items: receipts, and the faults that the hub itself finds."""

from santiao.domain.messages import Fault, FaultKind, Receipt, ReceiptState
from santiao.domain.records import AgencyRecord

REPLAYED = Fault(
    kind=FaultKind.REFUSED,
    code="webhook.replayed",
    path="headers/X-Nonce",
    detail="this nonce was used before; a retry needs a new one",
    detail_zh="随机数已使用过，重发须换新的随机数",
)


def not_to_be_taken(reason: str, record: AgencyRecord) -> Fault:
    """A gate that refuses: informer's material."""
    return Fault(
        kind=FaultKind.REFUSED,
        code=reason,
        path="body",
        detail="the content may not be taken; the agency handles it itself",
        detail_zh="该内容依法不得流转，由来源单位自行办理",
        key=record.key,
    )


def not_ready(failure: str) -> Fault:
    """The pure phase raised `failure`."""
    return Fault(
        kind=FaultKind.QUARANTINED,
        code="record.not_ready",
        path="",
        detail=f"the hub could not make the record ready ({failure} while making ready); mend and replay it",
        detail_zh="系统未能处理该记录，修复后可重放",
    )


def tell_taken(
    state: ReceiptState, record: AgencyRecord, message_id: bytes, log_id: int, *, blocked: bool = False
) -> Receipt:
    """A record that was taken, now or before; `log_id` is the key of its last event in the log."""
    return Receipt(
        state=state,
        receipt_id=message_id.hex(),
        source_key=record.key_base or record.key,
        position=log_id,
        blocked=blocked,
    )


def tell_fault(state: ReceiptState, receipt_id: str, fault: Fault, quarantine: str | None) -> Receipt:
    """An item that was not taken, and why."""
    return Receipt(
        state=state,
        receipt_id=receipt_id,
        code=fault.code,
        path=fault.path,
        detail=fault.detail,
        detail_zh=fault.detail_zh,
        quarantine_id=quarantine,
    )
