"""Run migrations as the owner's role; the address comes from the caller or from the settings."""

import importlib
import pkgutil

from alembic import context
from sqlalchemy import create_engine, pool
from sqlmodel import SQLModel

import portal_app.features
from portal_app.settings import get_settings


def load_tables() -> None:
    """Import every feature's tables, so that the metadata is whole."""
    for feature in pkgutil.iter_modules(portal_app.features.__path__):
        name = f"portal_app.features.{feature.name}.tables"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)


load_tables()
url = context.config.get_main_option("sqlalchemy.url") or get_settings().database_owner_url
if not url:
    raise SystemExit("Set PORTAL_DATABASE_OWNER_URL: migrations run as the role that owns the tables.")
engine = create_engine(url, poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
