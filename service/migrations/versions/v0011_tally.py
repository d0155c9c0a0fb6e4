"""What jobs that have ended took, summed up as they end; the newest of them found without a look at all."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sum up what has ended so far."""
    op.create_table(
        "job_tally",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("jobs", sa.BigInteger, nullable=False),
        sa.Column("waited_ms", sa.BigInteger, nullable=False),
        sa.Column("run_ms", sa.BigInteger, nullable=False),
    )
    op.execute(
        "INSERT INTO job_tally (kind, jobs, waited_ms, run_ms) "
        "SELECT kind, count(*), sum(started_ms - created_ms), sum(finished_ms - started_ms) FROM job "
        "WHERE started_ms IS NOT NULL AND finished_ms IS NOT NULL GROUP BY kind"
    )
    op.create_index("job_ended", "job", ["state", "finished_ms"])
