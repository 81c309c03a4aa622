"""Names of the city's divisions, from the table of GB/T 2260 that is in force now."""

import csv
from pathlib import Path


def read_region_names(path: Path, prefix: str) -> dict[str, str]:
    """Six-digit codes below `prefix` with their names, abolished ones left out."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: row["name"]
            for row in csv.DictReader(file)
            if row["code"].startswith(prefix) and not row["valid_to"]
        }
