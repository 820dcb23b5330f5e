"""Alembic's entry: runs on the connection that `gateway.persistence.schema` hands over."""

from alembic import context

from gateway.persistence.tables import metadata

connection = context.config.attributes["connection"]
# Batch mode rebuilds a table where SQLite cannot alter it.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=False)
with context.begin_transaction():
    context.run_migrations()
