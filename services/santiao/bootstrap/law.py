"""Law and schemas as commands ask for them: no home is needed."""

from datetime import date, datetime
from pathlib import Path

from santiao.domain.deadlines import DeadlineAnswer, answer_of, compute_deadline, select_rule
from santiao.domain.errors import Rejection
from santiao.schemas.check import CheckReport, run_check
from santiao.schemas.generate import run_generate
from santiao.settings import load_settings
from santiao.store.resources import resource_dir
from santiao.store.rulebook_files import load_rulebook


def compute_one_deadline(rule: str, start: str, region: str | None) -> DeadlineAnswer:
    """One deadline by its rule id; needs no home.

    Raises:
        Rejection: unknown rule, a rule not in force that day, or a start that is neither date nor time with offset.
    """
    settings = load_settings()
    book = load_rulebook(settings.city if settings.city != Path() else resource_dir("city"))
    try:
        moment: date | datetime = date.fromisoformat(start) if len(start) == 10 else datetime.fromisoformat(start)
    except ValueError:
        raise Rejection(
            "deadline.bad_start",
            "START is YYYY-MM-DD or an RFC 3339 time with offset",
            "起算时间应为日期或带时区的时间",
        ) from None
    day = moment if not isinstance(moment, datetime) else moment.date()
    row = select_rule(book, rule, day, region)
    return answer_of(compute_deadline(row, moment, book.calendar, region))


def check_all_schemas() -> CheckReport:
    """Every schema version against every other, the released list, the types and the upcasters."""
    return run_check(resource_dir("schemas"))


def generate_all_schemas() -> list[Path]:
    """Write the schema files from the event types; the files that were written or removed."""
    folder = resource_dir("schemas")
    return [folder / change.path for change in run_generate(folder)]
