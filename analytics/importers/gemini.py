"""Gemini and Vertex: pairs, batch results, and the rows that Vertex logs to BigQuery.

``promptTokenCount`` includes cached tokens, ``candidatesTokenCount`` leaves thoughts out. Vertex often logs a
sample only; give its rate with ``--sample-rate``.
"""

from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import body_of, read_exchange
from analytics.importers.bodies.gemini import model_name
from analytics.importers.envelope import Pair, around, pair_dialect, pair_of
from analytics.importers.fields import MAX_MS, RowError, mapping, nested, number, utc_micros

REQUESTS = ("full_request", "request_payload", "request")
RESPONSES = ("full_response", "response_payload", "response")
BATCH_KEYS = ("processed_time", "custom_id", "key")


def recognise(row: Row) -> float:
    """A Gemini pair, bare or in the envelope of a batch or of BigQuery."""
    if "logging_time" in row and any(name in row for name in (*REQUESTS[:2], *RESPONSES[:2])):
        return 1.0
    if any(name in row for name in BATCH_KEYS):
        asked, answered = mapping(row.get("request")), mapping(row.get("response"))
        return 1.0 if "contents" in asked or "candidates" in answered or "usageMetadata" in answered else 0.0
    return 1.0 if pair_dialect(row) == "gemini" else 0.0


def request_of(row: Row) -> Any:
    """The request of a batch's input line."""
    return mapping(row.get("request")) or None if "response" not in row and "status" not in row else None


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    if any(name in row for name in BATCH_KEYS) and request_of(row) is not None:
        raise RowError("not a model call: a request to the batch API; its answer is in the output file")
    pair = _pair(row)
    found = read_exchange(*pair)
    model = found["model"] or model_name(row.get("model")) or model_name(row.get("endpoint"))
    if not isinstance(model, str):
        raise RowError("modelVersion: missing, and the row names no model")
    common = around(row, pair, time_needed=False)
    return {
        **common,
        **found,
        "model": model,
        "call_id": common["call_id"] or row.get("key"),
        "requested_at": _requested_at(row) or common["requested_at"],
        "latency_ms": common["latency_ms"] or _latency_ms(mapping(row.get("metadata"))),
        "provider": row.get("provider")
        or ("vertex_ai" if "logging_time" in row or "processed_time" in row else "google"),
        "is_batch": any(name in row for name in BATCH_KEYS) or None,
    }


def _pair(row: Row) -> Pair:
    if "logging_time" not in row and not any(name in row for name in BATCH_KEYS):
        return pair_of(row)
    return Pair(_body(row, REQUESTS), _body(row, RESPONSES))


def _body(row: Row, names: tuple[str, ...]) -> Fields:
    """A body, which BigQuery may hold as JSON, as text, or as a list of texts."""
    value = next((row[name] for name in names if row.get(name)), None)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = [nested(part) for part in value]
        value = value[0] if len(value) == 1 else value
    return body_of(value)


def _requested_at(row: Row) -> int | None:
    for name in ("logging_time", "processed_time"):
        moment = utc_micros(row, name, naive_is_utc=True)
        if moment is not None:
            return moment
    return None


def _latency_ms(metadata: Fields) -> float | None:
    """Vertex writes milliseconds."""
    return number(metadata, "request_latency", MAX_MS)


IMPORTER = Importer(
    name="gemini",
    describe="Gemini and Vertex AI: pairs, batch results, BigQuery request logs",
    token_convention="inclusive",
    naive_time_is_utc=True,
    recognise=recognise,
    read=read,
    has_times=False,
    request_of=request_of,
)
