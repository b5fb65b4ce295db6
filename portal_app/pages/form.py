"""A form: one question on a screen of its own on a phone, a page where there is room."""

import reflex as rx

from portal_app.components import skeleton
from portal_app.components.form_filler import form_filler
from portal_app.core import i18n
from portal_app.core.i18n import N_, _
from portal_app.pages._frames import focus_page, path
from portal_app.state.form import Form
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the screen."""
    filler = form_filler(
        Form.form_id,
        words(),
        locale=i18n.current(),
        phone=Form.phone,
        back=path("/appointments"),
        check_in=Form.check_in,
    )
    return focus_page(
        _("Your form"),
        skeleton.until(Form.form_id != "", skeleton.card(420), filler, loading=_("Opening your form")),
        back_href=rx.cond(Form.check_in != "", Form.check_in, path("/appointments")),
    )


def words() -> dict[str, str]:
    """Return everything that the form says by itself, in the language being drawn."""
    return _standing() | _asking() | _files() | _faults() | _ending() | _help()


def _standing() -> dict[str, str]:
    return {
        "loading": _("Opening your form"),
        "saved": _("Saved {time}"),
        "waiting": _("Waiting to send. Your answers are kept on this device."),
        "kept": _("Each answer is saved as you give it."),
        "noForm": _("We cannot show this form"),
        "away": _("We cannot be reached right now. What you answered is kept on this device. Try again in a moment."),
        "signedOut": _("You have been signed out. Your answers are kept on this device."),
        "signIn": _("Sign in and go on"),
        "back": _("Back to your visit"),
        "backToList": _("Back to your check-in"),
        "call": _("Call us"),
        "otherLanguage": _("This form is there in English only."),
        "conflict": _("You gave two different answers, here and on another device."),
        "keepTheirs": _("Keep: {answer}"),
        "keepMine": _("Use this instead: {answer}"),
    }


def _asking() -> dict[str, str]:
    return {
        "yes": _("Yes"),
        "no": _("No"),
        "other": _("Something else"),
        "several": _("Choose all that are true."),
        "fromList": _("Choose one from the list."),
        "optional": _("(optional)"),
        "year": _("Year"),
        "month": _("Month"),
        "day": _("Day"),
        "dateOrder": "month day year" if i18n.current() == i18n.DEFAULT_LOCALE else "day month year",
        "unit": _("In which unit?"),
        "another": _("Add another"),
        "anotherOne": _("{what}: is there another one?"),
        "removeLast": _("Take the last one out"),
        "support": _("Read more about this"),
        "goOn": _("Continue"),
        "previous": _("Back to the question before"),
    }


def _files() -> dict[str, str]:
    return {
        "fileHint": _("A photo or a PDF file of 15 MB at most. It is kept on this device until it has been sent."),
        "fileChoose": _("Add a photo or a PDF"),
        "fileSending": _("Sending. Keep this page open."),
        "fileOut": _("Remove"),
        "fileRemove": _("Remove {file}"),
        "fileNameless": _("File"),
        "fileKind": _("We can take pictures (JPEG, PNG, WebP, HEIC) and PDF files. Choose one of those."),
        "fileTooLarge": _("This file is too large. Choose a smaller one, or take the picture again."),
        "fileFailed": _("This file did not arrive whole, so it is not in your answers. Add it again."),
    }


def _faults() -> dict[str, str]:
    return {
        "problem": _("There is a problem"),
        "missing": _("Answer this question to go on."),
        "blank": _("Nothing is answered yet."),
        "type": _("We could not read this answer. Write it differently."),
        "option": _("Choose one of the answers."),
        "too_long": _("Shorten this to {length} characters."),
        "too_small": _("Enter {least} or more."),
        "too_large": _("Enter {most} or less."),
        "pattern": _("This does not have the form that is asked for."),
        "too_many": _("These answers do not go together. Leave some out."),
        "unknown": _("We could not read this answer. Write it differently."),
        "read_only": _("We could not read this answer. Write it differently."),
    }


def _ending() -> dict[str, str]:
    return {
        "review": _("Check your answers"),
        "reviewTitle": _("Check your answers before you send them"),
        "change": _("Change"),
        "unanswered": _("Not answered"),
        "signature": _("Your full name, as your signature"),
        "signatureHint": _("By typing your name you sign what you have read here."),
        "sign": _("Type your full name to sign."),
        "draw": _("Draw your signature here too, if you like"),
        "drawn": _("The signature as it was drawn"),
        "drawAgain": _("Draw it again"),
        "send": _("Send my answers"),
        "onlySeen": _("You may see this, not fill it in."),
        "sendLater": _("This could not be sent yet. Your answers are kept. Try again when you are connected."),
        "sentTitle": _("Sent"),
        "sentText": _("Your care team reads this before your visit. You need do nothing more."),
    }


def _help() -> dict[str, str]:
    return {
        "crisisTitle": _("You do not have to face this alone"),
        "crisisText": _("Talk to somebody now. It is free, at any hour, and you can say whatever you want."),
        "crisisCall": _("Call or text {number}"),
        "crisisEmergency": _("In danger right now: call {number}"),
    }


PAGE = Page("/forms/[id]", N_("Your form"), build, policy="intake.see", audience="patient", on_load=Form.on_load)
