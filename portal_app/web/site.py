"""What passkeys and authenticator apps of this installation are bound to."""

from portal_app.features.access.service import Site
from portal_app.settings import get_settings
from portal_app.web.contact import CONTACT
from portal_app.web.origins import accepted_origins


def site() -> Site:
    """Return the domain, its name as people read it, and the origins of its pages."""
    settings = get_settings()
    name = CONTACT.practice or settings.passkey_site
    return Site(settings.passkey_site, name, tuple(sorted(accepted_origins(settings))))
