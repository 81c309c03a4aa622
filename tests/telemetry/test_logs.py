"""A log line is JSON and tells no person, whoever wrote it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from santiao.telemetry.logs import configure_logs, correlated


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What the log holds; the process's own logging is put back afterwards."""
    root, own = logging.getLogger(), logging.getLogger("santiao")
    before = root.handlers[:], root.level, own.level
    stream = io.StringIO()
    configure_logs("INFO", stream)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])


def lines(told: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_our_own_words_with_their_figures(told: io.StringIO) -> None:
    logging.getLogger("santiao.hub").info("a loop goes on", extra={"loop": "timers", "failures": 3, "feeds": ["court"]})
    (line,) = lines(told)
    assert (line["message"], line["loop"], line["failures"], line["feeds"]) == (
        "a loop goes on",
        "timers",
        3,
        ["court"],
    )
    assert str(line["at"]).endswith("+00:00")


def test_an_exception_is_its_type_and_place(told: io.StringIO) -> None:
    try:
        int("张三 340398198503151238")
    except ValueError:
        logging.getLogger("santiao.hub").exception("a step raised")
    (line,) = lines(told)
    assert line["error"] == "ValueError"
    assert "test_logs.py" in str(line["line"])
    assert "张三" not in told.getvalue()


def test_a_librarys_message_is_told_without_what_was_put_into_it(told: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.engine").warning("parameters %r", ["张三"])
    assert lines(told)[0]["message"] == "parameters %r"
    assert "张三" not in told.getvalue()


def test_an_object_is_told_by_its_type(told: io.StringIO) -> None:
    logging.getLogger("santiao.hub").info("taken", extra={"record": {"name": "张三"}})
    assert lines(told)[0]["record"] == "dict"


def test_libraries_are_quiet_below_warnings(told: io.StringIO) -> None:
    logging.getLogger("httpx").info("GET https://example.org/?name=张三")
    assert told.getvalue() == ""


def test_lines_of_one_piece_of_work_carry_its_id(told: io.StringIO) -> None:
    with correlated(request="r1"):
        logging.getLogger("santiao.api").info("asked")
        with correlated(batch="b7"):
            logging.getLogger("sqlalchemy.pool").warning("slow")
    logging.getLogger("santiao.api").info("done")
    first, second, third = lines(told)
    assert (first["request"], first.get("batch")) == ("r1", None)
    assert (second["request"], second["batch"]) == ("r1", "b7")
    assert "request" not in third


def test_for_people_the_same_in_one_line(told: io.StringIO) -> None:
    configure_logs("INFO", told, form="human")
    with correlated(batch="b7"):
        logging.getLogger("santiao.hub.receive").info("taken", extra={"items": 3, "name_class": "多\n行"})
    (line,) = told.getvalue().splitlines()
    assert line.endswith('hub.receive taken batch="b7" items=3 name_class="多\\n行"')
