"""Call-backs as screens show them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CallBackRequest:
    """The wish to be called. `number` is as typed; `request_key` is made with the form."""

    purpose: str
    number: str
    words: str
    request_key: UUID


@dataclass(frozen=True, slots=True)
class CallBackView:
    """A call-back. Times are said in `zone`; names and words are empty for those who may not read them."""

    id: UUID
    patient_id: UUID
    status: str
    purpose: str
    number: str
    words: str
    asked_at: datetime
    due_at: datetime
    zone: str
    tried_at: datetime | None
    tries: int
    ended_at: datetime | None
    is_private: bool = False
    given_name: str = ""
    family_name: str = ""
    language: str = ""
