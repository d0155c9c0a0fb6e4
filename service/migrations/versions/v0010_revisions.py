"""Which plan a plan revises."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the plan that is revised, and find revisions of one by it."""
    op.add_column("job", sa.Column("revises", sa.Text))
    op.create_index("job_revises", "job", ["revises", "created_ms", "id"])
