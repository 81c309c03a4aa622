"""Whether the process lives, whether it can serve, and its figures. No key is needed and nothing of any case is told."""

from collections.abc import Iterator

import msgspec
from fastapi import APIRouter, Response

from santiao.api.answers import answer_json
from santiao.api.callers import GivenServices
from santiao.api.openapi import answers
from santiao.api.services import NotReady, Services
from santiao.domain.errors import SantiaoError
from santiao.telemetry.figures import CONTENT_TYPE

router = APIRouter(tags=["health"])
_LAG_MOST = 10_000


class Liveness(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: str


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it can take and show, and what keeps it from that."""

    status: str
    version: str
    not_ready: tuple[NotReady, ...]


@router.get("/health/live", summary="The process runs 进程存活", responses=answers(Liveness, headers=()))
async def live() -> Response:
    """200 as long as the process answers."""
    return answer_json(Liveness(status="live"))


@router.get(
    "/health/ready",
    summary="The hub can serve 可以服务",
    responses={
        **answers(Readiness, headers=()),
        503: {"description": "Not ready: the same, naming what is not and why."},
    },
)
def ready(services: GivenServices) -> Response:
    """200 when it can take and show; else 503, naming what is not ready and why."""
    found = (*_unready(services), *services.not_ready())
    told = Readiness(status="not_ready" if found else "ready", version=services.version, not_ready=found)
    return answer_json(told, status=503 if found else 200)


@router.get("/metrics", summary="Figures for Prometheus 指标")
def metrics(services: GivenServices) -> Response:
    """Counters, gauges and latencies; no personal data, no case."""
    return Response(services.metrics.render(), media_type=CONTENT_TYPE)


def _failed(name: str, error: SantiaoError) -> NotReady:
    """Everybody may ask: the failure's code, and not its text, which names files."""
    return NotReady(
        name=name,
        why=f"{error.code}; the hub's log and `santiao doctor` say which file and what to do",
        why_zh=f"{error.code}；具体文件与处理办法见系统日志或 santiao doctor",
    )


def _unready(services: Services) -> Iterator[NotReady]:
    """What the API itself can see: the store, the keys, the views."""
    try:
        with services.database.readable() as connection:
            connection.exec_driver_sql("SELECT 1")
    except SantiaoError as error:
        yield _failed("store", error)
        return
    try:
        states = services.projector.states()
    except SantiaoError as error:
        yield _failed("views", error)
        return
    for state in states:
        if state.behind > _LAG_MOST:
            yield NotReady(
                name=f"views.{state.name}",
                why=f"{state.behind} events behind the log; wait, or look at the projector's log",
                why_zh=f"落后日志 {state.behind} 个事件，请等待或查看投影日志",
            )
