"""Routed traffic written straight into a workspace, as a router's settle leaves it: segments and manifest rows."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from analytics.actors import Actor
from analytics.contracts import AUDITS, CALLS, DECISIONS, FAILURES
from analytics.record import Record, segments, students, utc_now
from analytics.segments import write_segment
from pipeline.router import deployments, policy

SCHEMAS = {"calls": CALLS, "decisions": DECISIONS, "audits": AUDITS, "failures": FAILURES}
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
APPROVER = Actor("ada", "approver")
MODEL = {"provider": "openai", "model": "gpt-4o"}
CARD = {
    "student_id": "head-1", "kind": "head", "task_id": "task-1", "task": "support", "run_id": "run-1", "alpha": 0.05,
    "delta": 0.05, "train_seconds": 36.0, "cost_paid_usd": 12.5, "files": {},
}  # fmt: skip


def register(workspace, **card):
    """A student in the record; its folder holds the card alone."""
    whole = CARD | card
    folder = workspace.create().students / whole["student_id"]
    folder.mkdir(parents=True)
    text = json.dumps(whole)
    (folder / "card.json").write_text(text)
    row = {name: whole[name] for name in ("student_id", "task_id", "run_id", "kind")} | {"card": text}
    row |= {"path": str(folder.relative_to(workspace.home)), "created_at": utc_now()}
    with Record(workspace).write() as connection:
        connection.execute(students.insert().values(**row, card_sha256=hashlib.sha256(text.encode()).hexdigest()))
    return whole


def promote(workspace, student_id="head-1", task_id="task-1", actor=APPROVER, **values):
    """Put it to work; returns the policy."""
    usual = {"threshold": 0.5, "ood_cutoff": 1.0, "alpha": 0.05, "delta": 0.05}
    made = policy.Policy(student_id, task_id, **(usual | values))
    deployments.promote(workspace, made, actor, "for the test")
    return made


def write(workspace, kind, rows, name):
    """One committed segment."""
    table = pa.Table.from_pylist(rows, schema=SCHEMAS[kind])
    segment = write_segment(getattr(workspace, kind), f"{name}.parquet", table)
    row = {"path": str(segment.path.relative_to(workspace.home)), "kind": kind, "sha256": segment.sha256}
    with Record(workspace).write() as connection:
        connection.execute(segments.insert().values(**row, rows=segment.rows, created_at=utc_now()))


class Traffic:
    """Collects rows day by day and writes them."""

    def __init__(self, workspace, rule, start=START):
        self.workspace, self.rule, self.start = workspace, rule, start
        self.rows = {kind: [] for kind in SCHEMAS}
        self.count = 0

    def call(self, day, served=True, audited=None, tokens=(1000, 100), billed=None, **decision):
        """One routed call. audited: whether the teacher agrees; billed: tokens that the teacher billed for the audit."""
        self.count += 1
        call_id, at = f"call-{self.count:06d}", self.start + timedelta(days=day, seconds=self.count % 30_000)
        call = {"call_id": call_id, "source": "router", "requested_at": at, "operation": "chat", **MODEL}
        call |= {"served_by": "student" if served else "teacher", "input_text": f"input {self.count:06d}"}
        call |= {"in_uncached": tokens[0], "out_visible": tokens[1], "in_cache_read": 0, "out_reasoning": 0}
        call |= {"output_text": "yes", "status": "success", "weight": 1.0, "in_cache_write_5m": 0}
        self.rows["calls"].append(call | {"in_cache_write_1h": 0})
        rule = self.rule
        made = {"call_id": call_id, "student_id": rule.student_id, "task_id": rule.task_id, "source": "router"}
        made |= {"route": "student" if served else "teacher", "confidence": 0.9 if served else 0.3, "ood_score": 0.2}
        made |= {"reason": "sure" if served else "unsure", "propensity": rule.audit_share, "decided_at": at}
        made |= {"policy_id": rule.policy_id, "cluster": "a", "student_ms": 5.0} | decision
        self.rows["decisions"].append(made)
        if audited is not None:
            self.audit(call_id, made, at, audited, billed or tokens)
        return call_id

    def audit(self, call_id, made, at, agrees, tokens):
        """The teacher's word on it, at $2.5 and $10 a million tokens."""
        usd = tokens[0] * 2.5e-6 + tokens[1] * 10e-6
        row = {"audit_id": f"audit-{call_id}", "call_id": call_id, "agrees": agrees, "audited_at": at}
        row |= {name: made[name] for name in ("student_id", "task_id", "cluster", "propensity")}
        self.rows["audits"].append(row | {"cost_usd": usd, "reason": "sampled", "teacher_model": MODEL["model"]})
        if not agrees:
            self.failure(call_id, "audit", at, "yes", "no")

    def failure(self, call_id, reason, at=None, student="yes", teacher="no", **more):
        """One row for the queue."""
        row = {"failure_id": f"failure-{len(self.rows['failures'])}", "call_id": call_id, "reason": reason}
        row |= {"student_id": self.rule.student_id, "task_id": self.rule.task_id, "cluster": "a"}
        row |= {"input_text": f"what of {call_id}", "student_output": student, "teacher_output": teacher}
        self.rows["failures"].append(row | {"happened_at": at or self.start} | more)

    def settle(self, name="one"):
        """Write what was collected."""
        for kind, rows in self.rows.items():
            if rows:
                write(self.workspace, kind, rows, f"router-{name}-{kind}")
                self.rows[kind] = []
