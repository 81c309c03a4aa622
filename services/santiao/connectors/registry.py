"""The connectors there are: every folder below the declarations' folder that holds a `connector.yaml`, loaded and ready to read.

The rule kept here: a connector is its folder; none is known by name in code. One that cannot be loaded is named with its fault, and
the others are not held up when the caller asks for that.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from santiao.connectors.codes import load_code_tables
from santiao.connectors.connector import Connector
from santiao.connectors.converters.references import ReferencePattern
from santiao.connectors.converters.region import PREFECTURE, PROVINCE, RegionTable
from santiao.connectors.declaration import FILE_NAME, Declaration, DeclarationFault, load_declaration
from santiao.connectors.kinds import KindWords, SettlementTeller
from santiao.connectors.lexicon import load_lexicon
from santiao.connectors.narrative import NarrativeReader
from santiao.connectors.shapes import Words
from santiao.connectors.transports.timestamps import Clock
from santiao.domain.errors import NotFound

Secrets = Callable[[str], str]
"""The value of a named secret, "" where there is none."""


class Connectors(Mapping[str, Connector]):
    """The loaded connectors by name."""

    def __init__(self, connectors: Mapping[str, Connector]) -> None:
        self._connectors = dict(connectors)

    def __getitem__(self, name: str) -> Connector:
        """The connector of a name.

        Raises:
            NotFound: there is none; the message lists those there are.
        """
        if name not in self._connectors:
            known = ", ".join(sorted(self._connectors))
            raise NotFound(
                "connector.unknown",
                f"there is no connector {name!r}; known are {known}",
                f"没有名为 {name!r} 的接入，现有：{known}",
            )
        return self._connectors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._connectors)

    def __len__(self) -> int:
        return len(self._connectors)


def connector_folders(folder: Path) -> list[Path]:
    """The folders that declare a connector, by name."""
    return sorted(path.parent for path in folder.glob(f"*/{FILE_NAME}"))


def load_connectors(
    folder: Path,
    *,
    regions: Path,
    clock: Clock,
    secrets: Secrets = lambda _name: "",
    arrival: Clock | None = None,
) -> Connectors:
    """Load every connector below `folder`.

    Args:
        folder: the declarations' folder, one folder per agency.
        regions: the table of divisions (`regions.csv`); beside it `city.yaml` names the city of feeds that name none.
        clock: says what time it is, with an offset; nothing told of later than this is believed.
        arrival: when an item arrived that carries no time of its own; `clock` unless the hub's own clock is another (a replay's).
        secrets: values of the secrets that declarations name.

    Raises:
        DeclarationFault: a declaration or code list cannot be used; names file, line and mend.
    """
    folders = connector_folders(folder)
    if not folders:
        raise DeclarationFault(
            f"{folder}: no folder with a {FILE_NAME}; set SANTIAO_CONNECTORS. 没有任何接入声明，请检查目录。"
        )
    home = load_home(regions.with_name(HOME_FILE))
    declarations = [(path, _at_home(load_declaration(path), path, home)) for path in folders]
    patterns = tuple(pattern for _, declaration in declarations for pattern in declaration.numbers)
    table, names = _regions(regions)
    loaded = {
        declaration.name: _load(declaration, path, patterns, table, names, clock, secrets, arrival)
        for path, declaration in declarations
    }
    return Connectors(loaded)


class Home(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The city the hub is for: its division, and the area code of its landlines."""

    division: str = ""
    area_code: str = ""


HOME_FILE = "city.yaml"


def load_home(path: Path) -> Home:
    """Read the city's own file; without one every feed must name its city.

    Raises:
        DeclarationFault: the file cannot be used.
    """
    if not path.exists():
        return Home()
    try:
        home = msgspec.yaml.decode(path.read_bytes(), type=Home)
    except (OSError, msgspec.MsgspecError, yaml.YAMLError) as failure:
        raise DeclarationFault(f"{path}: {failure}; mend that key. 城市文件有误，请修改。") from failure
    if home.division and (len(home.division) != _DIVISION_DIGITS or not home.division.isdigit()):
        raise DeclarationFault(
            f"{path}: division is {home.division!r}; give six digits, such as 340300. 区划代码应为六位数字。"
        )
    return home


_DIVISION_DIGITS = 6


def _at_home(declaration: Declaration, folder: Path, home: Home) -> Declaration:
    """The declaration of a feed whose city is known: its own, or the hub's."""
    if declaration.city:
        return declaration
    if not home.division:
        raise DeclarationFault(
            f"{folder / FILE_NAME}: names no city and the hub has no {HOME_FILE}; give `city`. 未声明城市，请补充 city。"
        )
    area_code = declaration.area_code or home.area_code
    return msgspec.structs.replace(declaration, city=home.division, area_code=area_code)


def _load(
    declaration: Declaration,
    folder: Path,
    patterns: tuple[ReferencePattern, ...],
    regions: RegionTable,
    names: tuple[tuple[str, str], ...],
    clock: Clock,
    secrets: Secrets,
    arrival: Clock | None,
) -> Connector:
    try:
        return Connector(
            declaration,
            folder=folder,
            tables=load_code_tables(declaration, folder),
            regions=regions,
            words=_words(names, declaration.city[:4]),
            patterns=patterns,
            clock=clock,
            secrets=secrets,
            arrival=arrival,
        )
    except (ValueError, KeyError, msgspec.ValidationError) as failure:
        raise DeclarationFault(f"{folder / FILE_NAME}: {failure}; mend that rule. 声明有误，请修改。") from failure


@cache
def _regions(path: Path) -> tuple[RegionTable, tuple[tuple[str, str], ...]]:
    """The table of divisions, and the names a firm's name may begin with: provinces, cities, counties."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(row["code"], row["name"], int(row["level"])) for row in csv.DictReader(lines)]
    names: list[tuple[str, str]] = []
    for code, name, level in rows:
        names.append((code, name))
        if level in {PROVINCE, PREFECTURE}:
            short = next(
                (name.removesuffix(word) for word in ("自治区", "省", "市", "地区", "盟") if name.endswith(word)), name
            )
            if len(short) > 1 and short != name:
                names.append((code, short))
    return RegionTable.load(path), tuple(names)


@cache
def _words(names: tuple[tuple[str, str], ...], city: str) -> Words:
    """Readers of text for one city: names of its own counties and streets, and of all provinces and cities."""
    lexicon = load_lexicon()
    places = tuple(name for code, name in names if code[2:] == "0000" or code[4:6] == "00" or code.startswith(city))

    @cache
    def narrative(cues: tuple[str, ...]) -> NarrativeReader:
        return NarrativeReader(lexicon, places, cues)

    return Words(KindWords(lexicon.disputes), SettlementTeller(lexicon.settlements), narrative)
