"""One reading and its history in words. Call inside `i18n.use`."""

from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.features.vitals.service import ReadingView, Story, Version
from portal_app.state import booking_words
from portal_app.state import vital_words as words


def facts_of(one: Version) -> list[dict[str, str]]:
    """Say what was entered beside the number, who entered it and when, as terms and facts."""
    found = one.reading
    zone = found.zone
    said = [
        (_("When"), booking_words.moment_words(found.taken_at, zone)),
        (_("Pulse"), words.number_words(found.pulse) if found.pulse is not None else ""),
        (_("Before or after what"), _(words.CONTEXTS[found.context]) if found.context else ""),
        (_("Arm"), _(words.ARMS[found.arm]) if found.arm else ""),
        (_("Posture"), _(words.POSTURES[found.posture]) if found.posture else ""),
        (_("Warning sign"), _("Yes, there was one") if found.has_symptom else ""),
        (_("Note"), found.note),
        (_("Entered"), booking_words.together(booking_words.opening(_who(one.entered_name, is_me=one.is_mine)),
                                              booking_words.moment_words(one.entered_at, zone))),
    ]  # fmt: skip
    return [{"term": term, "fact": fact} for term, fact in said if fact]


def history_of(story: Story) -> list[dict[str, str]]:
    """Say each thing that it was before, the newest first, and who changed it when."""
    return [
        {
            "number": words.reading_words(one.reading),
            "detail": booking_words.together(
                booking_words.moment_words(one.reading.taken_at, one.reading.zone), words.detail_words(one.reading)
            )
            if words.detail_words(one.reading)
            else booking_words.moment_words(one.reading.taken_at, one.reading.zone),
            "ended": ended_words(one),
            "note": one.reading.note,
        }
        for one in story.before
    ]


def ended_row(one: Version) -> dict[str, str]:
    """Say a reading that counts for nothing any more, who ended that, and whether it had been dangerous."""
    said, _tone = words.finding_words(one.reading.finding)
    return {
        "id": str(one.reading.id),
        "what": title_of(one.reading),
        "number": words.reading_words(one.reading),
        "when": booking_words.moment_words(one.reading.taken_at, one.reading.zone),
        "ended": ended_words(one),
        "danger": _("It had been dangerous: {finding}").format(finding=said) if one.reading.severity else "",
        "note": one.reading.note,
        "href": i18n.localized_path(i18n.current(), f"/vitals/reading?id={one.reading.id}"),
    }


def ended_words(one: Version) -> str:
    """Say that a reading counts for nothing, since when and by whom; "" where it stands."""
    if one.ended_at is None:
        return ""
    who = _who(one.ended_name, is_me=one.is_ended_by_me)
    when = booking_words.moment_words(one.ended_at, one.reading.zone)
    said = _("Deleted by {who}: {when}.") if one.successor is None else _("Changed by {who}: {when}.")
    return said.format(who=who, when=when)


def title_of(found: ReadingView) -> str:
    """Say what was measured."""
    return _(words.NAMES[found.measure])


def _who(name: str, *, is_me: bool) -> str:
    if is_me:
        return _("you")
    return name or _("somebody else who may act here")
