"""Answers the opening of a page with its first look: found for whoever asks, recorded once, put into the document."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from logging import ERROR, INFO
from urllib.parse import parse_qsl

import structlog
from markupsafe import Markup

from portal_app.core.actor import Credential
from portal_app.core.db import Database, secret_hash
from portal_app.core.errors import PortalError
from portal_app.core.i18n import use
from portal_app.web import accent, cookies, limits
from portal_app.web.contact import CONTACT
from portal_app.web.documents import Document
from portal_app.web.first_look import GIVEN, FirstLooks, packed
from portal_app.web.page import FirstLook
from portal_app.web.request import Headers, Scope, header

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """A document with its first look in it, as it leaves."""

    content: bytes
    headers: Headers
    policy: str


@dataclass(frozen=True, slots=True)
class FirstAnswers:
    """Makes such documents.

    Args:
        looks: puts looks into the documents of the build.
        database: gives the process's database; asked for late, because it opens with the server.
        allowances: how much a session may ask for.
        socket_origins: where the page's socket may go.
    """

    looks: FirstLooks
    database: Callable[[], Database]
    allowances: limits.Allowances
    socket_origins: Sequence[str]

    async def answer(self, scope: Scope, document: Document) -> Looked | None:
        """Return the document with what it shows at once, None if it does not; the page says what stands in the way.

        HEAD asks only whether it would open (`assets/shell.js`): nothing is shown, and nothing recorded.
        """
        look = document.page.first_look
        if look is None or scope["method"] != "GET":
            return None
        try:
            drawn = await self._drawn(scope, document, look)
            html = None if drawn is None else self.looks.document(document.file, _attributes(scope), drawn)
        except Exception as error:  # noqa: BLE001 - the page says by itself what is wrong
            known = isinstance(error, PortalError)
            log.log(INFO if known else ERROR, "no_first_look", reason=type(error).__name__)
            return None
        return None if html is None else self._packed(scope, document, html)

    async def _drawn(self, scope: Scope, document: Document, look: FirstLook) -> Markup | None:
        query, secret = scope["query_string"].decode("latin-1"), cookies.read_secret(header(scope, "cookie"))
        hashed = secret_hash(secret)
        if not await self.allowances.takes_event(hashed):
            return None
        credential = Credential(secret, scope["client"][0], header(scope, "user-agent") or "")
        with use(document.locale):
            async with self.database().act_as(credential, document.page.policy) as tx:
                found = await look.find(tx, dict(parse_qsl(query)))
            if found is None:
                return None
            GIVEN.note(hashed, f"{scope['path']}?{query}", found[1])
            return look.draw(found[0])

    def _packed(self, scope: Scope, document: Document, html: str) -> Looked:
        content, encoding = packed(html, header(scope, "accept-encoding") or "")
        headers: Headers = [(b"vary", b"accept-encoding")]
        headers += [(b"content-encoding", encoding.encode())] if encoding else []
        policy = self.looks.policy(document.file, document.script_hashes, self.socket_origins)
        return Looked(content, headers, policy)


def _attributes(scope: Scope) -> str:
    look = cookies.read_look(header(scope, "cookie"))
    return accent.root_attributes(CONTACT.accent) + accent.look_attributes(look)
