"""One input, several answers: the teacher is not sure, so a student cannot learn which.

The majority stays when it is overwhelming (nine of ten), because then the rest are slips. Otherwise all go: a
student that picks one side would look wrong half of the time, and confident. Of JSON objects only fields with a closed
set of values are compared: two wordings of a summary are no conflict. Free text never is one.
"""

import json
from collections import Counter, defaultdict

from analytics.answers import as_json_object
from pipeline.answer_kind import is_closed_set
from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 50
SCOPE: Scope = "trainable"
OVERWHELMING = 0.9


def drop(rows: Rows) -> list[str | None]:
    """Rows whose input form was also answered otherwise."""
    if rows.answer_kind == "text":
        return [None] * len(rows)
    said = closed_parts(rows.labels) if rows.answer_kind == "json" else rows.labels
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for form, label in zip(rows.forms, said, strict=True):
        answers[form][label] += 1
    return [_reason(answers[form], label) for form, label in zip(rows.forms, said, strict=True)]


def _reason(counts: Counter[str], label: str) -> str | None:
    if len(counts) == 1:
        return None
    majority, votes = counts.most_common(1)[0]
    if votes < OVERWHELMING * counts.total():
        return "conflicting_answers"
    return None if label == majority else "minority_answer"


def closed_parts(labels: list[str]) -> list[str]:
    """Each object without the fields whose values are hardly ever repeated; what is no object stays."""
    found = [as_json_object(label) for label in labels]
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        for name, value in (one or {}).items():
            values[name][json.dumps(value, sort_keys=True)] += 1
    closed = {name for name, counts in values.items() if is_closed_set(counts)}
    kept = [one and {name: value for name, value in one.items() if name in closed} for one in found]
    return [label if one is None else json.dumps(one, sort_keys=True) for label, one in zip(labels, kept, strict=True)]
