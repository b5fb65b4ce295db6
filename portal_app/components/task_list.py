"""A list of things to do in any order: the whole row is the target, only a problem is red (GOV.UK task list)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from portal_app.components import icons
from portal_app.components.kinds import Rows, Text, each, when_said

TaskStatus = Literal["completed", "incomplete", "cannot_start", "problem"]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, named with a verb; a task that cannot start yet has no link and says why in its hint."""

    title: Text
    status: TaskStatus
    status_words: Text
    href: Text | None = None
    hint: Text | None = None


def task_list(tasks: Sequence[Task]) -> rx.Component:
    """Return the tasks with their status in words."""
    return rx.el.ul(*(rx.el.li(_task(task)) for task in tasks), class_name="rows", custom_attrs={"role": "list"})


def _task(task: Task) -> rx.Component:
    words = rx.el.span(rx.el.b(task.title), when_said(task.hint, rx.el.small), class_name="row-words")
    parts = (words, _status(task))
    if task.href is None or task.status == "cannot_start":
        return rx.el.div(*parts, class_name="row task text-quiet")
    return rx.el.a(*parts, href=task.href, class_name="row task")


def _status(task: Task) -> rx.Component:
    if task.status == "completed":
        return rx.el.span(icons.check("icon-small"), task.status_words, class_name="flex items-center gap-2")
    if task.status == "incomplete":
        return rx.el.span(task.status_words, class_name="tag")
    if task.status == "problem":
        return rx.el.span(icons.critical("icon-small"), task.status_words, class_name="tag tone-critical")
    return rx.el.span(task.status_words, class_name="text-quiet")


def live_task_list(rows: Rows, on_open: Any) -> rx.Component:
    """Return tasks that change while they are shown; a row without an address (`href`) is opened by its `key`.

    `state` is "done", "closed" for what is not theirs to do, and anything else for what can be done; `status` is
    that in words.
    """
    return rx.el.ul(each(rows, lambda row: _live(row, on_open)), class_name="rows", custom_attrs={"role": "list"})


def _live(row: Any, on_open: Any) -> rx.Component:
    words = rx.el.span(
        rx.el.b(row["task_title"], lang=row["lang"]), when_said(row["hint"], rx.el.small), class_name="row-words"
    )
    done = rx.el.span(icons.check("icon-small"), row["status"], class_name="flex items-center gap-2")
    status = rx.cond(row["state"] == "done", done, rx.el.span(row["status"], class_name="tag"))
    button = rx.el.button(
        words, status, type="button", class_name="row task", on_click=on_open(row["key"]),
        custom_attrs={"data-writes": ""},
    )  # fmt: skip
    still = rx.el.div(words, class_name="row task text-quiet")
    tappable = rx.cond(row["href"] != "", rx.el.a(words, status, href=row["href"], class_name="row task"), button)
    return rx.el.li(rx.cond(row["state"] == "closed", still, tappable), key=row["key"])
