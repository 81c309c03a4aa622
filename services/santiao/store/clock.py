"""What time it is: `system`, a fixed time, or `follow`, which is the latest `received_at` (for replays, demo and tests)."""

from datetime import UTC, datetime

from santiao.domain.errors import Rejection


class Clock:
    """The hub's clock. Instants are cut to milliseconds, as the log keeps them; it never goes back while the process runs."""

    def __init__(self, setting: str = "system") -> None:
        self.setting = setting
        self._latest = datetime.fromtimestamp(0, UTC)
        self._fixed: datetime | None = None
        if setting not in ("system", "follow"):
            try:
                self._fixed = datetime.fromisoformat(setting)
            except ValueError:
                raise Rejection(
                    "settings.clock",
                    "SANTIAO_CLOCK is system, follow or an RFC 3339 time",
                    "SANTIAO_CLOCK 应为 system、follow 或带时区的时间",
                ) from None
            if self._fixed.tzinfo is None:
                raise Rejection(
                    "settings.clock",
                    "the fixed time needs an offset, as in 2026-03-31T18:00:00+08:00",
                    "固定时间须带时区",
                )

    def hear(self, received_at: datetime) -> None:
        """A `follow` clock learns how late it is."""
        self._latest = max(self._latest, received_at)

    def now(self) -> datetime:
        """The present moment."""
        if self._fixed is not None:
            return self._fixed
        if self.setting == "follow":
            return self._latest
        moment = datetime.now(UTC)
        self._latest = max(self._latest, moment.replace(microsecond=moment.microsecond // 1000 * 1000))
        return self._latest
