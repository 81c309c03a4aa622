"""The domain asks nothing of the world: no clock, no chance, no files, no network. Time and ids come in with the message.

Import rules (`make check`) keep whole modules out; these tests find the calls that need no forbidden import.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import python_files, tree_of

CLOCKS = {"now", "utcnow", "today", "fromtimestamp", "uuid1", "uuid4", "uuid7", "time_ns", "monotonic", "perf_counter"}
DOORS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}


def computes_in_a_zone(name: str, call: ast.Call) -> bool:
    """True for `fromtimestamp(x, zone)`, which computes; without a zone it asks the machine where it stands."""
    return name == "fromtimestamp" and len(call.args) + len(call.keywords) > 1


def impure_calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in DOORS:
            yield f"{node.lineno}: {called.id}()"
        if isinstance(called, ast.Attribute) and called.attr in CLOCKS and not computes_in_a_zone(called.attr, node):
            yield f"{node.lineno}: .{called.attr}()"


def test_the_domain_asks_nothing_of_the_world() -> None:
    domain = Path("services/santiao/domain")
    found = [
        f"{path}:{call}"
        for path, _ in python_files("services")
        if domain in path.parents
        for call in impure_calls(tree_of(path))
    ]
    assert not found, f"let it come in as an argument: {found}"


@pytest.mark.parametrize(
    "line", ["datetime.now(tz)", "date.today()", "uuid.uuid4()", "open('x')", "datetime.fromtimestamp(1)"]
)
def test_an_impure_call_is_found(line: str) -> None:
    assert list(impure_calls(ast.parse(line)))


@pytest.mark.parametrize("line", ["datetime.fromisoformat(x)", "uuid.uuid5(n, x)", "datetime.fromtimestamp(1, tz)"])
def test_a_pure_call_is_let_be(line: str) -> None:
    assert not list(impure_calls(ast.parse(line)))


def test_nothing_is_done_at_import() -> None:
    """Everything is built in bootstrap.py, at start: a module that opens things when imported cannot be tested apart."""
    makers = {"create_engine", "FastAPI", "Engine", "sessionmaker", "Client", "AsyncClient", "basicConfig", "getenv"}
    found = [
        f"{path}:{node.lineno}"
        for path, _ in python_files("services")
        for statement in tree_of(path).body
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
        if (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) in makers
    ]
    assert not found, f"build it in bootstrap.py: {found}"
