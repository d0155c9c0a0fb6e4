"""What requests with an Idempotency-Key have made."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "once",
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column("operation", sa.Text, primary_key=True),
        sa.Column("idempotency_key", sa.Text, primary_key=True),
        sa.Column("request_sha256", sa.Text, nullable=False),
        sa.Column("target", sa.Text),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("once_until", "once", ["until_ms"])
