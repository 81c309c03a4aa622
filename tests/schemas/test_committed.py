"""The committed folder is what the types say, keeps every rule, and lists what was released."""

from santiao.schemas.check import run_check
from santiao.schemas.rules import RULES
from tests.schemas.keep_samples import ROOT, SCHEMAS


def test_the_committed_schemas_keep_every_rule() -> None:
    report = run_check(SCHEMAS)
    assert report.files
    assert not report.problems, "\n".join(problem.write_line() for problem in report.problems)


def test_the_page_says_every_rule_as_the_check_keeps_it() -> None:
    page = (ROOT / "docs/schemas.md").read_text(encoding="utf-8")
    missing = [name for name, rule in RULES.items() if f"| `{name}` | {rule.holds} |" not in page]
    assert not missing, f"write them in docs/schemas.md as schemas/rules.py has them: {missing}"
