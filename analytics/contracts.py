"""What the rooms say to each other. Change a name here and every room hears it.

Tokens are disjoint: input = in_uncached + in_cache_read + in_cache_write_5m + in_cache_write_1h,
output = out_visible + out_reasoning. Unknown is null, never 0.
"""

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

CALLS = pa.schema(
    [
        # identity
        ("call_id", pa.string()),
        ("source", pa.string()),  # importer that read it
        ("source_file", pa.string()),
        ("source_line", pa.int64()),
        ("trace_id", pa.string()),
        ("session_id", pa.string()),
        # time
        ("requested_at", pa.timestamp("us", tz="UTC")),
        ("latency_ms", pa.float64()),
        ("ttft_ms", pa.float64()),
        # what ran
        ("provider", pa.string()),
        ("model", pa.string()),
        ("operation", pa.string()),  # chat, embedding, ...
        ("app", pa.string()),  # an explicit task key in the log: tag, workload, prompt name
        ("tags", pa.list_(pa.string())),
        ("key_hash", pa.string()),  # API key or team, already hashed by the source
        ("user_hash", pa.string()),
        ("service_tier", pa.string()),
        ("is_batch", pa.bool_()),
        ("served_by", pa.string()),  # teacher, student, cache
        # text
        ("system_prompt", pa.string()),
        ("messages", pa.string()),  # JSON list without the system prompt
        ("input_text", pa.string()),  # last user message: what a student reads
        ("first_user_text", pa.string()),
        ("turns", pa.int32()),  # messages without the system prompt
        ("output_text", pa.string()),
        ("tool_calls", pa.string()),  # JSON, null when none
        ("tool_names", pa.string()),  # names of the tools offered, sorted, comma-separated
        ("response_schema", pa.string()),  # hash or type of response_format
        ("finish_reason", pa.string()),
        ("is_truncated", pa.bool_()),  # the log cut the text: must never train
        # tokens
        ("in_uncached", pa.int64()),
        ("in_cache_read", pa.int64()),
        ("in_cache_write_5m", pa.int64()),
        ("in_cache_write_1h", pa.int64()),
        ("out_visible", pa.int64()),
        ("out_reasoning", pa.int64()),
        ("token_convention", pa.string()),  # inclusive, exclusive, disjoint
        ("token_check", pa.bool_()),  # do they add up to the logged total? null: no total logged
        # money and outcome
        ("logged_cost_usd", pa.float64()),
        ("status", pa.string()),  # success, failure
        ("error_class", pa.string()),
        ("http_status", pa.int32()),
        ("is_retry", pa.bool_()),
        ("weight", pa.float64()),  # calls that this row stands for: 1 / sampling rate
    ]
)

QUARANTINE = pa.schema(
    [
        ("source_file", pa.string()),
        ("source_line", pa.int64()),
        ("reason", pa.string()),
        ("excerpt", pa.string()),  # first 200 characters of the row
    ]
)


CALL_NODES = pa.schema([("call_id", pa.string()), ("node_id", pa.string())])  # how each call was recognised
NODE_TASKS = pa.schema([("node_id", pa.string()), ("task_id", pa.string())])

TASKS = pa.schema(
    [
        ("task_id", pa.string()),
        ("name", pa.string()),
        ("found_by", pa.string()),  # key, template, user-template, meaning or operation
        ("calls", pa.int64()),
        ("monthly_calls", pa.float64()),
        ("monthly_spend_usd", pa.float64()),
        ("verdict", pa.string()),
        ("profile", pa.string()),  # JSON of the whole TaskProfile
        ("decision", pa.string()),  # JSON of the whole decision
    ]
)

GOLD = pa.schema([("call_id", pa.string()), ("gold", pa.string())])

DECISIONS = pa.schema(
    [
        ("call_id", pa.string()),
        ("student_id", pa.string()),  # null: no student covers the request
        ("task_id", pa.string()),
        ("route", pa.string()),  # student or teacher
        ("confidence", pa.float64()),
        ("ood_score", pa.float64()),
        ("reason", pa.string()),
        ("agrees", pa.bool_()),  # with the teacher's logged answer; null when unknown
        ("source", pa.string()),  # replay or router
        ("propensity", pa.float64()),  # replay: chance of this route; router: chance that the answer was audited
        ("decided_at", pa.timestamp("us", tz="UTC")),
        # of the router alone
        ("policy_id", pa.string()),
        ("cluster", pa.string()),  # of like inputs, so that rare ones are audited more; null: not asked
        ("is_audited", pa.bool_()),  # the lot fell on it
        ("is_schema_valid", pa.bool_()),  # null: the request named no schema
        ("student_ms", pa.float64()),
    ]
)

AUDITS = pa.schema(
    [
        ("audit_id", pa.string()),
        ("call_id", pa.string()),
        ("student_id", pa.string()),
        ("agrees", pa.bool_()),  # null: the teacher gave no answer, or the budget was spent
        ("propensity", pa.float64()),
        ("audited_at", pa.timestamp("us", tz="UTC")),
        ("task_id", pa.string()),
        ("cluster", pa.string()),
        ("teacher_model", pa.string()),
        ("input_tokens", pa.int64()),  # that the teacher billed
        ("output_tokens", pa.int64()),
        ("cost_usd", pa.float64()),  # null: unknown price
        ("reason", pa.string()),  # sampled, or why there is no answer
    ]
)

FAILURES = pa.schema(
    [
        ("failure_id", pa.string()),
        ("call_id", pa.string()),
        ("student_id", pa.string()),
        ("task_id", pa.string()),
        ("reason", pa.string()),  # unsure, unfamiliar, audit, schema, complaint, student-failed
        ("cluster", pa.string()),
        ("input_text", pa.string()),  # redacted like any imported text
        ("student_output", pa.string()),  # null: it gave none
        ("teacher_output", pa.string()),  # null: not asked yet
        ("detail", pa.string()),  # of a complaint: what the user said
        ("happened_at", pa.timestamp("us", tz="UTC")),
    ]
)


class Verdict(StrEnum):
    """What to do about one task."""

    DISTILL = "distill"
    PILOT = "pilot"
    CHEAPER_FIX_FIRST = "cheaper-fix-first"
    WAIT = "wait"
    DO_NOT_DISTILL = "do-not-distill"
    NOT_ENOUGH_DATA = "not-enough-data"


@dataclass(frozen=True)
class Interval:
    """An estimate with its range. ``covers`` says what the range means."""

    value: float
    low: float
    high: float
    covers: str  # e.g. "95% Wilson"
    n: int | None = None  # observations behind it
