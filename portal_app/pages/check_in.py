"""Check-in: a list of things to do in any order, what is known as cards to confirm, and "You're checked in"."""

import reflex as rx

from portal_app.components import actions, contact, icons, skeleton, states, surfaces, task_list
from portal_app.components.kinds import when_said
from portal_app.core.i18n import N_, _
from portal_app.pages._documents import send_before
from portal_app.pages._frames import focus_page, only_seen, path, unless_only_seen
from portal_app.state.check_in import CheckIn
from portal_app.web.page import Page


def build() -> rx.Component:
    """Draw the list."""
    return focus_page(
        _("Check in"),
        skeleton.until(
            CheckIn.is_ready,
            surfaces.stack(skeleton.card(96), skeleton.rows(4, 72)),
            _by_stage(_list()),
            loading=_("Opening your check-in"),
        ),
        back_href=path("/appointments/") + CheckIn.id,
    )


def _by_stage(shown: rx.Component) -> rx.Component:
    """Return what there is to do, or why there is nothing to do now and what helps instead."""
    missing = _closed(
        _("We could not find that visit"),
        _("The link may be for somebody else, or the visit was removed. Sign in as the person it is for, or call us."),
    )
    cancelled = _closed(
        _("This visit is cancelled"), _("There is nothing to check in for. Your other visits are safe.")
    )
    over = _closed(
        _("The time of this visit is over"),
        _("You need not check in any more. If you could not come, call us, and we find another time."),
    )
    drawn: rx.Component = rx.match(
        CheckIn.stage, ("missing", missing), ("cancelled", cancelled), ("over", over), ("early", _early()), shown
    )
    return drawn


def _closed(title: str, detail: str) -> rx.Component:
    return states.error(
        title, detail, action=actions.link_button(_("See your visits"), path("/appointments")), ask=_call()
    )


def _early() -> rx.Component:
    return surfaces.stack(
        surfaces.card(
            rx.el.h2(_("It is early yet")),
            rx.el.p(CheckIn.title),
            rx.el.p(_("You can check in from:"), " ", rx.el.b(CheckIn.opens)),
            is_first=True,
        ),
        _call(),
    )


def _call() -> rx.Component:
    return when_said(CheckIn.phone, lambda phone: contact.call(_("Call"), phone))


def _list() -> rx.Component:
    late = surfaces.banner(
        _("Your visit has begun"),
        rx.el.p(_("You can still check in. If you are on your way, call us.")),
        tone="caution",
    )
    say_so = surfaces.banner(_("Tell the front desk that you are here"), tone="info")
    return surfaces.stack(
        rx.el.div(
            when_said(CheckIn.problem, lambda text: surfaces.banner(text, tone="caution")),
            when_said(CheckIn.here, lambda text: surfaces.banner(text, tone="good")),
            rx.cond(CheckIn.is_by_square & (CheckIn.here == ""), say_so, rx.fragment()),
            rx.cond((CheckIn.stage == "late") & (CheckIn.done == ""), late, rx.fragment()),
            role="status",
        ),
        rx.cond(CheckIn.done != "", _done(), surfaces.card(rx.el.h2(CheckIn.title), is_first=True)),
        only_seen(),
        rx.cond(
            CheckIn.rows.length() > 0,
            surfaces.section(_("Before your visit"), task_list.live_task_list(CheckIn.rows, CheckIn.on_form)),
            rx.fragment(),
        ),
        rx.cond(CheckIn.done == "", unless_only_seen(_finish()), rx.fragment()),
        _call(),
    )


def _done() -> rx.Component:
    left = rx.el.p(_("Still to do, here or at the desk:"), " ", rx.el.b(CheckIn.left))
    return surfaces.card(
        rx.el.h2(icons.check(), _("You are checked in"), class_name="flex items-center gap-2"),
        rx.el.p(CheckIn.title),
        rx.el.p(CheckIn.done),
        rx.cond(CheckIn.left != "", left, rx.el.p(_("Nothing is left to do. We look forward to seeing you."))),
        is_first=True,
    )


def _finish() -> rx.Component:
    return surfaces.stack(
        rx.cond(
            CheckIn.left != "",
            rx.el.p(_("You can check in now. What is left we ask you at the desk."), class_name="quiet"),
            rx.fragment(),
        ),
        actions.button(_("Check in for this visit"), CheckIn.on_finish, icon=icons.check()),
        class_name="gap-3",
    )


def _card(title: str, task: str, change: rx.Component, *, yes: str, answer: str, unknown: str) -> rx.Component:
    known = surfaces.stack(
        surfaces.card(rx.el.h2(title), surfaces.facts(CheckIn.facts), is_first=True),
        unless_only_seen(actions.button(yes, CheckIn.on_confirm(task, answer), icon=icons.check())),
        change,
        class_name="gap-3",
    )
    nothing = surfaces.stack(surfaces.card(rx.el.h2(unknown), is_first=True), change, class_name="gap-3")
    return surfaces.stack(
        rx.el.div(when_said(CheckIn.problem, lambda text: surfaces.banner(text, tone="caution")), role="status"),
        rx.cond(CheckIn.facts.length() > 0, known, nothing),
    )


def _one(title: str, card: rx.Component) -> rx.Component:
    shown = skeleton.until(CheckIn.is_ready, skeleton.card(280), _by_stage(card), loading=_("Opening your check-in"))
    return focus_page(title, shown, back_href=path("/check-in?id=") + CheckIn.id)


def _away(address: str) -> rx.Var[str]:
    """Return an address to change something at, which leads back here."""
    return rx.Var.create(f"{path(address)}{'&' if '?' in address else '?'}visit=").to(str) + CheckIn.id


def build_contact() -> rx.Component:
    """Draw how somebody is reached, as a card to confirm."""
    change = rx.fragment(
        rx.el.p(
            _("For each of these we first ask for your passkey or a second code, so that nobody else can change it."),
            class_name="quiet",
        ),
        actions.link_button(_("Change your e-mail address"), _away("/profile/contact?q=email"), kind="second"),
        actions.link_button(_("Change your telephone number"), _away("/profile/contact?q=phone"), kind="second"),
        actions.link_button(
            _("Change whom we call in an emergency"), _away("/profile/answer?q=emergency"), kind="second"
        ),
    )
    card = _card(
        _("Is this still right?"), "contact", change, yes=_("Yes, this is right"), answer="confirmed",
        unknown=_("We do not know yet how to reach you"),
    )  # fmt: skip
    return _one(_("Contact details"), card)


def build_insurance() -> rx.Component:
    """Draw somebody's insurance as a card to confirm."""
    change = actions.link_button(_("Change the insurance"), _away("/insurance"), kind="second")
    card = _card(
        _("Is this still right?"), "insurance", change, yes=_("Yes, this is right"), answer="confirmed",
        unknown=_("Nobody has told us yet which insurance there is"),
    )  # fmt: skip
    return _one(_("Insurance"), card)


def build_copay() -> rx.Component:
    """Draw the co-pay."""
    change = rx.cond(
        CheckIn.facts.length() > 0,
        actions.link_button(_("Pay it now"), path("/pay?visit=") + CheckIn.id, kind="second", icon=icons.bill()),
        actions.link_button(_("Back to the list"), path("/check-in?id=") + CheckIn.id, kind="second"),
    )
    card = _card(
        _("The plan leaves this part of the visit to pay"), "copay", change, yes=_("I pay it at the desk"),
        answer="at_desk", unknown=_("Nothing is left to pay before this visit"),
    )  # fmt: skip
    return _one(_("Co-pay"), card)


def build_documents() -> rx.Component:
    """Draw the way to send photos and documents before a visit."""
    sent = surfaces.stack(
        surfaces.card(
            rx.el.h2(_("What should we see before your visit?")),
            rx.el.p(_("A photo, or a PDF of up to 15 MB. Your care team sees it before the visit, and it stays in your "
                      "chart. We do not keep where and with what a picture was taken.")),
            unless_only_seen(send_before(CheckIn.id)),
            is_first=True,
        ),
        actions.link_button(_("Back to the list"), path("/check-in?id=") + CheckIn.id, kind="second"),
    )  # fmt: skip
    return _one(_("Photos and documents"), sent)


def build_here() -> rx.Component:
    """Draw what somebody sees who opened the waiting room's square and has no visit today."""
    nothing = states.error(
        _("We see no visit for you here today"),
        _("It may be on another day, by video, or for somebody you act for. Ask at the front desk: they find it."),
        action=actions.link_button(_("See your visits"), path("/appointments")),
        ask=_call(),
    )
    return focus_page(
        _("You are here"),
        skeleton.until(
            CheckIn.is_ready & (CheckIn.stage == "none"),
            skeleton.card(280),
            nothing,
            loading=_("Looking for your visit"),
        ),
        back="/",
    )


PAGES = (
    Page("/here", N_("You are here"), build_here, policy="checkin.act", audience="patient", on_load=CheckIn.on_here),
    Page("/check-in", N_("Check in"), build, policy="checkin.see", audience="patient", on_load=CheckIn.on_load),
    Page("/check-in/contact", N_("Contact details"), build_contact, policy="profile.view", audience="patient",
         on_load=CheckIn.on_contact),
    Page("/check-in/insurance", N_("Insurance"), build_insurance, policy="coverage.see", audience="patient",
         on_load=CheckIn.on_insurance, steps_up=True),
    Page("/check-in/documents", N_("Photos and documents"), build_documents, policy="checkin.see", audience="patient",
         on_load=CheckIn.on_documents),
    Page("/check-in/copay", N_("Co-pay"), build_copay, policy="estimates.see", audience="patient",
         on_load=CheckIn.on_copay, steps_up=True),
)  # fmt: skip
