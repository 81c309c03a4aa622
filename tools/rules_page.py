"""Writes `docs/rules.md` from the city's data, so that the page and the clocks never differ.

Run by `make docs`; `tests/domain/test_rulebook.py` fails when the page is stale.
"""

import sys
from pathlib import Path

from santiao.domain.rulebook import render_rules
from santiao.store.resources import resource_dir
from santiao.store.rulebook_files import load_rulebook

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rules.md"


def main() -> int:
    text = render_rules(load_rulebook(resource_dir("city")))
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.name}: {text.count(chr(10))} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
