"""Answers in the wrong form: ``Category: x``, quotes, a closing full stop, a code fence, JSON that does not parse.

The answer meant is often known, but a repaired answer is a failure: students learn only what was said well.
"""

import json

from analytics.labels import repair_answer
from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 26
SCOPE: Scope = "trainable"


def drop(rows: Rows) -> list[str | None]:
    """Whatever had to be repaired to become an answer of the task's kind. Free text has no form to miss."""
    if rows.answer_kind == "text":
        return [None] * len(rows)
    if rows.answer_kind == "label":
        pairs = zip(rows.outputs, rows.labels, strict=True)
        return [None if (output or "").strip() == label else "malformed_answer" for output, label in pairs]
    outputs = [(output or "").strip() for output in rows.outputs]
    if rows.answer_kind == "json":
        return [None if isinstance(_parsed(output), dict) else "malformed_answer" for output in outputs]
    arrays = 2 * sum(isinstance(_parsed(output), list) for output in outputs) > len(outputs)
    return [None if _is_list(output, arrays) else "malformed_answer" for output in outputs]


def _parsed(output: str) -> object:
    """As a strict reader sees it: no code fence, no repair. None for what is no JSON."""
    try:
        return json.loads(output)
    except ValueError:
        return None


def _is_list(output: str, arrays: bool) -> bool:
    """Written as most answers are: as an array of strings, or as labels between commas."""
    if not arrays:
        return output[:1] not in ("[", "{", "`") and repair_answer(output) == output
    found = _parsed(output)
    return isinstance(found, list) and all(isinstance(one, str) for one in found)
