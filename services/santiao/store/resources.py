"""Finds the data that travels with the code: schemas, connector declarations, the city's own rows.

The rule kept here: a checkout speaks for itself, so that a changed file counts at the next start; an installed wheel
brings its own copy.
"""

from pathlib import Path
from typing import Literal

ResourceName = Literal["schemas", "connectors", "city"]

_IN_CHECKOUT: dict[ResourceName, str] = {"schemas": "schemas", "connectors": "connectors", "city": "deploy/city"}
_PACKAGE = Path(__file__).resolve().parents[1]


def checkout_root() -> Path | None:
    """Return the root of the checkout this code runs from, or None when it runs from an installed wheel."""
    root = _PACKAGE.parents[1]
    stands_in_checkout = _PACKAGE.parent.name == "services" and (root / "pyproject.toml").is_file()
    return root if stands_in_checkout else None


def resource_dir(name: ResourceName) -> Path:
    """Return the folder of the named resource: the checkout's when there is one, else the wheel's.

    Raises FileNotFoundError when the installation is incomplete; the message says how to mend it.
    """
    root = checkout_root()
    folder = _PACKAGE / "_data" / name if root is None else root / _IN_CHECKOUT[name]
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} is missing: this installation lacks its {name} data. Install the wheel again, or restore the "
            f"folder from git. 安装不完整：缺少 {name} 数据目录，请重新安装。"
        )
    return folder
