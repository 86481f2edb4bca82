"""Calls without an answer: failures, failed retries, and answers or inputs with nothing in them."""

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 10
SCOPE: Scope = "usable"


def drop(rows: Rows) -> list[str | None]:
    """A retry that succeeded is an answer like any other; a call that failed has nothing to teach."""
    columns = zip(rows.statuses, rows.retries, rows.outputs, rows.inputs, strict=True)
    return [_reason(*row) for row in columns]


def _reason(status: str | None, is_retry: bool, output: str | None, text: str | None) -> str | None:
    if status not in ("success", None):
        return "failed_retry" if is_retry else "failed_call"
    if not (output or "").strip():
        return "no_answer"
    return None if (text or "").strip() else "no_input"
