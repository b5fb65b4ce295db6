"""Single sign-on against a certified provider: what it says truly is believed, and nothing else."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from portal_app.core import clock
from portal_app.features.access.errors import ProviderAway, SignOnRefused
from portal_app.features.access.ports import Answered, Asked, Identity
from portal_app.integrations.oidc.provider import OidcProvider
from portal_app.settings import Settings
from tests.contract.provider import CLIENT_ID, Provider, new_key, running, sign_in_there

ORIGIN = "http://localhost:4100"
BACK_TO = f"{ORIGIN}/auth/single-sign-on/back"
ASKED = Asked("a-state", "a-nonce", "a-verifier-that-is-as-long-as-the-standard-wants-it")
OTHER = Asked("a-state", "another-nonce", "a-verifier-that-is-not-the-one-that-was-hashed-before")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running(tmp_path_factory.mktemp("provider"), ORIGIN) as provider:
        yield provider


class Careless(httpx.AsyncBaseTransport):
    """Carries questions to the provider, and its ID tokens back changed."""

    def __init__(self, change: Callable[[str, dict[str, Any]], str]) -> None:
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncHTTPTransport() as carrier:
            answer = await carrier.handle_async_request(request)
            said = json.loads(await answer.aread())
        if "id_token" in said:
            claims = json.loads(decoded(said["id_token"].split(".")[1]))
            said["id_token"] = self._change(said["id_token"], claims)
        return httpx.Response(answer.status_code, json=said, request=request)


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


async def identity(portal: OidcProvider, name: str = "ada") -> Identity:
    answered = await sign_in_there(await portal.address(ASKED, BACK_TO, anew=False), name)
    return await portal.identify(answered, ASKED, BACK_TO)


async def test_who_signed_in_there_is_known_here(server: Provider) -> None:
    ada, sam = [await identity(OidcProvider(server.settings_of_portal()), name) for name in ("ada", "sam")]
    assert (ada.issuer, ada.subject, ada.label) == (server.issuer, "ada", "ada@provider.test")
    assert (ada.roles, ada.assurance) == (frozenset({"nurse"}), 2)
    assert ada.proved_at is not None
    assert abs(clock.now() - ada.proved_at) < timedelta(minutes=5)
    assert (sam.label, sam.roles, sam.assurance) == ("Sam Field", frozenset(), 1)


async def test_roles_that_only_userinfo_tells_are_asked_for(server: Provider) -> None:
    server.settings["claimsOnlyByUserinfo"] = True
    server.turn()
    try:
        found = await identity(OidcProvider(server.settings_of_portal()))
    finally:
        server.settings.clear()
        server.turn()
    assert found.roles == frozenset({"nurse"})


async def test_a_code_is_good_once(server: Provider) -> None:
    portal = OidcProvider(server.settings_of_portal())
    answered = await sign_in_there(await portal.address(ASKED, BACK_TO, anew=False), "ada")
    await portal.identify(answered, ASKED, BACK_TO)
    with pytest.raises(SignOnRefused, match="invalid_grant"):
        await portal.identify(answered, ASKED, BACK_TO)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (Asked("a-state", OTHER.nonce, ASKED.verifier), "nonce"),
        (Asked("a-state", ASKED.nonce, OTHER.verifier), "invalid_grant"),
    ],
    ids=["nonce", "verifier"],
)
async def test_an_answer_to_another_question_is_refused(server: Provider, asked: Asked, why: str) -> None:
    portal = OidcProvider(server.settings_of_portal())
    answered = await sign_in_there(await portal.address(ASKED, BACK_TO, anew=False), "ada")
    with pytest.raises(SignOnRefused, match=why):
        await portal.identify(answered, asked, BACK_TO)


@pytest.mark.parametrize("issuer", ["https://elsewhere.test", ""])
async def test_an_answer_by_another_issuer_is_refused(server: Provider, issuer: str) -> None:
    portal = OidcProvider(server.settings_of_portal())
    answered = await sign_in_there(await portal.address(ASKED, BACK_TO, anew=False), "ada")
    with pytest.raises(SignOnRefused, match="issuer"):
        await portal.identify(Answered(answered.code, issuer), ASKED, BACK_TO)


async def test_a_token_that_has_run_out_is_refused(server: Provider) -> None:
    portal = OidcProvider(server.settings_of_portal())
    answered = await sign_in_there(await portal.address(ASKED, BACK_TO, anew=False), "ada")
    with clock.frozen_at(clock.now() + timedelta(hours=2)), pytest.raises(SignOnRefused, match="expired"):
        await portal.identify(answered, ASKED, BACK_TO)


async def test_a_token_of_a_time_to_come_is_refused(server: Provider) -> None:
    portal = OidcProvider(server.settings_of_portal())
    answered = await sign_in_there(await portal.address(ASKED, BACK_TO, anew=False), "ada")
    with clock.frozen_at(clock.now() - timedelta(minutes=5)), pytest.raises(SignOnRefused, match="future"):
        await portal.identify(answered, ASKED, BACK_TO)


async def test_somebody_is_asked_anew_where_that_is_wanted(server: Provider) -> None:
    portal = OidcProvider(server.settings_of_portal())
    async with httpx.AsyncClient(trust_env=False, timeout=60) as browser:
        page = await browser.get(await portal.address(ASKED, BACK_TO, anew=False), follow_redirects=True)
        back = await browser.post(page.url, data={"login": "ada"})
        while not back.headers["location"].startswith(BACK_TO):
            back = await browser.get(back.url.join(back.headers["location"]))
        unasked = await browser.get(await portal.address(ASKED, BACK_TO, anew=False))
        asked = await browser.get(await portal.address(ASKED, BACK_TO, anew=True))
    assert unasked.headers["location"].startswith(BACK_TO)
    assert "/interaction/" in asked.headers["location"]


async def test_a_key_that_was_turned_is_fetched_once_more(server: Provider) -> None:
    portal = OidcProvider(server.settings_of_portal())
    await identity(portal)
    server.key = new_key("second")
    server.turn()
    assert (await identity(portal)).subject == "ada"


def by_secret(claims: dict[str, Any], secret: bytes, kid: str) -> str:
    signed = f"{encoded({'alg': 'HS256', 'kid': kid})}.{encoded(claims)}"
    signature = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


CHANGES: dict[str, Callable[[Provider, str, dict[str, Any]], str]] = {
    "alg none": lambda _, token, claims: f"{encoded({'alg': 'none'})}.{token.split('.')[1]}.",
    "alg none with a key": lambda server, _, claims: (
        f"{encoded({'alg': 'none', 'kid': server.key.kid})}.{encoded(claims)}."
    ),
    "signed with the published key as a secret": lambda server, _, claims: by_secret(
        claims, server.key.as_pem(private=False), kid=str(server.key.kid)
    ),
    "another subject under the old signature": lambda _, token, claims: ".".join(
        (token.split(".")[0], encoded(claims | {"sub": "sam"}), token.split(".")[2])
    ),
    "an unknown key": lambda server, _, claims: server.signed(claims, new_key("strange")),
    "another key under a known name": lambda server, _, claims: server.signed(claims, new_key(str(server.key.kid))),
    "another audience": lambda server, _, claims: server.signed(claims | {"aud": "somebody-else"}),
    "another audience beside us": lambda server, _, claims: server.signed(claims | {"aud": [CLIENT_ID, "other"]}),
    "another party": lambda server, _, claims: server.signed(claims | {"azp": "somebody-else"}),
    "another issuer": lambda server, _, claims: server.signed(claims | {"iss": "https://elsewhere.test"}),
    "another access token": lambda server, _, claims: server.signed(claims | {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
    "proved too long ago": lambda server, _, claims: server.signed(claims | {"auth_time": claims["iat"] - 50_000}),
    "no nonce": lambda server, _, claims: server.signed({name: claims[name] for name in claims if name != "nonce"}),
    "no subject": lambda server, _, claims: server.signed({name: claims[name] for name in claims if name != "sub"}),
    "no end": lambda server, _, claims: server.signed({name: claims[name] for name in claims if name != "exp"}),
    "an end that is no time": lambda server, _, claims: server.signed(claims | {"exp": "never"}),
    "something critical unknown": lambda server, _, claims: server.signed(claims, crit=["odd"], odd="x"),
    "no token at all": lambda *_: "not a token",
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_token_that_is_not_wholly_the_providers_is_refused(server: Provider, change: str) -> None:
    carrier = Careless(lambda token, claims: CHANGES[change](server, token, claims))
    with pytest.raises(SignOnRefused):
        await identity(OidcProvider(server.settings_of_portal(), carrier))


async def test_the_carrier_of_these_tests_changes_nothing_by_itself(server: Provider) -> None:
    carrier = Careless(lambda _token, claims: server.signed(claims))
    assert (await identity(OidcProvider(server.settings_of_portal(), carrier))).subject == "ada"


async def test_a_wrong_secret_of_ours_is_a_refusal(server: Provider, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("wrong")
    with pytest.raises(SignOnRefused, match="invalid_client"):
        await identity(OidcProvider(server.settings_of_portal(oidc_client_secret_file=tmp_path / "secret")))


async def test_a_provider_that_calls_itself_otherwise_is_not_believed(server: Provider) -> None:
    issuer = server.issuer.replace("127.0.0.1", "localhost")
    with pytest.raises(ProviderAway, match="issuer"):
        await OidcProvider(server.settings_of_portal(oidc_issuer=issuer)).address(ASKED, BACK_TO, anew=False)


async def test_the_way_out_leads_to_the_provider_and_back(server: Provider) -> None:
    portal = OidcProvider(server.settings_of_portal())
    token = (await identity(portal)).token
    address = await portal.leaving_address(token, f"{ORIGIN}/auth/single-sign-on/left", "es")
    assert address
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        answer = await browser.get(address)
    assert answer.status_code == 200
    assert "invalid_" not in answer.text


async def test_a_notice_of_a_session_that_ended_names_it(server: Provider) -> None:
    portal = OidcProvider(server.settings_of_portal())
    found = await portal.ended(server.signed(notice(server), typ="logout+jwt"))
    assert (found.issuer, found.subject, found.session) == (server.issuer, "ada", "s-1")


@pytest.mark.parametrize(
    "changed", [{"events": {}}, {"nonce": "x"}, {"sub": None, "sid": None}, {"aud": "other"}, {"jti": None}], ids=str
)
async def test_what_is_not_such_a_notice_is_refused(server: Provider, changed: dict[str, Any]) -> None:
    claims = {name: value for name, value in (notice(server) | changed).items() if value is not None}
    with pytest.raises(SignOnRefused):
        await OidcProvider(server.settings_of_portal()).ended(server.signed(claims))


def notice(server: Provider) -> dict[str, Any]:
    at = int(clock.now().timestamp())
    events: dict[str, dict[str, str]] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    return {"iss": server.issuer, "aud": CLIENT_ID, "iat": at, "exp": at + 60, "jti": "1", "sub": "ada", "sid": "s-1",
            "events": events}  # fmt: skip


# Providers that are ill


@asynccontextmanager
async def ill_provider(answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]) -> AsyncIterator[str]:
    """Serve something that is no provider, and return its address."""
    answering: set[asyncio.Task[None]] = set()

    async def serve(asked: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):  # whoever asked has heard enough
            await asked.readuntil(b"\r\n\r\n")
            await answer(asked, writer)
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    def begin(asked: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.add(asyncio.create_task(serve(asked, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*answering)


async def never(asked: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asked.read()  # until whoever asked gives up


async def endless(asked: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" " * 65536)
        await writer.drain()


async def elsewhere(asked: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 302 Found\r\nlocation: https://elsewhere.test/\r\ncontent-length: 0\r\n\r\n")


async def a_page(asked: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n<p>hello</p>\n")


@pytest.mark.parametrize("answer", [never, endless, elsewhere, a_page], ids=lambda answer: answer.__name__)
async def test_a_provider_that_is_ill_is_away(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any],
) -> None:
    async with ill_provider(answer) as issuer:
        settings = Settings(oidc_issuer=issuer, oidc_client_id=CLIENT_ID)
        within_s = 0.2 if answer is never else 60
        with pytest.raises(ProviderAway):
            await OidcProvider(settings, within_s=within_s).address(ASKED, BACK_TO, anew=False)


async def test_a_provider_that_is_not_there_is_away() -> None:
    async with ill_provider(a_page) as issuer:
        pass
    with pytest.raises(ProviderAway):
        await OidcProvider(Settings(oidc_issuer=issuer, oidc_client_id=CLIENT_ID)).address(ASKED, BACK_TO, anew=False)


@pytest.mark.parametrize("issuer", ["http://provider.test", "ftp://127.0.0.1", "file:///etc/passwd", "nonsense"])
async def test_nobody_is_asked_without_tls(issuer: str) -> None:
    with pytest.raises(ProviderAway, match="https"):
        await OidcProvider(Settings(oidc_issuer=issuer, oidc_client_id=CLIENT_ID)).address(ASKED, BACK_TO, anew=False)
