"""The small language of mapping: which cells say a value, and which conditions choose.

The rule kept here: it is total. Every formula gives a cell or None, loops over nothing but what the declaration wrote down, runs no
code and cannot fail on any item. A path is `a.b.0`: names of members, numbers of list elements; a missing step gives None.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from santiao.connectors.contract import Cell

Getter = Callable[[Mapping[str, Cell]], Cell]
TextGetter = Callable[[Mapping[str, Cell]], str]
Predicate = Callable[[Mapping[str, Cell]], bool]


class Formula(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One step of the language; exactly one of `const`, `first`, `join`, `choose`, `match`, `all` is given.

    `first`: the first that is not empty. `join`: all that are not empty, with `between`. `choose`: `cases` by the value, else `otherwise`.
    `match`: the `group` of a regular expression found in the value. `all`: the elements of a list joined with `between`.
    """

    const: str | None = None
    first: tuple["str | Formula", ...] = ()
    join: tuple["str | Formula", ...] = ()
    between: str = ""
    choose: "str | Formula | None" = None
    cases: dict[str, str] = {}
    otherwise: "str | Formula | None" = None
    match: "str | Formula | None" = None
    pattern: str = ""
    group: int = 1
    all: str | None = None


Expression = str | Formula


class Condition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, rename={"is_in": "in"}
):
    """True when the value `of` is one of `in`, is `like` a regular expression (searched), or is `empty`; `unless` turns it round."""

    of: "str | Formula"
    is_in: tuple[str, ...] = ()
    like: str | None = None
    empty: bool | None = None
    unless: bool = False


def is_empty(cell: Cell) -> bool:
    return cell is None or cell == "" or (isinstance(cell, str) and not cell.strip())


def text_of(cell: Cell) -> str:
    """A scalar cell as text, stripped; numbers as they are written, nothing for None and for what is no scalar."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None or isinstance(cell, (bytes, list, dict)):
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else str(cell)


def compile_expression(expression: Expression) -> Getter:
    """Turn an expression into a function of the item's cells.

    Raises:
        ValueError: the formula names no step or more than one, or its pattern is no regular expression; the message says which.
    """
    if isinstance(expression, str):
        return _compile_path(expression)
    kinds = ("const", "first", "join", "choose", "match", "all")
    steps = [name for name in kinds if getattr(expression, name) not in (None, ())]
    if len(steps) != 1:
        told = "none" if not steps else ", ".join(steps)
        raise ValueError(f"a formula takes exactly one of const, first, join, choose, match, all; this one has {told}")
    return _COMPILERS[steps[0]](expression)


def compile_text(expression: Expression) -> TextGetter:
    """Turn an expression into a function that gives the cell's text, as `text_of` does.

    Raises:
        ValueError: as `compile_expression`.
    """
    getter = compile_expression(expression)

    def text(cells: Mapping[str, Cell]) -> str:
        cell = getter(cells)
        return "" if cell is None else cell.strip() if isinstance(cell, str) else text_of(cell)

    if not isinstance(expression, str) or "." in expression:
        return text

    def text_at(cells: Mapping[str, Cell]) -> str:
        cell = cells.get(expression)
        return "" if cell is None else cell.strip() if isinstance(cell, str) else text_of(cell)

    return text_at


def _compile_path(path: str) -> Getter:
    steps = path.split(".")
    if not all(steps):
        raise ValueError(f"the path {path!r} has an empty step")
    if len(steps) == 1:
        name = steps[0]
        return lambda cells: cells.get(name)
    head, rest = steps[0], [(step, int(step) if step.isdigit() else -1) for step in steps[1:]]

    def walk(cells: Mapping[str, Cell]) -> Cell:
        here = cells.get(head)
        for step, number in rest:
            if isinstance(here, dict):
                here = here.get(step)
            elif isinstance(here, list):
                here = here[number] if 0 <= number < len(here) else None
            else:
                return None
        return here

    return walk


def _compile_const(formula: Formula) -> Getter:
    const = formula.const
    return lambda _cells: const


def _compile_first(formula: Formula) -> Getter:
    getters = [compile_expression(each) for each in formula.first]

    def first(cells: Mapping[str, Cell]) -> Cell:
        for getter in getters:
            cell = getter(cells)
            if not is_empty(cell):
                return cell
        return None

    return first


def _compile_join(formula: Formula) -> Getter:
    texts, between = [compile_text(each) for each in formula.join], formula.between

    def join(cells: Mapping[str, Cell]) -> Cell:
        told = [text for text_at in texts if (text := text_at(cells))]
        return between.join(told) if told else None

    return join


def _compile_choose(formula: Formula) -> Getter:
    chosen = compile_text(formula.choose or "")
    cases = formula.cases
    otherwise: Getter = (lambda _cells: None) if formula.otherwise is None else compile_expression(formula.otherwise)

    def choose(cells: Mapping[str, Cell]) -> Cell:
        case = cases.get(chosen(cells))
        return otherwise(cells) if case is None else case

    return choose


def _compile_match(formula: Formula) -> Getter:
    text, pattern, group = compile_text(formula.match or ""), compile_pattern(formula.pattern), formula.group
    if group > pattern.groups:
        raise ValueError(f"the pattern {formula.pattern!r} has {pattern.groups} groups, not {group}")

    def match(cells: Mapping[str, Cell]) -> Cell:
        found = pattern.search(text(cells))
        return None if found is None else found[group]

    return match


def _compile_all(formula: Formula) -> Getter:
    getter, between = _compile_path(formula.all or ""), formula.between

    def every(cells: Mapping[str, Cell]) -> Cell:
        elements = getter(cells)
        if not isinstance(elements, list):
            return elements
        return between.join(text for each in elements if (text := text_of(each))) or None

    return every


_COMPILERS: dict[str, Callable[[Formula], Getter]] = {
    "const": _compile_const,
    "first": _compile_first,
    "join": _compile_join,
    "choose": _compile_choose,
    "match": _compile_match,
    "all": _compile_all,
}


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """A declared regular expression; ValueError when it is none."""
    try:
        return re.compile(pattern)
    except re.error as fault:
        raise ValueError(f"{pattern!r} is no regular expression: {fault}") from fault


def compile_condition(condition: Condition) -> Predicate:
    """Turn a condition into a predicate of the item's cells.

    Raises:
        ValueError: not exactly one of `in`, `like`, `empty`, or an expression that does not compile.
    """
    unless = condition.unless
    given = [bool(condition.is_in), condition.like is not None, condition.empty is not None]
    if sum(given) != 1:
        raise ValueError("a condition takes exactly one of in, like, empty")
    if condition.empty is not None:
        getter, wanted = compile_expression(condition.of), condition.empty is not unless
        return lambda cells: is_empty(getter(cells)) is wanted
    text = compile_text(condition.of)
    if condition.is_in:
        values = frozenset(condition.is_in)
        return lambda cells: (text(cells) in values) is not unless
    pattern = compile_pattern(condition.like or "")
    search, of_nothing = pattern.search, (pattern.search("") is not None) is not unless

    def like(cells: Mapping[str, Cell]) -> bool:
        told = text(cells)
        return (search(told) is not None) is not unless if told else of_nothing

    return like


def compile_conditions(conditions: Iterable[Condition]) -> Predicate:
    """All of them together; no condition is always true."""
    predicates = tuple(compile_condition(each) for each in conditions)
    if not predicates:
        return lambda _cells: True
    if len(predicates) == 1:
        return predicates[0]

    def every(cells: Mapping[str, Cell]) -> bool:
        for predicate in predicates:  # noqa: SIM110 (a generator for `all` costs more than the conditions)
            if not predicate(cells):
                return False
        return True

    return every


def paths_in(expression: Expression) -> Iterator[str]:
    """Every path an expression reads."""
    if isinstance(expression, str):
        yield expression
        return
    for each in (*expression.first, *expression.join, expression.choose, expression.otherwise, expression.match):
        if each is not None:
            yield from paths_in(each)
    if expression.all is not None:
        yield expression.all
