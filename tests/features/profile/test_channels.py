"""Reminders go where their reader wants them: by text to a proven number, by mail while a telephone is to be silent."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from portal_app import wiring
from portal_app.core import clock, crypto, limits
from portal_app.core.db import Database
from portal_app.core.errors import InputRefused
from portal_app.core.jobs import Workplace
from portal_app.features.notify import rules
from portal_app.features.notify.jobs import deliver
from portal_app.features.notify.ports import MailPort, OutgoingMail, OutgoingText, TextPort
from portal_app.features.notify.service import enqueue_message, moment_parameter
from portal_app.features.profile import service
from portal_app.settings import Settings
from tests.factories import Clinic, Someone

wiring.load_features("policies")

NUMBER = "+17185550142"
NOON, MIDNIGHT = datetime(2026, 12, 1, 17, 0, tzinfo=UTC), datetime(2026, 12, 1, 5, 30, tzinfo=UTC)
"""In New York, where the patients live."""


class Both:
    """Takes mails and texts in memory."""

    def __init__(self) -> None:
        self.taken = list[OutgoingMail | OutgoingText]()

    async def send(self, message: Any) -> None:
        self.taken.append(message)


@pytest.fixture
async def maria(clinic: Clinic) -> Someone:
    limits.forget_all()
    return await clinic.patient()


async def prove_number(database: Database, who: Someone) -> None:
    """Prove a number as a code does: the only way there is."""
    async with database.act_as(who.credential, "access.prove_by_text") as tx:
        await tx.execute(
            "insert into contact_code (id, person_id, session_id, purpose, address, address_index, code_hash,"
            " expires_at, used_at) values (gen_random_uuid(), :who, :session, 'prove', :phone, 'x', 'x', now(), now())",
            {"who": who.person_id, "session": tx.actor.session_id, "phone": crypto.encrypt(NUMBER)},
        )
        await tx.execute("select use_contact_code(id) from contact_code")


async def choose(database: Database, who: Someone, by: str, quiet: str = "21-8") -> None:
    async with database.act_as(who.credential, "profile.choose_channels") as tx:
        await service.choose_channels(tx, by, "mail", quiet)


async def reminded(database: Database, settings: Settings, who: Someone, at: datetime) -> list[Any]:
    """Remind somebody at a moment, and return what was sent."""
    ports, given = Both(), {"practice": "Riverside", "place": "Main", "phone": "1", "link": "/reminder?key=x"}
    with clock.frozen_at(at):
        async with database.act_as_system("test") as tx:
            starts = moment_parameter(at, "America/New_York")
            await enqueue_message(
                tx, who.person_id, "appointment_reminder", f"reminder:{who.person_id}", given | {"starts": starts},
                patient_id=who.patient_id,
            )  # fmt: skip
            message_id = UUID(str(await tx.scalar("select id from outbox_message")))
        sent_by = settings.model_copy(update={"sms_url": "https://sms.example.org/"})
        workplace = Workplace(database, sent_by, {MailPort: ports, TextPort: ports})
        context: Any = SimpleNamespace(additional_context={"workplace": workplace})
        await deliver.func(context, message_id=str(message_id))
    return ports.taken


@pytest.fixture(autouse=True)
def always_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the reminder stand without its appointment, which has tests of its own."""
    monkeypatch.setattr("portal_app.features.notify.templates._checks", {})


@pytest.mark.parametrize(
    ("by", "quiet", "at", "kind"),
    [("mail", "21-8", NOON, OutgoingMail), ("text", "21-8", NOON, OutgoingText),
     ("text", "21-8", MIDNIGHT, OutgoingMail), ("text", "0-0", MIDNIGHT, OutgoingText)],
)  # fmt: skip
async def test_a_reminder_goes_the_way_its_reader_chose(
    database: Database,
    settings: Settings,
    maria: Someone,
    by: str,
    quiet: str,
    at: datetime,
    kind: type[OutgoingMail | OutgoingText],
) -> None:
    await prove_number(database, maria)
    await choose(database, maria, by, quiet)
    (sent,) = await reminded(database, settings, maria, at)
    assert type(sent) is kind
    assert sent.to == (NUMBER if kind is OutgoingText else maria.email)
    assert "/reminder?key=x" in sent.text


async def test_no_text_is_wished_for_without_a_proven_number(database: Database, maria: Someone) -> None:
    with pytest.raises(InputRefused, match="reminders"):
        await choose(database, maria, "text")


@pytest.mark.parametrize(("by", "quiet"), [("pigeon", "21-8"), ("mail", "25-8"), ("", ""), ("mail", "21-8; x")])
async def test_a_choice_that_there_is_not_is_refused(database: Database, maria: Someone, by: str, quiet: str) -> None:
    with pytest.raises(InputRefused):
        await choose(database, maria, by, quiet)


@pytest.mark.parametrize(
    ("hour", "quiet_from", "quiet_until", "is_quiet"),
    [(23, 21, 8, True), (7, 21, 8, True), (8, 21, 8, False), (20, 21, 8, False), (3, 1, 5, True), (5, 1, 5, False),
     (0, 0, 0, False)],
)  # fmt: skip
def test_quiet_hours_may_go_past_midnight(hour: int, quiet_from: int, quiet_until: int, is_quiet: bool) -> None:
    assert rules.is_quiet(hour, quiet_from, quiet_until) is is_quiet
