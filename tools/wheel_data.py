"""Puts the data that travels with the code into the wheel: schemas, connectors, the city's own rows, under `santiao/_data/`.

Into a wheel only: a checkout's virtual environment reads the checkout, and a copy there would grow stale unseen.
"""

from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WHERE_IN_WHEEL = {
    "schemas": "santiao/_data/schemas",
    "connectors": "santiao/_data/connectors",
    "deploy/city": "santiao/_data/city",
}


class WheelData(BuildHookInterface[BuilderConfig]):
    """Called by hatchling before it builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            build_data["force_include"].update(WHERE_IN_WHEEL)
