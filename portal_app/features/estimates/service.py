"""Estimates: asked for, given, read, printed; and the co-pay that check-in asks for."""

from portal_app.features.estimates.asking import ask_estimate, estimate, my_estimates, visit_to_estimate
from portal_app.features.estimates.copays import copay_now, start_visit_copay
from portal_app.features.estimates.errors import VisitPast
from portal_app.features.estimates.keeping import copay_due, expect_service, expected_services, waiting_estimates
from portal_app.features.estimates.paper import EstimateFile, estimate_file
from portal_app.features.estimates.saying import parts_of
from portal_app.features.estimates.views import CopayDue, EstimateView, ExpectedView, VisitToEstimate, WaitingView

__all__ = [
    "CopayDue", "EstimateFile", "EstimateView", "ExpectedView", "VisitPast", "VisitToEstimate", "WaitingView",
    "ask_estimate", "copay_due", "copay_now", "estimate", "estimate_file", "expect_service", "expected_services",
    "my_estimates", "parts_of", "start_visit_copay", "visit_to_estimate", "waiting_estimates",
]  # fmt: skip
