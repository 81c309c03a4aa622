"""Reading a city's data: what comes out, in which forms it may be written, and what is said of a mistake."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from santiao.domain.errors import Rejection
from santiao.store.resources import resource_dir
from santiao.store.rulebook_files import MAX_BYTES, load_rulebook


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A copy of the shipped city that a test may spoil."""
    return Path(shutil.copytree(resource_dir("city"), tmp_path / "city"))


def refused(folder: Path) -> Rejection:
    with pytest.raises(Rejection) as caught:
        load_rulebook(folder)
    assert caught.value.detail_zh
    return caught.value


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def test_the_shipped_city_is_read_whole() -> None:
    book = load_rulebook(resource_dir("city"))
    assert book.version.startswith("rb-")
    assert len(book.rules) > 140
    assert {table.year for table in book.calendar.tables} == {2024, 2025, 2026}
    assert {gate.gate for gate in book.gates.gates} == {f"G{n}" for n in range(1, 11)}
    assert book.bodies
    assert book.routing.routes
    assert book.risks.rules


def test_the_same_files_give_the_same_version(city: Path) -> None:
    assert load_rulebook(city).version == load_rulebook(resource_dir("city")).version
    edit(city / "rules" / "petitions.yaml", lambda text: text.replace("length: 60", "length: 61"))
    assert load_rulebook(city).version != load_rulebook(resource_dir("city")).version


def test_tables_may_be_json_or_csv(city: Path) -> None:
    expected = load_rulebook(city)
    path = city / "directory.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = [{**data["defaults"], **row} for row in data["bodies"]]
    (city / "directory.json").write_text(json.dumps({"bodies": rows}, default=str), encoding="utf-8")
    path.unlink()
    assert load_rulebook(city).bodies == expected.bodies
    columns = sorted({key for row in rows for key in row})
    lines = [",".join(columns)]
    for row in rows:
        cells = [row.get(key, "") for key in columns]
        lines.append(",".join("|".join(cell) if isinstance(cell, list) else str(cell) for cell in cells))
    (city / "directory.json").unlink()
    (city / "directory.csv").write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    assert load_rulebook(city).bodies == expected.bodies


def test_local_days_off_are_one_more_calendar(city: Path) -> None:
    table = {
        "year": 2026,
        "region": "533400",
        "version": "1",
        "notice": "州庆放假通知",
        "source": "test",
        "days": [{"date": "2026-09-14", "name": "州庆", "off": True}],
    }
    (city / "calendars" / "533400-2026.json").write_text(json.dumps(table), encoding="utf-8")
    assert any(found.region == "533400" for found in load_rulebook(city).calendar.tables)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("rules/petitions.yaml", "length: 60", "length: sixty", ("petitions.yaml", "XF.HANDLE.60D", "field length")),
        ("rules/petitions.yaml", "article: 第34条", "artikel: 第34条", ("XF.HANDLE.60D", "artikel")),
        (
            "rules/court.yaml",
            "unit: working_day",
            "unit: workday",
            ("rules/court.yaml", "CT.CHOOSE.2WD", "unit", "workday"),
        ),
        ("rules/court.yaml", "effective_from: 2013-01-01", "effective_from: spring", ("court.yaml", "effective_from")),
        ("directory.yaml", "kind: court,", "kind: palace,", ("directory.yaml", "bodies row", "lzh-court", "kind")),
        ("gates.yaml", "- <steal>", "- <stolen>", ("gates", "G1.theft", "says.any_of", "stolen")),
        ("gates.yaml", "gate: G3\n    agencies", "gate: G33\n    agencies", ("gates", "G3.police_class", "G33")),
        ("routing.yaml", "mediation_rule: MD.PM.30WD", "mediation_rule: MD.NO", ("routing", "R.medical", "MD.NO")),
        ("calendars/cn-2026.json", '"2026-01-01"', '"2025-01-01"', ("calendars", "CN-2026@1", "2025-01-01")),
    ],
)
def test_a_mistake_is_named_by_file_row_and_field(
    city: Path, file: str, old: str, new: str, said: tuple[str, ...]
) -> None:
    edit(city / file, lambda text: text.replace(old, new, 1))
    failure = refused(city)
    assert failure.code == "rulebook.invalid"
    for part in said:
        assert part in failure.detail


def test_all_mistakes_are_told_at_once(city: Path) -> None:
    edit(city / "rules" / "petitions.yaml", lambda text: text.replace("length: 60", "length: sixty", 1))
    edit(city / "directory.yaml", lambda text: text.replace("kind: court,", "kind: palace,", 1))
    failure = refused(city)
    assert "2 mistakes" in failure.detail
    assert "XF.HANDLE.60D" in failure.detail
    assert "palace" in failure.detail


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [", "cannot be read"),
        ("rules:\n  - &row {rule_id: A}\n  - *row\n", "alias in line 3"),
        ("rules:\n  - {rule_id: A, rule_id: B}\n", "rule_id twice"),
        ("- a\n- b\n", "holds no table"),
        ("rules: 7\n", "no list of rows"),
        ("rules: [7]\n", "row 1"),
        ("!!python/object/apply:os.system ['true']\n", "cannot be read"),
    ],
)
def test_a_file_that_is_no_table_is_refused(city: Path, text: str, said: str) -> None:
    (city / "rules" / "extra.yaml").write_text(text, encoding="utf-8")
    failure = refused(city)
    assert "extra.yaml" in failure.detail
    assert said in failure.detail


def test_bytes_that_are_not_utf8_and_files_that_are_too_large_are_refused(city: Path) -> None:
    (city / "rules" / "extra.yaml").write_bytes("rules: 规则".encode("gb18030"))
    assert "UTF-8" in refused(city).detail
    (city / "rules" / "extra.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert str(MAX_BYTES) in refused(city).detail


@pytest.mark.parametrize("missing", ["gates.yaml", "routing.yaml", "directory.yaml", "rules", "calendars"])
def test_a_missing_table_is_named(city: Path, missing: str) -> None:
    path = city / missing
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    failure = refused(city)
    assert failure.code == "rulebook.missing"
    assert missing in failure.path
