"""A student's sum against the forecast of the brief that stood when it began, and why it missed."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from analytics.production.foretold import case_of, foretold
from analytics.production.miss import Coverage, Other, Period, Price, Quality, Volume, explain
from analytics.workspace import Workspace
from pipeline.failure_labels import newest_labels
from pipeline.ledger_student import Student

LEAST_LABELLED = 20  # audited disagreements that people looked at, before their share of real errors counts


class Errors(NamedTuple):
    """Extra errors of a served answer, and how they are known."""

    rate: float | None
    basis: str


def against_forecast(
    workspace: Workspace, student: Student, failures: Mapping[str, str]
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The forecast to date, and the miss by factor [USD]; null where no analysis knew the task.

    failures: the failure of each audited call, by call.
    """
    if not student.judged or not student.days:
        return None, None
    analysis = next(
        (one for one in reversed(student.judged) if one.made_on <= student.days[0].traffic.day), student.judged[0]
    )
    told = foretold(case_of(analysis.decision), len(student.days))
    errors = extra_errors(workspace, student, failures)
    came = _came(student, told.period, errors)
    parts = explain(told.period, came)
    forecast = {
        "cumulative_usd": told.cumulative_usd[-1],
        "days": [{"day": day.traffic.day, "cumulative_usd": usd} for day, usd in _each(student, told.cumulative_usd)],
        "snapshot_id": analysis.snapshot_id,
        "made_on": analysis.made_on,
    }
    miss: dict[str, Any] = {f"{name}_usd": amount for name, amount in parts.items()}
    miss |= {
        "total_usd": came.net_usd - told.period.net_usd,
        "came_usd": came.net_usd,
        "came_is": "saving less the cost of extra errors, which the forecast counts as well",
        "extra_errors": came.quality.extra_errors,
        "extra_errors_are": errors.basis,
    }
    return forecast, miss


def _each(student: Student, cumulative: tuple[float, ...]) -> list[tuple[Any, float]]:
    return list(zip(student.days, cumulative, strict=True))


def extra_errors(workspace: Workspace, student: Student, failures: Mapping[str, str]) -> Errors:
    """Disagreements on audits, less those on which people say that the student was not worse.

    With fewer than 20 labels every disagreement counts as an error of the student: an upper end.
    """
    now = student.quality.now
    if now is None or not now.audits:
        return Errors(None, "no audit yet: as foretold")
    whole = sum(1 / one.propensity for one in now.audits)
    rate = sum(1 / one.propensity for one in now.audits if one.is_wrong) / whole
    labels = newest_labels(workspace)
    said = [labels[failure]["right"] for failure in failures.values() if failure in labels]
    known = [right for right in said if right != "skip"]
    if len(known) < LEAST_LABELLED:
        return Errors(rate, f"every audited disagreement; {len(known)} of {LEAST_LABELLED} labels that would tell more")
    worse = (known.count("teacher") - known.count("student")) / len(known)
    return Errors(rate * worse, f"audited disagreements x {worse:.0%}, by {len(known)} labels")


def _came(student: Student, told: Period, errors: Errors) -> Period:
    """What came, in the terms of the forecast; its net is the booked saving less the cost of errors."""
    calls = sum(day.traffic.calls for day in student.days)
    served = sum(day.traffic.served for day in student.days)
    baseline, back, audits, fixed = (
        sum(getattr(day.money, f"{name}_micros") for day in student.days) / 1e6
        for name in ("baseline", "handed_back", "audit", "serving")
    )
    baseline += sum(day.money.correction_micros for day in student.days) / 1e6
    fixed += sum(day.money.operations_micros for day in student.days) / 1e6 + student.one_off.total_micros / 1e6
    share = served / calls if calls else 0.0
    call_usd = baseline / calls if calls else 0.0
    ratio = back / (baseline * (1 - share)) if baseline and share < 1 else told.coverage.handed_back_cost_ratio
    audit_share = audits / (baseline * share) if baseline and share else told.other.audit_share
    unexplained = 0.0 if baseline else back + audits
    rate = told.quality.extra_errors if errors.rate is None else errors.rate
    error_usd = student.case.value("error_cost_calls") * call_usd
    return Period(
        Volume(float(calls)), Price(call_usd), Coverage(share, ratio), Quality(rate),
        Other(audit_share, error_usd, fixed + unexplained),
    )  # fmt: skip
