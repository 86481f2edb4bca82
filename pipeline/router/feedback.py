"""Complaints: an application tells that an answer was wrong, and what would have been right."""

import uuid
from datetime import UTC, datetime

import orjson

from pipeline.router.core import JSON_TYPE, Reply, failed
from pipeline.router.desk import Desk
from pipeline.router.notes import teacher_text

MOST = 10_000  # characters of a comment


def complain(desk: Desk, raw: bytes) -> Reply:
    """POST /v1/feedback {id, comment, answer?}: one row in the failure queue.

    id: of the header x-spiritsafe-call-id. A call of long ago, or from before the router started, is taken all the
    same: its texts are then in the log under this id.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None
    call_id = body.get("id") if isinstance(body, dict) else None
    if not isinstance(call_id, str) or not 0 < len(call_id) <= 100:
        return failed(
            400,
            "id: the call's id of the header x-spiritsafe-call-id is needed",
            "invalid_request_error",
            reason="refused",
        )
    said = {name: str(body[name])[:MOST] for name in ("comment", "answer") if body.get(name)}
    known = desk.recent.get(call_id)
    decided = known.decided if known else None
    serving = decided.serving if decided else None
    failure_id = f"failure_{uuid.uuid4().hex}"
    desk.journal.add(
        "failures",
        {
            "failure_id": failure_id, "call_id": call_id, "reason": "complaint",
            "student_id": serving.policy.student_id if serving and known and known.served_by == "student" else None,
            "task_id": decided.task_id if decided else None, "cluster": decided.cluster if decided else None,
            "input_text": known.asked.text if known and known.asked.fields["input_text"] else None,
            "student_output": decided.answer.output if decided and decided.answer else None,
            "teacher_output": teacher_text(known) if known else None,
            "detail": orjson.dumps(said).decode(), "happened_at": datetime.now(UTC).isoformat(),
        },
    )  # fmt: skip
    answer = {"id": failure_id, "is_known": known is not None}
    return Reply(202, {"content-type": JSON_TYPE}, orjson.dumps(answer), None, "error", "complaint")
