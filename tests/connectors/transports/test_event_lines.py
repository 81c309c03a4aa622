"""CloudEvents saved as lines: one event a line, only of the types that are declared."""

import json
from pathlib import Path

from santiao.connectors.forms import EventsForm
from santiao.connectors.transports.event_lines import EventLines
from tests.connectors.transports.readings import fault_codes, items_of, reading

FORM = EventsForm(types=("cn.desk.opened.v1",))


def event(**changed: object) -> dict[str, object]:
    told = {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:desk",
        "type": "cn.desk.opened.v1",
        "time": "2026-03-20T16:00:00+08:00",
        "datacontenttype": "application/json",
        "data": {"fileNo": "D1"},
    }
    return {**told, **changed}


def test_events_come_with_their_attributes_and_data(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text(json.dumps(event()))
    (item,) = items_of(EventLines(FORM, reading()).read(str(tmp_path), None))
    assert item.cells is not None
    assert item.cells["data"] == {"fileNo": "D1"}
    assert item.delivered_at is not None
    assert item.delivered_at.isoformat() == "2026-03-20T16:00:00+08:00"


def test_one_bad_event_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    told = [event(type="cn.desk.other.v9"), event(specversion="0.3"), event(id=""), event(data="text"), event(id="2")]
    lines = [json.dumps(each) for each in told]
    (tmp_path / "events.jsonl").write_text("\n".join(["{cut", "", *lines]))
    items = items_of(EventLines(FORM, reading()).read(str(tmp_path), None))
    codes = fault_codes(items)
    assert codes[:2] == ["item.not_json", "item.unknown_type"]
    assert all(code.startswith("event.") for code in codes[2:4])
    assert codes[-1] == ""
    assert items[-1].where == "events.jsonl:7"


def test_types_are_taken_whatever_they_are_where_none_is_declared(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text(json.dumps(event(type="any")))
    assert fault_codes(items_of(EventLines(EventsForm(), reading()).read(str(tmp_path), None))) == [""]
