"""Whom people can choose, what they may read of them, and who keeps that true."""

import asyncio
import io
import json
from collections.abc import AsyncIterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from PIL import Image, ImageOps

from portal_app.core import audit, clock, files, policy
from portal_app.core.actor import Role, Section
from portal_app.core.contents import PICTURE_TYPES, CleanContent
from portal_app.core.db import Transaction
from portal_app.core.errors import InputRefused, NotAllowed, NotFound
from portal_app.core.files import FileRules, OpenedFile
from portal_app.core.i18n import LOCALES, N_
from portal_app.features.practice import policies
from portal_app.features.practice.reasons import SPECIALTIES
from portal_app.features.practice.views import PractitionerView, ProfileChange, ProfileView
from portal_app.settings import Settings

PICTURES: Final = FileRules(PICTURE_TYPES, max_bytes=8_000_000)
SIDE_PX: Final = 320
WORDS_MAX: Final = 2000
AGE_MAX: Final = 150

_COLUMNS: Final = """
p.id, p.name, p.title, p.initials, p.specialty, p.languages,
array(select l.location_id from practitioner_location l where l.practitioner_id = p.id order by 1) as location_ids,
p.specialty_codes, p.accepts_new, p.photo_id
"""
# Whoever has left for good is there for staff alone, who see to their visits.
_GONE: Final = """
select from practitioner_leave v where v.practitioner_id = p.id and v.ends_at is null
  and v.starts_at <= cast(:now as timestamptz) at time zone 'UTC'
"""
_EVERYBODY: Final = f"""
select {_COLUMNS} from practitioner p where p.is_active and (:is_staff or not exists ({_GONE})) order by p.name, p.id
"""  # noqa: S608 - the parts above
_ONE: Final = f"""
select {_COLUMNS}, p.biography, p.treats, p.treats_not, p.age_from, p.age_until
from practitioner p where p.id = :id and p.is_active
"""  # noqa: S608 - the columns above
_TAKERS: Final = "select p.id from practitioner p where p.is_active and takes_patient(p.id, :patient_id, :day)"
_SET: Final = """
update practitioner set specialty_codes = :specialty_codes, languages = :languages, accepts_new = :accepts_new,
  biography = cast(:biography as jsonb), treats = cast(:treats as jsonb), treats_not = cast(:treats_not as jsonb),
  age_from = :age_from, age_until = :age_until, specialty = cast(:specialty as jsonb)
where id = :id
"""


async def practitioners(tx: Transaction) -> Sequence[PractitionerView]:
    """Return everybody who can be seen now, by name."""
    policy.require(tx.actor, policies.VIEW.name)
    return [_view(row) for row in await tx.all(_EVERYBODY, {"is_staff": tx.actor.is_staff(), "now": clock.now()})]


def _view(row: Any) -> PractitionerView:
    return PractitionerView(
        row.id, row.name, row.title, row.initials, row.specialty, tuple(row.languages), tuple(row.location_ids),
        tuple(row.specialty_codes), row.accepts_new, row.photo_id,
    )  # fmt: skip


async def takers(tx: Transaction) -> frozenset[UUID]:
    """Return who sees the patient acted for: neither closed to somebody new nor for other ages."""
    policy.require(tx.actor, policies.VIEW.name)
    rows = await tx.all(_TAKERS, {"patient_id": tx.actor.patient_id, "day": clock.now().date()})
    return frozenset(row.id for row in rows)


async def profile(tx: Transaction, practitioner_id: UUID) -> ProfileView:
    """Return what people may read of a practitioner.

    Raises:
        NotFound: if there is none who can be seen now.
    """
    policy.require(tx.actor, policies.VIEW.name)
    row: Any = await tx.first(_ONE, {"id": practitioner_id})
    if row is None:
        raise NotFound
    return ProfileView(_view(row), row.biography, row.treats, row.treats_not, row.age_from, row.age_until)


async def set_profile(tx: Transaction, practitioner_id: UUID, change: ProfileChange) -> None:
    """Write what a profile says: the manager anybody's, a clinician their own.

    Raises:
        NotAllowed: if it is somebody else's.
        InputRefused: if an age, a language or a specialty cannot be, or words are too long.
    """
    await _require_own(tx, practitioner_id)
    _check(change)
    specialty = _specialty_words(change.specialty_codes)
    params: dict[str, Any] = {
        "id": practitioner_id, "specialty_codes": list(change.specialty_codes), "languages": list(change.languages),
        "accepts_new": change.accepts_new, "age_from": change.age_from, "age_until": change.age_until,
        "biography": _words(change.biography), "treats": _words(change.treats),
        "treats_not": _words(change.treats_not), "specialty": json.dumps(specialty),
    }  # fmt: skip
    await tx.execute(_SET, params)
    await audit.record(tx, "practice.set_profile", patient_id=None, entity="Practitioner", entity_id=practitioner_id)


async def _require_own(tx: Transaction, practitioner_id: UUID) -> None:
    policy.require(tx.actor, policies.CHANGE_PROFILE.name)
    person_id: UUID | None = await tx.scalar(
        "select person_id from practitioner where id = :id", {"id": practitioner_id}
    )
    if Role.manager not in tx.actor.roles and person_id != tx.actor.person_id:
        raise NotAllowed


def _check(change: ProfileChange) -> None:
    ages = [age for age in (change.age_from, change.age_until) if age is not None]
    if any(not 0 <= age <= AGE_MAX for age in ages) or ages != sorted(ages):
        raise InputRefused("age-from", N_("Write ages in whole years, the younger one first."))
    if not change.specialty_codes or not set(change.specialty_codes) <= set(SPECIALTIES):
        raise InputRefused("specialties", N_("Choose at least one specialty, so that people find this clinician."))
    if not change.languages:
        raise InputRefused("languages", N_("Choose at least one language."))
    words = (*change.biography.values(), *change.treats.values(), *change.treats_not.values())
    if any(len(text) > WORDS_MAX for text in words):
        raise InputRefused("biography-en", N_("That is too long. Say it in 2,000 characters or fewer."))


def _specialty_words(codes: Sequence[str]) -> dict[str, str]:
    return {locale: " · ".join(SPECIALTIES[code][locale] for code in codes) for locale in LOCALES}


def _words(words: Mapping[str, str]) -> str:
    return json.dumps({code: text.strip() for code, text in words.items() if code in LOCALES and text.strip()})


async def may_set_photo(tx: Transaction, practitioner_id: UUID) -> None:
    """Ask, before a picture is taken apart, whether the actor may set it. Raises NotAllowed if it is not theirs."""
    await _require_own(tx, practitioner_id)


async def portrait_of(parts: AsyncIterable[bytes]) -> CleanContent:
    """Return a picture cut to a square and written anew, without what a camera notes (place, device).

    It takes a second or more, so it is done before there is a transaction.

    Raises:
        FileRefused: if it is no picture that can be opened, or too large.
    """
    sent = await files.cleaned(parts, PICTURES)
    return CleanContent("image/jpeg", await asyncio.to_thread(_portrait, sent.content))


async def set_photo(tx: Transaction, settings: Settings, practitioner_id: UUID, portrait: CleanContent | None) -> None:
    """Put a portrait into a profile, or take it out (None): the manager anybody's, a clinician their own.

    Raises:
        NotAllowed: if it is somebody else's profile.
    """
    await _require_own(tx, practitioner_id)
    photo_id: UUID | None = None
    if portrait is not None:
        saved = await files.save_file(
            tx, settings, portrait, filename="portrait", section=Section.profile, patient_id=None
        )
        photo_id = saved.id
    await tx.execute(
        "update practitioner set photo_id = :photo_id where id = :id", {"photo_id": photo_id, "id": practitioner_id}
    )
    await audit.record(tx, "practice.set_photo", patient_id=None, entity="Practitioner", entity_id=practitioner_id)


def _portrait(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as picture:
        turned = ImageOps.exif_transpose(picture).convert("RGB")
        square = ImageOps.fit(turned, (SIDE_PX, SIDE_PX), centering=(0.5, 0.35))
    written = io.BytesIO()
    square.save(written, "JPEG", quality=84)
    return written.getvalue()


async def open_photo(tx: Transaction, settings: Settings, file_id: UUID) -> OpenedFile:
    """Return the picture of a profile. It is no secret to anyone signed in, so looking at it is not recorded.

    Raises:
        NotFound: if no profile shows this file.
    """
    policy.require(tx.actor, policies.VIEW.name)
    if not await tx.scalar("select exists (select from practitioner where photo_id = :id)", {"id": file_id}):
        raise NotFound
    return await files.open_file(tx, settings, file_id)
