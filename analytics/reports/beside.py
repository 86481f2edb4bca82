"""Speed, privacy, reliability and control in words, each with the log's own numbers."""

from analytics.beside_money import BesideMoney
from analytics.reports import present
from analytics.reports.blocks import Table

SHOWN_MODELS = 3


def beside_table(found: BesideMoney) -> Table:
    """What the API does today beside what a student would do."""
    rows = (
        ("speed", _speed_now(found), _speed_then(found)),
        ("privacy", _privacy_now(found), _privacy_then(found)),
        ("reliability", _reliability_now(found), _reliability_then(found)),
        ("control", _control_now(found), _control_then(found)),
    )
    return Table("Beside money", ("aspect", "in the log", "with a student"), rows)


def _speed_now(found: BesideMoney) -> str:
    if found.latency_ms_p50 is None:
        return "the log gives no latency"
    half, most = present.milliseconds(found.latency_ms_p50), present.milliseconds(found.latency_ms_p95)
    return f"{half} in the median, {most} at the 95th percentile"


def _speed_then(found: BesideMoney) -> str:
    if found.student_latency_ms is None:
        return "nobody has measured it"
    wait = found.student_wait_ms
    waiting = f", {present.milliseconds(wait)} of waiting in the peak minute" if wait is not None and wait >= 1 else ""
    return f"{present.milliseconds(found.student_latency_ms)} planned for one call{waiting}"


def _privacy_now(found: BesideMoney) -> str:
    tokens = f", {present.compact(found.monthly_tokens)} tokens" if found.monthly_tokens else ""
    users = "; the log names end users" if found.users_known else ""
    return f"{present.compact(found.monthly_calls)} calls{tokens} a month leave the organisation{users}"


def _privacy_then(found: BesideMoney) -> str:
    stays = present.compact(found.monthly_calls * found.stays_share)
    share = present.percent(found.stays_share)
    return f"{stays} calls a month ({share}) would no longer leave; the rest is handed back or audited"


def _reliability_now(found: BesideMoney) -> str:
    failed, again = present.percent(found.failure_share, 2), present.percent(found.retry_share, 2)
    limits = "kinds of failure are not in the log"
    if found.rate_limited_share is not None:
        limits = f"{present.percent(found.rate_limited_share, 2)} hit a rate limit"
    most = f"; commonest: {found.commonest_failure}" if found.commonest_failure else ""
    return f"{failed} of calls failed, {again} were repeats; {limits}{most}"


def _reliability_then(found: BesideMoney) -> str:
    back = present.percent(found.handed_back_share)
    return f"no limit of a provider on what is served here; the {back} handed back still depend on it"


def _control_now(found: BesideMoney) -> str:
    shown = ", ".join(f"{one.model} {present.percent(one.share)}" for one in found.models[:SHOWN_MODELS])
    known = [f"{one.model} retires on {present.day_and_year(one.retires_on)}" for one in found.models if one.retires_on]
    retires = "; ".join(known) or "when they retire is not known"
    return f"{shown} of the newest month's calls; {retires}"


def _control_then(found: BesideMoney) -> str:
    changed = present.plural(found.prompt_versions, "version")
    return f"the student changes only when you retrain it; the prompt had {changed} in this log"
