"""Alembic's entry: runs with the connection that `santiao.store.opening` hands over, in one transaction."""

from alembic import context

from santiao.store import access_tables, delivery_tables, leases  # noqa: F401 - they put their tables into the metadata
from santiao.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
