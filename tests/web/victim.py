"""A patient with something of every kind, for whoever tries what is none of theirs, and what was touched of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import make_url

from portal_app.core import clock, crypto
from portal_app.features.alerts import service as alerts
from portal_app.features.billing import questions
from portal_app.features.billing import service as billing
from portal_app.features.billing.views import BillQuestion
from portal_app.features.booking import service as booking
from portal_app.features.chart import service as chart
from portal_app.features.coverage import service as coverages
from portal_app.features.estimates import service as estimates
from portal_app.features.intake import service as intake
from portal_app.features.notes import service as notes
from portal_app.features.payments import service as payments
from portal_app.features.visits import service as visits
from portal_app.features.vitals import service as vitals
from portal_app.features.waiting import service as waiting
from portal_app.features.waiting.views import Wish
from portal_app.settings import Settings
from tests.conftest import Server
from tests.factories import Clinic, Someone
from tests.features.access.conftest import invited
from tests.features.coverage.conftest import typed
from tests.features.intake.conftest import CONSENT, PHQ, PHQ_ITEMS, REASON, answer
from tests.features.notes.conftest import SUMMARY, ending
from tests.journeys.clinic import Doctor, Practices
from tests.web.every_handler import MEASURE, Ids, random_ids

NAME, PHONE, WORDS = "Unmistakable", "+12125550199", "Pain that nobody else has"
_WRITTEN_ANYWAY = ["announcement", "audit_event", "audit_seal", "known_browser", "procrastinate_events"]
"""What is written of a refused try too, or by whoever merely opens a page, or comes and goes by itself."""
_SUM = """
select count(*), md5(string_agg(x.row, ',' order by x.row))
from (select (to_jsonb(t) - array['seen_at', 'idle_until'])::text as row from {table} t) x
where '{table}' <> 'procrastinate_jobs'
     and not exists (select from unnest(%(theirs)s::text[]) n where position(n in x.row) > 0)
   or '{table}' <> 'session' and exists (select from unnest(%(kept)s::text[]) n where position(n in x.row) > 0)
"""
"""Of all rows but those of whoever tries; those that name the victim too are among them. A job names the row that it is
about and nobody, so of jobs only those count that name the victim."""


@dataclass(frozen=True)
class World:
    """A patient with something of every kind, and how to tell whether any of it was touched."""

    people: Clinic
    victim: Someone
    rightful: Mapping[str, Someone]
    ids: Ids
    dsn: str
    practices: Practices

    def rows(self, *tried: Someone) -> dict[str, Any]:
        """Return a sum of each table, without what is wholly of those who try."""
        tables = "select tablename from pg_tables where schemaname = 'public' and tablename <> all(%s)"
        with psycopg.connect(self.dsn) as connection:
            names = [row[0] for row in connection.execute(tables, [_WRITTEN_ANYWAY])]
            return {name: self._sum(connection, name, tried) for name in names}

    def sum_of(self, table: str) -> Any:
        """Return the sum of one table."""
        with psycopg.connect(self.dsn) as connection:
            return self._sum(connection, table, ())

    def _sum(self, connection: psycopg.Connection, table: str, tried: tuple[Someone, ...]) -> Any:
        theirs = {str(one) for who in tried for one in (who.person_id, who.patient_id) if one}
        kept = {str(self.victim.person_id), str(self.victim.patient_id), self.ids["appointment_id"]}
        ids = {"theirs": sorted(theirs - kept), "kept": sorted(kept)}
        return connection.execute(_SUM.format(table=table), ids).fetchone()


async def make_world(server: Server, settings: Settings, people: Clinic, level: str = "N", **chart: Any) -> World:
    """Make the practice, and a patient of it with one thing of each kind that pages have a name for."""
    practices = Practices(people.database)
    await practices.open()
    doctor, keeper = await practices.doctor(), await people.staff("billing")
    victim = await practices.patient(doctor, "Zuleika", NAME, phone=PHONE, **chart)
    name = make_url(settings.database_url or "").database or ""
    dsn = server.url(server.superuser.set(drivername="postgresql"), name)
    maker = _Maker(practices, doctor, keeper, victim, await people.sign_in_again(victim, assurance=2), level)
    things = await maker.visit()
    for make in (maker.measuring, maker.forms, maker.lists, maker.insurance, maker.after_visit, maker.money):
        things |= await make(UUID(things["appointment_id"]))
    _document(dsn, things)
    rightful = {"victim": maker.strong, "doctor": doctor.account, "keeper": keeper}
    return World(people, victim, rightful, random_ids(things), dsn, practices)


def _named(**ids: object) -> dict[str, str]:
    return {name: str(one) for name, one in ids.items()}


@dataclass(frozen=True)
class _Maker:
    """Whose things are made, as whom, and by whom of the practice."""

    practices: Practices
    doctor: Doctor
    keeper: Someone
    victim: Someone
    strong: Someone
    level: str
    """How confidential their visits are."""

    @property
    def patient_id(self) -> UUID:
        assert self.victim.patient_id
        return self.victim.patient_id

    async def visit(self) -> dict[str, str]:
        """Begin a visit with a note, a place in the line, and a carer who was invited."""
        database, appointment_id = self.practices.database, await self.practices.video_visit_soon(
            self.victim, self.doctor, level=self.level
        )  # fmt: skip
        async with database.act_as(self.victim.credential, "visits.join") as tx:
            place = await visits.join(tx, appointment_id)
        async with database.act_as(self.doctor.account.credential, "notes.write") as tx:
            await notes.save_note(tx, appointment_id, 0, {"brought": WORDS}, {})
        async with database.act_as(self.victim.credential, "waiting.ask") as tx:
            entry_id = await waiting.ask_for_earlier(tx, Wish(self.practices.visit_type_id, "in_person", uuid4()))
        await invited(database, self.victim, "eve@example.test", "booking_view")
        async with database.act_as_system("test") as tx:
            one = {"id": self.victim.patient_id, "who": self.victim.person_id}
            relation_id = await tx.scalar("select id from related_person where patient_id = :id", one)
            session_id = await tx.scalar("select id from session where person_id = :who limit 1", one)
        return _named(
            patient_id=self.victim.patient_id, person_id=self.victim.person_id, session_id=session_id,
            appointment_id=appointment_id, participant_id=place.participant_id, entry_id=entry_id,
            relation_id=relation_id, practitioner_id=self.doctor.practitioner_id, key=uuid4(),
        )  # fmt: skip

    async def measuring(self, _visit: UUID) -> dict[str, str]:
        """Enter a reading for a plan of the care team; an alert came of it."""
        database, unit = self.practices.database, vitals.MEASURES[MEASURE].units[0].code
        until = clock.now().date() + timedelta(days=30)
        async with database.act_as(self.doctor.account.credential, "vitals.plan") as tx:
            await vitals.set_plan(tx, vitals.NewPlan(self.patient_id, MEASURE, 1, until, uuid4()))
        async with database.act_as(self.strong.credential, "vitals.log") as tx:
            new = vitals.NewReading(MEASURE, unit, Decimal(70), uuid4(), note=WORDS)
            reading = await vitals.log_reading(tx, new)
            wanted = alerts.NewAlert(self.patient_id, "vitals", "vitals.weight", "urgent", reading.id)
            raised = await alerts.raise_alert(tx, wanted)
        return _named(reading_id=reading.id, alert_id=raised.alert_id)

    async def forms(self, _visit: UUID) -> dict[str, str]:
        """Ask three forms of them, of which one is begun and one was sent."""
        database, waits, begins, sends = self.practices.database, uuid4(), uuid4(), uuid4()
        async with database.act_as(self.doctor.account.credential, "intake.assign") as tx:
            for key, url in ((waits, CONSENT), (begins, REASON), (sends, PHQ)):
                await intake.assign_form(tx, intake.NewAssignment(key, self.patient_id, url))
        async with database.act_as(self.victim.credential, "intake.fill_in") as tx:
            begun, sent = await intake.open_asked(tx, begins), await intake.open_asked(tx, sends)
            filled = [answer(n, key, "LA6569-3") for n, key in enumerate(PHQ_ITEMS, 1)]
            await intake.save_answers(tx, sent, uuid4(), filled, "since")
            await intake.submit_form(tx, sent, len(filled), "en", "", "")
        return _named(assignment_id=waits, form_id=begun, sent_form_id=sent)

    async def lists(self, visit: UUID) -> dict[str, str]:
        """Put a medicine on their list, and let them say what is on none."""
        database, entry, key = self.practices.database, uuid4(), uuid4()
        async with database.act_as(self.doctor.account.credential, "chart.write") as tx:
            await chart.add_entry(tx, self.patient_id, "medication", {"name": "Metformin", "why": WORDS}, None, entry)
        async with database.act_as(self.strong.credential, "chart.tell") as tx:
            await chart.add(
                tx, visit, "allergy", {"name": "Penicillin", "reaction": WORDS, "severity": "moderate"}, key
            )
            change_id = await tx.scalar("select id from chart_change where patient_id = :id", {"id": self.patient_id})
        return _named(chart_entry_id=entry, change_id=change_id)

    async def insurance(self, visit: UUID) -> dict[str, str]:
        """Add an insurance, and ask what the visit will cost."""
        database = self.practices.database
        async with database.act_as(self.strong.credential, "coverage.change") as tx:
            coverage_id = await coverages.add_coverage(tx, typed(), uuid4())
        async with database.act_as(self.strong.credential, "estimates.ask") as tx:
            await estimates.ask_estimate(tx, visit, uuid4())
            estimate_id = await tx.scalar("select id from estimate where patient_id = :id", {"id": self.patient_id})
        return _named(coverage_id=coverage_id, estimate_id=estimate_id)

    async def after_visit(self, _visit: UUID) -> dict[str, str]:
        """End a visit before that one: its summary, its charge and a bill."""
        database = self.practices.database
        appointment_id = await self.practices.video_visit_soon(self.victim, self.doctor, 60, level=self.level)
        async with database.act_as_system("test") as tx:
            await notes.fill_diagnoses(
                tx, [notes.Diagnosis("I10", "Hypertension"), notes.Diagnosis("R51.9", "Pain")], "x"
            )
            await billing.fill_services(tx, [billing.ServiceCode("T1015", "Clinic visit")], "x")
            await billing.fill_fees(tx, [billing.FeeEntry("T1015", date(2020, 1, 1), "USD", 18_000)])
        async with database.act_as(self.doctor.account.credential, "booking.change_day") as tx:
            await booking.mark_arrived(tx, appointment_id)
        async with database.act_as(self.doctor.account.credential, "notes.write") as tx:
            await notes.save_note(tx, appointment_id, 0, {"brought": WORDS}, {})
        async with database.act_as(self.doctor.account.credential, "notes.sign") as tx:
            summary = replace(SUMMARY, own_words={"found": WORDS})
            await notes.sign_visit(tx, appointment_id, 1, ending(summary=summary))
        async with database.act_as(self.keeper.credential, "billing.review") as tx:
            charge_id = await tx.scalar("select id from charge_item where appointment_id = :id", {"id": appointment_id})
            await billing.mark_ready(tx, charge_id, 0)
        async with database.act_as(self.keeper.credential, "billing.keep_books") as tx:
            bill_id = await billing.issue_bill(tx, charge_id, 0)
        return _named(charge_id=charge_id, bill_id=bill_id, past_id=appointment_id)

    async def money(self, _visit: UUID) -> dict[str, str]:
        """Pay a part of the bill at the desk, ask about it, begin to pay online, and a plan for what is left."""
        database = self.practices.database
        async with database.act_as(self.keeper.credential, "billing.keep_books") as tx:
            bill_id = await tx.scalar("select id from invoice where patient_id = :id", {"id": self.patient_id})
            payment_id = await billing.post(tx, billing.Posting(bill_id, "payment", 1_000, uuid4()))
        async with database.act_as(self.strong.credential, "billing.ask") as tx:
            asked = await questions.ask_about_bill(tx, BillQuestion(bill_id, "unclear", "", "Why?", uuid4()))
        async with database.act_as(self.strong.credential, "payments.pay") as tx:
            attempt_id = await payments.begin_plan(tx, 2, uuid4(), "en")
            plan_id = await tx.scalar("select id from payment_plan where patient_id = :id", {"id": self.patient_id})
        async with database.act_as_system("test") as tx:  # as once its first part is paid
            await tx.execute("update payment_plan set status = 'active' where id = :id", {"id": plan_id})
        return _named(payment_id=payment_id, bill_question_id=asked.id, attempt_id=attempt_id, plan_id=plan_id)


def _document(dsn: str, things: dict[str, str]) -> None:
    """Put a document into the chart, as if sent from inside the visit."""
    things["document_id"], things["file_id"] = str(uuid4()), str(uuid4())
    kept = {"filename": crypto.encrypt(f"{WORDS}.jpg"), "content_key": crypto.encrypt("")}
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "insert into stored_file (id, name, owner_id, patient_id, section, media_type, size_bytes, filename,"
            " content_key) values (%(file_id)s::uuid, %(file_id)s::text, %(person_id)s, %(patient_id)s, 'visits',"
            " 'image/jpeg', 1, %(filename)s, %(content_key)s)",
            things | kept,
        )
        connection.execute(
            "insert into document_reference (id, patient_id, visit_id, file_id, sent_by, sent_at, request_key)"
            " select %(document_id)s, %(patient_id)s, v.id, %(file_id)s, %(person_id)s, now(), %(key)s"
            " from visit v where v.appointment_id = %(appointment_id)s",
            things,
        )
