"""Codex's session files: one line an event; a ``token_count`` event ends a model call.

What was said and answered stands in the lines before it. Repeats of the same running total are one call. Tokens are
inclusive.
"""

from collections.abc import Sequence
from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies.openai_responses import answer
from analytics.importers.bodies.usage import responses_usage
from analytics.importers.fields import RowError, conversation, dump, mapping, utc_micros

KINDS = ("session_meta", "turn_context", "event_msg", "response_item", "compacted")
MODEL, SESSION, SAID, ANSWERED, AGAIN = "model", "session", "said before", "answered", "counted before"


def recognise(row: Row) -> float:
    """An event with a payload."""
    return 1.0 if row.get("type") in KINDS and isinstance(row.get("payload"), dict) else 0.0


def gather(rows: Sequence[Row]) -> Sequence[Row]:
    """Give each token count its model, its session, and what was said since the last one."""
    gathered: list[Fields] = [dict(row) for row in rows]
    model: Any = None
    session: Any = None
    said: list[Any] = []
    answered: list[Any] = []
    total = None
    for row in gathered:
        payload = mapping(row.get("payload"))
        model = payload.get("model") or model
        session = payload.get("id") if row.get("type") == "session_meta" else session
        if row.get("type") == "response_item":
            (
                said if payload.get("role") in ("user", "developer", "system") or "output" in payload else answered
            ).append(payload)
        info = mapping(payload.get("info"))
        if payload.get("type") == "token_count" and info:
            row.update({MODEL: info.get("model") or model, SESSION: session, SAID: said, ANSWERED: answered})
            row[AGAIN] = info.get("total_token_usage") is not None and info.get("total_token_usage") == total
            total = info.get("total_token_usage")
            said, answered = [], []
    return gathered


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    payload = mapping(row.get("payload"))
    info = mapping(payload.get("info"))
    usage = mapping(info.get("last_token_usage"))
    if payload.get("type") != "token_count":
        raise RowError(f"not a model call: a {str(payload.get('type') or row.get('type'))[:40]} line of a session")
    if not usage or row.get(AGAIN):
        raise RowError("not a model call: a token count that repeats the one before")
    requested_at = utc_micros(row, "timestamp", naive_is_utc=False)
    if requested_at is None:
        raise RowError("timestamp: missing")
    if not isinstance(row.get(MODEL), str):
        raise RowError("model: no line before this one names it")
    return {
        "call_id": f"{row[SESSION]}:{requested_at}" if row.get(SESSION) else None,
        "session_id": row.get(SESSION),
        "requested_at": requested_at,
        "provider": "openai",
        "model": row[MODEL],
        "operation": "responses",
        "app": "codex",
        "served_by": "teacher",
        "status": "success",
        "is_truncated": False,
        **conversation(_messages(row.get(SAID))),
        **answer({"output": row.get(ANSWERED)}),
        **responses_usage(_named_alike(usage)),
    }


def _messages(said: Any) -> list[Any]:
    """Messages as they are; results of tools as text."""
    items = [mapping(item) for item in said] if isinstance(said, list) else []
    return [
        item if "role" in item else {"role": "tool", "content": dump(item.get("output"), "payload.output")}
        for item in items
    ]


def _named_alike(usage: Fields) -> Fields:
    """The counts under the names of the Responses API."""
    return {
        **usage,
        "input_tokens_details": {"cached_tokens": usage.get("cached_input_tokens")},
        "output_tokens_details": {"reasoning_tokens": usage.get("reasoning_output_tokens")},
    }


IMPORTER = Importer(
    name="codex",
    describe="Codex session files",
    token_convention="inclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
    gather=gather,
)
