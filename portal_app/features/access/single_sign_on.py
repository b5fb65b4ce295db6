"""Single sign-on of staff: somebody else says who a person is, and we look which of our people that is.

Asking the provider takes its time, so it never happens within a transaction: `begin` and `take` write down and take up
what was asked, `address` and `identify` speak with the provider, and `sign_in` decides (`joining`, for the first time).
What failed is returned, not raised, wherever something was used up: that must be committed.
"""

import secrets
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlmodel import col

from portal_app.core import clock, i18n
from portal_app.core.db import Transaction, secret_hash
from portal_app.core.errors import NotAllowed, NotFound
from portal_app.features.access import jobs, rules, service
from portal_app.features.access.errors import SignOnRefused
from portal_app.features.access.ports import Answered, Asked, EndedThere, Identity, SignOnProvider
from portal_app.features.access.proved import Proved, Refusal, enter, find_identity, session_id, subject_index
from portal_app.features.access.tables import SignOnRequest, SignOnSession
from portal_app.features.access.views import NewSession

_provider: SignOnProvider | None = None


def use_provider(provider: SignOnProvider | None) -> None:
    """Let staff sign in at this provider, or at none; called once by the wiring, and by tests."""
    global _provider  # noqa: PLW0603 - like the database, it is the process's own
    _provider = provider


def provider_name() -> str:
    """Return what people call the provider, "" if there is none."""
    return _provider.name if _provider else ""


def opened() -> SignOnProvider:
    """Return the provider of this process.

    Raises:
        NotFound: if there is none.
    """
    if _provider is None:
        raise NotFound
    return _provider


@dataclass(frozen=True, slots=True)
class Taken:
    """What a browser that comes back had asked, and where it wanted to go."""

    asked: Asked
    next_path: str


async def begin(tx: Transaction, browser_secret: str, next_path: str, locale: str) -> Asked:
    """Write down what a browser is about to ask the provider, and return it.

    Raises:
        NotAllowed: if the browser has no secret, so that the answer would be everybody's.
    """
    if not browser_secret:
        raise NotAllowed
    # The language comes first, so that whoever is refused without a row is told so in theirs.
    state = f"{locale if locale in i18n.LOCALES else i18n.DEFAULT_LOCALE}.{secrets.token_urlsafe(32)}"
    asked = Asked(state, secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    await tx.execute(
        insert(SignOnRequest).values(
            id=uuid4(), state_hash=secret_hash(asked.state), browser_hash=secret_hash(browser_secret),
            nonce=asked.nonce, verifier=asked.verifier, next_path=rules.safe_next(next_path),
            created_at=clock.now(), expires_at=clock.now() + rules.SIGN_ON_LIFE,
        )
    )  # fmt: skip
    return asked


def locale_of_state(state: str) -> str:
    """Return the language of the page that somebody went to the provider from."""
    said = state.partition(".")[0]
    return said if said in i18n.LOCALES else i18n.DEFAULT_LOCALE


async def take(tx: Transaction, browser_secret: str, state: str) -> Taken | type[SignOnRefused]:
    """Take up what a browser asked, once; a state that is not its own, or is used or old, is refused."""
    open_one = (
        col(SignOnRequest.state_hash) == secret_hash(state),
        col(SignOnRequest.browser_hash) == secret_hash(browser_secret),
        col(SignOnRequest.used_at).is_(None),
        col(SignOnRequest.expires_at) > clock.now(),
    )
    row = await tx.first(
        update(SignOnRequest)
        .where(*open_one)
        .values(used_at=clock.now())
        .returning(*(col(one) for one in (SignOnRequest.nonce, SignOnRequest.verifier, SignOnRequest.next_path)))
    )
    return Taken(Asked(state, row.nonce, row.verifier), row.next_path) if row else SignOnRefused


async def address(asked: Asked, back_to: str, *, anew: bool = False) -> str:
    """Return where to send the browser that asked. Raises ProviderAway."""
    return await opened().address(asked, back_to, anew=anew)


async def identify(code: str, issuer: str, taken: Taken, back_to: str) -> Identity:
    """Ask the provider who came back. Raises ProviderAway, SignOnRefused."""
    return await opened().identify(Answered(code, issuer), taken.asked, back_to)


async def sign_in(tx: Transaction, identity: Identity, user_agent: str) -> NewSession | Refusal | None:
    """Sign in the person whose account this is; None if it is nobody's here yet."""
    proved = Proved.of(identity, opened().governed_roles)
    known = await find_identity(tx, proved.issuer, proved.subject_index)
    if known is None:
        return None
    await service.speak_for(tx, known.person_id)
    return await enter(tx, proved, known.id, known.person_id, user_agent)


async def token_of(tx: Transaction) -> str | None:
    """Return what shows the provider which session ends with the actor's; None if the actor came in another way."""
    token: str | None = await tx.scalar(
        select(col(SignOnSession.token)).where(col(SignOnSession.session_id) == tx.actor.session_id)
    )
    return token


async def leaving_address(token: str, back_to: str, locale: str) -> str | None:
    """Return where to send a browser to end the session at the provider too. Raises ProviderAway."""
    return await opened().leaving_address(token, back_to, locale)


async def read_notice(notice: str) -> EndedThere:
    """Return which sessions ended at the provider. Raises ProviderAway, SignOnRefused."""
    return await opened().ended(notice)


async def end_here(tx: Transaction, ended: EndedThere) -> None:
    """Have the sessions end that were opened by one that ended at the provider."""
    session = session_id(ended.issuer, ended.session)
    known = await find_identity(tx, ended.issuer, subject_index(ended.issuer, ended.subject)) if ended.subject else None
    if known is not None or (session is not None and not ended.subject):
        await jobs.end_sessions_later(tx, session, known.id if known else None)
