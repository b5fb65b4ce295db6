"""A file, sent by the browser itself while the page stays as it is."""

from collections.abc import Mapping

import reflex as rx

from portal_app.components.kinds import Text


class SendFile(rx.Component):
    """A button that chooses a file and sends it, and says what came of it."""

    library = "$/public/send_file.jsx"
    tag = "SendFile"

    address: rx.Var[str]
    words: rx.Var[dict[str, str]]


def send_file(address: Text, words: Mapping[str, str]) -> rx.Component:
    """Return the button; `words` has `choose`, `sending`, `sent`, `failed`, `again`, `tooLarge` and `notNow`."""
    drawn: rx.Component = SendFile.create(address=address, words=dict(words))
    return drawn
