"""Upkeep is the system's alone."""

from portal_app.core import policy
from portal_app.core.actor import Role

SEAL_AUDIT = policy.register("upkeep.seal_audit", {Role.system})
SWEEP_FILES = policy.register("upkeep.sweep_files", {Role.system})
SWEEP_ROWS = policy.register("upkeep.sweep_rows", {Role.system})
SWEEP_UPLOADS = policy.register("upkeep.sweep_uploads", {Role.system})
