"""Open pages follow the database, whichever process wrote."""

import time

import psycopg
from sqlalchemy import make_url, update
from sqlmodel import col

from portal_app.features.access import service
from portal_app.features.access.tables import Person
from portal_app.web.live import REFRESH_SPACING_S
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.web.conftest import Portal, tell
from tests.web.test_socket_safety import CARELESS
from tests.web.wire import Tab, open_tab


async def _watching(tab: Tab) -> Tab:
    await tab.arrive()
    await tab.send(f"{CARELESS}.on_look")
    await tab.until(lambda tab: tab.var("careless", "name"))
    return tab


async def _rename(people: Clinic, someone: Someone, name: str) -> None:
    async with people.database.act_as_system("test") as tx:
        await tx.execute(update(Person).where(col(Person.id) == someone.person_id).values(display_name=name))
    await tell(people, f"person:{someone.person_id}")


async def test_a_change_in_another_process_reaches_the_open_page(careless: Portal, people: Clinic) -> None:
    patient = await people.patient()
    async with open_tab(careless.origin, careless.signed_in(patient)) as tab:
        await _watching(tab)
        await _rename(people, patient, "Maria B.")

        await tab.until(lambda tab: tab.var("careless", "name") == "Maria B.")


async def test_a_change_that_concerns_others_is_not_looked_at(careless: Portal, people: Clinic) -> None:
    patient, other = await people.patient(), await people.patient()
    async with open_tab(careless.origin, careless.signed_in(patient)) as tab:
        await _watching(tab)
        await tell(people, f"person:{other.person_id}")
        await tell(people, f"person:{patient.person_id}")

        calls = await tab.until(
            lambda tab: (tab.var("careless", "calls") or []).count("_refresh") > 1 and tab.var("careless", "calls")
        )
        assert calls == ["_refresh", "_refresh"]


async def test_a_burst_of_changes_refreshes_a_page_a_few_times(careless: Portal, people: Clinic) -> None:
    patient = await people.patient()
    async with open_tab(careless.origin, careless.signed_in(patient)) as tab:
        await _watching(tab)
        began = time.monotonic()
        for _ in range(50):
            await tell(people, f"person:{patient.person_id}")
        await _rename(people, patient, "Maria C.")
        await tab.until(lambda tab: tab.var("careless", "name") == "Maria C.")

        # As often as the time it took allows, however slow this machine is; and what each page looks at first.
        assert len(tab.var("careless", "calls")) <= 3 + (time.monotonic() - began) / REFRESH_SPACING_S


async def test_a_session_ended_elsewhere_leaves_every_tab_at_once(careless: Portal, people: Clinic) -> None:
    patient = await people.patient()
    async with open_tab(careless.origin, careless.signed_in(patient), path="/ar") as tab:
        await _watching(tab)
        async with people.database.act_as(patient.credential, "access.sign_out") as tx:
            await service.sign_out(tx)

        assert await tab.until(lambda tab: tab.var("departure", "to")) == "/ar/sign-in?next=/ar"
        assert tab.var("careless", "name") == ""


async def test_a_session_that_ended_unannounced_falls_out_at_the_next_change(
    careless: Portal, people: Clinic, server: Server
) -> None:
    patient = await people.patient()
    async with open_tab(careless.origin, careless.signed_in(patient)) as tab:
        await _watching(tab)
        _expire(server, careless, patient)
        await tell(people, f"person:{patient.person_id}")

        assert await tab.until(lambda tab: tab.var("departure", "to")) == "/sign-in?next=/"


def _expire(server: Server, portal: Portal, someone: Someone) -> None:
    """Let a session's time run out, which nobody announces; the portal's own roles could not."""
    database = make_url(portal.settings.database_url or "").database
    dsn = server.superuser.set(drivername="postgresql", database=database).render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("update session set expires_at = now() where person_id = %s", [someone.person_id])


async def test_a_session_that_ended_is_refused_at_the_next_tap(careless: Portal, people: Clinic) -> None:
    patient = await people.patient()
    async with open_tab(careless.origin, careless.signed_in(patient), path="/book") as tab:
        await _watching(tab)
        async with people.database.act_as(patient.credential, "access.sign_out") as tx:
            await service.sign_out(tx)
        await tab.send(f"{CARELESS}.on_look")

        assert await tab.until(lambda tab: tab.var("departure", "to")) == "/sign-in?next=/book"
