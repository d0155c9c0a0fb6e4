"""Runs migrations on the connection, and inside the transaction, that `service.db.migrate` hands over."""

from alembic import context

from service.db import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
