"""What strangers, patients and colleagues might send to the routes of signing in: it changes nothing of anybody's."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from portal_app import wiring
from portal_app.api import all_routes, given_codes, look, single_sign_on, still_here
from portal_app.core import clock, db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database
from portal_app.core.errors import NotSignedIn
from portal_app.features.access import given_codes as codes
from portal_app.settings import Settings
from portal_app.web import cookies
from portal_app.web.answers import error_answers
from portal_app.web.documents import Documents
from portal_app.web.gate import NOT_OURS, SOCKET_PATH, Gate
from portal_app.web.route import PolicyRoute, PolicySocket
from tests.factories import Clinic, Someone

wiring.load_features("policies")
SECRET = cookies.cookie_name()
ROUTES = ("/auth/still-here", "/auth/given-code", "/auth/look")
GREEDY = {"role": "manager", "roles": "manager", "assurance": "2", "person_id": "x", "patient_id": "x", "is_staff": "1"}
TOLD_BY_SERVERS = {"/auth/single-sign-on/ended", "/webhooks/stripe"}
"""What takes word of other servers, by their signature: no page of ours sends it, and no cookie is looked at."""
ODD: tuple[dict[str, str], ...] = (
    {},
    {"code": "\x00", "text": "\x00", "at": "\x00"},
    {"code": "a" * 60_000, "at": "/" * 60_000},
    {"code": "\u202e22222", "contrast": "\u202e", "here": "\u202e"},
    {"at": "//evil.example", "next": "https://evil.example"},
)


@dataclass
class Browser:
    """Somebody's browser, or a script with their cookie."""

    client: httpx.AsyncClient

    async def send(self, path: str, who: Someone | None, form: dict[str, str]) -> httpx.Response:
        jar = {"cookie": f"{SECRET}={who.credential.session_secret if who else 'anon-nobody'}"}
        return await self.client.post(path, headers=jar, data=form)


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[Browser]:
    db.use(database)
    limits.forget_all()
    app = Starlette(
        routes=[*still_here.routes, *given_codes.routes, *look.routes], exception_handlers=dict(error_answers)
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://x") as client:
        yield Browser(client)
    limits.forget_all()
    db.use(None)


async def kept(database: Database) -> Any:
    """Return what none of this may change."""
    async with database.act_as_system("test") as tx:
        return await tx.all(
            "select s.id, s.assurance, s.ended_at, s.patient_id, s.idle_until, s.locked_at, p.text_size, p.contrast,"
            " (select array_agg(r.role order by r.role) from person_role r where r.person_id = p.id) as roles"
            " from session s join person p on p.id = s.person_id order by s.id"
        )


@pytest.mark.parametrize("path", ROUTES)
async def test_nobody_in_particular_is_sent_to_sign_in_and_changes_nothing(
    browser: Browser, database: Database, clinic: Clinic, path: str
) -> None:
    await clinic.patient()
    before = await kept(database)
    for form in (GREEDY, *ODD):
        answer = await browser.send(path, None, dict(form))
        assert "/sign-in" in answer.headers.get("location", "") + answer.text
        assert "evil" not in answer.headers.get("location", "")
    assert await kept(database) == before


@pytest.mark.parametrize("path", ROUTES)
async def test_roles_and_strength_are_not_to_be_had_by_naming_them(
    browser: Browser, database: Database, clinic: Clinic, path: str
) -> None:
    maria, victim = await clinic.patient(), await clinic.patient("Victim")
    before = await kept(database)
    for form in ({**GREEDY, "person_id": str(victim.person_id), "patient_id": str(victim.patient_id)}, *ODD):
        answer = await browser.send(path, maria, dict(form))
        assert answer.status_code in (303, 404)
        assert "set-cookie" not in answer.headers
        assert "evil" not in answer.headers.get("location", "")
    assert await kept(database) == before


async def test_the_look_takes_the_words_of_its_list_and_no_other(
    browser: Browser, database: Database, clinic: Clinic
) -> None:
    maria = await clinic.patient()
    for size, contrast in (('large" onload="', "more"), ("large", "x;Path=/"), ("huge", "more"), ("large\r\nx: y", "")):
        answer = await browser.send("/auth/look", maria, {"text": size, "contrast": contrast, "locale": "../../x"})
        assert "answer?q=look" in answer.headers["location"]
        assert "set-cookie" not in answer.headers
    answer = await browser.send("/auth/look", maria, {"text": "large", "contrast": "more", "locale": "es"})
    assert answer.headers["location"] == "/es/profile?done=saved"


async def test_the_key_of_what_is_typed_is_given_to_its_patient_alone(
    browser: Browser, database: Database, clinic: Clinic
) -> None:
    maria, nurse = await clinic.patient(), await clinic.staff("nurse")
    mine = await browser.send("/auth/typed", maria, dict(GREEDY))
    again = await browser.send("/auth/typed", await clinic.sign_in_again(maria, assurance=2), {})
    other = await browser.send("/auth/typed", await clinic.patient(), {})
    assert mine.json() == again.json()
    assert mine.json()["key"] != other.json()["key"]
    assert mine.headers["cache-control"] == "no-store"
    for nobody in (None, nurse, await clinic.unproven("nurse")):
        assert (await browser.send("/auth/typed", nobody, dict(GREEDY))).json() == {}


async def test_staff_who_are_locked_out_get_neither_time_nor_their_key_by_asking(
    browser: Browser, database: Database, clinic: Clinic
) -> None:
    nurse = await clinic.staff("nurse")
    async with database.act_as_system("test") as tx:
        given = {"past": clock.now() - timedelta(minutes=1), "id": nurse.person_id}
        await tx.execute("update session set idle_until = :past where person_id = :id", given)
    said = (await browser.send("/auth/still-here", nurse, {"here": "yes", "at": "/staff/inbox?a=1"})).json()
    assert said == {"leave": "/second-factor?next=/staff/inbox%3Fa%3D1"}
    assert (await browser.send("/auth/look", nurse, {"text": "large", "contrast": "more"})).status_code != 200
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select idle_until from session where person_id = :id", given) == given["past"]


async def test_a_given_code_counts_once_when_sent_twice_at_once_and_from_another_session_not_at_all(
    browser: Browser, database: Database, clinic: Clinic
) -> None:
    maria, desk = await clinic.patient(), await clinic.staff("front_desk")
    assert maria.patient_id
    async with database.act_as(desk.credential, "access.reset_patient") as tx:
        code = await codes.reset_patient(tx, maria.patient_id, "lost", "document")
    ended = await browser.send("/auth/given-code", maria, {"code": code})
    assert "/sign-in" in ended.headers["location"]
    first, second = await clinic.code_alone(maria), await clinic.code_alone(maria)
    answers = [await browser.send("/auth/given-code", who, {"code": code, "locale": "ar"}) for who in (first, second)]
    assert [one.headers["location"] for one in answers] == [
        "/profile/devices", "/ar/given-code?problem=given_code_refused",
    ]  # fmt: skip
    async with database.act_as(Credential(second.credential.session_secret), "access.who_am_i") as tx:
        assert tx.actor.assurance == 1
    secret = answers[0].headers["set-cookie"].partition("=")[2].partition(";")[0]
    async with database.act_as(Credential(secret), "access.who_am_i") as tx:
        assert (tx.actor.person_id, tx.actor.assurance) == (maria.person_id, 2)
    with pytest.raises(NotSignedIn):  # whoever knew the session of before has nothing of it
        async with database.act_as(first.credential, "access.who_am_i"):
            pass


def writing_routes() -> list[PolicyRoute]:
    """Return every route of the demo and of single sign-on that takes more than a look."""
    found = [*all_routes(is_demo=True), *single_sign_on.every_route]
    return [one for one in found if isinstance(one, PolicyRoute) and (one.methods or set()) - {"GET", "HEAD"}]


def address_of(path: str) -> str:
    """Return an address of a route."""
    return re.sub(r"{\w+(:\w+)?}", lambda part: str(uuid4()) if part[1] else "es", path)


async def test_no_route_takes_a_form_of_another_site_but_the_two_that_servers_tell_something(
    database: Database, tmp_path: Path
) -> None:
    routes = writing_routes()
    reached: list[str] = []

    async def inside(scope: Any, _receive: Any, send: Any) -> None:
        reached.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    gate = Gate(
        inside, settings=Settings(mode="test"), documents=Documents([], {}), static_root=tmp_path, routes=routes,
        database=lambda: database,
    )  # fmt: skip
    assert {one.path for one in routes if one.from_servers} == TOLD_BY_SERVERS
    transport = httpx.ASGITransport(gate, client=("192.0.2.7", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:4100") as client:
        for one in routes:
            path = address_of(one.path)
            for method in (one.methods or set()) - {"GET", "HEAD"}:
                for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {}):
                    answer = await client.request(method, path, headers=headers)
                    assert (answer.status_code == 403) is not one.from_servers, (method, path)
        assert set(reached) == TOLD_BY_SERVERS
        assert (await client.post("/auth/verify", headers={"origin": "http://localhost:4100"})).status_code == 204
    assert len(routes) > 20


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null", ""])
async def test_no_socket_opens_for_another_site_neither_that_of_pages_nor_of_a_visit(
    database: Database, clinic: Clinic, tmp_path: Path, origin: str
) -> None:
    maria, routes = await clinic.patient(), all_routes(is_demo=True)
    reached: list[str] = []

    async def inside(scope: Any, _receive: Any, _send: Any) -> None:
        reached.append(scope["path"])

    gate = Gate(
        inside, settings=Settings(mode="test"), documents=Documents([], {}), static_root=tmp_path, routes=routes,
        database=lambda: database,
    )  # fmt: skip

    async def answers(path: str, came_from: str) -> list[Any]:
        said: list[Any] = []
        cookie = f"{SECRET}={maria.credential.session_secret}"
        headers = {"cookie": cookie} | ({"origin": came_from} if came_from else {})
        scope = {
            "type": "websocket", "path": path, "query_string": b"token=t", "client": ("192.0.2.7", 5),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip

        async def receive() -> Any:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            said.append(message.get("code"))

        await gate(scope, receive, send)
        return said

    paths = [SOCKET_PATH, *(address_of(one.path) for one in routes if isinstance(one, PolicySocket))]
    assert len(paths) > 1
    assert {path: (await answers(path, origin))[-1] for path in paths} == dict.fromkeys(paths, NOT_OURS)
    assert reached == []
    for path in paths:
        await answers(path, "http://localhost:4100")
    assert reached == paths
