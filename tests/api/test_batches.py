"""Parent batches over the API: cases are asked for by their batch, and each says which it is a child of."""

from tests.api.conftest import Numbering, Served
from tests.api.test_cases import COMMITTEE, register

NUMBER = "QT202603023403020000018"


def test_cases_are_asked_for_by_their_batch_and_say_which_it_is(served: Served, file_no: Numbering) -> None:
    case_id, _ = register(served, file_no)
    assert served.get(f"/v1/cases/{case_id}", COMMITTEE).json()["batch"] == ""
    assert served.get(f"/v1/cases?batch={NUMBER}", COMMITTEE).json()["items"] == []


def test_a_batch_is_told_as_it_stands_and_not_as_of_a_time(served: Served) -> None:
    answer = served.get(f"/v1/cases?batch={NUMBER}&as_of=2026-03-02", COMMITTEE)
    assert (answer.status_code, answer.json()["code"]) == (400, "batch.as_of")
