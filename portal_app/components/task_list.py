"""A list of things to do in any order: the whole row is the target, only a problem is red (GOV.UK task list)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import reflex as rx

from portal_app.components import icons
from portal_app.components.kinds import Text, when_said

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
