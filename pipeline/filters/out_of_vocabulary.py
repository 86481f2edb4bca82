"""Labels too rare to learn: a slip of the teacher's, or a class that needs more data first."""

from collections import Counter

from pipeline.answer_kind import list_labels
from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 40
SCOPE: Scope = "trainable"
MIN_COUNT = 3
MIN_SHARE = 0.001


def drop(rows: Rows) -> list[str | None]:
    """Fewer than three rows *and* under one in a thousand: in a small set two rows may be all there is.

    An answer of several labels goes when any of them is so rare.
    """
    if rows.answer_kind not in ("label", "labels"):
        return [None] * len(rows)
    several = rows.answer_kind == "labels"
    members = [list_labels(label) if several else [label] for label in rows.labels]
    counts = Counter(name for names in members for name in names)
    rare = {label for label, count in counts.items() if count < MIN_COUNT and count < MIN_SHARE * len(rows)}
    return ["rare_answer" if rare.intersection(names) else None for names in members]
