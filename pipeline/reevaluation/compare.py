"""Two kept reports beside each other: which verdicts, actions and worths moved between them."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def compare(older: Json, newer: Json) -> dict[str, Any]:
    """Task by task; a task that one of them lacks has no figures on that side."""
    sides = [{one["task_id"]: one for one in found["tasks"]} for found in (older, newer)]
    names = list(dict.fromkeys([*sides[1], *sides[0]]))
    return {
        "before": {name: older[name] for name in ("report_id", "created_at", "trigger")},
        "after": {name: newer[name] for name in ("report_id", "created_at", "trigger")},
        "hashes": {name: _hash(older["hashes"].get(name), value) for name, value in newer["hashes"].items()},
        "tasks": [_beside(sides[0].get(name), sides[1].get(name)) for name in names],
    }  # fmt: skip


def _hash(before: str | None, after: str) -> dict[str, Any]:
    return {"before": before, "after": after, "same": before == after}


def _beside(older: Json | None, newer: Json | None) -> dict[str, Any]:
    known = newer or older or {}
    before, after = _figures(older), _figures(newer)
    known_to_both = older is not None and newer is not None
    moved = [name for name in before if known_to_both and name != "student" and before[name] != after[name]]
    return {"task_id": known["task_id"], "name": known["name"], "before": before, "after": after, "moved": moved}


def _figures(task: Json | None) -> dict[str, Any]:
    """What is compared; unknown where the report has no such task."""
    if task is None:
        return dict.fromkeys(("verdict", "action", "monthly_spend_usd", "npv_24m_p50_usd", "student"))
    new = task["new"]
    return {
        "verdict": new["verdict"],
        "action": task["action"],
        "monthly_spend_usd": new["monthly_spend_usd"],
        "npv_24m_p50_usd": new["npv_24m_usd"]["p50"],
        "student": (task["student"] or {}).get("student_id"),
    }
