"""HTTP routes that name who may ask them."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from portal_app.web.limits import MAX_BODY_BYTES


class PolicyRoute(Route):
    """A route with the name of its policy; the service behind it checks that policy with the session.

    Nothing longer than `max_body_bytes` reaches it. `from_servers` lets in writes that no page of ours sent: such a
    route looks at what it is brought, and never at a cookie. `counts_as_tap` is for what pages send while people type:
    it is counted by session, since many of them may share a network.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        *,
        policy: str,
        methods: Sequence[str] = ("GET",),
        max_body_bytes: int = MAX_BODY_BYTES,
        from_servers: bool = False,
        counts_as_tap: bool = False,
    ) -> None:
        super().__init__(path, endpoint, methods=list(methods))
        self.policy = policy
        self.max_body_bytes = max_body_bytes
        self.from_servers = from_servers
        self.counts_as_tap = counts_as_tap


class PolicySocket(WebSocketRoute):
    """A socket of our own with the name of its policy; what serves it checks that policy on every message."""

    def __init__(self, path: str, endpoint: Callable[[WebSocket], Awaitable[None]], *, policy: str) -> None:
        super().__init__(path, endpoint)
        self.policy = policy
