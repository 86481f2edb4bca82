"""A student on calls that came after those on which it was tested: does it still do what it did?"""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from analytics import api
from analytics.contracts import Interval
from analytics.statistics import wilson
from analytics.workspace import Workspace
from pipeline.loaded import open_student
from pipeline.reevaluation.actions import Fresh
from pipeline.registry import Card

LEAST = 50  # calls; fewer say nothing
MOST = {"causal": 60}  # newest calls that are asked about; a decoder takes seconds for each
MOST_OF_ANY = 1_000
SHOWN = 10


def fresh(workspace: Workspace, card: Card) -> tuple[Fresh | None, list[dict[str, Any]]]:
    """Agreement with the teacher on newer calls, and the surest of its mistakes; None where too few came."""
    until, promised = card["test_period"]["to"], card.get("agreement_traffic")
    if until is None or promised is None:
        return None, []
    calls = _newer(workspace, card["task_id"], datetime.fromisoformat(until), MOST.get(card["kind"], MOST_OF_ANY))
    if len(calls) < LEAST:
        return None, []
    loaded = open_student(workspace, card["student_id"])
    teacher = loaded.plain_answers(calls["output_text"].to_pylist())
    routed = loaded.route(calls["input_text"].to_pylist())
    right = [one.answer.output == wanted for one, wanted in zip(routed, teacher, strict=True)]
    agreement = wilson(sum(right), len(right))
    assert agreement is not None
    missed = [
        {
            "call_id": call_id,
            "teacher": wanted,
            "old": None,
            "new": one.answer.output,
            "confidence": one.answer.confidence,
        }
        for call_id, one, wanted, good in zip(calls["call_id"].to_pylist(), routed, teacher, right, strict=True)
        if not good
    ]
    missed.sort(key=lambda row: -row["confidence"])
    first, last = (at.isoformat() for at in (calls["requested_at"][0].as_py(), calls["requested_at"][-1].as_py()))
    names = {name: promised[name] for name in ("value", "low", "high", "covers", "n")}
    return Fresh(agreement, Interval(**names), len(calls), first, last), missed[:SHOWN]


def _newer(workspace: Workspace, task_id: str, until: datetime, most: int) -> pa.Table:
    """The newest whole answers of a teacher after a moment, oldest first."""
    calls = api.task_calls(workspace, task_id)
    taught = pc.not_equal(pc.fill_null(calls["served_by"], "teacher"), "student")
    whole = pc.and_(pc.equal(calls["status"], "success"), pc.invert(pc.fill_null(calls["is_truncated"], False)))
    told = pc.and_(pc.is_valid(calls["input_text"]), pc.is_valid(calls["output_text"]))
    kept = calls.filter(pc.and_(pc.and_(taught, whole), pc.and_(told, pc.greater(calls["requested_at"], until))))
    return kept.slice(max(0, len(kept) - most))
