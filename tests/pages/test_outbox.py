"""The demo's outbox in a real browser: a new mail appears by itself, its code can be read."""

from uuid import uuid4

import psycopg
import pytest
from playwright.async_api import expect

from portal_app.core import clock
from portal_app.core.db import libpq_conninfo
from portal_app.core.i18n import LOCALES, direction, localized_path
from portal_app.features.notify.ports import Attachment, OutgoingMail, OutgoingText
from portal_app.features.notify.service import outbox_folder
from portal_app.features.notify.templates import SIGN_IN_CODE, render
from portal_app.integrations.mail.smtp import SmtpMail
from portal_app.integrations.sms.demo import CaughtTexts
from portal_app.operations.mail_catcher import Catcher
from portal_app.settings import Settings
from tests.pages.conftest import Screen
from tests.web.conftest import Portal

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def practice(demo: Portal) -> None:
    """Give the frame a name to show, as every installation has."""
    with psycopg.connect(libpq_conninfo(demo.settings.database_url or "")) as connection:
        connection.execute("select begin_as_system('test')")
        connection.execute(
            "insert into practice (id, name, initial, accent, phone, emergency_phone)"
            " values (gen_random_uuid(), 'Riverside Family Care', 'R', '#0b6b62', '+1 555 0100', '911')"
            " on conflict do nothing"
        )


def arrive(settings: Settings, code: str, locale: str = "en") -> None:
    """Put a mail where the catcher puts it, and tell the pages as the delivery job does."""
    said = render(SIGN_IN_CODE, {"code": code}, locale, settings.public_origin)
    mail = OutgoingMail(
        message_key=str(uuid4()),
        template="sign_in_code",
        to="ana@example.org",
        subject=said.subject,
        text=said.text,
        html=said.html,
        locale=locale,
        sent_at=clock.now(),
        attachments=(Attachment("appointment.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n"),),
    )
    Catcher(outbox_folder(settings))._store(SmtpMail(settings).compose(mail).as_bytes())
    with psycopg.connect(libpq_conninfo(settings.database_url or ""), autocommit=True) as connection:
        connection.execute("""select pg_notify('portal_change', '{"topics": ["outbox"]}')""")


async def test_a_new_mail_appears_by_itself_with_its_code_on_top(screen: Screen) -> None:
    arrive(screen.portal.settings, "111111")
    await screen.open("/outbox")
    await expect(screen.page.locator("main strong", has_text="111111")).to_have_count(1)
    arrive(screen.portal.settings, "042917")
    newest = screen.page.locator("main .card").first
    await expect(newest.locator("strong")).to_have_text("042917")
    await expect(newest).to_contain_text("appointment.ics")
    assert screen.complaints == []


async def test_a_text_message_stands_among_the_mails(screen: Screen) -> None:
    texts = CaughtTexts(outbox_folder(screen.portal.settings))
    said = "Sala: 271828"
    await texts.send(OutgoingText(str(uuid4()), "access_text_code", "+17185550142", said, "en", clock.now()))
    await screen.open("/outbox")
    text = screen.page.locator("main .card", has_text="271828")
    await expect(text.get_by_role("heading", name="Text message")).to_be_visible()
    await expect(text).to_contain_text("+17185550142")
    await expect(text.locator("strong")).to_have_text("271828")


@pytest.mark.parametrize("locale", LOCALES)
async def test_everybody_can_read_it(screen: Screen, locale: str) -> None:
    arrive(screen.portal.settings, "314159", locale)
    await screen.open(localized_path(locale, "/outbox"))
    await expect(screen.page.locator("main strong", has_text="314159").first).to_be_visible()
    await expect(screen.page.locator("html")).to_have_attribute("dir", direction(locale))
    assert await screen.problems() == []
    assert await screen.overflow() == []
