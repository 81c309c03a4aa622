"""The agencies' own code lists, as they hand them over beside their deliveries."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from santiao.simulation.city import read_data
from santiao.simulation.kinds import load_kinds

DEFAULT_CLASS = ("999901", "其他_其他")
DEFAULT_CATEGORY = ("其他", "其他", "其他")


def write_police_codes(path: Path) -> None:
    _write(path, ("code", "label"), msgspec.convert(read_data("wording", "police_codes.yaml"), list[tuple[str, str]]))


def write_causes(path: Path) -> None:
    causes = {kind.cause for kind in load_kinds().values()}
    _write(path, ("id", "label"), [(str(number), label) for number, label in sorted(causes)])


def write_classes(path: Path) -> None:
    classes = {kind.petition for kind in load_kinds().values()}
    _write(path, ("code", "label"), [*sorted(classes), DEFAULT_CLASS])


def write_catalogue(path: Path) -> None:
    categories = {kind.hotline for kind in load_kinds().values()}
    _write(path, ("level1", "level2", "level3"), [*sorted(categories), DEFAULT_CATEGORY])


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
