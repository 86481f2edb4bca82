"""What is written down of one exchange: the call, why it went where it went, and a failure where it is one."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics.importers.router import MARK
from pipeline.router.asked import Asked
from pipeline.router.journal import Row

if TYPE_CHECKING:
    from pipeline.router.core import Decided

# Reasons that say something about the student; the rest (no student, tools, media) do not belong into its queue.
FAILURES = ("unsure", "unfamiliar", "schema", "student-failed", "student-slow")


@dataclass
class Exchange:
    """One request and the answer it got."""

    call_id: str
    at: str  # ISO 8601, when the request came
    latency_ms: float
    served_by: str
    asked: Asked
    response: dict[str, Any] | bytes  # bytes: as the teacher sent them, a body or a stream of events
    status: int
    decided: "Decided"
    ttft_ms: float | None = None
    provider: str | None = None
    key: str | None = None  # of the client; only its hash is kept

    @property
    def characters(self) -> int:
        """Of the texts that it holds, about."""
        fields, response = self.asked.fields, self.response
        asked = len(fields["system_prompt"] or "") + len(fields["messages"] or fields["input_text"] or "")
        return asked + (len(response) if isinstance(response, bytes) else 0)


def rows(exchange: Exchange) -> Iterator[Row]:
    """Journal rows of one exchange."""
    yield "exchange", _call(exchange)
    yield "decisions", _decision(exchange)
    if exchange.decided.serving is not None and exchange.decided.reason in FAILURES:
        yield "failures", _failure(exchange)


def _call(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response
    return {
        "written_by": MARK, "call_id": exchange.call_id, "timestamp": exchange.at, "latency_ms": exchange.latency_ms,
        "ttft_ms": exchange.ttft_ms, "served_by": exchange.served_by, "status_code": exchange.status,
        "request": exchange.asked.body, "provider": exchange.provider, "app": exchange.asked.fields["app"],
        "response": response.decode("utf-8", "replace") if isinstance(response, bytes) else response,
        "api_key": exchange.key,
    }  # fmt: skip


def _decision(exchange: Exchange) -> dict[str, Any]:
    decided, serving = exchange.decided, exchange.decided.serving
    answer = decided.answer
    return {
        "call_id": exchange.call_id, "student_id": serving.policy.student_id if serving else None,
        "task_id": decided.task_id, "route": exchange.served_by, "reason": decided.reason, "agrees": None,
        "confidence": answer.confidence if answer else None, "ood_score": answer.ood_score if answer else None,
        "source": "router", "propensity": decided.chance, "decided_at": exchange.at,
        "policy_id": serving.policy_id if serving else None, "cluster": decided.cluster,
        "is_audited": decided.is_drawn, "is_schema_valid": decided.is_valid, "student_ms": decided.student_ms,
    }  # fmt: skip


def _failure(exchange: Exchange) -> dict[str, Any]:
    decided, serving = exchange.decided, exchange.decided.serving
    assert serving is not None
    answer = decided.answer
    cluster = serving.cluster_of(answer) if answer else None
    return {
        "failure_id": f"failure_{uuid.uuid4().hex}", "call_id": exchange.call_id,
        "student_id": serving.policy.student_id, "task_id": decided.task_id, "reason": decided.reason,
        "cluster": cluster, "input_text": exchange.asked.text, "student_output": answer.output if answer else None,
        "teacher_output": teacher_text(exchange), "detail": None, "happened_at": exchange.at,
    }  # fmt: skip


def teacher_text(exchange: Exchange) -> str | None:
    """What the teacher said, where it was asked."""
    from analytics.importers.bodies import body_of
    from analytics.importers.bodies.openai_chat import answer

    if exchange.served_by != "teacher" or exchange.status != 200 or not isinstance(exchange.response, bytes):
        return None
    found = answer(body_of(exchange.response.decode("utf-8", "replace")))["output_text"]
    return found if isinstance(found, str) else None
