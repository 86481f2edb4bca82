"""Answers that hold a token of the import's redaction, such as <email:a4c09e2f>.

The token stands for a value that the student will never be shown. Where the input has the same token the student
would learn to copy tokens, where it has not the student would have to make one up.
"""

import re

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 23
SCOPE: Scope = "trainable"
TOKEN = re.compile(r"<[a-z][a-z_]{1,20}:[a-f]\d[0-9a-f]{6}>")  # as analytics.privacy.tokens writes them


def drop(rows: Rows) -> list[str | None]:
    """Rows whose answer names or copies a redacted value."""
    return [_reason(output or "", text or "") for output, text in zip(rows.outputs, rows.inputs, strict=True)]


def _reason(output: str, text: str) -> str | None:
    tokens = set(TOKEN.findall(output))
    if not tokens:
        return None
    return "redaction_copied" if tokens <= set(TOKEN.findall(text)) else "redacted_value_needed"
