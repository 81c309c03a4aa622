"""XML into items: no DTD is ever read, a cut document is one item, and the bytes are believed more than what is declared."""

import pytest

from santiao.connectors.transports.elements import DocumentForm, read_elements
from santiao.domain.messages import FaultKind
from tests.connectors.transports.readings import fault_codes

FORM = DocumentForm("Xfj", frozenset({"Xfr", "splitInto"}), ("utf-8", "gb18030"), 100)
DECLARED = '<?xml version="1.0" encoding="GB2312"?>\n'
BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">]>'
)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>',
        '<!DOCTYPE x SYSTEM "x.dtd">',
        '<!DOCTYPE x PUBLIC "-//W3C//DTD" "http://127.0.0.1:1/x.dtd">',
        "<!DOCTYPE x>",
        BOMB,
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_a_document_type_refuses_the_whole_document(head: str, charset: str) -> None:
    document = f"{DECLARED}{head}<XfjList><Xfj><xm>张三&e;</xm></Xfj></XfjList>".encode(charset)
    (item,) = read_elements(document, "XFJ_1.xml", FORM)
    assert item.fault is not None
    assert (item.fault.kind, item.fault.code, item.fault.path) == (FaultKind.REFUSED, "file.dtd", "XFJ_1.xml")
    assert item.raw == b""


def test_a_word_for_a_document_type_in_a_text_refuses_nothing() -> None:
    (item,) = read_elements("<L><Xfj><t><![CDATA[他写了 <!DOCTYPE x> 在信里]]></t></Xfj></L>".encode(), "x.xml", FORM)
    assert item.cells == {"t": "他写了 <!DOCTYPE x> 在信里"}


def test_an_undeclared_entity_is_not_well_formed() -> None:
    (item,) = read_elements(b"<L><Xfj><t>&secret;</t></Xfj></L>", "x.xml", FORM)
    assert item.fault is not None
    assert (item.fault.kind, item.fault.code) == (FaultKind.QUARANTINED, "file.not_xml")


@pytest.mark.parametrize("kept", [20, 60, 95])
def test_a_document_cut_off_is_one_item_with_its_place(kept: int) -> None:
    document = f"{DECLARED}<XfjList><Xfj><xm>张三</xm><tsnr>楼上漏水，多次找物业无果</tsnr></Xfj></XfjList>".encode(
        "gb18030"
    )
    cut = document[: len(document) * kept // 100]
    (item,) = read_elements(cut, "XFJ_1.xml", FORM)
    assert item.fault is not None
    assert item.fault.code == "file.truncated"
    assert item.fault.kind is FaultKind.QUARANTINED
    assert "line" in item.fault.detail
    assert item.raw == cut


def test_written_in_gb18030_and_declared_gb2312() -> None:
    document = f"{DECLARED}<L><Xfj><xm>谭𫖯㛃</xm></Xfj><Xfj><xm>李四</xm></Xfj></L>".encode("gb18030")
    first, second = read_elements(document, "x.xml", FORM)
    assert first.cells == {"xm": "谭𫖯㛃"}
    assert (first.where, second.where) == ("x.xml#1", "x.xml#2")
    assert second.raw.decode() == "<Xfj><xm>李四</xm></Xfj>"


def test_attributes_lists_and_children() -> None:
    document = (
        '<n:L xmlns:n="urn:x"><n:Xfj><zt dm="06">办结</zt><Xfr><xm>甲</xm></Xfr><Xfr id="2"><xm>乙</xm></Xfr>'
        "<splitInto>1</splitInto><a>1</a><a>2</a><empty/></n:Xfj><n:Xfj/></n:L>"
    )
    first, second = read_elements(document.encode(), "x.xml", FORM)
    assert first.cells == {
        "zt": "办结",
        "zt@dm": "06",
        "Xfr": [{"xm": "甲"}, {"xm": "乙", "@id": "2"}],
        "splitInto": [{"": "1"}],
        "a": ["1", "2"],
        "empty": None,
    }
    assert second.cells == {}


def test_characters_that_xml_forbids_are_taken_out_and_told() -> None:
    (item,) = read_elements("<L><Xfj><t>坏\x0b字&#x1F;符&#11;</t></Xfj></L>".encode(), "x.xml", FORM)
    assert item.cells == {"t": "坏字符"}
    assert item.repairs == ("control_removed",)


def test_nesting_without_end_and_too_many_items() -> None:
    deep = b"<L><Xfj>" + b"<a>" * 5000 + b"x" + b"</a>" * 5000 + b"</Xfj></L>"
    assert fault_codes(read_elements(deep, "x.xml", FORM)) == ["file.not_xml"]
    assert fault_codes(read_elements(b"<L>" + b"<Xfj/>" * 101 + b"</L>", "x.xml", FORM)) == ["file.too_many"]


def test_a_document_that_is_none() -> None:
    assert fault_codes(read_elements("信访件".encode(), "x.xml", FORM)) in (["file.truncated"], ["file.not_xml"])
    assert fault_codes(read_elements(b"", "x.xml", FORM)) == ["file.truncated"]
    assert read_elements(b"<XfjList total='0'/>", "x.xml", FORM) == []
