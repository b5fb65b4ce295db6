"""Forms before a visit: choose, fill in, send, read."""

from portal_app.features.intake.assigning import (
    asked_forms,
    assign_form,
    end_assignment,
    forms_to_ask,
    may_ask,
    open_asked,
    outstanding,
)
from portal_app.features.intake.at_desk import forms_known_of
from portal_app.features.intake.attaching import attach_file, may_attach
from portal_app.features.intake.checking import totals, urgent
from portal_app.features.intake.choosing import add_rule, ask_before_visits, keep_shipped, kept_forms, shipped
from portal_app.features.intake.enabling import Sheet
from portal_app.features.intake.errors import (
    AnswersOutOfOrder,
    FormAlreadySent,
    FormChanged,
    FormIncomplete,
    FormUnknown,
    OnlyOneself,
    SignatureMissing,
    VersionTaken,
)
from portal_app.features.intake.filling import form, forms_for_visit, open_form, save_answers
from portal_app.features.intake.importing import import_form, look_at_form
from portal_app.features.intake.items import Item, Option, Problem, Questionnaire, file_of, said
from portal_app.features.intake.offering import offered
from portal_app.features.intake.parsing import QuestionnaireRefused
from portal_app.features.intake.reading import my_sent_forms, review_form, sent_form, sent_forms
from portal_app.features.intake.sending import submit_form
from portal_app.features.intake.sheets import sheet_of
from portal_app.features.intake.values import is_whole
from portal_app.features.intake.views import (
    AskedForm,
    Assignment,
    Candidate,
    FormDue,
    FormKnown,
    FormRow,
    FormView,
    GivenAnswer,
    LibraryForm,
    NewAssignment,
    OwnForm,
    Saved,
    SentForm,
)

__all__ = [
    "AnswersOutOfOrder", "AskedForm", "Assignment", "Candidate", "FormAlreadySent", "FormChanged", "FormDue",
    "FormIncomplete", "FormKnown", "FormRow", "FormUnknown", "FormView", "GivenAnswer", "Item", "LibraryForm",
    "NewAssignment", "OnlyOneself", "Option", "OwnForm", "Problem", "Questionnaire", "QuestionnaireRefused", "Saved",
    "SentForm", "Sheet", "SignatureMissing", "VersionTaken", "add_rule", "ask_before_visits", "asked_forms",
    "assign_form", "attach_file", "end_assignment", "file_of", "form", "forms_for_visit", "forms_known_of",
    "forms_to_ask", "import_form", "is_whole", "keep_shipped", "kept_forms", "look_at_form", "may_ask", "may_attach",
    "my_sent_forms", "offered", "open_asked", "open_form", "outstanding", "review_form", "said", "save_answers",
    "sent_form", "sent_forms", "sheet_of", "shipped", "submit_form", "totals", "urgent",
]  # fmt: skip
