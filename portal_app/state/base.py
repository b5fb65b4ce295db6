"""What every state shares: who is there, in which language, which changes it follows, and who may call it."""

from collections.abc import Callable
from inspect import getattr_static
from typing import Any, Final, TypeVar

import reflex as rx
from reflex.state import BaseState, _override_base_method

from portal_app.core.actor import Credential
from portal_app.core.i18n import locale_of_path
from portal_app.web import cookies
from portal_app.web.live import PAGES

POLICY_MARK = "__portal_policy__"
_NONE_DIRTY: Final[frozenset[str]] = frozenset()
_NONE_BELOW: Final[dict[str, BaseState]] = {}

Handler = TypeVar("Handler", bound=Callable[..., Any])


def handles(
    policy: str, *, writes: bool = False, background: bool = False, supersedes: bool = False
) -> Callable[[Handler], Any]:
    """Make a method an event that the browser may send, under the policy that says who may.

    A public method without this mark is refused when the browser calls it (`portal_app/web/guard.py`), and so are
    arguments that do not fit the annotations: annotate with what JSON has (str, int, bool, float, list, dict).

    Args:
        policy: its name in the registry; the service the handler calls checks it again, with the session.
        writes: a tap that changes something. It is dropped, not kept and replayed, while the server is away.
        background: runs beside other events; see Reflex's background tasks.
        supersedes: a newer event of the same name ends the older, as when someone types on.
    """

    def mark(method: Handler) -> Any:
        setattr(method, POLICY_MARK, policy)
        # Absent, not False: Reflex counts a decorator's every setting as wanted once one is given.
        return rx.event(
            method,
            temporal=True if writes else None,
            background=True if background else None,
            supersedes=True if supersedes else None,
        )

    return mark


def policy_of(handler: Callable[..., Any]) -> str | None:
    """Return the name of the policy of an event handler, or None if it names none."""
    name = getattr_static(handler, POLICY_MARK, None)
    return name if isinstance(name, str) else None


class Departure(rx.State):
    """Where a tab is to go as a whole document; the browser leaves as soon as it is set."""

    to: str = ""


class ShownFor(rx.State):
    """Which address of a tab the server has answered last; until it is the open one, the browser shows skeletons."""

    address: str = ""


class PortalState(rx.State, mixin=True):
    """The base of every screen's state. Its methods begin with `_`: the browser can call any other."""

    _shown_at: str = ""
    """Which address a page of one thing was last filled for; kept by the guard."""

    @_override_base_method
    def _init_bookkeeping(self, parent_state: BaseState | None = None) -> None:
        super()._init_bookkeeping(parent_state)
        self._share_what_is_never_filled()

    @_override_base_method
    def _clean(self) -> None:
        super()._clean()  # type: ignore[no-untyped-call]
        self._share_what_is_never_filled()

    def _share_what_is_never_filled(self) -> None:
        """Let all states that have none below them share what says so: of their own, that weighs 40 kB a tab."""
        if not self.get_substates():
            object.__setattr__(self, "dirty_substates", _NONE_DIRTY)
            object.__setattr__(self, "substates", _NONE_BELOW)

    def _credential(self) -> Credential:
        """Return what this browser proves itself with, for `db.opened().act_as`."""
        headers = self.router.headers
        return Credential(cookies.read_secret(headers.cookie), self.router.session.client_ip, headers.user_agent)

    def _browser_secret(self) -> str:
        """Return the secret of this browser, whether somebody has signed in on it or not, for `act_as_visitor`."""
        return cookies.read_secret(self.router.headers.cookie)

    def _locale(self) -> str:
        """Return the language of the page that is open, for `i18n.use`."""
        return locale_of_path(self.router.url.path)

    async def _leave_for(self, path: str) -> None:
        """Load an address of ours as a whole document: another language, another session, a file.

        `rx.redirect` stays inside the open document, and with `is_external` opens another tab.
        """
        (await self.get_state(Departure)).to = path

    def _watch(self, *topics: str) -> None:
        """Call `_refresh` of this state whenever one of the topics changes, until another page is opened."""
        PAGES.watch(self.router.session.client_token, type(self), frozenset(topics))

    async def _refresh(self) -> None:
        """Look again and set the vars; opens its own transaction with `_credential`."""
