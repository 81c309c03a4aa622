"""`Santiao-Position`: how far an answer's ground reaches, per shard, as one opaque word; and waiting for such a position.

The rule kept here: a client gives back what it was given and compares nothing itself; one who has written sees her own write.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping

from santiao.api.problems import Problem, parameter_problem

HEADER = "Santiao-Position"
WAIT_SECONDS = 2.0
_STEP_SECONDS = 0.02
_LONGEST = 2048

Positions = Mapping[int, int]


def encode_positions(positions: Positions) -> str:
    """The word for a position vector."""
    told = ",".join(f"{shard}:{position}" for shard, position in sorted(positions.items()))
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def decode_positions(word: str) -> dict[int, int]:
    """The vector of a word; 400 for one that was not given by the hub."""
    word = word[:_LONGEST]
    try:
        told = urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode("ascii")
        pairs = [pair.split(":") for pair in told.split(",") if pair]
        return {int(shard): int(position) for shard, position in pairs}
    except (ValueError, NotBase64):
        raise parameter_problem(
            "min_position",
            "position.malformed",
            "send the value of Santiao-Position as you were given it",
            "请原样使用 Santiao-Position 的值",
        ) from None


def reaches(have: Positions, wanted: Positions) -> bool:
    """True when every shard is as far as wanted."""
    return all(have.get(shard, 0) >= position for shard, position in wanted.items())


def wait_until(wanted: Positions, read: Callable[[], Positions], *, seconds: float = WAIT_SECONDS) -> Positions:
    """Wait until views have come as far as `wanted`; the position they reached.

    Raises:
        Problem: 503 `position.not_reached` with Retry-After, after `seconds`.
    """
    until = time.monotonic() + seconds
    while True:
        have = read()
        if reaches(have, wanted):
            return have
        if time.monotonic() >= until:
            raise Problem(
                503,
                "position.not_reached",
                "the views have not come as far as min_position yet; ask again",
                "视图尚未更新到所要求的位置，请稍后重试",
                headers={"Retry-After": "1"},
            )
        time.sleep(_STEP_SECONDS)
