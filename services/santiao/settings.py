"""Settings: from the environment, else from `santiao.toml` in the working folder, else the default. Rooms receive values, never this.

Every field here is described in the operator's guide (a test keeps it so). Secrets of feeds come from `SANTIAO_SECRET_<NAME>`.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from santiao.domain.errors import Rejection

PREFIX = "SANTIAO_"
SECRET_PREFIX = "SANTIAO_SECRET_"  # noqa: S105 - the prefix of names, no secret
FILE = "santiao.toml"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator can set. Each is `SANTIAO_<NAME>` in the environment and `<name>` in `santiao.toml`.

    home: folder of the embedded default's files; store_url: SQLAlchemy URL of log and files (default SQLite in the home);
    views_url: of the views (default the store); keys_url: of the data keys (default `keys.db` in the home); kafka: bootstrap
    servers; master_key_file: 32 bytes, made on the first start of the embedded default; connectors: folder of declarations; city:
    folder of rules, calendars, bodies; clock: system, follow or a time; host, port: where the API and console listen; cache_mib:
    memory for SQLite's pages, the setting that decides how intake scales; log_level, log_format: of the structured
    log; metrics_port: where a worker's figures and health are; traces: the collector that traces are sent to, none by default;
    traces_ratio: the share of messages that is traced; token_hours: how long a console session lasts; sources: where a connector's agency
    is asked live, by connector (`name=address`, blanks between, or a table in the file); poll_seconds: how often it is asked;
    stop_seconds: how long a hub that is told to stop may take; topic_prefix: before the names of topics and consumer groups, for several
    hubs on one Kafka; stall_seconds: how long a worker's partition may stand still with messages waiting before the worker begins anew.
    """

    home: Path = Path("var")
    store_url: str = ""
    views_url: str = ""
    keys_url: str = ""
    kafka: str = ""
    master_key_file: Path = Path()
    connectors: Path = Path()
    city: Path = Path()
    clock: str = "system"
    host: str = "127.0.0.1"
    port: int = 8000
    cache_mib: int = 256
    log_level: str = "INFO"
    log_format: Literal["json", "human"] = "json"
    metrics_port: int = 9464
    traces: str = ""
    traces_ratio: float = 0.05
    token_hours: int = 12
    sources: dict[str, str] = {}
    poll_seconds: float = 60.0
    stop_seconds: float = 20.0
    topic_prefix: str = ""
    stall_seconds: float = 30.0

    @property
    def store(self) -> str:
        """URL of the store."""
        return self.store_url or f"sqlite:///{self.home.resolve() / 'santiao.db'}"

    @property
    def views(self) -> str:
        """URL of the views' database."""
        return self.views_url or self.store

    @property
    def keys(self) -> str:
        """URL of the keys' database."""
        return self.keys_url or f"sqlite:///{self.home.resolve() / 'keys.db'}"

    @property
    def master_key(self) -> Path:
        """The master key's file."""
        return self.master_key_file if self.master_key_file != Path() else self.home / "master.key"


def load_settings(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Read the settings.

    Raises:
        Rejection: an unknown setting or a value of the wrong form; names which and where it came from.
    """
    environment = os.environ if environment is None else environment
    known = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    values: dict[str, object] = {}
    path = (folder or Path.cwd()) / FILE
    if path.exists():
        for name, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if name not in known:
                raise Rejection(
                    "settings.unknown",
                    f"{path.name} names an unknown setting {name!r}",
                    f"{path.name} 中有未知设置 {name}",
                )
            values[name] = value
    for name in known:
        value = environment.get(PREFIX + name.upper())
        if value:
            values[name] = _read_pairs(value) if name == "sources" else value
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_to_path)
    except msgspec.ValidationError as error:
        raise Rejection("settings.value", f"a setting has the wrong form: {error}", "设置值格式不正确") from None


def _read_pairs(text: str) -> dict[str, str]:
    """`name=address` pairs with blanks between."""
    pairs = [pair.partition("=") for pair in text.split()]
    if any(not name or not mark or not address for name, mark, address in pairs):
        raise Rejection(
            "settings.sources",
            "SANTIAO_SOURCES is name=address pairs with blanks between; an address with blanks goes into santiao.toml",
            "SANTIAO_SOURCES 的格式为以空格分隔的 名称=地址",
        )
    return {name: address for name, _, address in pairs}


def _to_path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)


def load_secrets(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Feeds' secrets by the name a declaration uses; `SANTIAO_SECRET_<NAME>_FILE` names a file that holds one."""
    environment = os.environ if environment is None else environment
    secrets: dict[str, str] = {}
    for name, value in environment.items():
        if not name.startswith(SECRET_PREFIX):
            continue
        short = name.removeprefix(SECRET_PREFIX)
        if short.endswith("_FILE"):
            secrets[short.removesuffix("_FILE")] = Path(value).read_text(encoding="utf-8").strip()
        else:
            secrets[short] = value
    return secrets
