"""Alembic migrations of our tables; shipped with the package and applied at start."""
