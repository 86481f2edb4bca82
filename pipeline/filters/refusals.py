"""Answers that refuse: a student would learn to say no.

A refusal that the task itself gives as a verdict (a guard's "I cannot help with that", always in the same words) is a
class like any other and stays.
"""

import re
from collections import Counter

from analytics.answers import as_json_object
from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 24
SCOPE: Scope = "trainable"
VERDICT_SHARE = 0.05  # of rows with the same answer, from which it is a class of the task
START = 160  # characters; a refusal comes first or it is quoted text
REFUSAL = re.compile(
    r"^\W*(?:(?:i['’]?m|i am|we['’]?re) (?:very |so |really )?sorry|sorry,|i apologi[sz]e|unfortunately,? i|as an ai\b"
    r"|i (?:can['’]?t|cannot|can not|am unable to|['’]?m unable to|won['’]?t|am not able to|['’]?m not able to)\b)"
    r"|\bas an ai (?:language )?model\b|\bi (?:can['’]?t|cannot) (?:help|assist|comply|provide|answer|fulfil)",
    re.I,
)
UNABLE = re.compile(
    r"can['’]?t|cannot|can not|unable|not able|won['’]?t|as an ai|not (?:allowed|permitted)|against my", re.I
)


def drop(rows: Rows) -> list[str | None]:
    """Refusals that are no class of the task."""
    counts = Counter(rows.labels)
    classes = {label for label, count in counts.items() if count > 2 and count >= VERDICT_SHARE * len(rows)}
    pairs = zip(rows.outputs, rows.labels, strict=True)
    return ["refusal" if label not in classes and is_refusal(output or "") else None for output, label in pairs]


def is_refusal(answer: str) -> bool:
    """Does an answer begin by saying that it cannot? An apology alone, as support desks write it, is no refusal.

    >>> is_refusal("I'm sorry, but I can't help with that.")
    True
    >>> is_refusal("I'm sorry to hear that! Your refund is on its way.")
    False
    """
    start = answer.strip()[:START]
    return bool(REFUSAL.search(start) and UNABLE.search(start)) and as_json_object(answer.strip()) is None
