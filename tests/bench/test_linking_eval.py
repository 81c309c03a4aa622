"""How linking is judged: components count, what the hub never took does not, and both precisions can fall apart."""

import json
from pathlib import Path

from bench.linking_eval import Pair, Truth, evaluate, read_truth


def pair(one: str, other: str) -> Pair:
    return frozenset({("court", one), ("court", other)})


TRUTH = Truth(
    disputes={
        ("court", key): dispute for key, dispute in {"a": "D1", "b": "D1", "c": "D1", "d": "D2", "e": ""}.items()
    },
    links={pair("a", "b"): "both_ids", pair("b", "c"): "explicit_reference", pair("a", "c"): "text_only"},
    hard_negatives={pair("c", "d"): "common_name"},
)


def test_a_pair_joined_through_a_third_counts() -> None:
    report = evaluate(TRUTH, [pair("a", "b"), pair("b", "c")], [])
    assert report.joined["text_only"].rate == 1.0
    assert report.certain_recall.rate == report.case_precision.rate == 1.0
    assert (report.case_precision.of, report.link_precision.of) == (3, 2)


def test_one_wrong_link_joins_every_pair_of_two_cases() -> None:
    report = evaluate(TRUTH, [pair("a", "b"), pair("b", "c"), pair("b", "d")], [])
    assert report.link_precision.rate == 2 / 3
    assert (report.case_precision.right, report.case_precision.of) == (3, 6)
    assert report.hard_negatives_joined == {"common_name": 1}
    assert ("court:b", "court:d") in report.wrong_pairs


def test_a_source_of_no_dispute_is_never_rightly_linked() -> None:
    assert evaluate(TRUTH, [pair("a", "e")], []).link_precision.right == 0
    assert evaluate(TRUTH, [], [pair("a", "e"), pair("a", "c")]).proposal_precision.rate == 0.5


def test_proposals_cover_what_links_do_not() -> None:
    report = evaluate(TRUTH, [pair("a", "b")], [pair("a", "c")])
    assert (report.joined["text_only"].rate, report.covered["text_only"].rate) == (0.0, 1.0)
    assert report.covered["both_ids"].rate == 1.0


def test_what_no_hub_takes_has_no_part(tmp_path: Path) -> None:
    rows = [
        {"agency": "court", "key": "a", "dispute": "D1", "expect": "accepted"},
        {"agency": "court", "key": "b", "dispute": "D1", "expect": "refused"},
        {"agency": "court", "key": "c", "dispute": "D1", "expect": "blocked"},
    ]
    ends = {name: {"agency": "court", "key": name} for name in "abc"}
    links = [
        {"a": ends["a"], "b": ends["b"], "evidence": "both_ids"},
        {"a": ends["a"], "b": ends["c"], "evidence": "text_only"},
    ]
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"records": rows, "links": links, "hard_negatives": []}))
    truth = read_truth(path)
    assert truth.links == {pair("a", "c"): "text_only"}
    assert ("court", "b") not in truth.disputes
