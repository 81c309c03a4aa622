"""Lists beside the cases: referrals, links, the change feed, statistics, the health of feeds.

The rule kept here: a partner sees the referrals and links of its own cases; a link that is not accepted tells of another agency's file and
is the city's alone.
"""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from santiao.api.answers import answer_json
from santiao.api.asking import After, Asking, MinPosition, dependency
from santiao.api.openapi import answers, list_of
from santiao.api.problems import parameter_problem
from santiao.api.workflow_answers import (
    FeedHealthAnswer,
    LinkAnswer,
    StatisticsAnswer,
    feed_health_values,
    link_values,
    statistics_rows,
)
from santiao.connectors.connector import Connector
from santiao.domain.vocabulary import LinkState
from santiao.pool.access import Resource
from santiao.pool.disclose import CaseRow
from santiao.pool.reach import own_of
from santiao.projections.case_overview_rows import VIEW as OVERVIEW
from santiao.projections.feed_health import VIEW as FEED_HEALTH
from santiao.projections.feed_health import Feed, read_feed_health
from santiao.projections.linking import VIEW as LINKING
from santiao.projections.linking import LinkFilter, list_links
from santiao.projections.protected_counts import read_protected
from santiao.projections.referral_queries import ReferralFilter, ReferralItem, list_referrals
from santiao.projections.referral_worklist import VIEW as REFERRALS
from santiao.projections.statistics import VIEW as STATISTICS
from santiao.projections.statistics_queries import CountFilter, Dimension, Period, read_statistics
from santiao.store.log import to_millis

router = APIRouter()
Code = Annotated[str, Query(pattern="^[0-9A-Za-z_.-]{0,64}$")]
Region = Annotated[str, Query(pattern="^([0-9]{6})?$", description="One ending in 00 covers all below it.")]
_MOST_DAYS = 3_700
_PROBLEMS = (400, 401, 403, 429, 503)


@router.get(
    "/v1/referrals", tags=["cases"], summary="Referrals 移送", responses=answers(list_of(ReferralItem), *_PROBLEMS)
)
def get_referrals(
    asking: Annotated[Asking, dependency(Resource.REFERRALS)],
    state: Code = "",
    progress: Code = "",
    mode: Code = "",
    body: Code = "",
    dispute_type: Code = "",
    region: Region = "",
    risk: Code = "",
    everything: Annotated[bool, Query(alias="all", description="Those that are done too.")] = False,  # noqa: FBT002 (a query parameter has a name)
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    min_position: MinPosition = None,
) -> Response:
    """Referral letters, the next breach first; the open ones unless `all`."""
    asked = ReferralFilter(
        everything=everything,
        bodies=(body,) if body else (),
        state=state,
        progress=progress,
        mode=mode,
        dispute_type=dispute_type,
        region=region,
        risk=risk,
        own=own_of(asking.rights),
    )
    with asking.reading(min_position, REFERRALS, OVERVIEW) as (reading, positions):
        page = list_referrals(reading, asked, after=after, limit=limit)
    shown = asking.disclose([CaseRow(item.case_id, item) for item in page.items])
    return answer_json({"items": shown.rows, "next": page.next}, positions=positions)


@router.get("/v1/links", tags=["cases"], summary="Links 关联", responses=answers(list_of(LinkAnswer), *_PROBLEMS))
def get_links(
    asking: Annotated[Asking, dependency(Resource.LINKS)],
    state: Annotated[LinkState | None, Query()] = None,
    agency: Code = "",
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    min_position: MinPosition = None,
) -> Response:
    """What stands between sources, with score and reasons; `source_a` and `source_b` are the ids that commands take."""
    own = own_of(asking.rights)
    agencies = (agency,) if agency else () if own is None else own.agencies
    if own is not None:
        agencies = tuple(each for each in agencies if each in own.agencies) or ("-",)
        state = LinkState.ACCEPTED
    asked = LinkFilter(state=state or "", agencies=agencies)
    with asking.reading(min_position, LINKING) as (reading, positions):
        page = list_links(reading, asked, after=after, limit=limit)
    shown = asking.disclose([CaseRow("", link_values(link)) for link in page.items])
    return answer_json({"items": shown.rows, "next": page.next}, positions=positions)


@router.get(
    "/v1/statistics", tags=["statistics"], summary="Counts 统计", responses=answers(StatisticsAnswer, *_PROBLEMS)
)
def get_statistics(
    asking: Annotated[Asking, dependency(Resource.STATISTICS)],
    first: Annotated[date, Query(description="First day, YYYY-MM-DD.")],
    last: Annotated[date, Query(description="Last day, included.")],
    by: Annotated[
        list[Dimension] | None, Query(description="Dimensions, in order; may be given several times.")
    ] = None,
    region: Region = "",
    dispute_type: Code = "",
    channel: Code = "",
    min_position: MinPosition = None,
) -> Response:
    """Counts of a period. Partners are told of whole months that are over, by one dimension at a time, and no count below five.

    Nor are they told what would give one away: null is a count that is withheld (docs/views.md says how).
    """
    if not timedelta(0) <= last - first <= timedelta(days=_MOST_DAYS):
        raise parameter_problem(
            "last",
            "period.invalid",
            "last is not before first, and within ten years",
            "起止日期有误或超过十年",
        )
    asked = CountFilter(region=region, dispute_type=dispute_type, channel=channel)
    dimensions = tuple(dict.fromkeys(by or ()))
    with asking.reading(min_position, STATISTICS) as (reading, positions):
        read = read_statistics if own_of(asking.rights) is None else read_protected
        found = read(reading, Period(first, last), dimensions, asked)
    shown = asking.disclose([CaseRow("", row) for row in statistics_rows(found)])
    told = {
        "first": first,
        "last": last,
        "by": dimensions,
        "items": shown.rows[:-1],
        "total": shown.rows[-1]["counts"],
        "next": None,
    }
    return answer_json(told, positions=positions)


@router.get(
    "/v1/feeds",
    tags=["statistics"],
    summary="Health of feeds 数据通道",
    responses=answers(list_of(FeedHealthAnswer), *_PROBLEMS),
)
def get_feeds(
    asking: Annotated[Asking, dependency(Resource.FEED_HEALTH)], min_position: MinPosition = None
) -> Response:
    """Every declared feed: when it last answered, when it last told something, and what became of its items."""
    services = asking.services
    feeds = [_feed_of(services.connectors[name]) for name in sorted(services.connectors)]
    with asking.reading(min_position, FEED_HEALTH) as (reading, positions), services.database.readable() as store:
        found = read_feed_health(reading, store, feeds, now_ms=to_millis(services.now()))
    shown = asking.disclose([CaseRow("", feed_health_values(each)) for each in found])
    return answer_json({"items": shown.rows, "next": None}, positions=positions)


def _feed_of(connector: Connector) -> Feed:
    told = connector.declaration
    return Feed(
        told.name,
        told.feed,
        timedelta(hours=told.freshness.answer_hours),
        timedelta(hours=told.freshness.news_hours),
    )
