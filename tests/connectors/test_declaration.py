"""Declarations: checked whole when loaded, and a fault leads to the line that must be mended."""

from pathlib import Path

import pytest

from santiao.connectors.declaration import DeclarationFault, columns_of, line_of, load_declaration
from santiao.connectors.registry import connector_folders

MINIMAL = """\
name: {name}
title: {{zh: 某局, en: Some bureau}}
mapping_version: "1"
city: "340300"
freshness: {{answer_hours: 1, news_hours: 2}}
forms:
  - {{form: events}}
lists:
  kind: {{file: kinds.csv, id: some.kind}}
shapes:
  item:
    key: {{value: number}}
    type:
      codes:
        - {{value: kind, list: kind}}
    stage:
      - {{stage: open}}
"""


def declare(folder: Path, text: str = MINIMAL, name: str = "bureau") -> Path:
    path = folder / "bureau"
    path.mkdir(exist_ok=True)
    (path / "kinds.csv").write_text("list_id,edition,code,label\nsome.kind,,1,one\n", encoding="utf-8")
    (path / "connector.yaml").write_text(text.format(name=name), encoding="utf-8")
    return path


def test_a_small_declaration_is_enough(tmp_path: Path) -> None:
    assert load_declaration(declare(tmp_path)).name == "bureau"


def test_every_declaration_of_the_checkout_loads(declarations: Path) -> None:
    folders = connector_folders(declarations)
    assert [load_declaration(folder).name for folder in folders] == [folder.name for folder in folders]
    assert len(folders) == 6


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("value: number}", "vlaue: number}", 12, "vlaue"),
        ("stage: open", "stage: opened", 17, "opened"),
        ('city: "340300"', "city: 340300", 4, "city"),
        ('city: "340300"', 'city: "3403"', 4, "six digits"),
        ("name: {name}", "name: other", 1, "one name"),
        ("list: kind}", "list: kinds}", 13, "kinds"),
        ("file: kinds.csv", "file: ../kinds.csv", 9, "no file of this folder"),
        ("      - {{stage: open}}", "      - {{stage: open, when: [{{of: number, empty: true}}]}}", 16, "no condition"),
        ("    stage:\n      - {{stage: open}}\n", "", 11, "needs `stage`"),
        ("forms:", "formz:", 1, "formz"),
    ],
)
def test_a_fault_names_file_line_and_mend(tmp_path: Path, old: str, new: str, line: int, told: str) -> None:
    folder = declare(tmp_path, MINIMAL.replace(old, new))
    with pytest.raises(DeclarationFault) as fault:
        load_declaration(folder)
    assert told in str(fault.value)
    assert f"connector.yaml:{line}:" in str(fault.value), str(fault.value)


def test_a_folder_without_a_declaration_and_text_that_is_no_yaml_are_told(tmp_path: Path) -> None:
    with pytest.raises(DeclarationFault, match="cannot be read"):
        load_declaration(tmp_path)
    with pytest.raises(DeclarationFault, match="not YAML"):
        load_declaration(declare(tmp_path, "name: [{{"))


def test_a_place_that_does_not_exist_leads_as_far_as_it_goes() -> None:
    assert line_of("a:\n  b:\n    c: 1\n", "$.a.b.x") == 2
    assert line_of("a:\n  - x\n  - y: 1\n", "$.a[1].y") == 3
    assert line_of("", "$.a") == 1


def test_the_columns_a_rule_reads_are_known(declarations: Path) -> None:
    shape = load_declaration(declarations / "police-110").shapes["incident"]
    assert {"JJDBH", "BJRXM", "BJNR", "XZQH", "GLJJDBH"} <= columns_of(shape)
