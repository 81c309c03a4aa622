"""Opening the store: make what is missing in the home, migrate the database, finish what a crash cut short."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from santiao.domain.errors import StoreFailure
from santiao.store.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def make_home(home: Path) -> None:
    """Make the home, private to its owner.

    Raises:
        StoreFailure: it cannot be made or written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreFailure(
            "home.unwritable",
            f"the home {home} cannot be made: {error.strerror}; set SANTIAO_HOME to a folder you own",
            f"数据目录 {home} 无法创建，请将 SANTIAO_HOME 设为有权限的目录",
        ) from None


def make_private(url: str) -> None:
    """Make a SQLite database's file before SQLite does, so that only its owner can read it.

    Raises:
        StoreFailure: it cannot be made.
    """
    path = url.removeprefix("sqlite:///")
    if path in (url, "", ":memory:"):
        return
    try:
        Path(path).touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise StoreFailure(
            "store.read_only",
            f"{path} cannot be written: {error.strerror}; check the home's owner and mount",
            f"数据库文件 {path} 不可写，请检查所在目录的属主、权限与挂载",
        ) from None


def migrate(database: Database) -> None:
    """Bring the database to the newest revision, one process at a time; a kill in the middle leaves the old one."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with database.writable() as connection:
        database.take_turn(connection)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise StoreFailure(
                "store.newer",
                "the database was made by a newer version of santiao; install that version, or restore a backup of this one",
                "数据库由更新版本创建，请安装相应版本",
            ) from None
