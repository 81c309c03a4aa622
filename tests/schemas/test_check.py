"""The folder's life: made from types, released, evolved; and each way in which it can go wrong, told in one line."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from santiao.schemas.__main__ import main
from santiao.schemas.catalogue import Entry
from santiao.schemas.check import CheckReport, check_against_types, check_all
from santiao.schemas.folder import read_released
from santiao.schemas.generate import plan_changes, run_generate, run_release
from santiao.schemas.rules import RULES, Problem
from tests.schemas.toys import field, record, write_folder

FIRST = "case/Toy.v1.0.avsc"
SECOND = "case/Toy.v1.1.avsc"


def toy_entry(*fields: tuple[Any, ...], major: int = 1, is_retired: bool = False) -> Entry:
    cls = msgspec.defstruct("Toy", fields, kw_only=True, frozen=True)
    return Entry("case", "Toy", major, cls, is_retired=is_retired)


def release(folder: Path, *entries: Entry) -> None:
    run_generate(folder, entries)
    run_release(folder)


def lines(problems: list[Problem]) -> list[str]:
    return [problem.write_line() for problem in problems]


def rules(folder: Path) -> set[str]:
    return {problem.rule for problem in check_all(folder)}


# --- making and releasing --------------------------------------------------------------------------------------------


def test_a_draft_follows_its_type(tmp_path: Path) -> None:
    run_generate(tmp_path, (toy_entry(("a", str)),))
    changes = run_generate(tmp_path, (toy_entry(("a", str), ("b", int)),))
    assert [change.path for change in changes] == [FIRST]
    assert plan_changes(tmp_path, (toy_entry(("a", str), ("b", int)),)) == []
    assert [change.text for change in run_generate(tmp_path, ())] == [None]
    assert not (tmp_path / FIRST).exists()


def test_a_compatible_change_after_release_is_the_next_minor_beside_the_first(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str)))
    first = (tmp_path / FIRST).read_text()
    release(tmp_path, toy_entry(("a", str), ("b", str | None, None)))
    assert (tmp_path / FIRST).read_text() == first
    assert set(read_released(tmp_path)) == {FIRST, SECOND}
    assert check_all(tmp_path) == []


def test_a_change_taken_back_before_its_release_leaves_no_draft(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str)))
    run_generate(tmp_path, (toy_entry(("a", str), ("b", int, 0)),))
    run_generate(tmp_path, (toy_entry(("a", str)),))
    assert sorted(path.name for path in (tmp_path / "case").iterdir()) == ["Toy.v1.0.avsc"]


def test_a_reworded_doc_is_no_new_version(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str)))
    entry = toy_entry(("a", str))
    entry.cls.__doc__ = "Said better."
    assert entry.make_schema()["doc"] == "Said better."
    assert plan_changes(tmp_path, (entry,)) == []


def test_a_retired_major_gets_no_new_minor(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str)))
    assert plan_changes(tmp_path, (toy_entry(("a", str), ("b", int, 0), is_retired=True),)) == []


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_an_incompatible_change_names_path_versions_field_and_mend(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str)))
    run_generate(tmp_path, (toy_entry(("a", str), ("b", int)),))
    (line,) = lines(check_all(tmp_path))
    assert line == (
        "case/Toy.v1.1.avsc 1.1 reading 1.0 at b: the other version lacks this field and it has no default "
        "[field-without-default]. Mend: give the field a default (None for `X | None`), or keep it in both. "
        "处理：为该字段设默认值，或在两版中都保留。"
    )


def test_every_version_is_judged_against_every_other_and_not_only_the_last(tmp_path: Path) -> None:
    plain = record("Toy", field("a", "string"))
    text = record("Toy", field("a", "string"), field("b", "string", default=""))
    number = record("Toy", field("a", "string"), field("b", "long", default=0))
    gone = record("Toy", field("a", "string"), field("c", "long", default=0))
    write_folder(tmp_path, {FIRST: text, SECOND: gone, "case/Toy.v1.2.avsc": number, "case/Toy.v2.0.avsc": plain})
    assert {(problem.versions, problem.field) for problem in check_all(tmp_path)} == {
        ("1.2 reading 1.0", "b"),
        ("1.0 reading 1.2", "b"),
    }


def test_two_texts_of_one_fingerprint_are_refused_by_both_paths(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str), ("b", int, 1)))
    run_generate(tmp_path, (toy_entry(("a", str), ("b", int, 2)),))
    shared = [problem for problem in check_all(tmp_path) if problem.rule == "shared-fingerprint"]
    assert [problem.path for problem in shared] == [f"{FIRST}, {SECOND}"]


def test_a_released_text_cannot_change_not_even_in_its_doc(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str)))
    schema = json.loads((tmp_path / FIRST).read_text())
    write_folder(tmp_path, {FIRST: {**schema, "doc": "another"}})
    assert rules(tmp_path) == {"released-changed"}


def test_a_released_file_cannot_go(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str)))
    (tmp_path / FIRST).unlink()
    assert rules(tmp_path) == {"released-missing"}


def test_a_spoilt_list_of_released_files_is_told(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str)))
    (tmp_path / "released.json").write_text("{")
    assert "list-unreadable" in rules(tmp_path)


@pytest.mark.parametrize(
    ("path", "schema", "rule"),
    [
        ("case/Toy.avsc", record("Toy"), "file-unreadable"),
        ("case/deeper/Toy.v1.0.avsc", record("Toy"), "file-unreadable"),
        (FIRST, {"type": "record", "name": "Toy", "namespace": "cn.santiao.case"}, "file-unreadable"),
        (FIRST, record("Toy", field("a", "string"), field("a", "string")), "file-unreadable"),
        (FIRST, record("Other", field("a", "string")), "name-mismatch"),
        (FIRST, record("Toy", field("a", "string"), namespace="elsewhere"), "name-mismatch"),
        (FIRST, record("Toy", field("a", ["null", "long"], default=1)), "default-invalid"),
        ("case/Toy.v1.1.avsc", record("Toy", field("a", "string")), "version-gap"),
        ("case/Toy.v2.0.avsc", record("Toy", field("a", "string")), "version-gap"),
    ],
)
def test_a_file_that_is_not_in_order_is_told(tmp_path: Path, path: str, schema: dict[str, Any], rule: str) -> None:
    write_folder(tmp_path, {path: schema})
    assert rules(tmp_path) == {rule}


def test_a_file_that_is_no_json_is_told(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / FIRST).write_bytes(b"\xff{")
    assert rules(tmp_path) == {"file-unreadable"}


def test_a_major_without_a_way_up_is_told(tmp_path: Path) -> None:
    entries = (toy_entry(("a", str), is_retired=True), toy_entry(("b", int), major=2))
    release(tmp_path, *entries)
    assert check_all(tmp_path) == []
    assert [problem.rule for problem in check_against_types(tmp_path, entries, {})] == ["no-upcaster"]
    assert check_against_types(tmp_path, entries, {("Toy", 1): lambda event: event}) == []


def test_a_released_schema_that_no_type_reads_is_told(tmp_path: Path) -> None:
    release(tmp_path, toy_entry(("a", str)))
    assert [problem.rule for problem in check_against_types(tmp_path, (), {})] == ["no-type"]


def test_a_stale_folder_is_told(tmp_path: Path) -> None:
    (line,) = lines(check_against_types(tmp_path, (toy_entry(("a", str)),), {}))
    assert line == (
        "case/Toy.v1.0.avsc: the file is stale [not-generated]. Mend: run `python -m santiao.schemas generate` and commit "
        "the files. 处理：运行 generate 并提交文件。"
    )


def test_every_line_is_one_line_with_its_mend() -> None:
    for rule, kept in RULES.items():
        line = Problem("case/Toy.v1.0.avsc", rule, "found").write_line()
        assert "\n" not in line
        assert kept.mend in line
        assert kept.mend_zh in line


def test_a_report_with_problems_exits_with_one() -> None:
    assert CheckReport(1, (), ()).exit_code == 0
    assert CheckReport(1, (), (Problem("p", "no-type", "f"),)).exit_code == 1


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_generate_check_and_release_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 1
    assert main(["generate", str(tmp_path)]) == 0
    assert main(["generate", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("up to date\n")
    assert main(["release", str(tmp_path)]) == 0
    assert main(["check", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith(" 0 not released, 0 problems\n")


def test_nothing_is_released_that_breaks_a_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate", str(tmp_path)])
    write_folder(tmp_path, {"case/Stray.v1.1.avsc": record("Stray", field("a", "string"))})
    assert main(["release", str(tmp_path)]) == 1
    assert "version-gap" in capsys.readouterr().out
    assert not (tmp_path / "released.json").exists()
