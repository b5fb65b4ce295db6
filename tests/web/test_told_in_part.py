"""After a code alone, the socket carries no address and no number in full, and both are confirmed all the same."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from portal_app.features.callback import service as callback
from portal_app.features.visits import service as visits
from portal_app.settings import Settings
from tests.conftest import Server
from tests.factories import Clinic
from tests.web.conftest import Portal
from tests.web.victim import World, make_world
from tests.web.wire import ROOT, Tab, open_tab

STATE = f"{ROOT}.portal_app___state___"
SAID = visits.Whereabouts("12 Elm Street, Albany", "US-NY", "(718) 555-0143", "alone")
WHOLE = ("Elm", "Albany", "555-0143", "5550143")


@pytest.fixture
async def world(server: Server, web_settings: Settings, people: Clinic) -> AsyncIterator[World]:
    """Make a patient with a video visit that begins soon."""
    world = await make_world(server, web_settings, people)
    yield world
    with psycopg.connect(world.dsn) as connection:  # there is one practice at most, and the other tests have none
        connection.execute("delete from practice")


def shown(tab: Tab, name: str) -> Any:
    return tab.var("visit____visit", name)


async def test_a_visit_is_joined_from_where_one_was_last_time_with_no_word_of_it_over_the_socket(
    portal: Portal, world: World
) -> None:
    appointment, victim = world.ids["appointment_id"], world.victim
    database, path = world.people.database, f"/visit?id={appointment}"
    async with database.act_as(victim.credential, "visits.join") as tx:
        await visits.say_whereabouts(tx, UUID(appointment), SAID, agrees=True)
        await visits.leave(tx, await tx.scalar("select id from visit where appointment_id = :id", {"id": appointment}))
    async with database.act_as_system("test") as tx:
        await tx.execute("update visit set said_at = said_at - interval '1 day'")
    async with open_tab(portal.origin, portal.signed_in(victim), path=path) as tab:
        await tab.arrive()
        await tab.send(f"{STATE}visit____visit.on_load")
        await tab.until(lambda tab: shown(tab, "is_ready"))
        assert shown(tab, "facts")[0]["fact"].startswith("12 … Street")
        await tab.send(f"{STATE}visit____visit.on_confirm", form={"agrees": "yes"})
        await tab.until(lambda tab: shown(tab, "step") == "waiting")
        assert [words for words in WHOLE if words in "".join(tab.heard)] == []
    async with database.act_as(victim.credential, "visits.view") as tx:
        assert await visits.remembered(tx) == SAID
        assert await tx.scalar("select said_at > now() - interval '1 hour' from visit where said_at is not null")


async def test_the_page_of_a_call_back_shows_the_number_in_part(portal: Portal, world: World) -> None:
    wish = callback.CallBackRequest("bookings", SAID.number, "", UUID(world.ids["key"]))
    async with world.people.database.act_as(world.victim.credential, "callback.ask") as tx:
        await callback.ask(tx, wish)
    async with open_tab(portal.origin, portal.signed_in(world.victim), path="/call-back") as tab:
        await tab.arrive()
        await tab.send(f"{STATE}call_back____call_back.on_load")
        await tab.until(lambda tab: "43" in str(tab.var("call_back____call_back", "detail")))
        assert [words for words in WHOLE if words in "".join(tab.heard)] == []
