"""Pauses between attempts are declared, and spread without chance."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.delivery.schedule import FILE_NAME, Retries, load_schedule
from santiao.domain.errors import Rejection
from santiao.store.resources import resource_dir


def test_the_citys_own_rows_are_ten_attempts_over_three_days() -> None:
    every = load_schedule(resource_dir("city")).every
    assert every.attempts == 10
    assert timedelta(seconds=sum(every.pauses)) == timedelta(hours=75, minutes=35, seconds=5)


@given(attempts=st.integers(1, 20), row=st.integers(0, 2**62))
def test_a_pause_is_spread_by_a_tenth_and_the_same_at_every_run(attempts: int, row: int) -> None:
    retries = Retries(pauses=(10.0, 100.0))
    declared = retries.pauses[min(attempts, 2) - 1]
    pause = retries.pause_after(attempts, row).total_seconds()
    assert declared <= pause <= declared * 1.1
    assert pause == retries.pause_after(attempts, row).total_seconds()


@pytest.mark.parametrize(
    "text", ["", "every: {}", "every: {pauses: [1], rows: many}", "every: {pauses: [1]}\nother: 1", "{"]
)
def test_a_wrong_row_names_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(Rejection, match=FILE_NAME):
        load_schedule(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Rejection, match="cannot be read"):
        load_schedule(tmp_path)
