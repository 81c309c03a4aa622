"""Docs of fields: the string that stands below a field in its class, read from the source.

Python keeps a class's docstring but not its fields'; partners read the `.avsc`, so the field's meaning must stand there too.
"""

import ast
import inspect
import itertools
import textwrap


def read_field_docs(cls: type) -> dict[str, str]:
    """Field name to doc, base classes first so that a subclass may say it anew; empty where no source is at hand."""
    docs: dict[str, str] = {}
    for owner in reversed(cls.__mro__):
        docs.update(_read_own_docs(owner))
    return docs


def read_class_doc(cls: type) -> str | None:
    """The class's own docstring, unindented; None where it has none (an inherited one is not its own)."""
    own = cls.__dict__.get("__doc__")
    return inspect.cleandoc(own) if isinstance(own, str) and own.strip() else None


def _read_own_docs(cls: type) -> dict[str, str]:
    try:
        source = inspect.getsource(cls)
    except (OSError, TypeError):
        return {}
    tree = ast.parse(textwrap.dedent(source))
    body = tree.body[0].body if tree.body and isinstance(tree.body[0], ast.ClassDef) else []
    docs: dict[str, str] = {}
    for field, below in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            text = below.value.value if isinstance(below.value, ast.Constant) else None
            if isinstance(text, str):
                docs[field.target.id] = inspect.cleandoc(text)
    return docs
