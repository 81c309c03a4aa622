"""Writes what a connector's samples give now as what they must give: `.venv/bin/python tools/expected_results.py NAME`.

For whoever has just read the results through; `git diff` shows what changed. Samples are those that `samples/expected.json` names.
"""

import sys
from pathlib import Path

from santiao.connectors.check import check

ROOT = Path(__file__).resolve().parents[1]
CONNECTORS = ROOT / "connectors"
REGIONS = ROOT / "deploy" / "city" / "regions.csv"


def main(name: str) -> None:
    """Write the connector's expected results."""
    report = check(CONNECTORS, regions=REGIONS, name=name, write=True)
    told = "; ".join(map(str, report.differences))
    print(f"{name}: {report.samples} samples, {report.items} items. {told}".rstrip())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} NAME")
    main(sys.argv[1])
