"""Pages that must show when nothing else can: one HTML string, no script, no database, in the reader's language."""

from dataclasses import dataclass
from html import escape

from portal_app.core.i18n import N_, _, current, direction, localized_path, use
from portal_app.web.contact import CONTACT
from portal_app.web.csp import plain_policy

RETRY_AFTER_S = 5

# Colours are those of the design tokens; the style sheet of the build may be what cannot be reached.
_STYLE = """
:root{color-scheme:light dark}
body{margin:0;background:#fbfaf7;color:#1b2a2f;font:400 18px/1.5 system-ui,sans-serif}
main{max-width:36rem;margin:0 auto;padding:48px 16px}
h1{font-size:28px;line-height:1.2;margin:0 0 16px}
p{margin:24px 0}
a{color:#0b6b62;padding-block:12px;font-weight:600}
a[href^=tel]{white-space:nowrap}
dt{font-weight:600}
dd{margin:0 0 16px;overflow-wrap:anywhere}
button{width:100%;min-height:48px;padding:8px 16px;border:0;border-radius:12px;background:#0b6b62;color:#fff;\
font:600 18px/1.5 system-ui,sans-serif}
:focus-visible{outline:3px solid #0b6b62;outline-offset:2px}
@media (prefers-color-scheme:dark){body{background:#11191c;color:#eef2f1}a{color:#5cc4b6}\
button{background:#5cc4b6;color:#11191c}:focus-visible{outline-color:#5cc4b6}}
"""

POLICY = plain_policy(f"<style>{_STYLE}</style>")
"""The content policy of these pages, whatever they say."""


@dataclass(frozen=True, slots=True)
class PlainPage:
    """What a plain page says; the words are msgids."""

    status: int
    title: str
    text: str
    retries: bool = False


NOT_FOUND = PlainPage(
    404,
    N_("We could not find this page"),
    N_("The address may be mistyped, or the page may have moved."),
)
AWAY = PlainPage(
    503,
    N_("We are not reachable right now"),
    N_("Nothing you saved is lost. This page tries again by itself every few seconds."),
    retries=True,
)
REFUSED = PlainPage(
    403,
    N_("That did not come from our own page"),
    N_("Nothing was changed. Go to the start page and try again from there."),
)
TOO_MANY = PlainPage(
    429,
    N_("That was tried too many times"),
    N_("Wait a minute, then try again."),
)
TOO_LARGE = PlainPage(
    413,
    N_("That is too large to send"),
    N_("Nothing was saved. Send something smaller."),
)
OFFLINE = PlainPage(
    200,
    N_("You are offline"),
    N_("This device reaches no network just now. Your visits stay as they are, and nothing you saved is lost. This "
       "page tries again by itself every few seconds."),
    retries=True,
)  # fmt: skip
FAILED = PlainPage(
    500,
    N_("Something went wrong on our side"),
    N_("Nothing was saved. Try again in a moment."),
)


def render(page: PlainPage, locale: str) -> tuple[bytes, str]:
    """Return the page in a language, and the content policy that fits it."""
    with use(locale):
        refresh = f'<meta http-equiv="refresh" content="{RETRY_AFTER_S}">' if page.retries else ""
        # Outside the f-string, where the collector of messages sees it.
        go_home = link(_("Home"), localized_path(locale, "/"))
        said = f"<p>{escape(_(page.text))}</p>{_call()}{_meanwhile() if page.retries else ''}{go_home}"
        return document(_(page.title), said, head=refresh), POLICY


def hand_over(address: str, name: str, locale: str) -> bytes:
    """Return the page from which a browser goes on to somebody else's address.

    Not a redirect: the answer to a form of ours may lead nowhere but to us (`form-action`).
    """
    with use(locale):
        title, go_on = _("Taking you to {name}").format(name=name), link(_("Go on"), address)
        refresh = f'<meta http-equiv="refresh" content="0;url={escape(address, quote=True)}">'
        return document(title, go_on, head=refresh)


def document(title: str, body: str, head: str = "") -> bytes:
    """Return a page in the language in use; `body` and `head` are HTML."""
    return (
        f'<!DOCTYPE html><html lang="{current()}" dir="{direction()}"><head><meta charset="utf-8">{head}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def link(words: str, address: str) -> str:
    """Return a link in a line of its own."""
    return f'<p><a href="{escape(address, quote=True)}">{escape(words)}</a></p>'


def _call() -> str:
    return _with_number(_("If you need us now, call {number}."), CONTACT.phone)


def _meanwhile() -> str:
    """Return what to do with a reading, and when not to wait, while nothing can be logged."""
    keep = _("If you measured something, write the number and the time down. You can log it later, with that time.")
    danger = _("If you feel unwell, or a number frightens you, do not wait for this page: call {number}.")
    return f"<p>{escape(keep)}</p>{_with_number(danger, CONTACT.emergency)}"


def _with_number(words: str, number: str) -> str:
    """Return a sentence with a number to tap; nothing while nobody knows the number."""
    if not number:
        return ""
    number = escape(number, quote=True)
    link = f'<a href="tel:{number.replace(" ", "")}"><bdi>{number}</bdi></a>'
    return f"<p>{escape(words).replace('{number}', link)}</p>"
