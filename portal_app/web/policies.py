"""What the shell itself does for people."""

from portal_app.core.actor import Role
from portal_app.core.policy import register

CONNECT = register("web.connect", set(Role) - {Role.system, Role.guest}).name
"""Open a socket: anybody signed in, whatever they may do on it."""

NOTICE = register("web.notice", public=True).name
"""Be told what went wrong, and put that away."""

OFFLINE = register("web.offline", public=True).name
"""Read what a device shows that reaches nobody; says nothing of anybody."""

HEALTH = register("web.health", public=True).name
"""Ask whether the process is alive and can serve; says nothing else."""

PRACTISE = register("web.practise_payment", public=True, demo_only=True).name
"""Pay with practice money, in the demo: whoever has the address of a payment."""
