"""By which a submission is known that is sent again."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the hash of the body; jobs of before have none, and what comes again for them is read anew."""
    op.add_column("job", sa.Column("body_sha256", sa.Text))
