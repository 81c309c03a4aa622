"""Why items were not taken is told once a reason, in both languages, with what to do."""

from santiao.cli.reasons import Reasons
from santiao.domain.messages import Receipt, ReceiptState


def receipt(state: ReceiptState, code: str = "") -> Receipt:
    return Receipt(state=state, receipt_id="r", code=code, detail=f"{code} in English", detail_zh=f"{code} 中文")


def test_each_reason_is_told_once_with_its_count_the_commonest_first() -> None:
    reasons = Reasons()
    for _ in range(2):
        reasons.hear(receipt(ReceiptState.QUARANTINED, "item.no_key"))
    for _ in range(3):
        reasons.hear(receipt(ReceiptState.REFUSED, "item.informer"))
    for state in (ReceiptState.ACCEPTED, ReceiptState.REPEATED):
        reasons.hear(receipt(state))
    assert list(reasons.lines()) == [
        "拒收 refused 3 × item.informer: item.informer 中文 / item.informer in English",
        "隔离 quarantined 2 × item.no_key: item.no_key 中文 / item.no_key in English",
    ]


def test_a_signature_that_does_not_fit_tells_where_the_secret_comes_from() -> None:
    reasons = Reasons()
    reasons.hear(receipt(ReceiptState.REFUSED, "webhook.wrong_signature"))
    told, hint = reasons.lines()
    assert told.startswith("拒收 refused 1 × webhook.wrong_signature")
    assert "SANTIAO_SECRET_<NAME>" in hint
