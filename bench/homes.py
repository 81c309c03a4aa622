"""The city that a measured hub is for: the project's own data under another city's name.

A hub is told its city by `city.yaml`; feeds that name none are that city's. A folder of another city's deliveries is measured in a hub
for that city, as it would be received there.
"""

import csv
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from santiao.connectors.registry import HOME_FILE, load_home
from santiao.simulation.city import City
from santiao.store.resources import resource_dir


def settle_in(city: City, folder: Path) -> Path:
    """The folder of a hub for an invented city, with the divisions that no table knows."""
    settle_at(city.code, city.area_code, folder)
    with (folder / "regions.csv").open(encoding="utf-8", newline="") as lines:
        known = {row["code"] for row in csv.DictReader(lines)}
    places = [(city.code, city.name, 4, f"{city.code[:2]}0000")]
    places += [(each.code, each.name, 6, city.code) for each in city.districts]
    with (folder / "regions.csv").open("a", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows((*place, "", "", "") for place in places if place[0] not in known)
    return folder


def settle_at(division: str, area_code: str, folder: Path) -> Path:
    """The folder of a hub for the city of a division."""
    shutil.copytree(resource_dir("city"), folder)
    (folder / HOME_FILE).write_bytes(msgspec.yaml.encode({"division": division, "area_code": area_code}))
    return folder


def settle_for(truth: dict[str, Any], folder: Path) -> Path:
    """The folder of a hub for the city whose disputes a folder's truth tells of; the empty path when it is the project's own."""
    told = Counter(str(each.get("region", ""))[:4] for each in truth.get("disputes", ()) if isinstance(each, dict))
    city = next((code for code, _ in told.most_common() if len(code) == 4 and code.isdigit()), "")
    own = load_home(resource_dir("city") / HOME_FILE).division[:4]
    return Path() if city in {"", own} else settle_at(f"{city}00", "", folder)
