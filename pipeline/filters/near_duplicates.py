"""Repeats of one input, word for word or nearly: a few teach as much as a thousand.

Within one group of near-duplicates and one answer, each form of the input stays once and at most ``MAX_FORMS``
forms stay. The oldest stay, so that a longer log adds rows and changes none. Free text is hardly ever said twice, so
there each form of the input stays once, whatever was answered, and near ones all stay.
"""

from collections import defaultdict

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 60
SCOPE: Scope = "trainable"
MAX_FORMS = 6


def drop(rows: Rows) -> list[str | None]:
    """Repeats of a form already kept, and forms beyond the cap."""
    kept: dict[tuple[int, str], set[str]] = defaultdict(set)
    reasons: list[str | None] = []
    is_text = rows.answer_kind == "text"
    for group, label, form in zip(rows.groups, rows.labels, rows.forms, strict=True):
        forms = kept[group, "" if is_text else label]
        if form in forms:
            reasons.append("repeat")
        elif len(forms) >= MAX_FORMS and not is_text:
            reasons.append("near_duplicate")
        else:
            forms.add(form)
            reasons.append(None)
    return reasons
