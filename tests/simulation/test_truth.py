"""The truth is what the delivered bytes say: links, evidence and files are found again by code that knows nothing of the simulator."""

import re
import unicodedata
from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from tests.simulation.delivered import DeliveredCity, Key

SILENT = ("refused", "unread", "quarantined")


def plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def numbers(city: DeliveredCity, key: Key) -> list[str]:
    return [plain(number) for number in (key[1].partition("|")[0], *city.records[key].get("aliases", []))]


class Reader:
    """What stands in the delivered text of a record."""

    def __init__(self, city: DeliveredCity) -> None:
        self.city = city
        self.parties: dict[str, Any] = city.truth["parties"]
        self.texts = {key: plain("\n".join(told)) for key, told in city.texts.items()}
        self.disputes = {dispute["id"]: dispute for dispute in city.truth["disputes"]}

    def has_identity(self, text: str, who: str) -> bool:
        party = self.parties[who]
        if "uscc" in party:
            return party["uscc"] in text
        return party["id"] in text or party["id"][:6] + party["id"][8:17] in text

    def has_phone(self, text: str, phone: str) -> bool:
        return phone in text or f"{phone[:3]}****{phone[-4:]}" in text

    def weigh(self, link: dict[str, Any]) -> tuple[str, dict[str, object]]:
        a, b = (link["a"]["agency"], link["a"]["key"]), (link["b"]["agency"], link["b"]["key"])
        dispute, x, y = self.disputes[link["dispute"]], self.texts[a], self.texts[b]
        sides = [*dispute["applicants"], dispute["respondent"]]
        ids = {who for who in sides if self.has_identity(x, who) and self.has_identity(y, who)}
        names = {who for who in sides if self.parties[who]["name"] in x and self.parties[who]["name"] in y}
        people = {*sides, *(party["id"] for key in (a, b) for party in self.city.records[key]["parties"])}
        phones = {self.parties[who]["phone"] for who in people if who.startswith("P")}
        phones = {phone for phone in phones if self.has_phone(x, phone) and self.has_phone(y, phone)}
        place = plain(re.sub(r"\d+栋$", "", dispute["spot"]))
        near = place in x and place in y
        return self._evidence(a, b, dispute, ids, names, near and bool(phones)), {
            "ids": len(ids),
            "names": len(names),
            "phones": len(phones),
            "place": near,
        }

    def _evidence(self, a: Key, b: Key, dispute: dict[str, Any], ids: set[str], names: set[str], met: bool) -> str:
        x, y = self.texts[a], self.texts[b]
        applicants, respondent = set(dispute["applicants"]), dispute["respondent"]
        if any(number in x for number in numbers(self.city, b)) or any(number in y for number in numbers(self.city, a)):
            return "explicit_reference"
        if respondent in ids and applicants & ids:
            return "both_ids"
        if (applicants & ids and respondent in names) or (respondent in ids and applicants & names):
            return "one_id_and_counterpart"
        return "phone_and_place" if met else "text_only"


@pytest.fixture(scope="module")
def reader(city: DeliveredCity) -> Reader:
    return Reader(city)


def test_evidence_is_what_the_delivered_text_offers(city: DeliveredCity, reader: Reader) -> None:
    wrong = []
    for link in city.truth["links"]:
        evidence, shared = reader.weigh(link)
        if (evidence, shared) != (link["evidence"], link["shared"]):
            wrong.append((link, evidence, shared))
    assert wrong == []
    assert {link["evidence"] for link in city.truth["links"]} == {
        *("explicit_reference", "both_ids", "one_id_and_counterpart", "phone_and_place", "text_only")
    }


def test_links_are_all_pairs_of_records_of_one_dispute(city: DeliveredCity) -> None:
    expected = set()
    for dispute in city.truth["disputes"]:
        keys = [(source["agency"], source["key"]) for source in dispute["sources"]]
        held = [key for key in keys if city.records[key]["expect"] not in SILENT]
        expected |= {frozenset(pair) for pair in combinations(held, 2)}
        assert keys
    told = {
        frozenset(((link["a"]["agency"], link["a"]["key"]), (link["b"]["agency"], link["b"]["key"])))
        for link in city.truth["links"]
    }
    assert told == expected
    assert len(city.truth["links"]) == len(expected)


def test_hard_negatives_are_pairs_of_different_disputes(city: DeliveredCity) -> None:
    records = city.records
    for pair in city.truth["hard_negatives"]:
        a, b = (records[pair[side]["agency"], pair[side]["key"]] for side in ("a", "b"))
        assert [a["dispute"], b["dispute"]] == pair["disputes"]
        assert a["dispute"] != b["dispute"]
    assert len({pair["why"] for pair in city.truth["hard_negatives"]}) > 8


def test_no_key_is_given_twice(city: DeliveredCity) -> None:
    keys = Counter((row["agency"], row["key"]) for row in city.truth["records"])
    assert [key for key, count in keys.items() if count > 1 and key[1]] == []


def test_every_record_that_was_taken_was_delivered(city: DeliveredCity) -> None:
    for key, row in city.records.items():
        if row["expect"] in ("accepted", "blocked"):
            assert city.texts[key]
            assert all((city.folder / file).is_file() for file in row["files"])


def test_counts_are_those_of_what_is_listed(city: DeliveredCity) -> None:
    counts, truth = city.truth["counts"], city.truth
    assert counts["disputes"] == len(truth["disputes"]) == 400
    assert counts["records"] == dict(Counter(row["agency"] for row in truth["records"]))
    assert counts["expect"] == dict(Counter(row["expect"] for row in truth["records"]))
    assert counts["links"] == dict(Counter(link["evidence"] for link in truth["links"]))


def test_a_renewed_dispute_comes_long_after_the_agreement(city: DeliveredCity) -> None:
    disputes = {dispute["id"]: dispute for dispute in city.truth["disputes"]}
    renewed = [dispute for dispute in disputes.values() if "new_dispute_after" in dispute]
    assert renewed
    for dispute in renewed:
        earlier = disputes[dispute["new_dispute_after"]]
        assert earlier["settled"]
        assert earlier["applicants"] == dispute["applicants"]
        assert earlier["started_on"] < dispute["started_on"]


def test_every_phenomenon_is_somewhere(city: DeliveredCity) -> None:
    assert list(city.truth["phenomena"]) == [f"N{n}" for n in range(1, 26)]
    assert [name for name, rows in city.truth["phenomena"].items() if not rows] == []


def test_gates_belong_to_what_is_blocked_or_refused(city: DeliveredCity) -> None:
    rows = city.truth["records"]
    assert {row["gate"] for row in rows if "gate" in row} == {"G1", "G2", "G3", "G4", "G5", "G7", "G8"}
    for row in rows:
        assert ("gate" in row) == (row["expect"] == "blocked" or row.get("category") == "accusation")
        assert not (row.get("gate_near_miss") and "gate" in row)
    assert any(row.get("gate_near_miss") for row in rows)
    assert any(row.get("hidden_accusation") for row in rows)
    assert any(row.get("broken_reference") for row in rows)


def test_a_quoted_number_that_is_broken_belongs_to_nobody(city: DeliveredCity, reader: Reader) -> None:
    known = {number for key in city.records for number in numbers(city, key)}
    for key, row in city.records.items():
        if row.get("broken_reference"):
            others = [
                number
                for number in known
                if len(number) > 9 and number in reader.texts[key] and number not in numbers(city, key)
            ]
            own = [each for each in (row.get("repeat_of"), row.get("merged_into")) if each]
            own += numbers(city, ("court", row["filed_from"])) if "filed_from" in row else []
            assert [number for number in others if number not in own] == []
