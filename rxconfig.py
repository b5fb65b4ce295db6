"""Reflex's own configuration; what an operator sets is in `portal_app/settings.py`."""

import os

import reflex as rx
from reflex.constants import StateManagerMode
from reflex_base.plugins.sitemap import SitemapPlugin

from portal_app.web.build_plugin import PortalBuild

config = rx.Config(
    app_name="portal_app",
    plugins=[rx.plugins.TailwindV4Plugin(), PortalBuild()],
    disable_plugins=[SitemapPlugin],
    show_built_with_reflex=False,
    telemetry_enabled=False,
    # Nobody but the gate answers for origins (portal_app/web/gate.py); Reflex's default lets every site in.
    cors_allowed_origins=[],
    # The first that the browser takes wins.
    frontend_compression_formats=["brotli", "gzip"],
    # Reflex's default writes every session to disk as a plain pickle.
    state_manager_mode=StateManagerMode.REDIS if "REFLEX_REDIS_URL" in os.environ else StateManagerMode.MEMORY,
)
