"""The linking desk (关联研判): pairs that may be one dispute, the likeliest first, side by side; and people's word on them."""

import secrets
from typing import Any

import msgspec
from starlette.responses import Response

from santiao.console.addresses import safe_place
from santiao.console.casepage import merge_parties
from santiao.console.casereads import link_values
from santiao.console.commanding import give, reached, read_key, read_version, wait_for
from santiao.console.refusals import PageRefused
from santiao.console.visits import Visit
from santiao.domain import commands
from santiao.domain.errors import Conflict
from santiao.pool.access import Denied, Reach, Resource
from santiao.pool.disclose import CaseRow
from santiao.projections.case_overview_rows import CASES, SOURCES
from santiao.projections.case_parties import parties_of
from santiao.projections.linking import SHOWN_KEYS, LinkDetail, list_proposals
from santiao.projections.reading import Reading

PAGE = 10
DONE = {
    "confirm": ("已确认为同一纠纷，案件已合并", "confirmed: one dispute, one case"),
    "reject": ("已否定；有新的证据前不再提出", "rejected; it is not proposed again until new evidence"),
    "dissolve": ("已解除关联", "the link is undone"),
    "propose": ("已提出，待另一人确认", "proposed; another person confirms"),
}


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal as the page shows it: the link, and what stands on each side. `case_id` and `version` go into its forms."""

    link: dict[str, Any]
    sides: tuple[dict[str, Any], ...]
    case_id: str
    version: int
    likelihood: tuple[str, str]
    percent: int


def show_desk(visit: Visit) -> Response:
    """Proposals that wait for a person."""
    if visit.rights.reach is not Reach.CITY:
        raise Denied("resource.not_granted", "proposals are the city's alone", "待确认的关联仅限全市权限人员查看")
    is_behind = not wait_for(visit, visit.query.get("at", ""))
    with visit.services.views.reading() as reading:
        page = list_proposals(reading, after=visit.query.get("after") or None, limit=PAGE)
        asked = [row for link in page.items for row in _rows_of(reading, link)]
    told = visit.disclose(
        Resource.LINKS, asked, query="proposals", purpose=visit.purpose_for(Resource.LINKS, Resource.PARTIES)
    ).rows
    pairs = [_pair(told[place], told[place + 1]) for place in range(0, len(told), 2)]
    return visit.show(
        "links.html",
        pairs=pairs,
        next=page.next,
        is_later=bool(visit.query.get("after")),
        may_link=visit.may_command("ConfirmLink"),
        done=DONE.get(visit.query.get("done", "")),
        is_behind=is_behind,
        form_key=secrets.token_urlsafe(18),
    )


def decide(visit: Visit) -> Response:
    """A person's word on a pair."""
    deed, back = visit.path["deed"], safe_place(visit.field("back"))
    command = _command(visit, deed)
    version = read_version(visit)
    try:
        answer = give(visit, command, key=read_key(visit) + deed, version=version)
    except Conflict as conflict:
        if conflict.code != "case.version":
            raise
        raise PageRefused(
            409,
            "案件在您查看期间已有更新，未作处理。请返回核对后再确认",
            "the case changed while you were looking; nothing was done. Go back, check and confirm again",
        ) from None
    joint = "&" if "?" in back else "?"
    return visit.go(f"{back}{joint}done={deed}&at={reached(answer)}")


def _command(visit: Visit, deed: str) -> commands.AnyCommand:
    case, a, b, reason = (visit.field(name, 300) for name in ("case", "a", "b", "reason"))
    if deed != "confirm" and not reason:
        raise PageRefused(422, "请说明理由", "say why")
    if deed == "confirm":
        return commands.ConfirmLink(case=case, a=a, b=b)
    if deed == "reject":
        return commands.RejectLink(case=case, a=a, b=b, reason=reason)
    if deed == "dissolve":
        return commands.DissolveLink(case=case, a=a, b=b, reason=reason)
    if deed == "propose":
        other = _find_source(visit, visit.field("agency", 64), visit.field("other", 80))
        return commands.ProposeLink(case=case, a=a, b=other, reason=reason)
    raise PageRefused(404, "没有这种操作", "there is no such action")


def _find_source(visit: Visit, agency: str, key: str) -> str:
    """The source that others see under this key."""
    with visit.services.views.reading() as reading:
        if reading.rows(SOURCES, "source_id = ?", (f"{agency}:{key}",), limit=1):
            return f"{agency}:{key}"
        for row in reading.rows(SHOWN_KEYS, "key = ?", (key,), limit=50):
            if row.source_id.startswith(f"{agency}:"):
                return row.source_id
    raise PageRefused(404, "没有找到该来源编号", "no source is known under that key")


def _rows_of(reading: Reading, link: LinkDetail) -> tuple[CaseRow, CaseRow]:
    """Both sides of a pair, each under its own case, so that the look is recorded for both."""
    (values,) = link_values(reading, [link], is_city=True)
    sides = []
    for name, told in ((link.a, values["a"]), (link.b, values["b"])):
        (source,) = reading.rows(SOURCES, "source_id = ?", (name,))
        case = next(iter(reading.rows(CASES, "case_id = ?", (source.case_id,))), None)
        sides.append(
            CaseRow(
                source.case_id,
                {
                    **told,
                    "version": case.version if case is not None else 0,
                    "status": case.status if case is not None else "",
                    "region": case.region if case is not None else "",
                    "dispute_type": source.dispute_type,
                    "stage": source.stage,
                    "state": source.state,
                    "reported_on": source.reported_on,
                    "parties": [
                        {"source_id": part.source_id, "part": part.part, "mentions": part.mentions}
                        for part in parties_of(reading, [source.case_id])
                        if part.source_id == name
                    ],
                },
            )
        )
    first = CaseRow(
        sides[0].case_id,
        {**sides[0].values, "reasons": values["reasons"], "score": values["score"], "by": values["by"]},
    )
    return first, sides[1]


def _pair(first: dict[str, Any], second: dict[str, Any]) -> Pair:
    sides = tuple({**side, "people": merge_parties(side.get("parties", ()))} for side in (first, second))
    score = int(first["score"])
    link = {
        "a": first,
        "b": second,
        "score": score,
        "reasons": first["reasons"],
        "by": first["by"],
        "state": "proposed",
    }
    return Pair(
        link=link,
        sides=sides,
        case_id=first["case_id"],
        version=first["version"],
        likelihood=_likelihood(score),
        percent=min(100, max(0, score // 10)),
    )


def _likelihood(score: int) -> tuple[str, str]:
    if score >= 950:
        return ("很可能是同一纠纷", "very likely one dispute")
    if score >= 800:
        return ("较可能是同一纠纷", "likely one dispute")
    return ("可能是同一纠纷", "possibly one dispute")
