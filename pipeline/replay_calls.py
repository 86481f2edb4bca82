"""The calls that a replay may use, and where each of them would have gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.errors import DataMissing
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.loaded import Loaded, Routed
from pipeline.replay_figures import CallColumns
from pipeline.replay_record import SOURCE
from pipeline.source import log_version

BATCH = 2_000


@dataclass(frozen=True)
class Replayed:
    """The calls of the window with where each would have gone, row by row."""

    calls: pa.Table
    routed: list[Routed | None]  # None: the student was not asked
    reasons: list[str]
    columns: CallColumns


def later_calls(workspace: Workspace, task_id: str, card: registry.Card) -> pa.Table:
    """The teacher's calls that are newer than everything the student was made from, its test weeks included."""
    from analytics import api

    seen_until = max((card[name] for name in ("trained_until", "calibrated_until") if card.get(name)), default=None)
    if seen_until is None:
        raise DataMissing(
            f"student {card['student_id']} does not say until when it learned; it cannot be replayed fairly"
        )
    log_version(workspace)  # the newest calls must belong to their tasks by now
    calls = api.task_calls(workspace, task_id)
    by_teacher = calls.filter(pc.not_equal(pc.fill_null(calls["served_by"], "teacher"), "student"))
    cut = pa.scalar(datetime.fromisoformat(seen_until), pa.timestamp("us", tz="UTC"))
    later = by_teacher.filter(pc.greater(by_teacher["requested_at"], cut))
    if not later.num_rows:
        raise DataMissing(f"no call of {card['task']} is newer than {seen_until}, until which the student learned")
    return later


def route_all(loaded: Loaded, calls: pa.Table) -> Replayed:
    """Where each call would have gone. A text that comes twice is asked once: the answer is the same."""
    texts = calls["input_text"].to_pylist()
    refused = _not_for_students(calls)
    asked = sorted({text for text, why in zip(texts, refused, strict=True) if why is None})
    answered: dict[str, Routed] = {}
    for start in range(0, len(asked), BATCH):
        answered.update(zip(asked[start : start + BATCH], loaded.route(asked[start : start + BATCH]), strict=True))
    routed = [answered[text] if why is None else None for text, why in zip(texts, refused, strict=True)]
    reasons = [why or (one.reason if one else "") for why, one in zip(refused, routed, strict=True)]
    return Replayed(calls, routed, reasons, _columns(loaded, calls, routed))


def _not_for_students(calls: pa.Table) -> list[str | None]:
    """Why a call cannot be judged and so stays with the teacher; None for all others."""
    return [
        "call-failed" if status != "success" else "input-cut" if cut else "no-text" if not (text and answer) else None
        for status, cut, text, answer in zip(
            *(calls[name].to_pylist() for name in ("status", "is_truncated", "input_text", "output_text")), strict=True
        )
    ]


def _columns(loaded: Loaded, calls: pa.Table, routed: Sequence[Routed | None]) -> CallColumns:
    served = [one is not None and one.route == "student" for one in routed]
    outputs = loaded.plain_answers([answer or "" for answer in calls["output_text"].to_pylist()])
    agrees = [one is not None and one.answer.output == said for one, said in zip(routed, outputs, strict=True)]
    cost_usd = pc.cast(calls["cost_usd"], pa.float64()).to_pylist()
    return CallColumns(
        at_s=np.array([at.timestamp() for at in calls["requested_at"].to_pylist()], dtype=np.float64),
        weight=np.array([1.0 if weight is None else weight for weight in calls["weight"].to_pylist()]),
        cost_usd=np.array([np.nan if cost is None else cost for cost in cost_usd], dtype=np.float64),
        is_served=np.array(served, dtype=np.bool_),
        is_comparable=np.array([one is not None for one in routed], dtype=np.bool_),
        agrees=np.array(agrees, dtype=np.bool_),
    )


def decision_rows(replayed: Replayed, student_id: str) -> list[dict[str, Any]]:
    """One row per call. The policy draws no lots, so each route was certain: propensity 1."""
    ids, times = (replayed.calls[name].to_pylist() for name in ("call_id", "requested_at"))
    return [
        {
            "call_id": call_id,
            "student_id": student_id,
            "route": one.route if one else "teacher",
            "confidence": one.answer.confidence if one else None,
            "ood_score": one.answer.ood_score if one else None,
            "reason": reason,
            "decided_at": at,
            "source": SOURCE,
            "propensity": 1.0,
        }
        for call_id, at, one, reason in zip(ids, times, replayed.routed, replayed.reasons, strict=True)
    ]
