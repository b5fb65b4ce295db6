"""Wait for an earlier time, be offered one in turn, answer; ask in words where nothing fits."""

from portal_app.features.waiting import jobs as jobs  # noqa: PLC0414 - offers begin with the first time that is freed
from portal_app.features.waiting.answering import accept_offer, decline_offer, my_offers, offer, offer_for
from portal_app.features.waiting.asking import (
    ask_for,
    ask_for_earlier,
    line,
    my_waiting,
    set_priority,
    stop_waiting,
    take_off,
)
from portal_app.features.waiting.errors import AlreadyWaiting, NoTimeKept, OfferOver, RequestMovedOn
from portal_app.features.waiting.fairness import fairness
from portal_app.features.waiting.offering import close_offers, next_in_line, offer_freed, offer_time
from portal_app.features.waiting.requests import (
    answer_request,
    ask_in_words,
    my_requests,
    promised,
    request,
    times_to_offer,
    withdraw_request,
)
from portal_app.features.waiting.rules import OFFERED_TIMES_MAX
from portal_app.features.waiting.views import (
    FairnessRow,
    LineView,
    OfferView,
    RequestView,
    WaitingView,
    Wish,
)

__all__ = [
    "OFFERED_TIMES_MAX", "AlreadyWaiting", "FairnessRow", "LineView", "NoTimeKept", "OfferOver", "OfferView",
    "RequestMovedOn", "RequestView", "WaitingView", "Wish", "accept_offer", "answer_request", "ask_for",
    "ask_for_earlier",
    "ask_in_words", "close_offers", "decline_offer", "fairness", "line", "my_offers", "my_requests", "my_waiting",
    "next_in_line", "offer", "offer_for", "offer_freed", "offer_time", "promised", "request", "set_priority",
    "stop_waiting", "take_off", "times_to_offer", "withdraw_request",
]  # fmt: skip
