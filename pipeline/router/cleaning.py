"""Personal data out of what a router writes down, before it is written: the tokens that an import puts in place."""

from collections import Counter
from functools import lru_cache
from typing import Any

from analytics.privacy.text import redact_text
from analytics.privacy.tokens import Privacy
from pipeline.router.journal import Row

KEPT = 4_096  # distinct texts whose cleaned form is remembered
# Names of fields that we fill ourselves, or that hold no text of a person's.
IDS = ("call_id", "failure_id", "audit_id", "student_id", "task_id", "policy_id", "id", "api_key")
TIMES = ("timestamp", "happened_at", "audited_at", "decided_at")
WORDS = ("written_by", "model", "served_by", "provider", "reason", "route", "source", "role", "type", "object")
NOT_TEXT = frozenset((*IDS, *TIMES, *WORDS))


def without_personal_data(row: Row, privacy: Privacy) -> Row:
    """Tokens in place of personal data in every text of a row, as an import would put them; keys become hashes."""
    kind, content = row
    kept = {name: value if name in NOT_TEXT else _clean(value, privacy) for name, value in content.items()}
    if kept.get("api_key"):
        kept["api_key"] = privacy.hashed(str(content["api_key"]), "key")
    return kind, kept


def _clean(value: Any, privacy: Privacy) -> Any:
    if isinstance(value, str):
        return _text(value, privacy) if len(value) > 4 else value
    if isinstance(value, list):
        return [_clean(one, privacy) for one in value]
    if isinstance(value, dict):
        return {name: one if name in NOT_TEXT else _clean(one, privacy) for name, one in value.items()}
    return value


@lru_cache(maxsize=KEPT)
def _text(value: str, privacy: Privacy) -> str:
    """System prompts and answers come again and again; looking for personal data is the dear part of a row."""
    return redact_text(value, privacy, Counter())
