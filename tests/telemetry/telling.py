"""What tests of telemetry tell an observer."""

from datetime import UTC, datetime

AT = datetime(2026, 3, 31, 10, tzinfo=UTC)
