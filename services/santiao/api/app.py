"""The application: routers, one form for every error, and what stands around each request.

The rule kept here: everything is built by `create_app` from the services it is given; nothing is made when a module is imported.
"""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from santiao.api import (
    cases,
    commands,
    description,
    disclosures,
    feed,
    health,
    hooks,
    quarantine,
    records,
    workflow,
)
from santiao.api.observing import Observing
from santiao.api.problems import Fault, Problem, answer_problem, instance_of, problem_of
from santiao.api.services import Services
from santiao.domain.errors import SantiaoError

ROUTERS = (
    records.router,
    hooks.router,
    cases.router,
    workflow.router,
    feed.router,
    disclosures.router,
    quarantine.router,
    health.router,
    description.router,
)
TITLE = "三调联动 Santiao"


def create_app(services: Services) -> FastAPI:
    """The API over these services. Mount the console on what is returned."""
    app = FastAPI(title=TITLE, version=services.version, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.services = services
    for router in (*ROUTERS, commands.build_router()):
        app.include_router(router)
    app.add_exception_handler(Problem, _tell_problem)
    app.add_exception_handler(SantiaoError, _tell_error)
    app.add_exception_handler(RequestValidationError, _tell_validation)
    app.add_exception_handler(HTTPException, _tell_http)
    app.add_middleware(Observing, metrics=services.metrics, tracing=services.tracing)
    return app


async def _tell_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return answer_problem(error, instance_of(request))


async def _tell_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, SantiaoError)
    return answer_problem(problem_of(error), instance_of(request))


async def _tell_validation(request: Request, error: Exception) -> Response:
    """Parameters that are not as described. FastAPI's own words quote what was sent, so only places are taken from them."""
    assert isinstance(error, RequestValidationError)
    faults = tuple(
        Fault(
            parameter=str(found["loc"][-1]),
            code="parameter.invalid",
            detail="missing, or not of the form that the API's description gives",
            detail_zh="缺失或不符合接口说明中的格式",
        )
        for found in error.errors()
    )
    problem = Problem(
        400,
        "parameter.invalid",
        "a query parameter or header is not as the API's description says; see errors",
        "查询参数或请求头不符合接口说明，详见 errors",
        errors=faults,
    )
    return answer_problem(problem, instance_of(request))


_HTTP: dict[int, tuple[str, str, str]] = {
    404: ("route.unknown", "there is nothing at this address; see /v1/docs", "没有该地址，请查阅 /v1/docs"),
    405: ("route.method", "this address takes other methods; see Allow", "该地址不支持此方法，见 Allow 头"),
}


async def _tell_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, english, chinese = _HTTP.get(
        error.status_code, ("request.refused", "the request cannot be taken as it is", "请求无法处理")
    )
    problem = Problem(error.status_code, code, english, chinese, headers=error.headers)
    return answer_problem(problem, instance_of(request))
