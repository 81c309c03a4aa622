"""The failures, one word and one treatment each.

`Rejection` is told to the caller, `InvalidRecord` is quarantined with its raw bytes, `RefusedRecord` leaves nothing behind but a
reason and a digest, `DeliveryFailed` is retried and then dead-lettered, `Conflict` is retried. None of them may carry personal
data: a message names the field, never its value.
"""


class SantiaoError(Exception):
    """Root of every failure the hub raises on purpose.

    Attributes:
        code: stable word for machines, e.g. ``referral.not_open``.
        detail: one English sentence: what, where, what to do.
        detail_zh: the same in Chinese.
    """

    def __init__(self, code: str, detail: str, detail_zh: str = "", path: str = "") -> None:
        super().__init__(f"{code}: {detail}" + (f" ({detail_zh})" if detail_zh else ""))
        self.code = code
        self.detail = detail
        self.detail_zh = detail_zh
        self.path = path


class Rejection(SantiaoError):
    """The business says no; the caller is told why and nothing changes."""


class InvalidRecord(SantiaoError):
    """An item that could not be understood; it is quarantined with its raw bytes. `path` is the field or place in the file."""


class RefusedRecord(SantiaoError):
    """An item that was understood and may not be taken; only a reason and a digest are kept."""


class DeliveryFailed(SantiaoError):
    """The partner did not answer, or answered that it is busy; tried again later, then dead-lettered."""


class Conflict(SantiaoError):
    """Someone else was faster; read again and retry."""


class NotFound(Rejection):
    """Nothing is known under that name, or the caller may not know that it is: both look the same."""


class StoreFailure(SantiaoError):
    """The store could not be written or read (disk full, read-only, locked); nothing was acknowledged."""
