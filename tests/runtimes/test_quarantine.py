"""What was not understood is tried again from its own bytes, in every form an agency delivers, once the cause is mended."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
import yaml

from santiao.bootstrap import Hub
from santiao.domain.errors import NotFound
from santiao.settings import Settings
from santiao.simulation.police_tables import INCIDENT, SCHEMA
from santiao.store import intake
from santiao.store.resources import resource_dir

TOO_STRICT = "[a-z]{90}"
LEDGER = ["案件编号", "申请人", "被申请人", "争议类型", "申请日期", "状态"]


def strict_home(tmp_path: Path, connector: str) -> Path:
    """Declarations of which one asks for keys that no agency has."""
    folder = tmp_path / "connectors"
    shutil.copytree(resource_dir("connectors"), folder)
    path = folder / connector / "connector.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    for shape in told["shapes"].values():
        shape["key"]["pattern"] = TOO_STRICT
    path.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def police_csv(folder: Path) -> str:
    row = dict.fromkeys(INCIDENT, "") | {
        "JJDBH": "20260302340302000187", "XZQH": "340302", "BJSJ": "20260302101500", "GXSJ": "20260302102000",
        "BJNR": "楼上漏水，双方为赔偿发生争吵。", "JQLBDM": "200200", "SFYX": "1",
    }  # fmt: skip
    lines = [",".join(INCIDENT), ",".join(row[name] for name in INCIDENT)]
    (folder / "T_JJDB.day1.csv").write_bytes("\r\n".join(lines).encode("gb18030") + b"\r\n")
    return str(folder)


def police_table(folder: Path) -> str:
    path = folder / "qzk.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(SCHEMA)
        database.execute(
            "INSERT INTO T_JJDB (JJDBH, XZQH, BJSJ, GXSJ, BJNR, JQLBDM, SFYX) VALUES "
            "('20260302340302000187', '340302', '20260302101500', '20260302102000', '邻居漏水争吵', '200200', '1')"
        )
    return f"sqlite:///{path}"


def court_pages(folder: Path) -> str:
    record = {
        "caseId": "8a8182f59e370001",
        "caseStatus": "170",
        "updateTime": "2026-03-02 10:20:00",
        "facts": "邻里漏水纠纷",
    }
    answer = {"code": 200, "data": {"total": 1, "hasNext": False, "records": [record]}}
    (folder / "page-0001.json").write_text(json.dumps(answer), encoding="utf-8")
    return str(folder)


def petition_file(folder: Path) -> str:
    text = (
        '<?xml version="1.0" encoding="GB2312"?><XfjList><Xfj><xfjbh>340300202603020002</xfjbh><tsnr>楼上漏水</tsnr>'
        "<lastmodifytime>2026-03-02T10:20:00</lastmodifytime></Xfj></XfjList>"
    )
    (folder / "XFJ_340300_20260302_001.xml").write_bytes(text.encode("gb18030"))
    (folder / "XFJ_340300_20260302_001.ok").touch()
    return str(folder)


def ledger_csv(folder: Path) -> str:
    lines = [",".join(LEDGER), "蚌劳人仲调〔2026〕0041号,张三,安徽某公司,劳动报酬,2026/3/2,调解中"]
    (folder / "劳动争议案件台账_20260306.csv").write_bytes("\r\n".join(lines).encode("gb18030") + b"\r\n")
    return str(folder)


def ledger_workbook(folder: Path) -> str:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(LEDGER)
    sheet.append(["蚌劳人仲调〔2026〕0041号", "张三", "安徽某公司", "劳动报酬", "2026/3/2", "调解中"])
    book.save(folder / "劳动争议案件台账_20260306.xlsx")
    return str(folder)


FORMS = {
    "police-110 csv": ("police-110", police_csv),
    "police-110 table": ("police-110", police_table),
    "court page": ("court", court_pages),
    "petitions xml": ("petitions", petition_file),
    "human-resources csv": ("human-resources", ledger_csv),
    "human-resources workbook": ("human-resources", ledger_workbook),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_item_is_taken_from_its_own_bytes_after_a_mend(tmp_path: Path, form: str) -> None:
    connector, deliver = FORMS[form]
    folder = tmp_path / "deliveries"
    folder.mkdir()
    source = deliver(folder)
    strict = strict_home(tmp_path, connector)
    before = Hub(Settings(home=tmp_path / "home", clock="follow", connectors=strict))
    counts = before.receive_once(connector, [source], lambda _n: None)
    assert (counts.received, counts.quarantined) == (1, 1)
    still = before.quarantine.replay([])
    assert (still.matched, still.taken, still.left) == (1, 0, 1)
    before.close()

    after = Hub(Settings(home=tmp_path / "home", clock="follow"))
    (item,) = after.quarantine.find()
    assert item.tries == 2
    with after.database.readable() as connection:
        mark = intake.read_watermark(after.database, connection, connector, "main")
    assert after.quarantine.replay([], dry_run=True).matched == 1
    report = after.quarantine.replay([], connector=connector, code=item.code)
    assert (report.matched, report.taken, report.left) == (1, 1, 0), after.quarantine.find()
    assert after.quarantine.find() == []
    with after.database.readable() as connection:
        assert intake.read_watermark(after.database, connection, connector, "main") == mark
        totals = intake.read_counts(connection)
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM sources").scalar() == 1
    told = {state: totals.get(f"{connector}|{state}", 0) for state in ("received", "accepted", "quarantined")}
    assert told == {"received": 3, "accepted": 1, "quarantined": 2}
    again = after.receive_once(connector, [source], lambda _n: None)
    assert again.quarantined == 0
    after.close()


def test_filters_choose_and_what_is_not_there_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "deliveries"
    folder.mkdir()
    (folder / "page-0001.json").write_text("<html>", encoding="utf-8")
    (folder / "page-0002.json").write_text('{"code":200,"data":{"records":[{"caseId":""}]}}', encoding="utf-8")
    hub = Hub(Settings(home=tmp_path / "home", clock="follow"))
    hub.receive_once("court", [str(folder)], lambda _n: None)
    assert {item.code for item in hub.quarantine.find()} == {"file.not_json", "item.no_key"}
    assert [item.code for item in hub.quarantine.find(code="item.no_key")] == ["item.no_key"]
    assert hub.quarantine.find(connector="petitions") == []
    assert hub.quarantine.raw(hub.quarantine.find(code="file.not_json")[0].id) == b"<html>"
    with pytest.raises(NotFound):
        hub.quarantine.replay(["q0"])
    hub.close()
