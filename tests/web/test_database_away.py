"""While the database is away pages say so, and they recover by themselves."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portal_app.operations.startup import unused_port
from portal_app.settings import Settings
from tests.factories import Clinic
from tests.web.conftest import Portal, serve, tell
from tests.web.relay import Relay
from tests.web.test_socket_safety import CARELESS
from tests.web.wire import HYDRATE, open_tab


@pytest.fixture(scope="module")
def relay(web_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    assert web_settings.database_url
    relay = Relay(web_settings.database_url, tmp_path_factory.mktemp("r"))
    yield relay
    relay.stop()


@pytest.fixture(scope="module")
def served(web_settings: Settings, pages: Path, relay: Relay) -> Iterator[Portal]:
    settings = web_settings.model_copy(update={"port": unused_port(), "database_url": relay.url})
    yield from serve(settings, pages, "tests.web.careless:app")


@pytest.fixture
def away(served: Portal, relay: Relay) -> Iterator[Portal]:
    """Serve with the database out of reach."""
    relay.cut()
    yield served
    relay.mend()


async def _get(portal: Portal, path: str, headers: dict[str, str]) -> httpx.Response:
    return await asyncio.to_thread(portal.get, path, headers)


@pytest.mark.parametrize(("path", "language"), [("/", "en"), ("/es/book", "es"), ("/ar", "ar")])
async def test_a_page_says_so_in_the_readers_language_and_tries_again(
    away: Portal, people: Clinic, path: str, language: str
) -> None:
    answer = await _get(away, path, away.signed_in(await people.patient()))

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert f'<html lang="{language}"' in answer.text
    assert '<meta http-equiv="refresh"' in answer.text


def test_the_process_is_alive_but_not_ready(away: Portal) -> None:
    assert away.get("/healthz").status_code == 200
    assert away.get("/readyz").status_code == 503


def test_a_form_gets_the_same_page(away: Portal) -> None:
    headers = {**away.headers("anon-somebody"), "Referer": f"{away.origin}/es/sign-in"}
    answer = away.post("/auth/sign-out", {**headers, "Cookie": f"{away.cookie_name}=a-session"})

    assert answer.status_code == 503
    assert '<html lang="es"' in answer.text


async def test_an_open_page_says_so_and_is_filled_once_the_database_is_back(
    served: Portal, relay: Relay, people: Clinic
) -> None:
    patient = await people.patient()
    async with open_tab(served.origin, served.signed_in(patient)) as tab:
        await tab.arrive()
        await tab.send(f"{CARELESS}.on_look")
        await tab.until(lambda tab: tab.var("careless", "name"))
        relay.cut()
        await tab.send(f"{CARELESS}.on_look")
        await tab.until(lambda tab: tab.var("notice", "text"))
        relay.mend()

        await tab.until(lambda tab: tab.var("notice", "text") == "")


async def test_a_tab_that_arrived_meanwhile_is_filled_too(served: Portal, relay: Relay, people: Clinic) -> None:
    async with open_tab(served.origin, served.signed_in(await people.patient())) as tab:
        relay.cut()
        await tab.send(HYDRATE)
        await tab.until(lambda tab: tab.var("notice", "text"))
        relay.mend()

        await tab.until(lambda tab: tab.var("notice", "text") == "")


async def test_news_of_while_it_was_away_is_caught_up(served: Portal, relay: Relay, people: Clinic) -> None:
    patient = await people.patient()
    async with open_tab(served.origin, served.signed_in(patient)) as tab:
        await tab.arrive()
        await tab.send(f"{CARELESS}.on_look")
        await tab.until(lambda tab: tab.var("careless", "name"))
        relay.cut()
        async with people.database.act_as_system("test") as tx:
            await tx.execute("update person set display_name = 'M. A.' where id = :id", {"id": patient.person_id})
        await tell(people, f"person:{patient.person_id}")
        relay.mend()

        await tab.until(lambda tab: tab.var("careless", "name") == "M. A.")
