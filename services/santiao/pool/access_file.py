"""Reads the rows of who may do what (`access.yaml`) of the city's data, whole and checked before the hub opens."""

from pathlib import Path

import msgspec
import yaml

from santiao.domain.errors import Rejection
from santiao.pool.access import COMMANDS, AccessBook, GrantRow, Role

FILE_NAME = "access.yaml"
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_access(folder: Path) -> AccessBook:
    """Read and check `access.yaml` of the city's data.

    Raises:
        Rejection: `access.invalid`, naming file, place and mend.
    """
    path = folder / FILE_NAME
    try:
        book = msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER), AccessBook)  # noqa: S506 (CSafeLoader is a safe loader)
    except OSError as error:
        raise _invalid(path, f"cannot be read ({error.strerror}); restore it from the release") from None
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise _invalid(path, f"{error}; mend that row") from None
    for complaint in _contradictions(book):
        raise _invalid(path, complaint)
    return book


def _contradictions(book: AccessBook) -> list[str]:
    rows: list[tuple[str, GrantRow]] = [("any_agency", book.any_agency)]
    rows += [(f"roles.{name}", row) for name, row in book.roles.items()]
    rows += [(f"agencies.{name}", row) for name, row in book.agencies.items()]
    found = [
        f"{place} names an unknown purpose {purpose}"
        for place, row in rows
        for purpose in row.purposes
        if purpose not in book.purposes
    ]
    named = [(place, name) for place, row in rows for name in row.commands]
    named += [("named_commands", name) for name in book.named_commands]
    named += [("guarded_commands", name) for name in book.guarded_commands]
    found += [f"{place} names an unknown command {name}" for place, name in named if name not in COMMANDS]
    found += [
        f"treatments name an unknown purpose {purpose}"
        for row in book.treatments
        for purpose in row.purposes
        if purpose not in book.purposes
    ]
    found += [f"roles.{role} is missing" for role in Role if role not in book.roles]
    return found


def _invalid(path: Path, why: str) -> Rejection:
    return Rejection("access.invalid", f"{path}: {why}", f"{path.name} 有误，请修改")
