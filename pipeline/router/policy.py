"""How a student is put to work: the rule in force, written once and never changed."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

import sqlalchemy as sa

from analytics.errors import InputError, UnknownName
from analytics.record import policies, utc_now
from pipeline.artifacts import short_hash
from pipeline.router.rule import Order

OnAlarm = Literal["tighten", "fall-back", "roll-back"]


@dataclass(frozen=True)
class Policy:
    """The rule by which one student serves one task."""

    student_id: str
    task_id: str
    threshold: float | None  # least confidence that is served; None: nothing is
    ood_cutoff: float  # inputs stranger than this go to the teacher
    alpha: float  # share of served answers that may be wrong
    delta: float  # chance that the bound is broken
    audit_share: float = 0.01  # of the student's answers, that the teacher is asked about as well
    rare_audit_share: float = 0.1  # the same for clusters that are seen seldom
    audit_cap_usd_per_day: float = 5.0  # most that audits may cost
    traffic_share: float = 1.0  # of the requests, that the student is asked about at all
    student_deadline_ms: float = 2_000.0  # for the student's answer; then the teacher is asked
    on_alarm: OnAlarm = "tighten"
    order: Order = "cascade"  # gate: strange inputs are seen before a costly student is asked
    student_url: str | None = None  # a server of the student's weights; None: it answers in the router's process

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        for name in ("alpha", "delta", "audit_share", "rare_audit_share", "traffic_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name.replace('_', ' ')} is a share from 0 to 1, not {getattr(self, name)}")

    @property
    def policy_id(self) -> str:
        """The hash of what it says."""
        return f"policy-{short_hash(asdict(self))}"


def keep(connection: sa.Connection, policy: Policy) -> str:
    """Write a policy, once however often it is asked for. Returns its id."""
    if (
        connection.execute(sa.select(policies.c.policy_id).where(policies.c.policy_id == policy.policy_id)).first()
        is None
    ):
        row: dict[str, Any] = {
            "policy_id": policy.policy_id,
            "student_id": policy.student_id,
            "task_id": policy.task_id,
        }
        connection.execute(policies.insert().values(**row, policy=json.dumps(asdict(policy)), created_at=utc_now()))
    return policy.policy_id


def find(connection: sa.Connection, policy_id: str) -> Policy:
    """The policy of that id. Raises UnknownName."""
    text = connection.execute(
        sa.select(policies.c.policy).where(policies.c.policy_id == policy_id)
    ).scalar_one_or_none()
    if text is None:
        raise UnknownName("policy", policy_id, connection.execute(sa.select(policies.c.policy_id)).scalars().all())
    return Policy(**json.loads(text))
