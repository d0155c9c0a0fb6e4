"""What becomes of a plan after it was made."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add stages; of the plans of a night at most one is published, started or done."""
    op.add_column("job", sa.Column("stage", sa.Text, nullable=False, server_default="draft"))
    op.add_column("job", sa.Column("stage_seq", sa.Integer, nullable=False, server_default="0"))
    op.add_column("job", sa.Column("stage_ms", sa.BigInteger))
    op.add_column("job", sa.Column("city", sa.Text))
    op.add_column("job", sa.Column("service_date", sa.Text))
    op.add_column("job", sa.Column("superseded_by", sa.Text))
    is_current = sa.text("stage IN ('published', 'in_progress', 'done')")
    op.create_index(
        "job_current",
        "job",
        ["tenant_id", "kind", "city", "service_date"],
        unique=True,
        sqlite_where=is_current,
        postgresql_where=is_current,
    )
