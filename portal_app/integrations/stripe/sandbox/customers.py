"""Customers, and the methods they have saved."""

from typing import Any

from portal_app.integrations.stripe.sandbox.cards import MEANS, READY, Means
from portal_app.integrations.stripe.sandbox.events import happened
from portal_app.integrations.stripe.sandbox.refusals import Refused, missing
from portal_app.integrations.stripe.sandbox.store import Thing, Work

_METADATA_MAX = (50, 40, 500)


def checked_metadata(given: Thing) -> dict[str, str]:
    """Return the metadata sent, within Stripe's limits (https://docs.stripe.com/api/metadata)."""
    sent: dict[str, str] = given.get("metadata") or {}
    most, key_max, value_max = _METADATA_MAX
    if len(sent) > most or any(len(key) > key_max or len(value) > value_max for key, value in sent.items()):
        raise Refused("Metadata may have 50 keys of 40 characters with values of 500.", param="metadata")
    return {key: value for key, value in sent.items() if value}


def create_customer(work: Work, given: Thing) -> Thing:
    """Make a customer."""
    made = work.add(
        "cus",
        "customer",
        **{name: given.get(name) for name in ("address", "description", "email", "name", "phone", "shipping")},
        balance=0,
        currency=None,
        default_source=None,
        delinquent=False,
        discount=None,
        invoice_settings={"custom_fields": None, "default_payment_method": None, "footer": None},
        metadata=checked_metadata(given),
        preferred_locales=given.get("preferred_locales", []),
        tax_exempt="none",
        test_clock=None,
    )
    happened(work, "customer.created", made)
    return made


def customer_of(work: Work, customer_id: str, param: str = "customer") -> Thing:
    """Return a customer who was not deleted. Raises Refused."""
    found = work.get("customer", customer_id, param)
    if found.get("deleted"):
        raise missing("customer", customer_id, param)
    return found


def update_customer(work: Work, given: Thing, customer_id: str) -> Thing:
    """Change a customer."""
    found = customer_of(work, customer_id, "id")
    known = {name: value or None for name, value in given.items() if name in found and name != "metadata"}
    metadata = {**found["metadata"], **(given.get("metadata") or {})}
    work.put(found, **known, metadata={key: value for key, value in metadata.items() if value})
    happened(work, "customer.updated", found)
    return found


def delete_customer(work: Work, _given: Thing, customer_id: str) -> Thing:
    """Forget a customer and what they have saved."""
    found = customer_of(work, customer_id, "id")
    for method in work.every("payment_method", customer=customer_id):
        work.put(method, customer=None)
    happened(work, "customer.deleted", found)
    work.put(found, deleted=True)
    return {"id": customer_id, "object": "customer", "deleted": True}


def retrieve_customer(work: Work, _given: Thing, customer_id: str) -> Thing:
    """Return a customer; of one who was deleted, that alone."""
    found = work.get("customer", customer_id)
    return {"id": customer_id, "object": "customer", "deleted": True} if found.get("deleted") else found


def new_method(work: Work, means: Means, customer: str | None, billing: Thing | None = None) -> Thing:
    """Make a payment method, of a customer where it is kept."""
    empty: dict[str, Any] = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
    return work.add(
        "pm",
        "payment_method",
        allow_redisplay="limited" if customer else "unspecified",
        billing_details={**empty, **(billing or {})},
        customer=customer,
        metadata={},
        practice_means=means.number,
        **means.details(),
    )


def means_of(method: Thing) -> Means:
    """Return what a payment method is."""
    return MEANS[method["practice_means"]]


def method_of(work: Work, method_id: str, param: str = "payment_method") -> Thing:
    """Return a payment method; those that Stripe has ready are made. Raises Refused."""
    if method_id in READY:
        return new_method(work, MEANS[READY[method_id]], None)
    return work.get("payment_method", method_id, param)


def attach(work: Work, given: Thing, method_id: str) -> Thing:
    """Keep a payment method for a customer."""
    method = method_of(work, method_id, "id")
    customer_of(work, given["customer"])
    work.put(method, customer=given["customer"], allow_redisplay="limited")
    happened(work, "payment_method.attached", method)
    return method


def detach(work: Work, _given: Thing, method_id: str) -> Thing:
    """Take a payment method away from its customer; it pays nothing any more."""
    method = work.get("payment_method", method_id)
    if method["customer"] is None:
        raise Refused("The payment method you provided is not attached to a customer so detachment is impossible.")
    work.put(method, customer=None, allow_redisplay="unspecified")
    happened(work, "payment_method.detached", method)
    return method
