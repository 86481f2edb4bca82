"""Labels too rare to learn: a slip of the teacher's, or a class that needs more data first."""

from collections import Counter

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 40
SCOPE: Scope = "trainable"
MIN_COUNT = 3
MIN_SHARE = 0.001


def drop(rows: Rows) -> list[str | None]:
    """Fewer than three rows *and* under one in a thousand: in a small set two rows may be all there is."""
    if rows.answer_kind != "label":
        return [None] * len(rows)
    counts = Counter(rows.labels)
    rare = {label for label, count in counts.items() if count < MIN_COUNT and count < MIN_SHARE * len(rows)}
    return ["rare_answer" if label in rare else None for label in rows.labels]
