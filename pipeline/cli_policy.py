"""The flags of ``router promote`` that say by which rule a student serves."""

from dataclasses import dataclass, replace
from typing import Annotated

from cyclopts import Parameter

from pipeline.router.policy import OnAlarm, Policy


@Parameter(name="*")
@dataclass(frozen=True)
class PolicyFlags:
    """Everything of a policy but its proof."""

    audit_share: Annotated[
        float, Parameter(help="Share of the student's answers that the teacher is asked about as well.")
    ] = Policy.audit_share
    rare_audit_share: Annotated[float, Parameter(help="The same for kinds of request that are seldom seen.")] = (
        Policy.rare_audit_share
    )
    audit_cap: Annotated[float, Parameter(help="Most that audits may cost a day [USD].")] = Policy.audit_cap_usd_per_day
    traffic_share: Annotated[float, Parameter(help="Share of the requests that the student is asked about at all.")] = (
        Policy.traffic_share
    )
    deadline_ms: Annotated[float, Parameter(help="Time that the student has before the teacher is asked.")] = (
        Policy.student_deadline_ms
    )
    on_alarm: Annotated[OnAlarm, Parameter(help="What an alarm does: tighten, fall-back or roll-back.")] = (
        Policy.on_alarm
    )
    student_url: Annotated[
        str | None,
        Parameter(help="OpenAI-compatible server of this student's exported weights, up to and including /v1."),
    ] = None

    def of(self, policy: Policy) -> Policy:
        """The policy with these values in it."""
        return replace(
            policy, audit_share=self.audit_share, rare_audit_share=self.rare_audit_share,
            audit_cap_usd_per_day=self.audit_cap, traffic_share=self.traffic_share,
            student_deadline_ms=self.deadline_ms, on_alarm=self.on_alarm, student_url=self.student_url,
        )  # fmt: skip
