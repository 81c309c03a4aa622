"""What time it is: `system`, a fixed time, or `follow`, which is the latest `received_at` (for replays, demo and tests)."""

from datetime import UTC, datetime, timedelta

from santiao.domain.errors import Rejection

_EPOCH = datetime.fromtimestamp(0, UTC)


class Clock:
    """The hub's clock. Instants are cut to milliseconds, as the log keeps them; it never goes back while the process runs."""

    def __init__(self, setting: str = "system") -> None:
        self.setting = setting
        self._latest = _EPOCH
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

    @property
    def is_fixed(self) -> bool:
        """True when it stands still at a time that was set."""
        return self._fixed is not None

    def behind(self) -> timedelta:
        """How far the machine's clock lies behind the latest moment known here: set back, or once far ahead."""
        return max(timedelta(0), self._latest - datetime.now(UTC)) if self.setting == "system" else timedelta(0)

    def arrival(self) -> datetime:
        """When something arrived that carries no time of its own: in a replay, no later than what came before it."""
        if self.setting == "follow" and self._latest.year > _EPOCH.year:
            return self._latest
        return self._fixed or datetime.now(UTC)

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
