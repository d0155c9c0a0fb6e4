"""Lists of one status are as quick as lists of all."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index that such a list follows."""
    op.create_index("job_status_page", "job", ["tenant_id", "kind", "state", "created_ms", "id"])
