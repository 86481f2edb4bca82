"""The rows of a whole JSON document: an array, one row, or a page as APIs and export buttons write them."""

from typing import Any

PAGE_KEYS = ("data", "items", "results", "rows", "traces", "observations", "spans")  # where a page keeps its rows
PAGE_FRAME = {"object", "meta", "has_more", "first_id", "last_id", "error", "next", "cursor", "total", "count"}


def rows_of(document: Any) -> list[Any]:
    """Every row of a document."""
    rows = document if isinstance(document, list) else [document]
    page = page_of(rows[0]) if len(rows) == 1 else None
    return rows if page is None else page


def page_of(document: Any) -> list[Any] | None:
    """The rows under a telling key with little else around; None where the document is a row itself."""
    if not isinstance(document, dict):
        return None
    found = [key for key in PAGE_KEYS if isinstance(document.get(key), list)]
    rows = document[found[0]] if len(found) == 1 and set(document) <= {found[0], *PAGE_FRAME} else []
    is_answer = document.get("object") == "list" and all(
        isinstance(row, dict) and row.get("object") == "embedding" for row in rows
    )
    return rows if rows and isinstance(rows[0], dict) and not is_answer else None
