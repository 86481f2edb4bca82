"""Text that was cut: by the log, by the token limit, or by the provider's content filter."""

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 20
SCOPE: Scope = "usable"
CUT_ANSWERS = {
    "length": "answer_cut",
    "max_tokens": "answer_cut",
    "content_filter": "answer_filtered",
}


def drop(rows: Rows) -> list[str | None]:
    """Half a text teaches half an answer, and compares with nothing."""
    pairs = zip(rows.truncated, rows.finish_reasons, strict=True)
    return ["log_cut" if cut else CUT_ANSWERS.get(reason or "") for cut, reason in pairs]
