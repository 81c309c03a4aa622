"""The committed folder is what the types say, keeps every rule, and lists what was released."""

from santiao.schemas.check import run_check
from tests.schemas.keep_samples import SCHEMAS


def test_the_committed_schemas_keep_every_rule() -> None:
    report = run_check(SCHEMAS)
    assert report.files
    assert not report.problems, "\n".join(problem.write_line() for problem in report.problems)
