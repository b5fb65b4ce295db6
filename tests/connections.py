"""How many connections of a process nobody holds."""

from portal_app.core.db import Database


async def free_connections(database: Database) -> int:
    """Return how many are free once listeners were told of what was committed before: telling them takes one, too."""
    await database._herald.rest()
    return database.connections._turns._value
