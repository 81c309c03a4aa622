"""A file has one subject and about 300 lines at most; a function about 70. A longer one needs a reason, written here."""

from pathlib import Path

from tests.architecture.sources import ROOT, code_lines, functions_of, python_files, tracked_files

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70
FILE_BYTES_MAX = 1_000_000

# Path: why it is better long than divided. A reason that says only "large" is none.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
# A migration is one list of steps in the order they are run, as Alembic wrote it, and never edited after its release.
MIGRATIONS = "*/migrations/versions/*.py"


def test_no_file_is_long_without_a_reason() -> None:
    long = {str(path): len(text.splitlines()) for path, text in python_files() if not path.match(MIGRATIONS)}
    found = {path: lines for path, lines in long.items() if lines > FILE_LINES_MAX and path not in LONG_FILES}
    assert not found, f"longer than {FILE_LINES_MAX} lines; divide by subject, or give LONG_FILES a reason: {found}"


def test_no_function_is_long_without_a_reason() -> None:
    found = {
        f"{path}:{function.name}": code_lines(function)
        for path, _ in python_files()
        if not path.match(MIGRATIONS)
        for function in functions_of(path)
        if code_lines(function) > FUNCTION_LINES_MAX and f"{path}:{function.name}" not in LONG_FUNCTIONS
    }
    assert not found, f"longer than {FUNCTION_LINES_MAX} lines of code: {found}"


def test_every_reason_for_a_long_file_is_still_needed() -> None:
    found = [path for path in LONG_FILES if len((ROOT / path).read_text().splitlines()) <= FILE_LINES_MAX]
    assert not found, f"short again: take it off the list: {found}"


def test_no_committed_file_is_large() -> None:
    found = {str(path): size for path in tracked_files() if (size := (ROOT / path).stat().st_size) > FILE_BYTES_MAX}
    assert not found, f"make it when it is needed instead of keeping it: {found}"


def test_the_measure_counts_code_and_not_its_docstring(tmp_path: Path) -> None:
    source = tmp_path / "measured.py"
    source.write_text('def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n    return a\n')
    assert [code_lines(function) for function in functions_of(source)] == [3]
