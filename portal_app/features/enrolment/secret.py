"""What opens an activation: the secret of its link and the code of its card.

Both are made from the activation's id and the key ring, so that a card can be printed when it is needed, and again
after a jam, and nothing but hashes is kept.
"""

from uuid import UUID

from portal_app.core.crypto import blind_index
from portal_app.features.enrolment import rules


def link_of(activation_id: UUID) -> str:
    """Return the secret of a link: 160 bits."""
    return blind_index(str(activation_id), purpose="link of an activation")[:40]


def code_of(activation_id: UUID) -> str:
    """Return the short code of a card."""
    return rules.short_code(blind_index(str(activation_id), purpose="code of an activation"))


def code_hash(code: str) -> str:
    """Return what is kept of a short code: keyed, because 39 bits alone could be searched."""
    return blind_index(code, purpose="hash of an activation code")
