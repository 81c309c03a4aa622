"""Hotline orders: the number that is used again, versions, masked telephones, markup, and what was settled by a reply."""

import pytest

from santiao.connectors.registry import Connectors
from santiao.domain.vocabulary import MappingStatus, Op, PartyRole
from tests.connectors.agencies.items import code, dispute_of, hotline, people, record_of


def test_a_number_used_again_is_another_order(connectors: Connectors) -> None:
    first = record_of(hotline(connectors))
    again = record_of(hotline(connectors, createTime="2026-04-12 09:00:00", planTime="2026-04-19 09:00:00"))
    assert first.key != again.key
    assert first.key_base == again.key_base == "BB2603120007"
    assert first.key_rank < again.key_rank


def test_versions_order_what_no_time_of_change_does(connectors: Connectors) -> None:
    record = record_of(hotline(connectors, version=3))
    assert record.source_version == 3


def test_cancelled_is_withdrawn(connectors: Connectors) -> None:
    told = hotline(connectors, eventType="ORDER_CANCELLED", cancelReason="来电人撤回")
    assert record_of(told).op is Op.WITHDRAW
    assert code(dispute_of(told).outcome) == "O21"


@pytest.mark.parametrize(
    ("members", "stage", "outcome"),
    [
        ({"eventType": "ORDER_CREATED"}, "open", None),
        ({"eventType": "ORDER_RETURNED"}, "open", None),
        ({"eventType": "ORDER_DISPATCHED", "dispatchTo": [{"org": "蚌山区住建局"}]}, "dispatched", None),
        ({"eventType": "ORDER_VISITED"}, "reopened", None),
        ({"eventType": "ORDER_CLOSED", "reply": "经调解双方已达成一致", "result": "已解决"}, "settled", "O11"),
        ({"eventType": "ORDER_CLOSED", "reply": "双方分歧大，未达成一致", "result": "未解决"}, "closed", None),
    ],
)
def test_how_an_order_stands(
    connectors: Connectors, members: dict[str, object], stage: str, outcome: str | None
) -> None:
    fact = dispute_of(hotline(connectors, **members))
    assert (code(fact.stage), code(fact.outcome)) == (stage, outcome)


def test_a_masked_telephone_keeps_its_stars_and_says_so(connectors: Connectors) -> None:
    (party,) = dispute_of(hotline(connectors, cusName="张女士", cusPhone="138****0007")).parties
    assert party.role is PartyRole.CALLER
    assert (party.phones[0].number, party.phones[0].masked) == ("138****0007", True)


def test_markup_is_no_text(connectors: Connectors) -> None:
    text = "<p>市民反映：<br/>对方为<b>蚌埠市千里家具有限公司</b>&nbsp;拒不退款<script>alert(1)</script></p>"
    fact = dispute_of(hotline(connectors, contentText=text))
    assert fact.narrative is not None
    assert fact.narrative.value is not None
    assert "<" not in fact.narrative.value
    assert (PartyRole.RESPONDENT, "蚌埠市千里家具有限公司") in people(fact)


def test_the_catalogues_last_drawer_is_filled_by_the_words(connectors: Connectors) -> None:
    fact = dispute_of(
        hotline(
            connectors,
            catalogId="",
            businessType=["其他", "其他", "其他"],
            contentText="楼上漏水泡坏我家天花板，要求邻居赔偿",
        )
    )
    assert fact.type.mapping_status in {MappingStatus.DEFAULTED_BY_SOURCE, MappingStatus.UNMAPPED}
    assert fact.type.hub_code not in {None, "D99"}


def test_one_time_tokens_are_no_news(connectors: Connectors) -> None:
    hashes = {record_of(hotline(connectors, eventId=str(n), realPhoneToken=f"t{n}")).content_hash for n in range(3)}
    assert len(hashes) == 1
