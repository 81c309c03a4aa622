"""A connector's declaration (接入声明): all that is particular to one agency, read from its folder's `connector.yaml`.

The rule kept here: a declaration is checked whole when it is loaded; a fault names the file, the line, the place inside and the mend.
Nothing of an agency stands in code.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import yaml

from santiao.connectors.converters.references import ReferencePattern, check_patterns
from santiao.connectors.expressions import Formula, paths_in
from santiao.connectors.forms import Bounds, Form
from santiao.connectors.rules import FACTS, CodeRule, ListRef, ShapeRule
from santiao.connectors.transports.rest import RestSettings
from santiao.connectors.transports.table import TableSettings

FILE_NAME = "connector.yaml"
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DeclarationFault(Exception):
    """A declaration that cannot be used; the message names the file, the place and the mend."""


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people read."""

    zh: str
    en: str


class Freshness(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long a silence is normal, in hours: since the source last answered, and since it last had news."""

    answer_hours: float
    news_hours: float


class ShardRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the city stands in the key: a regular expression whose first group is four digits. No match: the feed's own city."""

    pattern: str


class RenderRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The reverse mapping: what the agency is told, in its own columns and codes.

    `columns` say what each of the agency's columns holds: one of the result's names (key, stage, outcome, text, body, at, case_no,
    referral_no), or `=` and a constant. `outcomes` and `stages` are hub code to agency code; `times` how a time is written.
    """

    table: str = ""
    form: str
    """How one answer is written: json, xml or csv."""
    element: str = ""
    columns: dict[str, str]
    stages: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    times: str = "%Y-%m-%d %H:%M:%S"
    charset: str = "utf-8"


class SftpRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An SFTP server that a drop lies on: its host keys, as lines of a `.pub` file, and the names of our secrets there."""

    host_keys: tuple[str, ...]
    timeout_seconds: float = 60.0
    password: str = ""
    private_key: str = ""
    passphrase: str = ""


class LiveRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the agency is asked live: its database, its service, its server. Secrets are named, their values come from the settings."""

    table: TableSettings | None = None
    password: str = ""
    rest: RestSettings | None = None
    client_id: str = ""
    client_secret: str = ""
    gateway_token: str = ""
    sftp: SftpRule | None = None


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One agency's declaration. Columns are named as after `headers` has renamed them."""

    name: str
    title: Title
    mapping_version: str
    city: str = ""
    """Division code of the feed's city, six digits; empty: the city the hub is for."""
    area_code: str = ""
    """Put before a landline that was written without one; empty: the same city's."""
    feed: str = "main"
    shard: ShardRule | None = None
    freshness: Freshness
    bounds: Bounds = Bounds()
    forms: tuple[Form, ...]
    live: LiveRule = LiveRule()
    headers: dict[str, str] = {}
    """Other spellings of a column's name, to the one used here."""
    times: dict[str, tuple[str, ...]] = {}
    """Named sets of time patterns; `default` is used where a rule names none."""
    numbers: tuple[ReferencePattern, ...] = ()
    """How this agency's own numbers look where others quote them; `kind` is the connector's name."""
    volatile: tuple[str, ...] = ()
    """Columns that change without the fact changing; they are not part of the content hash."""
    untrusted: tuple[str, ...] = ()
    """Columns the agency's system fills by itself; kept, never believed."""
    ignored: tuple[str, ...] = ()
    """Columns known and of no use; not kept in `extra`."""
    lists: dict[str, ListRef] = {}
    sheets: bool = False
    """The cells have been through a spreadsheet, which damages long numbers."""
    shapes: dict[str, ShapeRule]
    pii: dict[str, tuple[str, ...]] = {}
    """Class of personal data to the columns that hold it."""
    render: RenderRule | None = None


def load_declaration(folder: Path) -> Declaration:
    """Read and check `connector.yaml` of one agency's folder.

    Raises:
        DeclarationFault: the file is missing, is no YAML, has an unknown or missing key or a wrong value, or contradicts itself.
    """
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise DeclarationFault(
            f"{path}: cannot be read ({fault.strerror}); every connector folder needs a {FILE_NAME}. 缺少接入声明文件。"
        ) from fault
    try:
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506 (CSafeLoader is a safe loader)
    except yaml.YAMLError as fault:
        raise DeclarationFault(f"{path}: not YAML: {fault}. 不是有效的 YAML。") from fault
    try:
        declaration = msgspec.convert(document, Declaration)
    except msgspec.ValidationError as fault:
        told = str(fault)
        place = told.rsplit("`", 2)[1] if told.endswith("`") and " - at `" in told else "$"
        raise DeclarationFault(
            f"{path}:{line_of(text, place)}: {told}; mend that key. 声明有误，请修改该处。"
        ) from fault
    for place, complaint in _contradictions(declaration, folder):
        raise DeclarationFault(f"{path}:{line_of(text, place)}: {complaint} - at `{place}`. 声明自相矛盾，请修改该处。")
    return declaration


def _contradictions(declaration: Declaration, folder: Path) -> Iterator[tuple[str, str]]:
    if declaration.name != folder.name:
        yield (
            "$.name",
            f"the connector is called {declaration.name!r} and its folder {folder.name!r}; give both one name",
        )
    if declaration.city and (len(declaration.city) != 6 or not declaration.city.isdigit()):
        yield (
            "$.city",
            f"city is {declaration.city!r}; give the six digits of the city's division code, such as 340300, or leave it out",
        )
    try:
        check_patterns(declaration.numbers)
    except ValueError as fault:
        yield "$.numbers", str(fault)
    for name, listed in declaration.lists.items():
        if Path(listed.file).name != listed.file or not (folder / listed.file).is_file():
            yield f"$.lists.{name}.file", f"the code list {listed.file!r} is no file of this folder"
    for name, shape in declaration.shapes.items():
        if shape.fact not in FACTS:
            yield f"$.shapes.{name}.fact", f"the fact {shape.fact!r} is not one of {', '.join(sorted(FACTS))}"
        for field, rule in _codes_of(shape):
            if rule.list not in declaration.lists:
                yield f"$.shapes.{name}.{field}", f"the list {rule.list!r} is not among `lists`"
        for column in sorted(columns_of(shape) & set(declaration.untrusted)):
            yield f"$.shapes.{name}", f"the column {column!r} is `untrusted` and must not be mapped; map another"
        if shape.fact in {"dispute", "site_feedback", "mediation_result"} and not shape.stage:
            yield f"$.shapes.{name}", "the fact needs `stage`: a table whose last row has no condition"
        if shape.stage and shape.stage[-1].when:
            yield (
                f"$.shapes.{name}.stage",
                "the last row of `stage` must have no condition, so that every item has a stage",
            )


def _codes_of(shape: ShapeRule) -> Iterator[tuple[str, CodeRule]]:
    if shape.type is not None:
        for rule in shape.type.codes:
            yield "type", rule
    for rule in shape.codes:
        yield "codes", rule
    if shape.reason is not None:
        yield "reason", shape.reason


def columns_of(rule: object) -> set[str]:
    """The columns a rule reads: the first step of every path in it. Other words of the rule may be among them; they harm nothing."""
    if isinstance(rule, str):
        return {rule.partition(".")[0]}
    if isinstance(rule, Formula):
        return {path.partition(".")[0] for path in paths_in(rule)}
    if isinstance(rule, (tuple, list)):
        return set[str]().union(*map(columns_of, rule))
    if isinstance(rule, msgspec.Struct):
        return set[str]().union(*(columns_of(getattr(rule, field)) for field in rule.__struct_fields__))
    return set()


def line_of(text: str, place: str) -> int:
    """The line a place such as `$.shapes.incident.key` begins on, as far as it exists; 1 for the document itself.

    A step `[...]` stands for any member; the first under which the rest of the way exists counts.
    """
    node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    return 1 if node is None else max(_way(node, _steps(place), 1), key=lambda way: (way[0], -way[1]))[1]


def _way(node: yaml.Node, steps: list[str], line: int) -> list[tuple[int, int]]:
    """How far each way goes, and the line it ends on."""
    if not steps:
        return [(0, line)]
    step, found = steps[0], list[tuple[int, int]]()
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if step in {key.value, "*"}:
                found += [(1 + far, at) for far, at in _way(value, steps[1:], key.start_mark.line + 1)]
    elif isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        inner = node.value[int(step)]
        found += [(1 + far, at) for far, at in _way(inner, steps[1:], inner.start_mark.line + 1)]
    return found or [(0, line)]


def _steps(place: str) -> list[str]:
    plain = place.replace("[...]", ".*").replace("[", ".").replace("]", "")
    return [step for step in plain.split(".") if step and step != "$"]


def time_patterns(declaration: Declaration, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The patterns of a rule: its own, a named set of the declaration's, or its default."""
    if not patterns:
        return declaration.times.get("default", ("iso",))
    named: Mapping[str, tuple[str, ...]] = declaration.times
    return tuple(each for pattern in patterns for each in named.get(pattern, (pattern,)))
