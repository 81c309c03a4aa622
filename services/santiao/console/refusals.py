"""What a page says when it cannot do what was asked: status, words, and what to do next."""

from santiao.domain.errors import Conflict, NotFound, Rejection, SantiaoError, StoreFailure
from santiao.pool.access import Denied

_STATUS_OF_KIND: tuple[tuple[type[SantiaoError], int], ...] = (
    (NotFound, 404),
    (Denied, 403),
    (Rejection, 409),
    (Conflict, 409),
    (StoreFailure, 503),
)
_STATUS_OF_CODE = {"cursor.invalid": 400, "page.limit": 400, "as_of.invalid": 400, "purpose.actor": 403}


class PageRefused(Exception):
    """A request that a page cannot take. Both texts are shown to the person."""

    def __init__(self, status: int, zh: str, en: str) -> None:
        super().__init__(en)
        self.status = status
        self.zh = zh
        self.en = en


def refusal_of(error: SantiaoError) -> PageRefused:
    """A failure of the hub as a page. The store's own words are for its operator and stay out."""
    status = _STATUS_OF_CODE.get(error.code) or next(
        (status for kind, status in _STATUS_OF_KIND if isinstance(error, kind)), 500
    )
    if isinstance(error, StoreFailure):
        return PageRefused(
            status,
            "系统存储暂不可用，未保存任何修改，请稍后重试",
            "the hub cannot read or write its store now; try again later",
        )
    return PageRefused(status, error.detail_zh or error.detail, error.detail)
