"""The page about the views says what the code says."""

import re

from santiao.projections.catalogue import PROJECTIONS
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "views.md").read_text(encoding="utf-8")


def test_every_view_is_listed_with_its_history_and_no_other() -> None:
    told = re.findall(r"^\| `(\w+)` \| [^|]+ \| (yes|no) \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert told == [(each.name, "yes" if each.has_history else "no") for each in PROJECTIONS]


def test_every_table_is_listed_with_its_columns() -> None:
    told = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (.+) \\\| (.+) \|$", PAGE, re.MULTILINE)
    assert told == [
        (each.name, table.name, ", ".join(table.key), ", ".join(table.columns[table.key_columns :]))
        for each in PROJECTIONS
        for table in each.tables
    ]
