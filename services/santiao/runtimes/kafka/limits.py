"""How much may be put aside before the fault is looked for elsewhere than in the records: a ratio, and so many in a row.

The rule kept here: a limit that is passed stops the worker before the batch commits, so that a broken release does not set aside a city.
"""

from santiao.domain.errors import SantiaoError


class TooManyFailures(SantiaoError):
    """So many records in a row, or such a part of the last ones, could not be taken that the worker stops."""


class FailureLimits:
    """Counts what was put aside among the last thousands."""

    def __init__(self, *, ratio: float = 0.2, at_least: int = 1000, consecutive: int = 500) -> None:
        """`ratio` of the last `at_least` records or more; `consecutive` in a row without one that was taken."""
        self._ratio = ratio
        self._at_least = at_least
        self._consecutive = consecutive
        self._seen = self._bad = self._in_a_row = 0

    def judge(self, bad: int, of: int) -> None:
        """`bad` of a batch of `of` are to be put aside.

        Raises:
            TooManyFailures: that would be too many.
        """
        if not bad:
            self._in_a_row = 0
            return
        in_a_row = self._in_a_row + bad if bad == of else 0
        seen, together = self._seen + of, self._bad + bad
        if in_a_row >= self._consecutive or (seen >= self._at_least and together > self._ratio * seen):
            raise TooManyFailures(
                "receive.too_many_failures",
                f"{together} of the last {seen} records could not be taken, {in_a_row} in a row; nothing of this batch was "
                "committed. Look at `santiao quarantine list` and `santiao dead-letters list`, mend the cause, start again",
                f"最近 {seen} 条记录中有 {together} 条无法处理，已停止，请排查后重启",
            )
        self._bad = together
        self._in_a_row = in_a_row

    def passed(self, number: int) -> None:
        """A batch was committed; what is long past is forgotten by halves."""
        self._seen += number
        if self._seen > 10 * self._at_least:
            self._seen //= 2
            self._bad //= 2
