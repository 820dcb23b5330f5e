"""Schema changes in order, run by Alembic; ``gateway init`` applies what is missing."""
