"""One question about oneself on one page."""

import reflex as rx

from portal_app.components import actions, fields, icons, skeleton, states, surfaces
from portal_app.components.native import plain_form
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages import _said
from portal_app.pages._frames import focus_page, path
from portal_app.state.answer import Answer
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    titles = {
        "called": _("What should we call you?"),
        "pronouns": _("Which pronouns should we use?"),
        "emergency": _("Whom do we call in an emergency?"),
        "pharmacy": _("Which pharmacy do you use?"),
        "reached": _("How shall we reach you?"),
        "units": _("In which units do you measure?"),
        "look": _("How do you read best?"),
        "channels": _("How should we remind you?"),
    }
    otherwise = rx.fragment(_("About you"))
    return focus_page(
        rx.match(Answer.question, *[(one, rx.fragment(said)) for one, said in titles.items()], otherwise),
        skeleton.until(
            Answer.is_ready,
            skeleton.rows(2, 80),
            rx.match(
                Answer.question, ("called", _called()), ("pronouns", _pronouns()), ("emergency", _emergency()),
                ("pharmacy", _pharmacy()), ("reached", _reached()), ("units", _units()), ("look", _look()),
                ("channels", _channels()), _none(),
            ),
            loading=_("Opening the question"),
        ),
        back_href=Answer.back_href,
    )  # fmt: skip


def _form(*content: rx.Component) -> rx.Component:
    return surfaces.stack(
        _said.problem(Answer),
        rx.el.form(
            *content,
            actions.submit(_("Save")),
            on_submit=Answer.on_say,
            class_name="grid gap-4",
            custom_attrs={"noValidate": True},
        ),
    )


def _field(name: str, label: str, most: int, *, hint: str | None = None, autocomplete: str = "off") -> rx.Component:
    wrong = rx.cond(Answer.error_field == name, Answer.error, "")
    return fields.text_field(
        name, label, hint=hint, error=wrong, value=Answer.values[name], max_length=most, autocomplete=autocomplete
    )


def _phone(label: str) -> rx.Component:
    wrong = rx.cond(Answer.error_field == "phone", Answer.error, "")
    return fields.text_field(
        "phone", label, error=wrong, value=Answer.values["phone"], type="tel", max_length=40, autocomplete="off",
        hint=_("With its area code."), more={"dir": "ltr"},
    )  # fmt: skip


def _called() -> rx.Component:
    hint = _("We greet you by it, and staff see it beside the name in your chart. Leave it empty to use that one.")
    return _form(_field("name", _("The name we call you by"), 60, hint=hint, autocomplete="nickname"))


def _pronouns() -> rx.Component:
    return _form(_field("name", _("Pronouns"), 40, hint=_("In your own words. You need not say.")))


def _emergency() -> rx.Component:
    return _form(
        rx.el.p(_("Somebody we may call if something happens to you. Ask them first. Leave all empty for nobody.")),
        _field("name", _("Their name"), 100),
        _field("relation", _("Who they are to you"), 40, hint=_("Such as husband, daughter or neighbour.")),
        _phone(_("Their telephone number")),
    )


def _pharmacy() -> rx.Component:
    return _form(
        rx.el.p(_("Where you get your medicine. Leave all empty for none.")),
        _field("name", _("Name of the pharmacy"), 100),
        _phone(_("Its telephone number")),
        _field("address", _("Its address"), 200),
    )


def _reached() -> rx.Component:
    wrong = rx.cond(Answer.error_field == "reached", Answer.error, "")
    return _form(
        fields.choice_list(
            "reached", _("When there is something to talk about"), Answer.choices, chosen=Answer.values["reached"],
            error=wrong,
        ),
        rx.el.p(_("Our staff see it beside your number. About something urgent they may call all the same.")),
    )  # fmt: skip


def _units() -> rx.Component:
    wrong = rx.cond(Answer.error_field == "units", Answer.error, "")
    return _form(
        fields.choice_list(
            "units", _("Measures are shown to you in"), Answer.choices, chosen=Answer.values["units"], error=wrong
        )
    )


def _channels() -> rx.Component:
    def one(name: str, question: str, choices: rx.Var[list[dict[str, str]]]) -> rx.Component:
        wrong = rx.cond(Answer.error_field == name, Answer.error, "")
        return fields.choice_list(name, question, choices, chosen=Answer.values[name], error=wrong)

    return _form(
        one("reminders", _("Reminders of your visits"), Answer.channels),
        one("offers", _("An earlier time that has become free"), Answer.channels),
        one("quiet", _("When should your telephone stay silent? We write an e-mail then."), Answer.quiets),
    )


def _look() -> rx.Component:
    return plain_form(
        rx.el.input(type="hidden", name="locale", default_value=i18n.current()),
        fields.choice_list("text", _("Size of the text"), Answer.choices, chosen=Answer.values["text"]),
        fields.choice_list("contrast", _("Contrast"), Answer.contrasts, chosen=Answer.values["contrast"]),
        actions.submit(_("Save")),
        action="/auth/look",
        class_name="grid gap-4",
    )


def _none() -> rx.Component:
    return states.empty(
        _("There is no such question"),
        _("All that you can say about yourself is on your page."),
        icon=icons.search(),
        action=actions.link_button(_("Back to your page"), path("/profile")),
    )


PAGE = Page("/profile/answer", N_("About you"), build, policy="access.who_am_i", audience="patient",
            on_load=Answer.on_load, steps_up=True)  # fmt: skip
