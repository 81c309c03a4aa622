"""What is remembered of cells: the same answer, of bounded cells, and nothing once it is forgotten."""

from santiao.connectors.memory import LONGEST, forget, remember


def test_a_cell_is_read_once_until_it_is_forgotten() -> None:
    read: list[str] = []

    def upper(text: str) -> str:
        read.append(text)
        return text.upper()

    known = remember(upper)
    assert [known("a"), known("a"), known("b")] == ["A", "A", "B"]
    assert read == ["a", "b"]
    forget()
    assert known("a") == "A"
    assert read == ["a", "b", "a"]


def test_a_long_cell_is_not_kept() -> None:
    read: list[str] = []
    known = remember(read.append)
    known("x" * (LONGEST + 1))
    known("x" * (LONGEST + 1))
    assert len(read) == 2


def test_only_so_many_are_kept() -> None:
    read: list[str] = []
    known = remember(read.append, most=2)
    for text in ("a", "b", "c", "a"):
        known(text)
    assert read == ["a", "b", "c", "a"]
