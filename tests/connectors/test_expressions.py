"""The language of mapping: total, small, and refused when it says two things at once."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.contract import Cell
from santiao.connectors.expressions import (
    Condition,
    Expression,
    Formula,
    compile_condition,
    compile_conditions,
    compile_expression,
    paths_in,
    text_of,
)

CELLS: dict[str, Cell] = {
    "a": "1",
    "b": {"c": [{"d": "x"}, "y"]},
    "empty": "  ",
    "n": 12.0,
    "flag": True,
    "list": ["p", " q ", ""],
}


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("a", "1"),
        ("b.c.0.d", "x"),
        ("b.c.7.d", None),
        ("a.b", None),
        (Formula(const="k"), "k"),
        (Formula(first=("missing", "empty", "a")), "1"),
        (Formula(join=("a", "missing", "n"), between="-"), "1-12"),
        (Formula(choose="a", cases={"1": "one"}, otherwise=Formula(const="other")), "one"),
        (Formula(choose="n", cases={"1": "one"}, otherwise="a"), "1"),
        (Formula(match="b.c.0.d", pattern="(x)"), "x"),
        (Formula(match="a", pattern="(2)"), None),
        (Formula(all="list", between="/"), "p/q"),
        (Formula(all="a"), "1"),
    ],
)
def test_an_expression_gives_a_cell_or_nothing(expression: Expression, told: object) -> None:
    assert compile_expression(expression)(CELLS) == told


@pytest.mark.parametrize(
    "expression",
    [
        Formula(),
        Formula(const="a", all="b"),
        Formula(match="a", pattern="("),
        Formula(match="a", pattern="a"),
        "a..b",
    ],
)
def test_a_formula_that_says_nothing_or_too_much_is_refused(expression: Expression) -> None:
    with pytest.raises(ValueError):
        compile_expression(expression)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(of="a", is_in=("1", "2")), True),
        (Condition(of="a", is_in=("1", "2"), unless=True), False),
        (Condition(of="b.c.0.d", like="^X"), False),
        (Condition(of="empty", empty=True), True),
        (Condition(of="flag", is_in=("1",)), True),
        (Condition(of="a", empty=True, unless=True), True),
    ],
)
def test_a_condition_holds_or_does_not(condition: Condition, holds: bool) -> None:
    assert compile_condition(condition)(CELLS) is holds


def test_all_conditions_must_hold_and_none_always_does() -> None:
    assert compile_conditions(())(CELLS)
    assert not compile_conditions((Condition(of="a", empty=False), Condition(of="a", empty=True)))(CELLS)


def test_a_condition_asks_exactly_one_thing() -> None:
    with pytest.raises(ValueError):
        compile_condition(Condition(of="a", like="a", empty=True))


def test_the_paths_of_an_expression_are_known() -> None:
    expression = Formula(first=("a", Formula(join=("b.c", "d"))), otherwise=None)
    assert set(paths_in(expression)) == {"a", "b.c", "d"}


cells = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "list", "n"]), cells))
def test_no_item_makes_an_expression_fail(item: dict[str, object]) -> None:
    told = msgspec.convert(item, dict[str, object])
    for expression in (
        "a.0.b",
        Formula(join=("a", "b.0", "list"), between="|"),
        Formula(choose="a", cases={"": "x"}),
        Formula(match="b", pattern="(.)"),
        Formula(all="list"),
    ):
        assert isinstance(text_of(compile_expression(expression)(told)), str)  # type: ignore[arg-type]
