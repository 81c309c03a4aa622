"""Feedback in each agency's own form."""

import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest
from defusedxml.ElementTree import fromstring

from santiao.connectors.registry import Connectors
from santiao.connectors.render import CannotRender, Feedback, render

AT = datetime(2026, 3, 20, 8, 30, tzinfo=UTC)


def told(key: str = "K1", **changed: str) -> Feedback:
    common = {"stage": "agreed", "outcome": "O10", "text": "双方达成协议", "body": "治淮路街道人调委"}
    return Feedback(key=key, at=AT, **{**common, **changed})


def test_police_get_a_table_in_their_charset_and_codes(connectors: Connectors) -> None:
    rendered = render(connectors["police-110"].declaration, [told(), told("K2", stage="declined", outcome="")])
    first, second = csv.DictReader(io.StringIO(rendered.data.decode("gb18030")))
    assert rendered.table == "T_TJFK"
    assert (first["JJDBH"], first["TJZT"], first["TJJG"], first["TJSJ"]) == ("K1", "5", "01", "20260320163000")
    assert (second["TJZT"], second["TJJG"]) == ("2", "")


def test_a_court_gets_an_object_and_several_a_list(connectors: Connectors) -> None:
    declaration = connectors["court"].declaration
    one = msgspec.json.decode(render(declaration, [told()]).data)
    assert one["caseId"] == "K1"
    assert one["mediateResult"] == "调解成功"
    assert one["endTime"] == "2026-03-20 16:30:00"
    assert len(msgspec.json.decode(render(declaration, [told(), told("K2")]).data)) == 2


def test_petitions_get_a_document_whose_texts_are_escaped(connectors: Connectors) -> None:
    text = "甲 < 乙 & ]]> <!DOCTYPE x> 𫖯"
    rendered = render(connectors["petitions"].declaration, [told(text=text)])
    root = fromstring(rendered.data.decode("gb18030").split("\n", 1)[1])
    assert root[0].findtext("hfnr") == text


def test_a_cell_that_begins_like_a_formula_is_text(connectors: Connectors) -> None:
    rendered = render(connectors["human-resources"].declaration, [told(text="=HYPERLINK(1)")])
    assert "'=HYPERLINK(1)" in rendered.data.decode("gb18030")


@pytest.mark.parametrize("stage", ["accepted", "declined", "returned", "mediating", "agreed", "failed", "closed"])
def test_every_agency_has_a_word_for_every_stage(connectors: Connectors, stage: str) -> None:
    for connector in connectors.values():
        rule = connector.declaration.render
        assert rule is not None
        assert rule.stages.get(stage), (connector.name, stage)


def test_an_outcome_the_agency_has_no_word_for_is_not_invented(connectors: Connectors) -> None:
    rendered = render(connectors["hotline-12345"].declaration, [told(outcome="O77")])
    assert msgspec.json.decode(rendered.data)["handleResult"] == ""


def test_a_connector_that_declares_nothing_says_so(connectors: Connectors) -> None:
    declaration = msgspec.structs.replace(connectors["court"].declaration, render=None)
    with pytest.raises(CannotRender, match="court"):
        render(declaration, [told()])
