"""Documents as screens show them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document of a chart; `file_id` opens it. `sent_by` is how the person is called, `zone` where it was sent in."""

    id: UUID
    file_id: UUID
    filename: str = field(repr=False)
    media_type: str
    size_bytes: int
    sent_by: str
    sent_at: datetime
    zone: str

    def is_picture(self) -> bool:
        """Tell whether a browser can show it as a picture."""
        return self.media_type.startswith("image/")
