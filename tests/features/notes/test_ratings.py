"""What managers learn of ratings: by month, clinician and kind of visit, and never of fewer than five people."""

from datetime import timedelta

import psycopg
import pytest

from portal_app.core import clock
from portal_app.core.db import Database, libpq_conninfo
from portal_app.core.errors import NotAllowed
from portal_app.features.notes import service as notes
from portal_app.settings import Settings
from tests.factories import Clinic
from tests.features.booking.practice_maker import Place, PracticeMaker

# Answers without their appointments, of as many people as are asked for.
_LOOSEN = "alter table {} drop constraint {}_appointment_id_fkey, drop constraint {}_patient_id_fkey"
_SAY = """
with said as (select gen_random_uuid() as visit, case when %(people)s then gen_random_uuid() end as patient, n
              from generate_series(1, %(count)s) n), one as (select gen_random_uuid() as patient),
kept as (
  insert into encounter (appointment_id, patient_id, practitioner_id, location_id, modality, patient_place,
    started_at, ended_at, participants)
  select s.visit, coalesce(s.patient, o.patient), %(who)s, %(place)s, %(modality)s, 'home', now(), now(), 'x'
  from said s, one o returning appointment_id, patient_id)
insert into visit_rating (appointment_id, patient_id, stars, rated_by, rated_at, changed_at)
select k.appointment_id, k.patient_id, %(stars)s, (select id from person limit 1), %(at)s, %(at)s from kept k
"""


@pytest.fixture
async def place(database: Database, clinic: Clinic, settings: Settings) -> Place:
    maker = PracticeMaker(database)
    await maker.practice()
    place = await maker.place()
    colleague = await maker.colleague(place)
    ada, ben, at = place.practitioner_id, colleague.practitioner_id, clock.now().replace(day=15) - timedelta(days=40)
    assert settings.database_owner_url
    with psycopg.connect(libpq_conninfo(settings.database_owner_url), autocommit=True) as owner:
        owner.execute("set portal.maintenance = 'test'")
        for table in ("encounter", "visit_rating"):
            owner.execute(_LOOSEN.format(table, table, table))
        for who, modality, stars, count, people, when in (
            (ada, "video", 5, 6, True, at), (ada, "video", 1, 1, True, at), (ada, "audio", 3, 4, True, at),
            (ben, "video", 4, 9, False, at), (ben, "video", 5, 7, True, clock.now()),
        ):  # fmt: skip
            owner.execute(_SAY, {"who": who, "place": place.location_id, "modality": modality, "stars": stars,
                                 "count": count, "people": people, "at": when})  # fmt: skip
    return place


async def test_small_groups_stand_together_and_this_month_is_not_told(
    database: Database, clinic: Clinic, place: Place
) -> None:
    manager = await clinic.staff("manager")
    async with database.act_as(manager.credential, "notes.see_ratings") as tx:
        shown, others = await notes.rating_report(tx)
    assert (shown.modality, shown.answers, shown.good, shown.fair, shown.bad) == ("video", 7, 6, 0, 1)
    assert shown.month < clock.now().date().replace(day=1)
    # Four people by telephone, and one who answered nine times: five, and nobody can tell them apart.
    assert (others.practitioner_name, others.modality, others.answers, others.good) == ("", "", 13, 9)


async def test_few_even_together_are_not_told_and_nobody_else_is_told_anything(
    database: Database, clinic: Clinic, place: Place
) -> None:
    manager, doctor = await clinic.staff("manager"), await clinic.staff("clinician")
    async with database.act_as(manager.credential, "notes.see_ratings") as tx:
        rows = await tx.all("select * from visit_rating_report(now() - interval '1 year', 6)")
    assert [(row.practitioner_name == "", row.answers) for row in rows] == [(False, 7), (True, None)]
    async with database.act_as(doctor.credential, "notes.read") as tx:
        assert not await tx.all("select * from visit_rating_report(now() - interval '1 year', 0)")
        with pytest.raises(NotAllowed):
            await notes.rating_report(tx)
