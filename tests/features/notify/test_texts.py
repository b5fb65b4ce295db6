"""Text messages in the outbox: the same discipline as mail, sent once, and seen when they fail."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from portal_app import wiring
from portal_app.core.db import Database
from portal_app.core.i18n import LOCALES
from portal_app.core.jobs import Workplace
from portal_app.features.notify import templates
from portal_app.features.notify.errors import TextAway, UnsafeParameter
from portal_app.features.notify.jobs import deliver
from portal_app.features.notify.ports import TextPort
from portal_app.features.notify.service import enqueue_message, outbox_folder, read_demo_outbox
from portal_app.features.notify.templates import Kind, Template
from portal_app.integrations.sms.demo import CaughtTexts
from portal_app.integrations.sms.nobody import NoTexts
from portal_app.integrations.sms.webhook import WebhookTexts
from portal_app.settings import Settings
from tests.factories import Clinic, Someone
from tests.integrations.sms.gateway import Gateway

wiring.load_features("policies")

NUMBER = "+17185550142"
GREETING = templates.register_template(
    Template("test_greeting", "Hello", ("Hello {code}",), {"code": Kind.code}, text="Sala: {code}")
)


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    return await clinic.patient()


async def leave(
    database: Database, person: Someone, *, to: str | None = NUMBER, patient_id: UUID | None = None
) -> UUID:
    async with database.act_as_system("test") as tx:
        await enqueue_message(
            tx, person.person_id, GREETING.name, f"greet:{person.person_id}", {"code": "042917"}, channel="text", to=to,
            patient_id=patient_id,
        )  # fmt: skip
        return UUID(str(await tx.scalar("select id from outbox_message where template = 'test_greeting'")))


async def run(database: Database, settings: Settings, port: TextPort, message_id: UUID) -> None:
    context: Any = SimpleNamespace(additional_context={"workplace": Workplace(database, settings, {TextPort: port})})
    await deliver.func(context, message_id=str(message_id))


async def state(database: Database, message_id: UUID) -> tuple[object, ...]:
    async with database.act_as_system("test") as tx:
        return tuple(await tx.one(
            "select status, attempts, last_error, content is null from outbox_message where id = :id",
            {"id": message_id},
        ))  # fmt: skip


async def test_a_text_tried_again_after_a_failed_answer_is_sent_once(
    database: Database, settings: Settings, maria: Someone
) -> None:
    message_id = await leave(database, maria)
    async with Gateway(503, 200).running() as gateway:
        port = WebhookTexts(gateway.settings())
        with pytest.raises(TextAway):
            await run(database, settings, port, message_id)
        assert await state(database, message_id) == ("queued", 1, "text_away", False)
        for _again in range(2):
            await run(database, settings, port, message_id)
    assert len(gateway.asked) == 2
    assert list(gateway.sent) == [str(message_id)]
    assert gateway.sent[str(message_id)]["text"] == "Sala: 042917"
    assert await state(database, message_id) == ("sent", 2, None, True)


async def test_a_refused_text_about_a_chart_is_seen_by_staff(
    database: Database, settings: Settings, maria: Someone
) -> None:
    message_id = await leave(database, maria, patient_id=maria.patient_id)
    async with Gateway(422).running() as gateway:
        await run(database, settings, WebhookTexts(gateway.settings()), message_id)
    assert await state(database, message_id) == ("failed", 1, "http_422", True)
    async with database.act_as_system("test") as tx:
        assert await tx.scalar("select code from task where focus_id = :id", {"id": maria.patient_id}) == "undelivered"


async def test_a_number_at_rest_cannot_be_read(database: Database, maria: Someone) -> None:
    await leave(database, maria)
    async with database.act_as_system("test") as tx:
        content = await tx.scalar("select content from outbox_message")
    assert "0142" not in content


async def test_somebody_without_a_telephone_gets_no_text(
    database: Database, settings: Settings, clinic: Clinic
) -> None:
    message_id = await leave(database, await clinic.patient("Sam"), to=None)
    await run(database, settings, NoTexts(), message_id)
    assert await state(database, message_id) == ("failed", 0, "no_address", True)


async def test_what_has_no_words_for_a_telephone_is_no_text(database: Database, maria: Someone) -> None:
    async with database.act_as_system("test") as tx:
        with pytest.raises(UnsafeParameter):
            await enqueue_message(
                tx, maria.person_id, "appointment_cancelled", "x", {"practice": "Riverside"}, channel="text"
            )


async def test_the_demo_shows_a_text_once_however_often_it_is_handed_over(
    database: Database, settings: Settings, maria: Someone
) -> None:
    message_id = await leave(database, maria)
    port = CaughtTexts(outbox_folder(settings))
    await run(database, settings, port, message_id)
    async with database.act_as_system("test") as tx:
        await tx.execute("delete from outbox_message")
    (one,) = await read_demo_outbox(settings)
    assert (one.kind, one.to, one.text, one.code) == ("text", NUMBER, "Sala: 042917", "042917")
    assert [path.stat().st_mode & 0o077 for path in outbox_folder(settings).parent.glob("outbox")] == [0]


VALUES: Mapping[Kind, str] = {
    Kind.words: "Riverside Family Care", Kind.number: "8", Kind.code: "042917", Kind.minutes: "20",
    Kind.moment: "2026-12-30T14:20:00+00:00 America/New_York", Kind.path: f"/reminder?key={'x' * 53}",
}  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_short_in_every_language(locale: str) -> None:
    wiring.load_features("messages")
    wiring.load_features("mails")
    for template in [one for one in templates._templates.values() if one.text]:
        params = {name: VALUES[kind] for name, kind in template.parameters.items()}
        said = templates.render_text(template, params, locale, "https://portal.example.org")
        assert len(said) <= 306, said
        assert "\n" not in said
