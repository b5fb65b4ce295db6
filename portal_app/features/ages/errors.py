"""What can go wrong with rules by age and with limits."""

from portal_app.core.errors import PortalError
from portal_app.core.i18n import N_


class RuleChanged(PortalError):
    """Somebody else has made or taken back a version of the same state's rule meanwhile."""

    code = "age_rule_changed"
    message = N_("A colleague has changed this rule meanwhile. Look at it as it is now, then change it.")


class PreviewStale(PortalError):
    """What the version would change is not what was looked at."""

    code = "age_preview_stale"
    message = N_("Meanwhile something else has changed, and this would do more or less than you saw. Look once more.")


class RuleInEffect(PortalError):
    """The version has taken effect, so it can only be followed by another one."""

    code = "age_rule_in_effect"
    message = N_("This rule counts already, so it cannot be taken back. Date a new one instead.")
