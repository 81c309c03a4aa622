"""Court mediation: how a case stands by its status, result and reason, its numbers, and its parties and agents."""

import pytest

from santiao.connectors.registry import Connectors
from santiao.domain.vocabulary import IdentityKind, PartyKind, PartyRole, RelationKind
from tests.connectors.agencies.items import code, court, dispute_of, people, person_id, record_of


@pytest.mark.parametrize(
    ("members", "stage", "outcome"),
    [
        ({"caseStatus": "110"}, "open", None),
        ({"caseStatus": "170"}, "mediating", None),
        ({"caseStatus": "130"}, "filed", None),
        ({"mediation": {"result": "调解成功"}}, "settled", "O10"),
        ({"mediation": {"result": "调解不成功", "terminateReason": "双方分歧较大"}}, "failed", "O32"),
        ({"mediation": {"result": "未达成协议"}}, "failed", "O32"),
        ({"mediation": {"result": "终止", "terminateReason": "无法联系被申请人"}}, "failed", "O30"),
        ({"mediation": {"result": "终止", "terminateReason": "一方明确表示不愿意继续调解"}}, "failed", "O31"),
        ({"mediation": {"result": "终止", "terminateReason": "调解期限届满"}}, "failed", "O33"),
        ({"mediation": {"result": "终止", "terminateReason": "达成协议后拒绝签字"}}, "failed", "O34"),
        ({"mediation": {"result": "终止", "terminateReason": "双方自行和解"}}, "cancelled", "O20"),
        ({"mediation": {"result": "终止", "terminateReason": "申请人撤回申请"}}, "cancelled", "O21"),
    ],
)
def test_how_a_case_stands(connectors: Connectors, members: dict[str, object], stage: str, outcome: str | None) -> None:
    fact = dispute_of(court(connectors, **{"caseStatus": "900", **members}))
    assert (code(fact.stage), code(fact.outcome)) == (stage, outcome)


def test_its_own_number_is_an_alias_and_the_number_it_came_from_a_reference(connectors: Connectors) -> None:
    record = record_of(
        court(
            connectors,
            caseNo="（2026）皖0302民初123号",
            originalCaseNo="(2026)皖 0302诉前调9 号",
            facts="本案案号（2026）皖0302民初123号，派出所出警（警情编号20260312340302000187）。",
        )
    )
    assert record.aliases == ("(2026)皖0302民初123号",)
    told = [(each.kind, each.relation) for each in record.references]
    assert told == [("court", RelationKind.SPAWNED_FROM), ("police-110", RelationKind.SAME_DISPUTE)]


def test_parties_and_agents(connectors: Connectors) -> None:
    fact = dispute_of(
        court(
            connectors,
            parties=[
                {
                    "name": "张三",
                    "litigationStatus": "15_020008-1",
                    "type": "ZRR",
                    "idNo": person_id(1),
                    "phone": "13800000001",
                },
                {
                    "name": "蚌埠市千里家具有限公司",
                    "litigationStatus": "15_020008-2",
                    "type": "FR",
                    "idNo": "91340300MA2ABCDE1X",
                },
                {"name": "李四", "litigationStatus": "第三人", "type": "ZRR"},
            ],
            agents=[{"name": "王律师", "phone": "13800000009"}],
        )
    )
    assert [role for role, _ in people(fact)] == [
        PartyRole.APPLICANT,
        PartyRole.RESPONDENT,
        PartyRole.THIRD_PARTY,
        PartyRole.AGENT,
    ]
    assert fact.parties[1].kind is PartyKind.ORG
    assert fact.parties[1].org_key
    assert fact.parties[1].ids[0].kind is IdentityKind.USCC
    assert fact.parties[3].represents == 0


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"caseCause": "9265", "caseCauseName": "民间借贷纠纷"}, "D08"),
        ({"caseCauseName": "离婚纠纷"}, "D01"),
        ({"caseCause": "nonsense", "caseCauseName": "机动车交通事故责任纠纷"}, None),
    ],
)
def test_causes_by_code_or_by_name(connectors: Connectors, members: dict[str, str], kind: str | None) -> None:
    told = code(dispute_of(court(connectors, **members)).type)
    assert told == kind if kind else told not in {None, "D99"}


def test_links_to_files_that_change_with_every_answer_are_no_news(connectors: Connectors) -> None:
    hashes = {record_of(court(connectors, files=[{"url": f"/f?e={n}"}], fwlsh=str(n))).content_hash for n in range(3)}
    assert len(hashes) == 1
