"""Turns of jobs in the queue, so that no tenant waits for another's many."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Jobs that wait already keep turn 0: they go first, by age."""
    op.add_column("job", sa.Column("turn", sa.BigInteger, nullable=False, server_default="0"))
    op.drop_index("job_state", "job")
    op.create_index("job_state", "job", ["state", "turn"])
    op.drop_index("job_tenant_state", "job")
    op.create_index("job_tenant_state", "job", ["tenant_id", "state", "turn"])
