"""The socket of a room lets through who has a place, for as long as they have it, and nothing that no browser says."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from starlette.applications import Starlette

from portal_app.api import mirror, room
from portal_app.core import clock, db, limits
from portal_app.core.actor import Credential
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.realtime import Listener
from portal_app.features.access import caregivers, sessions
from portal_app.features.visits import service as visits
from portal_app.media import process
from portal_app.settings import Settings
from portal_app.web import cookies, hub_line
from portal_app.web.hub_line import HubLine
from tests.factories import Clinic
from tests.features.access.conftest import accept, acting_for, invited
from tests.features.visits.conftest import Visit
from tests.web.relay import Relay

PATIENCE_S = 60


class Browser:
    """A browser's end of one socket, as the server of the web process hands it to us."""

    def __init__(self, credential: Credential, path: str, query: str = "") -> None:
        name = cookies.cookie_name() + ("-room" if query else "")
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._said.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket", "path": path, "query_string": query.encode(), "root_path": "",
            "headers": [(b"cookie", f"{name}={credential.session_secret}".encode())], "client": ("192.0.2.7", 1),
            "subprotocols": [],
        }  # fmt: skip
        app = Starlette(routes=[*room.routes, *mirror.routes])
        self._serving = asyncio.create_task(app(scope, self._said.get, self._take))

    async def _take(self, message: Any) -> None:
        await self._told.put(dict(message))

    def say(self, words: str) -> None:
        self._said.put_nowait({"type": "websocket.receive", "text": words})

    async def hears(self, said: str) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self._told.get()
                assert message["type"] != "websocket.close", message
                words: dict[str, Any] = json.loads(message.get("text") or "{}")
                if words.get("do") == said:
                    return words

    async def closed(self) -> int:
        """Wait until we close the socket; return the code."""
        async with asyncio.timeout(PATIENCE_S):
            while (message := await self._told.get())["type"] != "websocket.close":
                pass
            await self._serving
        return int(message["code"])

    async def go(self) -> None:
        self._said.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self._serving


Open = Callable[..., Awaitable[Browser]]


@pytest_asyncio.fixture
async def line(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HubLine]:
    """Run a hub, and this process's line to it."""
    settings = Settings(mode="test", data_dir=tmp_path, media_ports="0")
    found = HubLine(settings.media_folder)
    monkeypatch.setattr(room, "hub_line", lambda: found)
    db.use(database)
    async with process.opened(settings):
        yield found
    db.use(None)


@pytest_asyncio.fixture
async def place(visit: Visit, in_time: datetime) -> visits.Place:
    return await visit.admitted()


@pytest_asyncio.fixture
async def come(line: HubLine, place: visits.Place) -> AsyncIterator[Open]:
    opened: list[Browser] = []

    async def open_socket(credential: Credential, visit_id: UUID | None = None, query: str = "") -> Browser:
        opened.append(Browser(credential, f"/visit/{visit_id or place.visit_id}/room", query))
        return opened[-1]

    yield open_socket
    for one in opened:
        await one.go()


async def test_two_with_a_place_are_shown_the_way_to_each_other(come: Open, visit: Visit) -> None:
    phone, desk = await come(visit.maria.credential), await come(visit.doctor.credential)
    for one in (phone, desk):
        one.say('{"do": "hello"}')
    while (way := await phone.hears("go"))["path"] != "direct":
        pass
    phone.say(json.dumps({"do": "peer", "call": way["call"], "offer": "v=0"}))

    assert (await desk.hears("peer"))["offer"] == "v=0"


async def test_who_has_no_place_is_turned_away_and_told_nothing(come: Open, visit: Visit, clinic: Clinic) -> None:
    strangers = [await clinic.patient(), await clinic.staff("clinician"), await clinic.staff("front_desk")]
    for someone in strangers:
        assert await (await come(someone.credential)).closed() == room.GONE
    nobody = Credential("no such session", "192.0.2.7")
    assert await (await come(nobody)).closed() == room.GONE
    assert await (await come(visit.maria.credential, uuid4())).closed() == room.GONE


async def test_a_guest_whom_the_patient_has_not_agreed_to_is_turned_away(
    come: Open, visit: Visit, place: visits.Place
) -> None:
    _, guest = await visit.guest(place.visit_id)

    assert await (await come(guest, query="as=guest")).closed() == room.GONE


@pytest.mark.parametrize("words", ["x" * 70_000, "not json", "[1]", "9" * 5000, "[" * 5000], ids=len)
async def test_what_no_browser_says_ends_the_socket(come: Open, visit: Visit, words: str) -> None:
    phone = await come(visit.maria.credential)
    phone.say(words)

    assert await phone.closed() == room.TOO_MUCH


async def test_a_flood_ends_the_socket(come: Open, visit: Visit) -> None:
    phone = await come(visit.maria.credential)
    for _ in range(200):
        phone.say('{"do": "again"}')

    assert await phone.closed() == room.TOO_MUCH


async def test_who_asks_whether_the_socket_lives_is_answered_by_whoever_holds_it(come: Open, visit: Visit) -> None:
    phone = await come(visit.maria.credential)
    phone.say('{"do": "here"}')

    await phone.hears("here")


async def test_a_newer_tab_takes_over_and_the_older_is_told(come: Open, visit: Visit) -> None:
    older = await come(visit.maria.credential)
    older.say('{"do": "hello"}')
    await older.hears("welcome")
    newer = await come(visit.maria.credential)
    newer.say('{"do": "hello"}')

    await newer.hears("welcome")
    assert await older.closed() == room.TAKEN


async def test_whoever_is_taken_out_is_out_at_once(come: Open, visit: Visit, place: visits.Place) -> None:
    phone = await come(visit.maria.credential)
    phone.say('{"do": "hello"}')
    await phone.hears("welcome")
    async with visit.database.act_as(visit.doctor.credential, "visits.host") as tx:
        await visits.remove(tx, place.visit_id, place.participant_id)
    await room.on_change(frozenset({f"visit:{place.visit_id}"}))

    assert await phone.closed() == room.GONE


@pytest_asyncio.fixture
async def told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Tell the sockets of changes as a web process does, and have no one look by themselves in between."""
    assert settings.database_url
    monkeypatch.setattr(room, "_LOOK_EVERY_S", 3600.0)
    listener = Listener(libpq_conninfo(settings.database_url))
    listener.subscribe(room.on_change)
    running = asyncio.create_task(listener.run())
    async with asyncio.timeout(PATIENCE_S):
        await listener.connected.wait()
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.usefixtures("told")
async def test_a_caregiver_who_is_revoked_is_out_of_the_room_with_the_commit(
    come: Open, visit: Visit, place: visits.Place, clinic: Clinic
) -> None:
    with clock.frozen_at(datetime.now(UTC)):  # the proof that sharing wants is of now, the visit is tomorrow
        maria = await clinic.sign_in_again(visit.maria, assurance=2)
        ana = await clinic.patient("Ana", "Moreno")
        key = await invited(visit.database, maria, ana.email, "booking_view", "visits_act")
        await accept(visit.database, ana, key)
        ana = await acting_for(visit.database, ana, maria)
    theirs = await visit.join(ana)
    await visit.admit(theirs.visit_id, theirs.participant_id)
    mother, phone = await come(ana.credential), await come(visit.maria.credential)
    for one in (mother, phone):
        one.say('{"do": "hello"}')
        await one.hears("welcome")
    async with visit.database.act_as(maria.credential, "access.share_chart") as tx:
        (relation,) = await caregivers.list_caregivers(tx)
        await caregivers.end_caregiver(tx, relation.id)

    assert await mother.closed() == room.GONE
    while (await phone.hears("roster"))["people"]:
        pass  # the patient stays, and sees them go


@pytest.mark.usefixtures("told")
async def test_a_session_that_is_ended_on_another_device_is_out_of_the_room_with_the_commit(
    come: Open, visit: Visit, place: visits.Place, clinic: Clinic
) -> None:
    phone, desk = await come(visit.maria.credential), await come(visit.doctor.credential)
    for one in (phone, desk):
        one.say('{"do": "hello"}')
        await one.hears("welcome")
    for someone, socket in ((visit.maria, phone), (visit.doctor, desk)):
        elsewhere = await clinic.sign_in_again(someone, assurance=2)
        async with visit.database.act_as(elsewhere.credential, "access.end_sessions") as tx:
            await sessions.end_other_sessions(tx)

        assert await socket.closed() == room.GONE


async def test_leaving_gives_the_place_up(come: Open, visit: Visit, place: visits.Place) -> None:
    phone = await come(visit.maria.credential)
    phone.say('{"do": "hello"}')
    await phone.hears("welcome")
    phone.say('{"do": "leave"}')

    assert await phone.closed() == room.GONE
    with pytest.raises(visits.NotInRoom):
        await visit.seat(visit.maria.credential, place.visit_id)


async def test_whoever_has_no_place_any_more_is_not_waited_for_once_their_socket_closes(
    come: Open, visit: Visit, place: visits.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_LOOK_EVERY_S", 3600.0)
    phone, desk = await come(visit.maria.credential), await come(visit.doctor.credential)
    for one in (phone, desk):
        one.say('{"do": "hello"}')
    while not (await phone.hears("roster"))["people"]:
        pass
    async with visit.database.act_as_system("test") as tx:  # handed over, and the browser is faster than our word of it
        await tx.execute("update visit_participant set state = 'left' where role = 'clinician'")
    await desk.go()

    while (await phone.hears("roster"))["people"]:
        pass
    assert (await visit.seat(visit.maria.credential, place.visit_id)).others == ()


class Counted(HubLine):
    """A line that has looked for the hub five times."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.looks, self.looked_often = 0, asyncio.Event()

    async def _hold(self) -> None:
        self.looks += 1
        if self.looks == 5:
            self.looked_often.set()
        await super()._hold()


async def test_while_the_hub_is_away_everybody_is_told_once_and_is_taken_back_afterwards(
    line: HubLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_line, "_AGAIN_S", (0.0,))
    away = Counted(tmp_path / "not there yet")
    told: list[str] = []
    back = asyncio.Event()

    def tell(words: dict[str, Any]) -> None:
        told.append(words["do"])
        if words["do"] == "welcome":
            back.set()

    seat = {"room": "r", "person": "p", "name": "n", "role": "patient", "may_go_direct": True, "is_mirror": False}
    away.join("c", seat | {"call": None}, tell)
    async with asyncio.timeout(PATIENCE_S):
        await away.looked_often.wait()
    settings = Settings(mode="test", data_dir=tmp_path / "later", media_ports="0")
    async with process.opened(settings):
        (settings.media_folder).rename(tmp_path / "not there yet")
        async with asyncio.timeout(PATIENCE_S):
            await back.wait()
    away.leave("c", for_good=True)

    assert told[: told.index("welcome")] == ["wait"]


async def test_a_database_away_in_mid_visit_closes_nothing_and_lets_nothing_through(
    visit: Visit, place: visits.Place, settings: Settings, tmp_path: Path, line: HubLine, come: Open
) -> None:
    assert settings.database_url
    relay = Relay(settings.database_url, tmp_path)
    through = Database(relay.url, pool=3)
    db.use(through)
    try:
        phone, desk = await come(visit.maria.credential), await come(visit.doctor.credential)
        for one in (phone, desk):
            one.say('{"do": "hello"}')
            await one.hears("welcome")
        await asyncio.to_thread(relay.cut)
        phone.say('{"do": "show", "muted": true}')
        await phone.hears("wait")
        late = await come(visit.doctor.credential)
        assert await late.closed() == room.AWAY

        await asyncio.to_thread(relay.mend)
        insisting = asyncio.create_task(_insist(phone, '{"do": "show", "muted": true}'))

        while not any(one.get("muted") for one in (await desk.hears("roster"))["people"]):
            pass
        insisting.cancel()
    finally:
        for one in (phone, desk):
            await one.go()
        await through.close()
        await asyncio.to_thread(relay.stop)


async def _insist(phone: Browser, words: str) -> None:
    """Say it again whenever it was not let through, as browsers do: one more statement may still find the old lines."""
    while True:
        phone.say(words)
        await phone.hears("wait")


async def test_everybody_comes_back_after_their_web_process_was_killed_and_the_way_between_them_stays(
    come: Open, visit: Visit, line: HubLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, desk = await come(visit.maria.credential), await come(visit.doctor.credential)
    phone.say('{"do": "hello"}')
    desk.say('{"do": "hello"}')
    while (way := await phone.hears("go"))["path"] != "direct":
        pass
    # What a killed process held is closed by the system; the browsers find another, or the same one anew.
    line._running.cancel()  # type: ignore[union-attr] # a line that only broke would come back, and be in the way
    other = HubLine(tmp_path / "media")
    monkeypatch.setattr(room, "hub_line", lambda: other)
    for one in (phone, desk):
        await one.go()
    back = [await come(one.credential) for one in (visit.maria, visit.doctor)]
    for one in back:
        one.say(json.dumps({"do": "hello", "call": way["call"]}))

    for one in back:
        again = await one.hears("go")
        assert (again["path"], again["call"]) == ("direct", way["call"])


async def test_a_mirror_is_for_who_has_to_do_with_visits_and_shows_oneself_alone(
    line: HubLine, visit: Visit, clinic: Clinic
) -> None:
    limits.forget_all()
    own = Browser(visit.maria.credential, "/visit/mirror")
    assert (await own.hears("go"))["path"] == "hub"
    assert (await own.hears("roster"))["people"] == []
    own.say("not json")
    assert await own.closed() == room.TOO_MUCH
    other = Browser((await clinic.staff("front_desk")).credential, "/visit/mirror")
    assert await other.closed() == room.GONE
