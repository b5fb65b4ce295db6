"""Run migrations as the owner's role; the address comes from the caller or from the settings."""

from alembic import context
from sqlalchemy import create_engine, pool
from sqlmodel import SQLModel

from portal_app import wiring
from portal_app.settings import get_settings

wiring.load_features("tables")
url = context.config.get_main_option("sqlalchemy.url") or get_settings().database_owner_url
if not url:
    raise SystemExit("Set PORTAL_DATABASE_OWNER_URL: migrations run as the role that owns the tables.")
engine = create_engine(url, poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
