"""Every view there is. A new one is one file, and one line here."""

from santiao.projections.batches import BATCHES
from santiao.projections.case_overview import CASE_OVERVIEW
from santiao.projections.case_parties import CASE_PARTIES
from santiao.projections.contract import Projection
from santiao.projections.deadlines import DEADLINES_VIEW
from santiao.projections.feed_health import FEED_HEALTH
from santiao.projections.linking import LINKING
from santiao.projections.referral_worklist import REFERRAL_WORKLIST
from santiao.projections.statistics import STATISTICS
from santiao.projections.timeline import TIMELINE_VIEW

PROJECTIONS: tuple[Projection, ...] = (
    CASE_OVERVIEW,
    CASE_PARTIES,
    TIMELINE_VIEW,
    REFERRAL_WORKLIST,
    DEADLINES_VIEW,
    LINKING,
    FEED_HEALTH,
    STATISTICS,
    BATCHES,
)
