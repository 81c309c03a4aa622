"""The policy as it stands in a shard: the city's rows, and those that named persons' decisions have added there."""

from sqlalchemy.engine import Connection

from santiao.domain.policy import Policy
from santiao.hub.engine import Engine
from santiao.store.designations import read_designations


def policy_in(engine: Engine, connection: Connection, shard: int) -> Policy:
    """Read under the shard's lock, so that a step decides by the designations before it in its shard's log and by no others."""
    designations = read_designations(connection, shard)
    if not designations:
        return engine.policy
    return engine.policy.with_designations(tuple(each.route for each in designations))
