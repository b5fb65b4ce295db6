"""Files that people brought or were given, and the documents of a chart."""

from portal_app.features.files.documents import (
    DOCUMENTS_SHOWN,
    are_locked,
    chart_documents,
    has_documents,
    keep_document,
    keep_document_before,
    visit_documents,
)
from portal_app.features.files.downloads import download_file
from portal_app.features.files.views import DocumentView

__all__ = [
    "DOCUMENTS_SHOWN", "DocumentView", "are_locked", "chart_documents", "download_file", "has_documents",
    "keep_document", "keep_document_before", "visit_documents",
]  # fmt: skip
