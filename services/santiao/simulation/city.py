"""The city: its division code, districts and signs, read from a file, so that another city is another file."""

from functools import cache
from importlib import resources

import msgspec
import yaml

from santiao.simulation.settings import SimulationSettings

LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C loader reads the wording ten times faster; both are safe."""


class District(msgspec.Struct, frozen=True):
    """A county-level division with its streets and towns."""

    code: str
    name: str
    streets: tuple[str, ...]
    weight: float = 1.0
    county: bool = False

    @property
    def short(self) -> str:
        return self.name.removesuffix("新区").removesuffix("区").removesuffix("县")


class City(msgspec.Struct, frozen=True):
    """What the agencies' own forms need to know of the city."""

    name: str
    short: str
    sign: str
    """One character before its labour cases, as 蚌 in 蚌劳人仲调."""
    province: str
    court_sign: str
    prefecture: str
    area_code: str
    hotline_prefix: str
    districts: tuple[District, ...]
    lon: float
    lat: float

    @property
    def code(self) -> str:
        """Six digits of the city itself."""
        return self.prefecture + "00"


def read_data(*path: str) -> object:
    """Read one YAML file that stands beside this package's code."""
    text = resources.files("santiao.simulation").joinpath(*path).read_text(encoding="utf-8")
    data: object = yaml.load(text, Loader=LOADER)  # noqa: S506 (CSafeLoader is a safe loader)
    return data


@cache
def load_city(name: str) -> City:
    """Return a built-in city. Raises `ValueError` naming the known ones."""
    folder = resources.files("santiao.simulation").joinpath("cities")
    known = sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    if name not in known:
        raise ValueError(f"没有名为 {name!r} 的城市：choose one of {', '.join(known)}.")
    return msgspec.convert(read_data("cities", f"{name}.yaml"), City)


def city_of(settings: SimulationSettings) -> City:
    return load_city(settings.city)
