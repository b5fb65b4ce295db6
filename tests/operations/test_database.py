"""What the application's role must not be."""

from portal_app.operations.database import is_bound
from portal_app.settings import Settings
from tests.conftest import Server


def test_only_a_role_that_row_level_security_binds_may_serve(server: Server, settings: Settings) -> None:
    assert settings.database_owner_url
    name = settings.database_owner_url.partition("?")[0].rsplit("/", 1)[-1]
    assert is_bound(settings)
    for mighty in (settings.database_owner_url, server.url(server.superuser, name)):
        assert not is_bound(settings.model_copy(update={"database_url": mighty}))
