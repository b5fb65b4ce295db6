"""What a caregiver, or whoever of the staff looks on, was given of a chart; asked before anything is done in it.

The database refuses row by row all the same; this only tells people why, and whom to ask.
"""

from typing import Any, Final

from portal_app.core.errors import AccessEnded, NotShownToRole, OutOfScope, StepUpNeeded

ASK_SCOPE: Final = """
select public.may(:verb, :section, :patient_id, 'N') as may_now,
       coalesce(bool_or(:section = any (g.sections) and :verb = any (g.verbs)), false) as is_shared,
       count(*) > 0 as is_any_shared
from access_grant g
where g.grantee = any (actor_grantees()) and g.patient_id = :patient_id and g.basis in ('self', 'caregiver', 'role')
  and (g.valid_until is null or g.valid_until > now())
"""


def require_scope(section: str, found: Any, *, is_look: bool = False) -> None:
    """Go on only if the chart acted for shares this section with the actor.

    Raises:
        NotShownToRole: if whoever looks on has no right to this section at work.
        OutOfScope: if it shares others.
        AccessEnded: if it shares nothing any more.
        StepUpNeeded: if it shares this with whoever signed in more strongly.
    """
    if found.may_now:
        return
    if is_look and found.is_any_shared:
        raise NotShownToRole(section)
    if found.is_shared:
        raise StepUpNeeded
    if found.is_any_shared:
        raise OutOfScope(section)
    raise AccessEnded
