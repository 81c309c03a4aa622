"""The one place where everything is built, at start. Rooms receive values; nothing else knows all of them."""

from santiao.bootstrap.hub import Hub, open_hub
from santiao.bootstrap.law import check_all_schemas, compute_one_deadline, generate_all_schemas

__all__ = ["Hub", "check_all_schemas", "compute_one_deadline", "generate_all_schemas", "open_hub"]
