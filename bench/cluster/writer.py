"""One process of `bench.cluster.postgres`: receives a city when told to, and prints what it took."""

import sys
from pathlib import Path

import msgspec

from bench.cluster.postgres import receive_city


def main() -> None:
    """`writer URL HOME CITY DISPUTES`: a line when ready, waits for a line, then a JSON document."""
    url, home, city, disputes = sys.argv[1:]

    def ready(word: str) -> None:
        sys.stdout.write(f"{word}\n")
        sys.stdout.flush()
        sys.stdin.readline()

    written = receive_city(url, Path(home), int(city), int(disputes), ready)
    sys.stdout.write(msgspec.json.encode(written).decode())


if __name__ == "__main__":
    main()
