"""What is wrong with a questionnaire, in words for whoever imports it; where it is wrong stands beside them."""

from typing import Final

from portal_app.core.i18n import N_, _

_CONDITION: Final = N_("This condition cannot be understood.")
_OPTION: Final = N_("This answer to choose has no code or no text.")
_NOT_THERE: Final = N_("This is missing.")
_LIMIT: Final = N_("This limit cannot be understood.")
_NUMBER: Final = N_("This is not a number that can be used here.")

_WORDS: Final = {
    "band": _NUMBER,
    "below_display": N_("Nothing can stand below a text."),
    "below_repeated": N_("No questions can stand below a question with several answers."),
    "circle": N_("These conditions wait for each other."),
    "condition": _CONDITION,
    "conditions": N_("These are too many conditions, or none."),
    "expression_unused": N_("This expression is not used here."),
    "initial": N_("This is no answer to that question."),
    "limit": _LIMIT,
    "link": N_("Only https links can be shown."),
    "link_id": N_("This link id is missing, too long, or has spaces."),
    "markup": N_("This text has markup or hidden signs. Only plain text is shown."),
    "missing": _NOT_THERE,
    "no_item": N_("This is no question."),
    "no_json": N_("This is not JSON."),
    "no_list": N_("This is no list, or an empty one."),
    "no_questionnaire": N_("This is not a FHIR Questionnaire."),
    "no_text": N_("This text is empty."),
    "no_version": N_("The form names no version. Here it is told from others by its words."),
    "nothing_to_sum": N_("These questions have no points to add up."),
    "number": _NUMBER,
    "option": _OPTION,
    "options": N_("The answers to choose are missing, too many, or kept elsewhere."),
    "our_own": N_("A form of this address comes with the portal."),
    "pattern": N_("This pattern could take too long, or is written in a way that is not used here."),
    "question_in_another_group": N_("This condition asks for a question in a group that repeats elsewhere."),
    "same_option_twice": N_("The same answer can be chosen twice."),
    "sum_of_repeated": N_("Questions that repeat cannot be added up."),
    "text_too_long": N_("This text is too long."),
    "too_deep": N_("Groups stand too deep inside each other. Eight levels are the most."),
    "too_large": N_("This file is too large. A form has at most a million characters."),
    "too_many_items": N_("These are too many questions. A form has at most a thousand."),
    "type": N_("This kind of question is not known."),
    "unknown_question": N_("This condition asks for a question that is not there."),
    "url": N_("This address is too long, or has spaces."),
    "used_twice": N_("Another question has the same link id."),
    "version": N_("This version is too long, or has spaces."),
}


def words_of_problem(code: str) -> str:
    """Return what a problem of a questionnaire means, in the language of the page."""
    return _(_WORDS.get(code, _CONDITION))
