"""Nobody at the screen of the staff: asked a minute before, locked in every tab, and back where they were."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from portal_app.core import clock, i18n
from tests.browser import axe_findings, overflow
from tests.factories import Someone
from tests.journeys.clinic import Practices
from tests.journeys.conftest import Arrive
from tests.journeys.house import until
from tests.journeys.test_passkeys import with_passkeys
from tests.journeys.walker import DESK, Walker

pytestmark = pytest.mark.asyncio(loop_scope="session")
SETTINGS, DEVICES = "/staff/settings", "/profile/devices"
KEPT = "JSON.stringify(sessionStorage).includes('typed:')"


async def left(practices: Practices, someone: Someone, seconds: float) -> None:
    """Let so many seconds be left to a session, as if nobody had been at the screen; none lock it."""
    until = clock.now() + timedelta(seconds=seconds)
    async with practices.database.act_as_system("test") as tx:
        given = {"id": someone.person_id, "until": until, "locked": clock.now() if seconds <= 0 else None}
        await tx.execute(
            "update session set idle_until = :until, locked_at = :locked where person_id = :id and ended_at is null",
            given,
        )


async def with_a_passkey(desk: Walker) -> None:
    await with_passkeys(desk)
    await desk.open(DEVICES)
    await desk.button("Add a passkey").click()
    await expect(desk.page).to_have_url(f"{desk.house.origin}{desk.path(DEVICES)}?done=added")
    await desk.answers()


async def kept(desk: Walker, *, is_kept: bool = True) -> None:
    """Wait until something that was typed is kept in this tab, or until nothing is."""

    async def look() -> bool:
        return bool(await desk.page.evaluate(KEPT)) == is_kept

    await until(look, what="what was typed to be kept" if is_kept else "what was typed to be gone")


@pytest.mark.parametrize("locale", list(i18n.LOCALES))
async def test_who_comes_back_in_time_stays_in_in_every_tab_and_is_let_in_by_a_touch_later(
    arrive: Arrive, practices: Practices, axe: str, locale: str
) -> None:
    manager = await practices.people.staff("manager", name=f"Ines Away-{locale}")
    async with practices.database.act_as_system("test") as tx:
        await tx.execute("update person set locale = :l where id = :id", {"l": locale, "id": manager.person_id})
    desk = await arrive(locale, DESK)
    await practices.keep_codes(manager)
    await desk.let_in(manager)
    await with_a_passkey(desk)
    await left(practices, manager, 50)
    other = await desk.another_tab()
    await other.open("/staff/inbox")
    await desk.open(SETTINGS)
    question, there = desk.page.get_by_role("alertdialog"), other.page.get_by_role("alertdialog")
    await expect(there).to_be_visible()
    await expect(question).to_be_visible()
    assert await axe_findings(desk.page, axe) == []
    assert await overflow(desk.page) == []
    await expect(desk.button("Stay signed in")).to_be_focused()
    await desk.page.keyboard.press("Enter")
    await expect(question).to_be_hidden()
    await expect(there).to_be_hidden()

    await desk.page.locator("#country").fill("ZZ")
    await kept(desk)
    assert "ZZ" not in await desk.page.evaluate("Object.values(sessionStorage).join(' ').replaceAll(/[^ ]{40,}/g, '')")
    await left(practices, manager, -1)
    await desk.at("/second-factor")
    await other.at("/second-factor")
    await expect(
        desk.page.get_by_text(
            desk.say("Nobody was here for a while, so we locked this. What you typed is kept for you.")
        )
    ).to_be_visible()
    await desk.button("Use your passkey").click()
    await desk.at(SETTINGS)
    await expect(desk.page.locator("#country")).to_have_value("ZZ")
    await other.at("/staff/inbox")
    assert desk.unexpected() == other.unexpected() == []


async def test_a_page_nobody_uses_leaves_by_itself_and_shows_the_next_person_nothing(
    arrive: Arrive, practices: Practices
) -> None:
    manager, colleague = [await practices.people.staff("manager", name=name) for name in ("Ida Gone", "Kai Next")]
    desk = await arrive(size=DESK)
    await desk.let_in(manager)
    await left(practices, manager, 600)
    await desk.open(SETTINGS)
    # The first key pressed tells the server that somebody is here: only after that can nobody be.
    async with desk.page.expect_response(lambda answer: "here=yes" in (answer.request.post_data or "")):
        await desk.page.locator("#country").fill("ZZ")
    await kept(desk)
    await left(practices, manager, 3)
    await desk.page.reload()
    await desk.at("/second-factor")
    assert await desk.page.evaluate(KEPT)

    await desk.let_in(colleague)
    await left(practices, colleague, 600)
    await desk.open(SETTINGS)
    await kept(desk, is_kept=False)
    await expect(desk.page.locator("#country")).not_to_have_value("ZZ")
    assert desk.unexpected() == []
