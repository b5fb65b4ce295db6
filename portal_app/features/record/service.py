"""Take a chart away: everything of it that one may see, in one file."""

from portal_app.features.record.gathering import contents, gather
from portal_app.features.record.views import PARTS, Record
from portal_app.features.record.writing import written

__all__ = ["PARTS", "Record", "contents", "gather", "written"]
