"""What visits need of HTTP: measuring the line, and exchanging a link for the key of a room."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from portal_app.api import measure, rooms
from portal_app.core import db, limits
from portal_app.core.db import Database
from portal_app.features.visits import service as visits
from portal_app.settings import Settings
from portal_app.web import cookies
from tests.factories import Clinic, Someone
from tests.features.visits.conftest import Visit, in_time, maker, visit

__all__ = ["in_time", "maker", "visit"]


@pytest.fixture
async def browser(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    for module in (measure, rooms):
        monkeypatch.setattr(module, "get_settings", lambda: settings)
    limits.forget_all()
    db.use(database)
    transport = httpx.ASGITransport(Starlette(routes=[*measure.routes, *rooms.routes]))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    db.use(None)


def cookie_of(someone: Someone) -> dict[str, str]:
    return {"cookie": f"{cookies.cookie_name()}={someone.credential.session_secret}"}


async def test_the_line_is_measured_for_patients_alone_and_not_without_end(
    browser: httpx.AsyncClient, clinic: Clinic
) -> None:
    maria, desk = cookie_of(await clinic.patient()), cookie_of(await clinic.staff("front_desk"))
    for headers in ({}, desk):
        assert (await browser.get("/visit/measure", headers=headers)).status_code == 403
    down = await browser.get("/visit/measure?bytes=99999999", headers=maria)
    assert (down.status_code, len(down.content)) == (200, measure.MOST_BYTES)
    assert len((await browser.get("/visit/measure?bytes=-5", headers=maria)).content) == 1
    assert (await browser.post("/visit/measure", headers=maria, content=b"x" * 1000)).status_code == 204
    answers = [(await browser.get("/visit/measure", headers=maria)).status_code for _ in range(130)]
    assert answers[-1] == 429


@pytest.mark.usefixtures("in_time")
async def test_a_link_gives_one_browser_a_key_and_every_other_the_same_refusal(
    browser: httpx.AsyncClient, visit: Visit
) -> None:
    place = await visit.admitted()
    async with visit.database.act_as(visit.doctor.credential, "visits.host") as tx:
        link = await visits.invite(tx, place.visit_id, "interpreter", "Rosa Diaz")
    first = await browser.post("/room/redeem", data={"key": link.secret, "name": "Rosa", "locale": "es"})
    again = await browser.post("/room/redeem", data={"key": link.secret, "name": "Rosa", "locale": "es"})
    unknown = await browser.post("/room/redeem", data={"key": "made-up", "name": "Rosa", "locale": "es"})
    assert (first.status_code, first.headers["location"]) == (303, "/es/room")
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "room-" in first.headers["set-cookie"]
    assert again.headers["location"] == unknown.headers["location"] == "/es/room?problem=link_used"
    assert "set-cookie" not in again.headers


@pytest.mark.usefixtures("in_time")
async def test_a_guest_measures_their_line_by_their_rooms_key_alone(browser: httpx.AsyncClient, visit: Visit) -> None:
    place = await visit.join()
    _, guest = await visit.guest(place.visit_id)
    keyed = {"cookie": f"{cookies.cookie_name()}-room={guest.session_secret}"}
    assert (await browser.get("/room/measure?bytes=10", headers=keyed)).status_code == 200
    for address, headers in (
        ("/visit/measure", keyed),
        ("/room/measure", cookie_of(visit.maria)),
        ("/room/measure", {}),
    ):
        assert (await browser.get(address, headers=headers)).status_code == 403
