"""There is one door: no other room opens sealed values, and no room above the pool reads them from the store."""

import ast
from pathlib import Path

from tests.architecture.sources import python_files, tree_of

PACKAGE = Path("services/santiao")
# Who may open sealed bytes, and why it is no way out for case data.
MAY_OPEN = {
    "pool/showing.py": "the door itself",
    "store/sealing.py": "where opening is defined",
    "hub/secrets.py": "where the sealed forms are defined",
    "runtimes/erasing.py": "finds in quarantine what an erasure must take with it",
    "runtimes/kafka/record_form.py": "opens what an agency sent on its way into the hub; nothing of it goes out from there",
    "runtimes/quarantine.py": "reads an operator's own items again, through the same path as live ones",
}
OPENERS = {"unseal", "decode_party", "decode_narrative"}


def names_in(path: Path) -> set[str]:
    tree = tree_of(path)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    return imported | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_nobody_else_opens_sealed_values() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path, _ in python_files("services")
        if path.is_relative_to(PACKAGE) and names_in(path) & OPENERS
    }
    assert found <= set(MAY_OPEN), f"let the door open it (pool/disclose.py): {sorted(found - set(MAY_OPEN))}"


def test_every_answer_with_case_data_passes_the_door() -> None:
    """A module of the API that reads views discloses what it read."""
    for path, text in python_files("services"):
        inside = path.is_relative_to(PACKAGE / "api")
        if inside and "santiao.projections" in text and "@router" in text:
            assert ".disclose(" in text or path.stem == "health", path
