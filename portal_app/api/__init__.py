"""HTTP beside the pages: each module has `routes`, and `demo_routes` for what exists in the demo only."""

import importlib
import pkgutil

from starlette.routing import BaseRoute


def all_routes(*, is_demo: bool) -> list[BaseRoute]:
    """Return the routes of every module here, in the order of their names."""
    found: list[BaseRoute] = []
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        found += [*module.routes, *(getattr(module, "demo_routes", []) if is_demo else [])]
    return found
