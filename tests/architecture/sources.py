"""The files of the project as the house rules see them: what git keeps, and the Python in it as syntax trees."""

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE_FOLDERS = ("services", "tests", "tools", "bench")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def tracked_files() -> tuple[Path, ...]:
    """Return every file that is or would be committed, by path from the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = filter(None, listed.stdout.split("\0"))
        return tuple(sorted(path for path in map(Path, names) if (ROOT / path).is_file()))
    # An unpacked source distribution has no git; what it holds is what was committed.
    hidden = {path for path in ROOT.rglob("*") if any(part.startswith(".") for part in path.relative_to(ROOT).parts)}
    return tuple(sorted(path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file() and path not in hidden))


@functools.cache
def text_of(path: Path) -> str | None:
    """Return the text of a file, or None when it is not text."""
    content = (ROOT / path).read_bytes()
    if b"\0" in content[:8192]:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def text_files() -> Iterator[tuple[Path, str]]:
    for path in tracked_files():
        text = text_of(path)
        if text is not None:
            yield path, text


def python_files(*folders: str) -> Iterator[tuple[Path, str]]:
    for path, text in text_files():
        if path.suffix == ".py" and path.parts[0] in (folders or CODE_FOLDERS):
            yield path, text


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), filename=str(path))


def functions_of(path: Path) -> Iterator[Function]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, Function):
            yield node


def code_lines(function: Function) -> int:
    """Return how many lines a function's code takes: from `def` to its end, its docstring not counted."""
    first = function.body[0]
    has_docstring = ast.get_docstring(function, clean=False) is not None
    documented = (first.end_lineno or first.lineno) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - documented
