"""What billing writes on a bill by hand, while its patient may be about to pay it."""

from uuid import UUID

from portal_app.core import policy
from portal_app.core.db import Transaction
from portal_app.features.billing import books, policies
from portal_app.features.billing.books import Posting
from portal_app.features.payments import service as payments


async def post_by_hand(tx: Transaction, posting: Posting) -> UUID:
    """Post what happened to a bill, and close pages on which more of it would be paid than is owed by now.

    What is paid there before it is closed becomes the patient's credit.

    Raises as `books.post` does.
    """
    policy.require(tx.actor, policies.KEEP_BOOKS.name)
    await payments.hold_account(tx, posting.bill_id)
    posting_id = await books.post(tx, posting)
    await payments.close_stale(tx, posting.bill_id)
    return posting_id
