"""Each agency's form: fields, encodings, signatures and the accidents that a reader must survive."""

import hashlib
import hmac
import json
import re
import sqlite3
from collections import Counter
from itertools import pairwise

from tests.simulation.delivered import DeliveredCity

SECRET = b"TEST-SECRET-12345"


def test_police_tables_are_whole_snapshots_that_grow(city: DeliveredCity) -> None:
    days = list(city.incidents.values())
    assert [len(day) for day in days] == sorted(len(day) for day in days)
    for earlier, later in pairwise(days):
        assert {row["JJDBH"] for row in earlier} <= {row["JJDBH"] for row in later}
        assert [row["GXSJ"] for row in later] == sorted(row["GXSJ"] for row in later)
    assert {len(row["JJDBH"]) for row in days[-1] if row["JJDBH"].isdigit()} == {20}


def test_police_rows_end_in_the_database_as_in_the_last_snapshot(city: DeliveredCity) -> None:
    database = sqlite3.connect(city.folder / "police-110/qzk_110.sqlite")
    try:
        stored = {row[0]: row[1] for row in database.execute("SELECT JJDBH, GXSJ FROM T_JJDB")}
        tables = [
            row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
    finally:
        database.close()
    last = list(city.incidents.values())[-1]
    assert stored == {row["JJDBH"]: row["GXSJ"] for row in last}
    assert tables == ["T_CJFK", "T_JJDB"]


def test_an_incident_text_is_cut_at_two_thousand_bytes_within_a_character(city: DeliveredCity) -> None:
    cut = {row["key"] for row in city.truth["phenomena"]["N18"] if row["what"] == "BJNR_cut_at_2000_bytes"}
    raw = (city.folder / "police-110" / list(city.incidents)[-1]).read_bytes()
    cells = [cell for line in raw.split(b"\r\n") for cell in line.split(b",") if len(cell) > 1990]
    assert cut
    assert {len(cell.strip(b'"')) for cell in cells} == {2000}
    assert all(cell.decode("gb18030", "replace").endswith("\ufffd") for cell in cells)


def test_feedback_comes_before_incidents_that_were_loaded_late(city: DeliveredCity) -> None:
    early = {row["key"] for row in city.truth["phenomena"]["N3"] if row["what"] == "feedback_before_incident"}
    first_feedback = next(iter({row["JJDBH"] for row in rows} for rows in city.feedback.values()))
    assert early
    assert city.phenomena("N3") >= {"feedback_whose_incident_never_comes", "later_version_arrives_first"}
    assert first_feedback


def test_court_answers_are_pages_with_three_ways_to_say_success(city: DeliveredCity) -> None:
    codes: Counter[str] = Counter()
    for path in sorted(city.folder.glob("court/page-*.json")):
        try:
            answer = json.loads(path.read_bytes())
        except ValueError:
            codes["not json"] += 1
            continue
        codes[repr(answer["code"])] += 1
        if answer["data"]:
            data = answer["data"]
            assert len(data["records"]) <= data["pageSize"]
            assert data["hasNext"] == (data["pageNo"] * data["pageSize"] < data["total"])
    assert set(codes) == {"200", "'200'", "'0000'", "500", "not json"}


def test_a_filed_case_names_the_mediation_it_came_from(city: DeliveredCity) -> None:
    records = city.records
    filed = [row for row in records.values() if "filed_from" in row]
    assert filed
    for row in filed:
        case = json.loads(city.texts["court", row["key"]][-1])
        first = records["court", row["filed_from"]]
        assert case["originalCaseNo"] == first["aliases"][0]
        assert case["caseStatus"] == "130"
        assert "民初" in row["aliases"][0]
        assert "民诉前调" in first["aliases"][0]


def test_petition_files_are_declared_gb2312_and_hold_more(city: DeliveredCity) -> None:
    beyond = 0
    for name in city.petitions:
        raw = (city.folder / "petitions" / name).read_bytes()
        assert raw.startswith(b'<?xml version="1.0" encoding="GB2312"?>')
        try:
            raw.decode("gb2312")
        except UnicodeDecodeError:
            beyond += 1
    assert beyond


def test_petition_accidents_are_as_the_truth_says(city: DeliveredCity) -> None:
    files = {row["file"]: row for row in city.truth["deliveries"] if row["agency"] == "petitions"}
    for name, row in files.items():
        path = city.folder / name
        assert path.with_suffix(".ok").exists() == (row["expect"] != "unread")
        raw = path.read_bytes()
        assert (b"</XfjList>" not in raw) == (row.get("reason") == "truncated_xml")
        assert (b"<!DOCTYPE" in raw) == (row.get("reason") == "external_entity")
    expected = Counter(row["expect"] for row in files.values())
    assert (expected["unread"], expected["quarantined"], expected["refused"]) == (1, 1, 1)
    operations = "".join(element for elements in city.petitions.values() for element in elements)
    assert set(re.findall(r"<op>(\w+)</op>", operations)) == {"WITHDRAW", "MERGE", "UNMERGE", "SPLIT"}


def test_a_merged_petition_is_not_told_of_again(city: DeliveredCity) -> None:
    for row in city.truth["records"]:
        if row.get("state") == "merged":
            told = city.texts["petitions", row["key"]]
            assert "<op>MERGE</op>" in told[-1]


def test_ledgers_are_weekly_snapshots_with_their_habits(city: DeliveredCity) -> None:
    names = list(city.ledgers)
    assert [name.rsplit(".")[-1] for name in names] == ["csv"] * 8 + ["xlsx"]
    headers = [next(row for row in rows if row[0] == "案件编号") for rows in city.ledgers.values()]
    assert city.ledgers[names[1]].index(headers[1]) == 2
    assert headers[0] != headers[7]
    assert "是否农民工" in headers[7]
    for rows in city.ledgers.values():
        assert any(row[0] == "合计" for row in rows)


def test_a_row_that_is_absent_from_the_last_two_ledgers_is_in_neither(city: DeliveredCity) -> None:
    absent = [row for row in city.truth["records"] if row["state"] == "absent"]
    names = list(city.ledgers)
    assert absent
    for row in absent:
        present = [name for name in names if any(cells[0] == row["key"] for cells in city.ledgers[name])]
        assert present
        assert not set(present) & set(names[-2:])


def test_hotline_signatures_are_right_but_for_those_to_be_refused(city: DeliveredCity) -> None:
    deliveries = {row["line"]: row for row in city.truth["deliveries"] if row["agency"] == "hotline-12345"}
    nonces: set[str] = set()
    for number, line in enumerate(city.orders, 1):
        headers, row = line["headers"], deliveries[number]
        digest = hashlib.new("sm3", line["body"].encode()).hexdigest()
        message = f"{headers['X-Timestamp']}\n{headers['X-Nonce']}\n{digest}".encode()
        right = hmac.new(SECRET, message, "sm3").hexdigest() == headers["X-Sign"]
        assert right == (row.get("reason") != "wrong_signature")
        assert (headers["X-Nonce"] in nonces) == (row.get("reason") == "replayed_nonce")
        nonces.add(headers["X-Nonce"])
    assert [line["received_at"] for line in city.orders] == sorted(line["received_at"] for line in city.orders)
    assert {row.get("reason") for row in deliveries.values()} >= {"old_timestamp", "invalid_json", "missing_orderNo"}


def test_the_hotline_is_silent_over_the_holiday(city: DeliveredCity) -> None:
    assert not [line for line in city.orders if "2026-02-16" <= line["received_at"][:10] <= "2026-02-22"]
    assert any("2026-02-23" <= line["received_at"][:10] <= "2026-02-27" for line in city.orders)


def test_a_number_used_again_has_its_plan_time_in_the_key(city: DeliveredCity) -> None:
    again = [key for key in city.records if "|" in key[1]]
    assert again
    for agency, key in again:
        number = key.partition("|")[0]
        assert (agency, number) in city.records
        assert city.records[agency, number]["reported_at"] < city.records[agency, key]["reported_at"]


def test_committees_speak_cloudevents(city: DeliveredCity) -> None:
    whole = [event for event in city.events if event.get("subject")]
    for event in whole:
        assert event["specversion"] == "1.0"
        assert {"id", "source", "type", "time", "data"} <= event.keys()
        assert event["time"].endswith("+08:00")
        assert event["data"]["fileNo"] == event["subject"]
    assert {event["type"].removeprefix("cn.peoples-mediation.") for event in whole} == {
        *("dispute.registered.v1", "dispute.corrected.v1", "mediation.started.v1"),
        *("mediation.concluded.v1", "dispute.followed-up.v1"),
    }
    bodies = {event["id"]: event for event in whole}
    assert len(bodies) < len(whole)
    assert all(bodies[event["id"]] == event for event in whole)


def test_an_informer_is_to_be_refused_however_it_was_booked(city: DeliveredCity) -> None:
    accusations = [row for row in city.truth["records"] if row.get("category") == "accusation"]
    assert {row["expect"] for row in accusations} == {"refused"}
    assert {row["reason"] for row in accusations} == {"accusation_informer_protected"}
    for row in accusations:
        if row["agency"] == "petitions":
            booked_as_one = 'dm="04"' in city.texts["petitions", row["key"]][0]
            assert booked_as_one == (not row.get("hidden_accusation"))
