"""The one place where everything is built, at start. Rooms receive values; nothing else knows all of them.

The rule kept here: a name is imported from where it is built when it is asked for, so that `santiao --help` and a deadline need not load
a web server.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from santiao.bootstrap.declarations import check_declarations, load_simulated, simulate_city
    from santiao.bootstrap.designations import list_all_designations
    from santiao.bootstrap.hub import Hub, open_hub
    from santiao.bootstrap.keeping import back_up_home, examine_home, migrate_home, restore_home, settle_restored_home
    from santiao.bootstrap.law import check_all_schemas, compute_one_deadline, generate_all_schemas
    from santiao.bootstrap.serving import serve_home

_PLACES = {
    "Hub": "hub",
    "back_up_home": "keeping",
    "check_all_schemas": "law",
    "check_declarations": "declarations",
    "compute_one_deadline": "law",
    "examine_home": "keeping",
    "generate_all_schemas": "law",
    "list_all_designations": "designations",
    "load_simulated": "declarations",
    "migrate_home": "keeping",
    "open_hub": "hub",
    "restore_home": "keeping",
    "serve_home": "serving",
    "settle_restored_home": "keeping",
    "simulate_city": "declarations",
}

__all__ = [
    "Hub",
    "back_up_home",
    "check_all_schemas",
    "check_declarations",
    "compute_one_deadline",
    "examine_home",
    "generate_all_schemas",
    "list_all_designations",
    "load_simulated",
    "migrate_home",
    "open_hub",
    "restore_home",
    "serve_home",
    "settle_restored_home",
    "simulate_city",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(name)
    return getattr(import_module(f"santiao.bootstrap.{_PLACES[name]}"), name)
