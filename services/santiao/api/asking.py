"""Asking for case data: for what purpose, as of which position, and only the cases that the caller may know.

The rule kept here: purpose and grant are settled before anything is read; the caller's reach goes into the question itself, so that pages
and counts tell nothing of other cases; a case beyond it looks like one that does not exist.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Header, Path, Query, Request

from santiao.api.callers import GivenServices, KnownCaller
from santiao.api.positions import Positions, decode_positions, wait_until
from santiao.api.problems import parameter_problem
from santiao.api.services import Services
from santiao.pool.access import Resource, Rights
from santiao.pool.disclose import CaseRow, Channel, Disclosed, DisclosureRequest
from santiao.projections.reading import Reading

MinPosition = Annotated[
    str | None,
    Query(
        description="A Santiao-Position that the answer must have reached; waits up to 2 s, else 503.", max_length=4096
    ),
]
After = Annotated[str | None, Query(description="The `next` of the part before.", max_length=2048)]


def case_name(
    name: Annotated[str, Path(alias="id", pattern="^[0-9A-Za-z]{1,40}$", description="case_id, an alias, or case_no.")],
) -> str:
    """Any name of a case, as addresses carry it."""
    return name


class Asking(msgspec.Struct, frozen=True, eq=False):
    """A question that is granted: to whom, for what, and how far it reaches."""

    services: Services
    request: DisclosureRequest
    rights: Rights

    def disclose(self, rows: Sequence[CaseRow]) -> Disclosed:
        """The rows through the one door."""
        return self.services.door.disclose(self.request, rows)

    @contextmanager
    def reading(self, min_position: str | None, *views: str) -> Iterator[tuple[Reading, Positions]]:
        """One consistent read of views that have come as far as asked, with the position they all reached."""
        if min_position:
            wait_until(decode_positions(min_position), lambda: self._positions(views))
        with self.services.views.reading() as reading:
            yield reading, positions_of(reading, views)

    def _positions(self, views: Sequence[str]) -> Positions:
        with self.services.views.reading() as reading:
            return positions_of(reading, views)


def positions_of(reading: Reading, views: Sequence[str]) -> dict[int, int]:
    """How far all of these views were folded."""
    found = [reading.positions(view) for view in views]
    shards = {shard for positions in found for shard in positions}
    return {shard: min(positions.get(shard, 0) for positions in found) for shard in shards}


def _refuse_the_past(request: Request) -> None:
    """A list that keeps no history is not asked for it: what it shows is how things stand, whatever the question says."""
    asked = "as_of" in request.query_params
    if asked and all(field.alias != "as_of" for field in request.scope["route"].dependant.query_params):
        raise parameter_problem(
            "as_of",
            "as_of.no_history",
            "this is told as it stands; cases, their timeline and their deadlines are told as of a time",
            "此列表仅提供当前状态；案件、办理过程和期限可查询历史",
        )


def asks_for(resource: Resource, channel: Channel = Channel.API) -> Callable[..., Asking]:
    """The dependency of a route that answers with this resource."""

    def ask(
        request: Request,
        services: GivenServices,
        caller: KnownCaller,
        purpose: Annotated[
            str | None,
            Header(alias="Santiao-Purpose", description="Purpose code of hub.purpose@1: what the data are wanted for."),
        ] = None,
    ) -> Asking:
        _refuse_the_past(request)
        if not purpose:
            known = ", ".join(sorted(services.policy.book.purposes))
            raise parameter_problem(
                "Santiao-Purpose",
                "purpose.missing",
                f"say what the data are wanted for: one of {known}",
                f"请说明用途，代码为 {known} 之一",
            )
        asked = DisclosureRequest(
            caller=caller, purpose=purpose, channel=channel, resource=resource, query=_query_of(request)
        )
        return Asking(services, asked, services.door.admit(asked))

    return ask


def _query_of(request: Request) -> str:
    """What was asked for, in one form whatever the order of its parameters."""
    route: Any = request.scope.get("route")
    told = sorted((*request.query_params.multi_items(), *request.path_params.items()))
    return f"{getattr(route, 'path', '')} {told}"


def dependency(resource: Resource, channel: Channel = Channel.API) -> Any:
    """The same as a FastAPI dependency."""
    return Depends(asks_for(resource, channel))
