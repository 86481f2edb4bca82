"""What stands beside money: speed, privacy, reliability and control, with the log's own numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.assumptions import Assumptions
from analytics.growth import DAYS_A_MONTH
from analytics.profile import RECENT_DAYS, TaskProfile
from analytics.retirements import retires_on
from analytics.serving import Fleet


@dataclass(frozen=True)
class ModelShare:
    """One model of the newest month."""

    model: str
    share: float  # of the task's calls
    retires_on: str | None = None  # ISO day on which its vendor takes it off; None: not known


@dataclass(frozen=True)
class BesideMoney:
    """Measured now, and as the student's case has it; None where the log does not say."""

    # speed [ms]
    latency_ms_p50: float | None
    latency_ms_p95: float | None
    student_latency_ms: float | None  # one call in the peak minute, as planned
    student_wait_ms: float | None
    # privacy: what leaves the organisation in a month
    monthly_calls: float
    monthly_tokens: float | None  # input and output
    stays_share: float  # of the calls, served here and not audited
    users_known: bool  # the log names end users
    models: tuple[ModelShare, ...]  # who sees it, most calls first
    # reliability, of the calls in the log
    failure_share: float
    retry_share: float
    rate_limited_share: float | None  # refused for sending too much; None where the log gives no kind of failure
    commonest_failure: str | None
    handed_back_share: float  # still depends on the provider
    # control
    prompt_versions: int
    teacher_retires_on: str | None = None  # ISO day of the model with most calls, where the vendor has announced one


def beside_money(
    profile: TaskProfile, student: Assumptions, serving: Fleet, failures: Sequence[Mapping[str, Any]]
) -> BesideMoney:
    """From what was measured. failures: rows of ``list_failures``."""
    back, audited = student.value("fallback_share"), student.value("shadow_share")
    kinds = [row for row in failures if row["error_class"] or row["http_status"]]
    limited = sum(row["calls"] for row in failures if row["is_rate_limit"])
    models = _shares(profile)
    return BesideMoney(
        latency_ms_p50=profile.latency_ms_p50,
        latency_ms_p95=profile.latency_ms_p95,
        student_latency_ms=serving.latency_ms,
        student_wait_ms=serving.wait_ms,
        monthly_calls=profile.monthly_calls,
        monthly_tokens=_monthly_tokens(profile),
        stays_share=(1 - back) * (1 - audited),
        users_known=profile.users_known,
        models=models,
        failure_share=profile.failure_share,
        retry_share=profile.retry_share,
        rate_limited_share=limited / profile.calls if kinds or not failures else None,
        commonest_failure=_kind(kinds[0]) if kinds else None,
        handed_back_share=back,
        prompt_versions=profile.versions,
        teacher_retires_on=models[0].retires_on if models else None,
    )


def _monthly_tokens(profile: TaskProfile) -> float | None:
    total = sum(mix.input_tokens + mix.visible + mix.reasoning for mix in profile.token_mixes)
    return total / RECENT_DAYS * DAYS_A_MONTH if total else None


def _shares(profile: TaskProfile) -> tuple[ModelShare, ...]:
    calls = sum(mix.calls for mix in profile.token_mixes)
    if not calls:
        return tuple(ModelShare(name, 1 / len(profile.models), retires_on(None, name)) for name in profile.models[:1])
    ranked = sorted(profile.token_mixes, key=lambda mix: -mix.calls)
    return tuple(ModelShare(mix.model, mix.calls / calls, retires_on(None, mix.model)) for mix in ranked)


def _kind(row: Mapping[str, Any]) -> str:
    return " ".join(str(part) for part in (row["http_status"], row["error_class"]) if part)
