"""When something that could not be handed over is tried again, and when it is given up: rows of the city's data.

The rule kept here: pauses are declared, by agency where one differs; jitter comes from the row's id, so that rows that failed together do
not return together, and a replay waits as long as the first run did.
"""

import hashlib
from datetime import timedelta
from pathlib import Path

import msgspec
import yaml

from santiao.domain.errors import Rejection

FILE_NAME = "delivery.yaml"
_JITTER = 0.1


class Retries(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Pauses between attempts in seconds: one attempt more than there are pauses. `rows` bounds a batch, `lease_seconds` a claim."""

    pauses: tuple[float, ...]
    rows: int = 200
    lease_seconds: float = 120.0

    @property
    def attempts(self) -> int:
        """How often something is tried before it becomes a dead letter."""
        return len(self.pauses) + 1

    def pause_after(self, attempts: int, row_id: int) -> timedelta:
        """How long to wait after so many attempts."""
        seconds = self.pauses[min(attempts, len(self.pauses)) - 1]
        spread = hashlib.blake2b(f"{row_id}:{attempts}".encode(), digest_size=1).digest()[0] / 255
        return timedelta(seconds=seconds * (1 + _JITTER * spread))


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file: what holds for all agencies, and what differs for some."""

    every: Retries
    agencies: dict[str, Retries] = {}

    def of(self, agency: str) -> Retries:
        """What holds for an agency."""
        return self.agencies.get(agency, self.every)


def load_schedule(folder: Path) -> Schedule:
    """The rows of `delivery.yaml` in the city's folder.

    Raises:
        Rejection: `delivery.invalid`, naming file, place and mend.
    """
    path = folder / FILE_NAME
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Schedule)
    except OSError as error:
        raise Rejection(
            "delivery.invalid", f"{path} cannot be read ({error.strerror}); restore it", f"{path.name} 无法读取"
        ) from None
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise Rejection("delivery.invalid", f"{path}: {error}; mend that row", f"{path.name} 有误，请修改") from None
