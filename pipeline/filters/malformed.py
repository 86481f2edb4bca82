"""Answers in the wrong form: ``Category: x``, quotes, a closing full stop, a code fence.

The answer meant is known, but a repaired answer is a failure: students learn only what was said well.
"""

from analytics.answers import as_json_object
from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 30
SCOPE: Scope = "trainable"


def drop(rows: Rows) -> list[str | None]:
    """Whatever had to be repaired to become a known label."""
    if rows.answer_kind == "json":
        return [None if as_json_object((output or "").strip()) else "malformed_answer" for output in rows.outputs]
    if rows.answer_kind != "label":
        return [None] * len(rows)
    pairs = zip(rows.outputs, rows.labels, strict=True)
    return [None if (output or "").strip() == label else "malformed_answer" for output, label in pairs]
