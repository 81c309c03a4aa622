"""Why items were not taken: every reason once, with how many items met it. Reasons name fields and files, never a value."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from santiao.domain.messages import Receipt

_WORDS = {"quarantined": "隔离 quarantined", "refused": "拒收 refused"}
_HINTS = {
    "webhook.wrong_signature": "密钥取自环境变量 SANTIAO_SECRET_<名称>，名称见 connector.yaml 的 secret / "
    "the secret comes from SANTIAO_SECRET_<NAME>, the name that its connector.yaml gives; "
    "an invented city's hotline signs with TEST-SECRET-12345"
}
"""What to do where a reason's own words do not say it."""


class Reasons:
    """Hears receipts and sums up those of items that were quarantined or refused."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._details: dict[tuple[str, str], tuple[str, str]] = {}

    def hear(self, receipt: "Receipt") -> None:
        """One item's receipt."""
        state = receipt.state.value
        if state in _WORDS:
            self._counts[state, receipt.code] += 1
            self._details.setdefault((state, receipt.code), (receipt.detail_zh, receipt.detail))

    def lines(self) -> Iterator[str]:
        """A line a reason, the commonest first; the first item's words stand for all of it."""
        for (state, code), number in self._counts.most_common():
            chinese, english = self._details[state, code]
            yield f"{_WORDS[state]} {number} × {code}: {chinese} / {english}"
            if code in _HINTS:
                yield f"  → {_HINTS[code]}"
