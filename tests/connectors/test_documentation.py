"""What docs/connectors.md shows can be used as it stands."""

import re
from pathlib import Path

import pytest

from santiao.connectors.declaration import Declaration, DeclarationFault, load_declaration
from santiao.connectors.forms import AnswersForm, DropForm, EventsForm, HookForm, SnapshotForm, TableFilesForm
from santiao.connectors.registry import Connectors
from santiao.connectors.rules import ShapeRule
from tests.connectors.agencies.items import record_of
from tests.connectors.conftest import NOW, ROOT

PAGE = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
FORMS = (TableFilesForm, AnswersForm, DropForm, SnapshotForm, HookForm, EventsForm)


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def declare(folder: Path, text: str) -> Path:
    desk = folder / "village-desk"
    desk.mkdir()
    (desk / "connector.yaml").write_text(text, encoding="utf-8")
    (desk / "kinds.csv").write_text("list_id,edition,code,label\n", encoding="utf-8")
    return desk


def test_the_small_declaration_can_be_loaded(tmp_path: Path) -> None:
    assert load_declaration(declare(tmp_path, block("yaml"))).name == "village-desk"


def test_a_rule_that_reads_an_untrusted_column_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeclarationFault, match="'地点' is `untrusted`"):
        load_declaration(declare(tmp_path, block("yaml") + "untrusted: [地点]\n"))


def test_the_committees_event_is_read(connectors: Connectors) -> None:
    (told,) = connectors["peoples-mediation"].parse_body(block("json").encode(), "application/cloudevents+json", NOW)
    assert record_of(told).part == "answer/T2026031200017"


def test_every_key_of_a_declaration_and_of_a_shape_is_told() -> None:
    keys = {*Declaration.__struct_fields__, *ShapeRule.__struct_fields__}
    assert not {key for key in keys if f"`{key}`" not in PAGE}


def test_every_form_and_every_committees_event_is_told(connectors: Connectors) -> None:
    assert not {str(form.__struct_config__.tag) for form in FORMS if f"`{form.__struct_config__.tag}`" not in PAGE}
    (form,) = connectors["peoples-mediation"].declaration.forms
    assert isinstance(form, EventsForm)
    assert not [told for told in form.types if f"`{told.removeprefix('cn.peoples-mediation.')}`" not in PAGE]
