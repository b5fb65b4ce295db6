"""Activation cards as rows: every word in the language of whoever gets the card, and the square for a camera."""

from urllib.parse import urlsplit

import segno

from portal_app.core import i18n
from portal_app.core.i18n import _
from portal_app.features.enrolment.views import CardView
from portal_app.features.practice.views import PracticeView
from portal_app.state import booking_words as words
from portal_app.state.enrolment_words import day_words

QUIET_ZONE = 4
"""Modules of white around the square (ISO/IEC 18004)."""


def card_row(card: CardView, us: PracticeView, origin: str, zone: str) -> dict[str, str]:
    """Return what stands on one card."""
    with i18n.use(card.locale):
        host, link = urlsplit(origin).netloc, origin + i18n.localized_path(card.locale, card.path)
        page = host + i18n.localized_path(card.locale, "/activate")
        size, path = square(link)
        return {
            "id": str(card.activation_id),
            "lang": card.locale,
            "dir": i18n.direction(),
            "practice": us.name,
            "title": _("Open your account"),
            "for": _("For {name}").format(name=f"\u2068{card.name}\u2069"),
            "what": _("See your visits, book and move them, at any hour. There is no password."),
            "first": _("Point your phone's camera at the square."),
            "second": _("Or open this address and type the code:"),
            "page": page,
            "code": card.code,
            "ready": _("Have your birth date ready. It asks nothing about your health."),
            "until": _("It works once, until {day}. If it is lost, call us.").format(
                day=day_words(card.expires_at, zone)
            ),
            "call": _("Questions? Call {phone}").format(phone=words.phone_words(us.phone)),
            "square": _("A square to point a camera at; it opens {page}").format(page=page),
            "size": f"0 0 {size} {size}",
            "path": path,
        }


def square(link: str) -> tuple[int, str]:
    """Return a QR code as the side of its picture and the strokes of an SVG path, one a run of dark modules."""
    rows = [bytes(row) for row in segno.make(link, error="m", micro=False).matrix_iter(border=QUIET_ZONE)]
    strokes = []
    for y, row in enumerate(rows):
        x = row.find(1)
        while x >= 0:
            end = row.find(0, x)
            strokes.append(f"M{x} {y}.5h{end - x}")
            x = row.find(1, end)
    return len(rows), "".join(strokes)
