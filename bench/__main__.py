"""The bench: `python -m bench` prints one JSON document on stdout; what is going on is told on stderr."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.cities import CITIES, measure_cities
from bench.machine import look_at_machine
from bench.parts import PARTS, Size
from bench.quality import measure_quality
from bench.workshop import Workshop

EXAMPLES = """examples:
  python -m bench                            every speed, about four minutes on two cores
  python -m bench --only intake views        two parts
  python -m bench --full                     with 100,000 and 1,000,000 cases: hours, and some 20 GB below $TMPDIR
  python -m bench --samples city/            how right linking and intake are about a folder of deliveries
  python -m bench --cities 10 --disputes 300 the same over ten invented cities with seeds of their own
"""
SECRET = "TEST-SECRET-12345"  # noqa: S105 - the secret of invented deliveries
_SECRET_NAME = "SANTIAO_SECRET_HOTLINE_12345"  # noqa: S105 - a variable's name


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; 0 also when a figure is missed, 1 when a part could not be measured."""
    given = _parser().parse_args(arguments)
    began = time.perf_counter()
    machine = look_at_machine(tempfile.gettempdir())
    os.environ.setdefault(_SECRET_NAME, given.secret)
    document: dict[str, Any] = {"machine": machine}
    failed = False
    if given.samples is not None:
        document["samples"] = measure_quality(given.samples, police_tables=given.police_tables, progress=tell)
    elif given.cities:
        seeds = range(given.first_seed, given.first_seed + given.cities)
        document["cities"] = measure_cities(seeds, given.disputes, given.city or CITIES, tell)
    else:
        size, shop = Size.of(is_full=given.full, scale=given.scale), Workshop(tell)
        try:
            for name in given.only or PARTS:
                document[name], has_failed = _measure(name, size, shop)
                failed = failed or has_failed
        finally:
            shop.close()
    plain = msgspec.to_builtins(document)
    unmet = unmet_of(plain)
    seconds = round(time.perf_counter() - began, 1)
    sys.stdout.write(msgspec.json.encode({**plain, "unmet": unmet, "seconds": seconds}).decode() + "\n")
    return 1 if failed else 0


def _measure(name: str, size: Size, shop: Workshop) -> tuple[Any, bool]:
    """One part. What goes wrong in it is told in its place, and the others are still measured."""
    tell(f"{name} …")
    began = time.perf_counter()
    try:
        found = PARTS[name](size, shop, tell)
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs in the report
        tell(f"{name} could not be measured: {type(error).__name__}: {error}")
        return {"error": f"{type(error).__name__}: {error}"}, True
    tell(f"{name} took {time.perf_counter() - began:.1f} s")
    return found, False


def unmet_of(document: Any) -> list[str]:
    """The paths of all figures in a document that are not what is wanted of them."""
    return sorted(_unmet(document))


def _unmet(value: Any, path: str = "") -> list[str]:
    """The paths of figures that are not what is wanted of them."""
    if isinstance(value, list):
        return [each for number, item in enumerate(value) for each in _unmet(item, f"{path}[{number}]")]
    if not isinstance(value, dict):
        return []
    here = [path] if value.get("met") is False else []
    return here + [each for name, item in value.items() for each in _unmet(item, f"{path}.{name}".strip("."))]


def tell(text: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures the hub. Prints one JSON document; every speed stands beside a baseline of the same run.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--full", action="store_true", help="intake at 100,000 and 1,000,000 cases too, and views of them"
    )
    what.add_argument("--samples", type=_folder, metavar="DIR", help="judge a folder of deliveries with a truth.json")
    what.add_argument("--cities", type=_count, metavar="N", help="judge so many simulated cities")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), metavar="PART", help=f"some of: {', '.join(PARTS)}")
    parser.add_argument("--scale", type=float, default=1.0, help="a smaller or larger default run (0.1: a tenth of it)")
    parser.add_argument("--disputes", type=_count, default=200, help="of a simulated city")
    parser.add_argument("--first-seed", type=int, default=1, help="of the first simulated city")
    parser.add_argument("--city", nargs="+", choices=CITIES, help="which built-in cities take turns")
    parser.add_argument(
        "--police-tables", action="store_true", help="read the police's tables instead of their snapshots"
    )
    parser.add_argument("--secret", default=SECRET, help=f"the hotline's, where {_SECRET_NAME} is not set")
    return parser


def _folder(text: str) -> Path:
    path = Path(text)
    if not (path / "truth.json").is_file():
        raise argparse.ArgumentTypeError(f"{text} holds no truth.json")
    return path


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is no positive whole number")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
