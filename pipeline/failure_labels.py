"""What people say of failures: which answer was right, kept without personal data."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

import sqlalchemy as sa

from analytics.errors import InputError
from analytics.privacy.history import key_used_before, not_redacted
from analytics.privacy.key import open_privacy
from analytics.privacy.text import redact_text
from analytics.record import Record, failure_labels
from analytics.workspace import Workspace

Right = Literal["student", "teacher", "both", "neither", "skip"]
Label = dict[str, Any]


def newest_labels(workspace: Workspace) -> dict[str, Label]:
    """The label that counts, by failure."""
    columns = failure_labels.c
    query = sa.select(
        columns.failure_id, columns.right, columns.answer, columns.note, columns.actor, columns.created_at
    )
    if not workspace.control.exists():
        return {}
    with Record(workspace).read() as connection:
        rows = connection.execute(query.order_by(columns.label_id)).mappings().all()
    return {row["failure_id"]: {name: row[name] for name in row if name != "failure_id"} for row in rows}


def checked_answer(failure: Mapping[str, Any], right: str, answer: str | None) -> None:
    """InputError where the answer that is called right does not exist, or is given twice."""
    for who in ("student", "teacher"):
        if right in (who, "both") and failure[f"{who}_output"] is None:
            raise InputError(
                f"{failure['failure_id']}: the {who} gave no answer that could be right; say neither or skip"
            )
    if answer is not None and right != "neither":
        raise InputError("an answer of your own is given with --right neither; otherwise the one that is right counts")
    if answer is not None and not answer.strip():
        raise InputError("the right answer is empty; leave it out where nobody knows it")


def gold_of(failure: Mapping[str, Any]) -> str | None:
    """The answer that is known to be right; None where no label says so."""
    label = failure["label"]
    if label is None or label["right"] == "skip":
        return None
    if label["right"] == "neither":
        return label["answer"] and str(label["answer"])
    found = failure["student_output" if label["right"] == "student" else "teacher_output"]
    return None if found is None else str(found)


def redacted(workspace: Workspace, text: str | None) -> str | None:
    """A person's words as calls are stored: personal data replaced, unless every import keeps it."""
    kept, imports = not_redacted(workspace)
    if text is None or (imports and imports == len(kept)):
        return text
    return redact_text(text, open_privacy(workspace, key_used_before(workspace)), Counter())
