"""`python -m tests.chaos`: a long storm, its outcome as JSON on stdout; schedule and seed go to stderr before it begins."""

import argparse
import os
import sys

import msgspec

from tests.chaos.scenario import Plan, live_through
from tests.services.postgres import running_server


def main() -> None:
    """Raise a storm of the given size."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    parser.add_argument("--seconds", type=float, default=900.0, help="how long blows fall")
    parser.add_argument("--every", type=float, default=6.0, help="seconds between blows, about")
    parser.add_argument("--disputes", type=int, default=1000, help="of each of six cities")
    parser.add_argument("--rate", type=float, default=100.0, help="messages a second: half of what the machine takes")
    given = parser.parse_args()
    plan = Plan(given.seed, given.seconds, given.every, given.disputes, given.rate)
    with running_server() as postgres:
        outcome = live_through(plan, postgres)
    sys.stdout.write(msgspec.json.encode(outcome).decode() + "\n")


if __name__ == "__main__":
    main()
