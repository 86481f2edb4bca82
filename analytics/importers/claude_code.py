"""Claude Code's session files: one line an event of a session, several lines one answer.

An answer is written once a content block, each time with its message id, request id and usage; the lines are one
call, which the first of them stands for. The prompt is what the user and the tools said just before. A session that
was resumed repeats its history in the next file; equal ids make those lines duplicates. Tokens exclude the cache.
"""

from collections.abc import Sequence
from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies.anthropic import answer
from analytics.importers.bodies.usage import anthropic_usage
from analytics.importers.fields import MAX_COST_USD, RowError, conversation, mapping, number, utc_micros

KINDS = ("user", "assistant", "system", "summary", "file-history-snapshot", "queue-operation", "progress")
SAID, BLOCKS, USAGE, TURN = "said before", "all blocks", "last usage", "number of the turn"  # keys of gathered rows


def recognise(row: Row) -> float:
    """An event of a session."""
    message = mapping(row.get("message"))
    if "sessionId" in row and ("usage" in message or "role" in message):
        return 1.0
    is_event = row.get("type") in KINDS and not {"sessionId", "leafUuid", "messageId", "uuid"}.isdisjoint(row)
    return 0.9 if is_event else 0.0


def gather(rows: Sequence[Row]) -> Sequence[Row]:
    """Give each answer's first line the prompt before it and what the answer's other lines add."""
    gathered: list[Fields] = [dict(row) for row in rows]
    answers: dict[str, Fields] = {}
    said: list[Any] = []
    turns = 0
    for row in gathered:
        message = mapping(row.get("message"))
        if _kind(row, message) == "user":
            if not row.get("isMeta"):
                said.append({"role": "user", "content": message.get("content")})
            continue
        if _kind(row, message) != "assistant" or not message.get("usage"):
            continue
        first = answers.setdefault(_call_id(row, message) or str(id(row)), row)
        if first is row:
            turns += 1
            row[SAID], row[BLOCKS], row[TURN] = said, [], turns
            said = []
        content = message.get("content")
        first[BLOCKS] += content if isinstance(content, list) else []
        first[USAGE] = _later(mapping(first.get(USAGE)), mapping(message.get("usage")))
        first["stop_reason"] = message.get("stop_reason") or first.get("stop_reason")
    return gathered


def _kind(row: Row, message: Fields) -> Any:
    return row.get("type") or message.get("role")


def _later(first: Fields, second: Fields) -> Fields:
    """Of two usages of one answer, the one that has counted further."""
    counts = [usage.get("output_tokens") for usage in (first, second)]
    numbers = [count if isinstance(count, int) else -1 for count in counts]
    return second if numbers[1] >= numbers[0] else first


def _call_id(row: Row, message: Fields) -> str | None:
    parts = [part for part in (message.get("id"), row.get("requestId")) if isinstance(part, str) and part]
    return ":".join(parts) or None


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    message = mapping(row.get("message"))
    if _kind(row, message) != "assistant":
        raise RowError(f"not a model call: a {str(_kind(row, message) or 'nameless')[:40]} line of a session")
    if not message.get("usage") or message.get("model") == "<synthetic>" or row.get("isApiErrorMessage"):
        raise RowError("not a model call: a line that the program wrote itself")
    if not isinstance(message.get("model"), str):
        raise RowError("message.model: missing")
    requested_at = utc_micros(row, "timestamp", naive_is_utc=False)
    if requested_at is None:
        raise RowError("timestamp: missing")
    usage = mapping(row.get(USAGE)) or mapping(message.get("usage"))
    content = row.get(BLOCKS) or message.get("content")
    stop = row.get("stop_reason") or message.get("stop_reason")
    return {
        "call_id": _call_id(row, message),
        "session_id": row.get("sessionId"),
        "requested_at": requested_at,
        "provider": "anthropic",
        "model": message["model"],
        "operation": "chat",
        "app": "claude-code",
        "tags": [f"cwd:{row['cwd']}"] if isinstance(row.get("cwd"), str) else None,
        "served_by": "teacher",
        "status": "success",
        "logged_cost_usd": number(row, "costUSD", MAX_COST_USD),
        "service_tier": usage.get("service_tier") or usage.get("speed"),
        "is_truncated": False,
        **conversation(row.get(SAID)),
        **answer({"content": content, "stop_reason": stop}),
        **anthropic_usage(usage),
        "turns": row.get(TURN),
    }


IMPORTER = Importer(
    name="claude_code",
    describe="Claude Code session files",
    token_convention="exclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
    gather=gather,
)
