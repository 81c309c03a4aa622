"""The fingerprint of a fold: of the shape of what is kept and of the code that keeps it.

A stored case file carries it. On a mismatch the file is thrown away and folded anew from the events: a snapshot that an older
`evolve` made must never be taken for what the present one would make. Comments, docs and layout do not count.
"""

import ast
import hashlib
import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path

UPCASTING = ("santiao.schemas.upcast", "santiao.schemas.retired")
"""They decide what old events say, and so belong to every fold."""


def code_fingerprint(parts: Iterable[type | Callable[..., object]], *, package: str = "santiao.domain") -> str:
    """Sixteen hex digits that change with the types' shape and with the code they and the functions stand on.

    Args:
        parts: the Structs that are stored and the functions that fold (`evolve`).
        package: whose modules count: those the parts stand in, and all of this package that these import, however far down.

    Raises:
        FileNotFoundError: a module has no source beside it.
    """
    named = sorted({(part.__module__, part.__qualname__) for part in parts})
    digest = hashlib.sha256()
    for module, name in named:
        digest.update(f"{module}.{name}\n".encode())
    for module, code in sorted(_read_modules([*(module for module, _ in named), *UPCASTING], package).items()):
        digest.update(f"{module}\n{ast.dump(code)}\n".encode())
    return digest.hexdigest()[:16]


def _read_modules(names: Iterable[str], package: str) -> dict[str, ast.Module]:
    """The code of these modules, and of every module of the package that they import."""
    read: dict[str, ast.Module] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in read:
            read[name] = _read_code(name)
            waiting += [imported for imported in _list_imports(read[name]) if _is_module_of(imported, package)]
    return read


def _read_code(name: str) -> ast.Module:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.origin or not Path(spec.origin).is_file():
        raise FileNotFoundError(f"the source of {name} is not at hand; install santiao with its sources")
    return _Undocumented().visit(ast.parse(Path(spec.origin).read_bytes()))  # type: ignore[no-any-return]


def _list_imports(code: ast.Module) -> Iterable[str]:
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            # `from package import module` names a module too; a name that is none is passed over.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_module_of(name: str, package: str) -> bool:
    if name != package and not name.startswith(f"{package}."):
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


class _Undocumented(ast.NodeTransformer):
    """Takes out docstrings and the strings below fields: they are for readers and fold nothing."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else node
