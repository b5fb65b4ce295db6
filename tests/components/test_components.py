"""What components say to the browser, read from what they compile to."""

from typing import TypedDict

import pytest
import reflex as rx

from portal_app.components import (
    actions,
    dialog,
    errors,
    fields,
    frame,
    icons,
    skeleton,
    slot_picker,
    states,
    surfaces,
    table,
    task_list,
)


class DayRow(TypedDict):
    value: str
    weekday: str
    date: str
    count: str
    name: str
    month: str
    is_full: bool


class PartRow(TypedDict):
    label: str
    times: list[dict[str, str]]


class Sample(rx.State):
    busy: bool = False
    wrong: str = ""
    day: str = ""
    days: list[DayRow] = []  # noqa: RUF012 - Reflex copies defaults
    parts: list[PartRow] = []  # noqa: RUF012 - Reflex copies defaults

    @rx.event
    def on_tap(self) -> None: ...

    @rx.event
    def on_choose(self, value: str) -> None: ...


WORDS = frame.FrameWords(skip="Go to the content", menu="Menu", language="Language", back="Back")
PRACTICE = frame.Practice("Riverside", "R")
LANGUAGES = [
    frame.LanguageLink("en", "English", "/book", is_current=True),
    frame.LanguageLink("ar", "العربية", "/ar/book", "rtl"),
]


def test_a_busy_button_does_nothing_and_keeps_the_focus() -> None:
    said = str(actions.button("Book", Sample.on_tap, is_busy=Sample.busy, busy_label="Booking…"))
    assert '"aria-disabled":' in said
    assert "disabled:" not in said
    assert "busy" in said.split("onClick:")[1]


def test_a_busy_form_is_not_sent_again() -> None:
    said = str(actions.submit("Send", is_busy=Sample.busy))
    assert '? "button" : "submit"' in said


def test_a_button_that_writes_can_be_held_back_while_the_server_is_away() -> None:
    assert '"data-writes"' in str(actions.button("Book", Sample.on_tap))
    assert '"data-writes"' not in str(actions.button("Show more", Sample.on_tap, writes=False))


def test_a_field_is_tied_to_its_label_hint_and_error() -> None:
    said = str(fields.text_field("name", "Name", hint="As you like", error="Enter your name"))
    assert 'htmlFor:"name"' in said
    assert '"aria-describedby":"name-hint name-error"' in said
    assert '"aria-invalid":"true"' in said
    assert (
        said.index('"Name"') < said.index('id:"name-hint"') < said.index('id:"name-error"') < said.index('jsx("input"')
    )


def test_a_field_without_an_error_says_nothing_of_errors() -> None:
    said = str(fields.text_field("name", "Name"))
    assert '"aria-invalid":"false"' in said
    assert "name-error" not in said


def test_an_error_held_by_a_state_shows_once_it_has_words() -> None:
    said = str(fields.text_field("name", "Name", error=Sample.wrong))
    assert "name-error" in said
    assert '? "true" : "false"' in said


def test_the_code_can_be_filled_in_by_the_device_and_pasted_with_spaces() -> None:
    said = str(fields.code_field("code", "Code"))
    assert 'autoComplete:"one-time-code"' in said
    assert 'inputMode:"numeric"' in said
    assert "maxLength:12" in said


def test_a_number_is_typed_on_the_right_keyboard_and_says_its_unit() -> None:
    said = str(fields.number_field("weight", "Weight in kilograms", "kg"))
    assert 'inputMode:"decimal"' in said
    assert 'type:"text"' in said
    assert '"kg"' in said


@pytest.mark.parametrize("order", [("month", "day", "year"), ("day", "month", "year")])
def test_a_date_is_three_fields_in_the_order_of_the_language(order: tuple[fields.DatePart, ...]) -> None:
    labels: dict[fields.DatePart, str] = {"day": "Day", "month": "Month", "year": "Year"}
    said = str(fields.date_field("birth", "Date of birth", labels, order=order, is_birth_date=True))
    places = [said.index(f'name:"birth-{part}"') for part in order]
    assert places == sorted(places)
    assert 'autoComplete:"bday-year"' in said


def test_nothing_is_chosen_beforehand() -> None:
    said = str(fields.choice_list("kind", "How?", [{"value": "video", "label": "Video"}]))
    assert "isChosen:false" in said


def test_the_summary_links_to_each_field_and_takes_the_focus() -> None:
    said = str(errors.error_summary("There is a problem", [{"field": "email", "text": "Enter an address"}], moment="1"))
    assert 'to:"#email"' in said or 'href:"#email"' in said
    assert "TakesFocus" in said
    assert 'moment:"1"' in said


def test_dates_come_from_a_state_and_full_ones_cannot_be_chosen() -> None:
    said = str(slot_picker.day_strip("Day", Sample.days, chosen=Sample.day, on_choose=Sample.on_choose))
    assert '?.["is_full"]' in said
    assert 'type:"radio"' in said
    assert '"aria-label":' in said


def test_times_come_from_a_state_by_part_of_the_day() -> None:
    said = str(slot_picker.times_to_tap("Tuesday", Sample.parts, on_tap=lambda _time: rx.noop()))
    assert '?.["times"]' in said
    assert "legend" in said


def test_icons_are_silent() -> None:
    drawings = [getattr(icons, name) for name in dir(icons) if not name.startswith("_")]
    drawn = [draw for draw in drawings if getattr(draw, "__module__", "") == icons.__name__]
    assert len(drawn) > 20
    assert all('"aria-hidden":"true"' in str(draw()) for draw in drawn)


def test_the_skip_link_leads_to_the_one_main_landmark() -> None:
    said = str(frame.patient_frame("…", words=WORDS, practice=PRACTICE, home_href="/", languages=LANGUAGES))
    assert said.count('jsx("main"') == 1
    assert 'href:"#content"' in said
    assert 'id:"content"' in said


def test_languages_are_named_in_themselves_and_load_their_own_document() -> None:
    said = str(frame.language_menu("Language", LANGUAGES))
    arabic = said[said.index("/ar/book") - 200 :]
    assert 'lang:"ar"' in arabic
    assert 'dir:"rtl"' in arabic
    assert 'jsx("a"' in said
    assert "ReactRouterLink" not in said


def test_a_language_button_begins_its_name_with_what_is_seen() -> None:
    assert '"aria-label":"EN, Language: English"' in str(frame.language_menu("Language", LANGUAGES))


def test_a_menu_says_where_one_is() -> None:
    items = [
        frame.MenuItem("Home", "/", icons.home(), is_current=True),
        frame.MenuItem("Book", "/book", icons.calendar()),
    ]
    said = str(frame.patient_frame("…", words=WORDS, practice=PRACTICE, home_href="/", menu=items))
    assert said.count('"aria-current":"page"') == 1


def test_a_frame_can_ask_for_a_theme_of_its_own() -> None:
    said = str(frame.public_frame("…", words=WORDS, practice=PRACTICE, home_href="/", theme="dark"))
    assert '"data-theme":"dark"' in said


def test_a_dialog_is_named_by_its_title() -> None:
    said = str(dialog.dialog("cancel", "Cancel?", is_open=Sample.busy, on_dismiss=Sample.on_tap, actions=[]))
    assert '"aria-labelledby":"cancel-title"' in said
    assert 'id:"cancel-title"' in said


def test_only_one_theme_of_a_tag_is_red() -> None:
    assert "tone-critical" in str(surfaces.tag("Did not come", "critical"))
    assert "tone-" not in str(surfaces.tag("Booked", "plain"))


def test_a_row_that_leads_somewhere_is_one_target() -> None:
    said = str(surfaces.row("My visits", href="/appointments"))
    assert said.startswith("jsx(ReactRouterLink")


def test_what_is_known_when_the_page_is_built_leaves_no_trace_of_the_other() -> None:
    assert "bone" not in str(skeleton.until(True, skeleton.lines(), rx.el.p("Here"), loading="Loading"))


def test_while_loading_the_shape_stands_and_a_screen_reader_hears_it() -> None:
    said = str(skeleton.until(Sample.busy, skeleton.lines(), rx.el.p("Here"), loading="Loading"))
    assert '"aria-busy":"true"' in said
    assert '"Loading"' in said


def test_a_task_that_cannot_start_has_no_link() -> None:
    said = str(task_list.task_list([task_list.Task("Join", "cannot_start", "Cannot start yet", href="/join")]))
    assert "/join" not in said


def test_a_table_keeps_its_roles_where_rows_become_cards() -> None:
    cells = table.line(table.head_cell("Maria"), table.cell("Status", "Booked"))
    said = str(table.table("Today", ["Patient", "Status"], [{}], lambda _row: cells))
    for role in ("table", "row", "rowheader", "cell"):
        assert f'role:"{role}"' in said


def test_the_connection_notice_is_always_there_to_be_announced() -> None:
    assert "ConnectionNotice" in str(states.offline_notice("You are offline", "Nothing is lost."))


def test_a_language_that_is_to_be_remembered_is_posted_and_changes_nothing_by_a_link() -> None:
    spanish = frame.LanguageLink("es", "Español", "/auth/language/es", is_posted=True)
    said = str(frame.language_menu("Language", [LANGUAGES[0], spanish]))
    assert 'action:"/auth/language/es"' in said
    assert 'method:"post"' in said
    assert 'href:"/auth/language/es"' not in said
