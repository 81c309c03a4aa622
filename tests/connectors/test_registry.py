"""A new agency is files and no code: a seventh folder, and its records are the hub's."""

from pathlib import Path

import pytest

from santiao.connectors.check import check
from santiao.connectors.declaration import DeclarationFault
from santiao.connectors.registry import Connectors, load_connectors
from santiao.domain.errors import NotFound
from santiao.domain.messages import FaultKind
from santiao.domain.records import DisputeFact
from santiao.domain.vocabulary import Op, PartyRole
from tests.connectors.conftest import NOW

DECLARATION = """\
name: village-desk
title: {zh: 村级矛盾登记, en: Village desk}
mapping_version: village-desk/1
city: "340300"
freshness: {answer_hours: 24, news_hours: 100}
forms:
  - {form: snapshot, files: ["*.csv"], key: 编号, header: [编号, 事由], charsets: [utf-8, gb18030]}
times:
  default: [yyyy-M-d]
headers: {序列号: 编号}
lists:
  kind: {file: kinds.csv, id: village.kind, edition: "1"}
numbers:
  - {kind: village-desk, regex: 'VD[0-9]{6}'}
shapes:
  quarrel:
    key: {value: 编号, pattern: 'VD\\d{6}'}
    refuse:
      - {when: [{of: 事由, like: 演练}], code: item.drill, en: a drill, zh: 演练}
    op_of: 状态
    ops: {撤销: WITHDRAW}
    updated_at: {value: "@since", patterns: [iso]}
    reported_on: [登记日]
    quoted_in: [事由]
    type:
      codes: [{value: 类别码, label: 类别, list: kind}]
    region: [{address: 地点}]
    stage:
      - {when: [{of: 状态, in: [已调成]}], stage: settled, outcome: O11}
      - {stage: open}
    narrative: 事由
    place: 地点
    parties:
      - {role: APPLICANT, name: 甲方, phones: [电话]}
      - {role: RESPONDENT, name: 乙方}
"""
LIST = "list_id,edition,code,label,hub_code,mapping_status\nvillage.kind,1,01,地界,D05,exact\n"
LEDGER = """\
村级矛盾登记
序列号,登记日,类别码,类别,甲方,电话,乙方,地点,事由,状态
VD260001,2026-3-1,01,,张三,13800000011,李四,怀远县,地界不清，报过警（警情编号20260312340302000187）,登记
VD260002,2026-3-2,,,王五,,赵六,五河县,借给赵六8000元有借条,已调成
VD260003,2026-3-3,01,,某甲,,某乙,固镇县,演练,登记
VD260004,2026-3-4,01,,孙七,,周八,固镇县,地界,撤销
,2026-3-5,01,,吴九,,郑十,固镇县,地界,登记
合计,,,,,,,,,
"""


@pytest.fixture
def seventh(tmp_path: Path, declarations: Path, regions: Path) -> Connectors:
    for folder in declarations.iterdir():
        if folder.is_dir():
            (tmp_path / folder.name).symlink_to(folder)
    desk = tmp_path / "village-desk"
    (desk / "samples").mkdir(parents=True)
    (desk / "connector.yaml").write_text(DECLARATION, encoding="utf-8")
    (desk / "kinds.csv").write_text(LIST, encoding="utf-8")
    (desk / "samples" / "登记_20260306.csv").write_text(LEDGER, encoding="gb18030")
    return load_connectors(tmp_path, regions=regions, clock=lambda: NOW)


def test_a_new_agency_needs_files_only(seventh: Connectors, tmp_path: Path) -> None:
    source = tmp_path / "village-desk" / "samples"
    items = [item for batch in seventh["village-desk"].read(str(source)) for item in batch.items]
    first, second, drill, withdrawn, nameless = items
    assert len(seventh) == 7
    assert first.record is not None
    assert isinstance(first.record.body, DisputeFact)
    assert first.record.body.type.hub_code == "D05"
    assert first.record.body.region.hub_code == "340321"
    assert [party.role for party in first.record.body.parties] == [PartyRole.APPLICANT, PartyRole.RESPONDENT]
    assert [(each.kind, each.number) for each in first.record.references] == [("police-110", "20260312340302000187")]
    assert second.record is not None
    assert isinstance(second.record.body, DisputeFact)
    assert second.record.body.type.hub_code == "D08"
    assert second.record.body.outcome is not None
    assert drill.fault is not None
    assert (drill.fault.kind, drill.fault.code, drill.raw) == (FaultKind.REFUSED, "item.drill", b"")
    assert withdrawn.record is not None
    assert withdrawn.record.op is Op.WITHDRAW
    assert nameless.fault is not None
    assert nameless.fault.kind is FaultKind.QUARANTINED


def test_others_quote_the_new_agencys_numbers(seventh: Connectors) -> None:
    item = '{"caseId":"8a8182f59b1c0001","caseStatus":"110","facts":"村里登记过，编号VD260001。"}'
    (told,) = seventh["court"].parse_body(item.encode(), "application/json", NOW)
    assert told.record is not None
    assert [(each.kind, each.number) for each in told.record.references] == [("village-desk", "VD260001")]


def test_its_samples_are_checked_like_the_others(seventh: Connectors, tmp_path: Path, regions: Path) -> None:
    assert "village-desk" in seventh
    (tmp_path / "village-desk" / "samples" / "expected.json").write_text('{"登记_20260306.csv": {"shows": []}}')
    assert not check(tmp_path, regions=regions, name="village-desk").is_good
    check(tmp_path, regions=regions, name="village-desk", write=True)
    assert check(tmp_path, regions=regions, name="village-desk").is_good


def test_an_unknown_connector_is_told_with_those_there_are(connectors: Connectors) -> None:
    with pytest.raises(NotFound, match="known are court"):
        connectors["nobody"]


def test_a_folder_without_declarations_is_told(tmp_path: Path, regions: Path) -> None:
    with pytest.raises(DeclarationFault, match="SANTIAO_CONNECTORS"):
        load_connectors(tmp_path, regions=regions, clock=lambda: NOW)
