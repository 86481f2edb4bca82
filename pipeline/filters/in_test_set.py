"""Inputs of the user's own test set among the rows that teach: a student would be asked what it was told.

Only inputs that read the same go. A test set of one's own is taken at its word (docs/decisions/0003), so its
near-duplicates stay and are counted by the split.
"""

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 22
SCOPE: Scope = "trainable"


def drop(rows: Rows) -> list[str | None]:
    """Rows whose form stands in the test set."""
    return ["in_test_set" if form in rows.known.test_forms else None for form in rows.forms]
