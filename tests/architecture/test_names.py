"""Modules are nouns that say their subject, every module says what it is for, and every open end has an owner."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.sources import python_files, text_files, tree_of

# Names that say only that somebody did not know where a thing belongs.
SHAPELESS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "base",
    "misc",
    "shared",
    "core",
    "lib",
}
OPEN_END = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\([\w-]+\))")
# This file must name the marks it looks for.
SPEAKS_OF_MARKS = {Path("tests/architecture/test_names.py"), Path("pyproject.toml")}


def is_shapeless(name: str) -> bool:
    return not SHAPELESS.isdisjoint(name.lower().split("_"))


def test_no_module_has_a_name_without_a_subject() -> None:
    found = [str(path) for path, _ in python_files() if any(map(is_shapeless, (*path.parent.parts, path.stem)))]
    assert not found, f"name it by its subject: {found}"


@pytest.mark.parametrize(
    ("name", "shapeless"), [("utils", True), ("sql_helpers", True), ("database", False), ("basement", False)]
)
def test_a_shapeless_name_is_known_by_its_words(name: str, shapeless: bool) -> None:
    assert is_shapeless(name) is shapeless


def test_every_module_says_what_it_is_for() -> None:
    found = [str(path) for path, text in python_files() if text.strip() and not ast.get_docstring(tree_of(path))]
    assert not found, f"a docstring at the top says the subject, and the rule that is kept there: {found}"


def test_every_open_end_has_an_owner() -> None:
    found = [
        f"{path}:{number}"
        for path, text in text_files()
        if path not in SPEAKS_OF_MARKS and path.suffix != ".json"
        for number, line in enumerate(text.splitlines(), start=1)
        if OPEN_END.search(line)
    ]
    assert not found, f"write TODO(name): what, or do it: {found}"
