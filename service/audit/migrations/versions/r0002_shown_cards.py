"""The cards that were shown in an EHR, so that feedback on one finds the assessment that it stands on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "card",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
    )
