"""One input, several answers: the teacher is not sure, so a student cannot learn which.

The majority stays when it is overwhelming (nine of ten), because then the rest are slips. Otherwise all go: a
student that picks one side would look wrong half of the time, and confident.
"""

from collections import Counter, defaultdict

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 50
SCOPE: Scope = "trainable"
OVERWHELMING = 0.9


def drop(rows: Rows) -> list[str | None]:
    """Rows whose input form was also answered otherwise."""
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for form, label in zip(rows.forms, rows.labels, strict=True):
        answers[form][label] += 1
    return [_reason(answers[form], label) for form, label in zip(rows.forms, rows.labels, strict=True)]


def _reason(counts: Counter[str], label: str) -> str | None:
    if len(counts) == 1:
        return None
    majority, votes = counts.most_common(1)[0]
    if votes < OVERWHELMING * counts.total():
        return "conflicting_answers"
    return None if label == majority else "minority_answer"
