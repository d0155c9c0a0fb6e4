"""Jobs, their results and events, and the processes that run them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "job",
        sa.Column("tenant_id", sa.Text, nullable=False, server_default="default"),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False, server_default=""),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.Column("executor_id", sa.Text),
        sa.Column("request_sha256", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("started_ms", sa.BigInteger),
        sa.Column("finished_ms", sa.BigInteger),
        sa.Column("cancel_requested_ms", sa.BigInteger),
        sa.Column("stop_reason", sa.Text),
        sa.Column("progress", sa.JSON),
        sa.Column("error", sa.JSON),
        sa.Column("last_seq", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("tenant_id", "kind", "idempotency_key", name="job_idempotency"),
    )
    op.create_index("job_page", "job", ["tenant_id", "kind", "created_ms", "id"])
    op.create_index("job_state", "job", ["state"])
    op.create_table(
        "job_result",
        sa.Column("job_id", sa.Text, sa.ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tenant_id", sa.Text, nullable=False, server_default="default"),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("recorded_ms", sa.BigInteger, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
    )
    op.create_table(
        "job_event",
        sa.Column("job_id", sa.Text, sa.ForeignKey("job.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("tenant_id", sa.Text, nullable=False, server_default="default"),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_table(
        "executor",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started_ms", sa.BigInteger, nullable=False),
        sa.Column("beat_ms", sa.BigInteger, nullable=False),
    )
