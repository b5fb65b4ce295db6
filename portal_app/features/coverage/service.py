"""Insurance: say what one has, show the card, ask the insurer, confirm."""

from portal_app.features.coverage.asking import ask_payer
from portal_app.features.coverage.cards import CARD, may_send_card, send_card
from portal_app.features.coverage.errors import CoverageMovedOn, CoverageNotNoted, TooManyCoverages
from portal_app.features.coverage.filling import fill_payers
from portal_app.features.coverage.identity import Identity, clinician_identities, practice_identity, set_identity
from portal_app.features.coverage.keeping import add_coverage, change_coverage, end_coverage, say_uninsured
from portal_app.features.coverage.reading import (
    coverage,
    coverages_of,
    covered_person,
    insurance_waits_since,
    my_coverages,
    payers,
    unseen_coverages,
)
from portal_app.features.coverage.reviewing import review_coverage
from portal_app.features.coverage.views import (
    Amounts,
    ChangeView,
    CheckView,
    CoverageForm,
    CoverageView,
    CoveredRow,
    PayerEntry,
    PayerView,
    Side,
    Subscriber,
)

__all__ = [
    "CARD", "Amounts", "ChangeView", "CheckView", "CoverageForm", "CoverageMovedOn", "CoverageNotNoted",
    "CoverageView", "CoveredRow", "Identity", "PayerEntry", "PayerView", "Side", "Subscriber", "TooManyCoverages",
    "add_coverage", "ask_payer", "change_coverage", "clinician_identities", "coverage", "coverages_of",
    "covered_person", "end_coverage", "fill_payers", "insurance_waits_since", "may_send_card", "my_coverages",
    "payers", "practice_identity", "review_coverage", "say_uninsured", "send_card", "set_identity",
    "unseen_coverages",
]  # fmt: skip
