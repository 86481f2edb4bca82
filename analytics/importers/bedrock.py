"""Amazon Bedrock's model invocation log, from S3 or CloudWatch.

Counts in the log's own fields leave out what was read from or written to a cache. Bodies over 100 KB lie in objects
of their own; such rows keep their tokens and are flagged, never trained on.
"""

from collections.abc import Iterable
from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import body_of, read_exchange
from analytics.importers.bodies.streams import INVOCATION
from analytics.importers.bodies.usage import converse_usage
from analytics.importers.fields import MAX_MS, RowError, mapping, nested, number, task_tag, tokens, utc_micros

EVENT_TEXTS = ("message", "@message")
INPUTS = ("in_uncached", "in_cache_read", "in_cache_write_5m", "in_cache_write_1h")


def recognise(row: Row) -> float:
    """The schema that the log names, bare or inside CloudWatch's event."""
    record = next(iter(expand(row)), row)
    if record.get("schemaType") == "ModelInvocationLog":
        return 1.0
    return (
        0.8
        if "modelId" in record and ("inputTokenCount" in mapping(record.get("input")) or "output" in record)
        else 0.0
    )


def expand(row: Row) -> Iterable[Row]:
    """The records in CloudWatch's envelope; anything else is a record itself."""
    events = row.get("logEvents")
    if isinstance(events, list):
        return [mapping(mapping(event).get("message")) or {"message": event} for event in events]
    for name in EVENT_TEXTS:
        inner = mapping(row.get(name))
        if "schemaType" in inner or "modelId" in inner:
            return [inner]
    return [row]


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    asked, answered = mapping(row.get("input")), mapping(row.get("output"))
    if "modelId" not in row and not asked and not answered:
        raise RowError("not a model call: no invocation record")
    request, response = body_of(nested(asked.get("inputBodyJson"))), body_of(nested(answered.get("outputBodyJson")))
    found = read_exchange(request, response, dialect=None)
    requested_at = utc_micros(row, "timestamp", naive_is_utc=True)
    if requested_at is None:
        raise RowError("timestamp: missing")
    tags = [f"{key}:{value}" for key, value in mapping(row.get("requestMetadata")).items()]
    failed = bool(row.get("errorCode"))
    return {
        **found,
        **_tokens(asked, answered, found),
        **_timing(response),
        "call_id": row.get("requestId"),
        "requested_at": requested_at,
        "provider": "bedrock",
        "model": _model(row.get("modelId"), found["model"]),
        "app": task_tag(tags),
        "tags": tags or None,
        "user_hash": mapping(row.get("identity")).get("arn"),
        "served_by": "teacher",
        "is_truncated": _is_elsewhere(asked, "input") or _is_elsewhere(answered, "output"),
        "status": "failure" if failed else "success",
        "error_class": row.get("errorCode"),
        "is_retry": None,
        "is_batch": None,
    }


def _model(model_id: Any, answered_by: Any) -> str:
    """The model behind an id. An application's own inference profile does not tell; the answer may."""
    if not isinstance(model_id, str) or not model_id:
        raise RowError("modelId: missing")
    if "application-inference-profile/" in model_id and isinstance(answered_by, str):
        return answered_by
    return model_id.rsplit("/", 1)[-1] if model_id.startswith("arn:") else model_id


def _tokens(asked: Fields, answered: Fields, found: Fields) -> Fields:
    """The body's own counts are finer than the log's; both must say the same."""
    logged = converse_usage({**asked, **answered})
    if found["in_uncached"] is None:
        return logged
    if logged["in_uncached"] is None:
        return {}
    fresh, total = found["in_uncached"], sum(found[name] for name in INPUTS)
    said = tokens(asked, "inputTokenCount")
    same_output = tokens(answered, "outputTokenCount") in (
        None,
        (found["out_visible"] or 0) + (found["out_reasoning"] or 0),
    )
    return {"token_check": said in (fresh, total) and same_output}


def _timing(response: Fields) -> Fields:
    """Converse and the last event of a stream say how long it took."""
    metrics = mapping(response.get(INVOCATION))
    return {
        "latency_ms": number(mapping(response.get("metrics")), "latencyMs", MAX_MS)
        or number(metrics, "invocationLatency", MAX_MS),
        "ttft_ms": number(metrics, "firstByteLatency", MAX_MS),
    }


def _is_elsewhere(part: Fields, name: str) -> bool:
    return bool(part.get(f"{name}BodyS3Path")) and not part.get(f"{name}BodyJson")


IMPORTER = Importer(
    name="bedrock",
    describe="Amazon Bedrock model invocation logs from S3 or CloudWatch",
    token_convention="exclusive",
    naive_time_is_utc=True,
    recognise=recognise,
    read=read,
    expand=expand,
)
