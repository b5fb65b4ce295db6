"""Staying signed in while somebody is at the screen, and what was typed when somebody has to prove themself anew."""

import reflex as rx

from portal_app.components.kinds import Text


class StaysIn(rx.Component):
    """The question a minute before a session of the staff's is locked, and what was typed, kept over the lock."""

    library = "$/public/stays_in.jsx"
    tag = "StaysIn"

    leaving: rx.Var[str]
    title: rx.Var[str]
    words: rx.Var[str]
    stay: rx.Var[str]
    lang: rx.Var[str]


def stays_in(title: Text, words: Text, stay: Text, *, lang: str, leaving: Text) -> rx.Component:
    """Return what every page of the staff's has; `{time}` in the words is when the session is locked.

    Nothing is said to the server but that somebody is here. `leaving` is where the page is being sent, "" for nowhere.
    """
    drawn: rx.Component = StaysIn.create(title=title, words=words, stay=stay, lang=lang, leaving=leaving)
    return drawn


class KeepsTyped(rx.Component):
    """What was typed and ticked, kept in the tab while a patient is away to prove themself; draws nothing."""

    library = "$/public/keeps_typed.jsx"
    tag = "KeepsTyped"

    leaving: rx.Var[str]


def keeps_typed(*, leaving: Text) -> rx.Component:
    """Return what puts a form back as it was, for the same person alone; it does not outlive the tab.

    `leaving` is where the page is being sent, "" for nowhere: what was typed outlives the sign-in page alone.
    """
    drawn: rx.Component = KeepsTyped.create(leaving=leaving)
    return drawn
