"""From a profile to what the decision asks: gates with their sentences, and economic inputs as measured.

Thresholds are stated here once; each sentence carries the number that tripped it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from analytics.arrivals import Arrivals
from analytics.assumptions import Assumptions
from analytics.contracts import Interval
from analytics.gates import ABSENT, Gates, Signal, needed_escalation
from analytics.narrowness import Narrowness
from analytics.narrowness_words import drifting
from analytics.profile import TaskProfile
from analytics.serving import for_cpu_student
from analytics.workspace import SHIPPED

MIN_ROWS = 500  # distinct trainable requests
SEED_RULE_USD = 5_000.0  # a month; below it the answer at default assumptions is no
REASONING_SHARE = 0.5
TOOL_SHARE = 0.2
OPEN_CHARACTERS = 100  # median length of an answer that is prose rather than a value
NEW_ANSWERS = 0.2  # new requests whose answer was never given before
LEAST_GOLD = 50
TEACHER_RIGHT = 0.8
TEACHER_STEADY = 0.9
LEAST_PAIRS = 100
LEARNABLE = 0.7  # agreement on new requests below which a closed set points at the teacher
MATERIAL_BITS = 0.05  # of Jensen-Shannon divergence between months: an even yes-or-no task that turns three to one
GROWTH_RANGE = (-0.03, 0.05)  # a month; what may be carried on for two years
FALLBACK_RANGE = (0.03, 0.95)
# Judged: teachers get cheaper with prices, and what takes more weeks takes more months.
CORRELATIONS = {"price_generation_correlation": -0.3, "weeks_build_correlation": 0.5}


def gates_of(profile: TaskProfile, alpha: float, *, is_default_case: bool, error_cost_confirmed: bool = False) -> Gates:
    """What must hold before money is counted, each with the number behind it.

    is_default_case: nobody changed an assumption, so the seed rule for small spends applies.
    """
    narrow = profile.narrowness
    traffic = narrow.predicted_traffic_agreement if narrow else None
    return Gates(
        licence_ok=licence_ok(profile.models),
        trainable_rows=profile.distinct_inputs,
        min_rows=MIN_ROWS,
        predicted_agreement=traffic,
        alpha=alpha,
        unpriced_share=profile.unpriced_share,
        feasible_escalation=needed_escalation(1 - traffic.value, alpha) if traffic else None,
        open_ended=_open_ended(profile, narrow),
        multi_step_reasoning=_multi_step(profile),
        long_tail=_long_tail(profile, narrow),
        teacher_unreliable=_teacher_unreliable(profile, narrow),
        low_volume=_low_volume(profile) if is_default_case else ABSENT,
        error_cost_confirmed=error_cost_confirmed,
        drifting=_drifting(narrow),
    )


def _is_prose(narrow: Narrowness) -> bool:
    return not narrow.is_closed and narrow.schema_rate is None and narrow.answer_characters >= OPEN_CHARACTERS


def _open_ended(profile: TaskProfile, narrow: Narrowness | None) -> Signal:
    if narrow is None or not _is_prose(narrow) or _multi_step(profile).holds:
        return ABSENT
    sentence = (
        f"Answers are free text ({narrow.answer_characters:,.0f} characters in the median, "
        f"{_percent(narrow.answer_novelty)} of new requests get one never given before): agreement cannot be checked "
        "answer by answer, so no cut can be guaranteed."
    )
    return Signal(True, sentence)


def _multi_step(profile: TaskProfile) -> Signal:
    if (profile.tool_call_share or 0) >= TOOL_SHARE:
        return Signal(
            True, f"{_percent(profile.tool_call_share)} of the answers call a tool: each is one step of a longer plan."
        )
    if (profile.reasoning_share or 0) >= REASONING_SHARE:
        share = _percent(profile.reasoning_share)
        return Signal(
            True, f"{share} of the answers reason in steps before they conclude, which small models copy badly."
        )
    return ABSENT


def _long_tail(profile: TaskProfile, narrow: Narrowness | None) -> Signal:
    if narrow is None or narrow.is_closed or _is_prose(narrow) or _multi_step(profile).holds:
        return ABSENT
    if (narrow.answer_novelty or 0) < NEW_ANSWERS:
        return ABSENT
    sentence = (
        f"{_percent(narrow.answer_novelty)} of new requests need an answer that was never given before; "
        "a student that chooses among known answers would hand every one of them back."
    )
    return Signal(True, sentence)


def _teacher_unreliable(profile: TaskProfile, narrow: Narrowness | None) -> Signal:
    """By gold where there is any; else by its own contradictions, where answers are short enough to compare."""
    gold = profile.teacher_accuracy_gold
    if gold is not None and profile.gold_rows >= LEAST_GOLD:
        sentence = f"The teacher is right on {gold.value:.0%} of {gold.n:,} answers with gold ({_range(gold)})."
        return Signal(gold.high < TEACHER_RIGHT, sentence)
    if narrow is None or _is_prose(narrow) or _multi_step(profile).holds:
        return ABSENT
    steady = narrow.self_consistency
    if steady is not None and narrow.repeated_pairs >= LEAST_PAIRS and steady < TEACHER_STEADY:
        pairs = f"{1 - steady:.0%} of {narrow.repeated_pairs:,} pairs"
        return Signal(True, f"Asked the same thing twice, the teacher contradicts itself in {pairs}.")
    predicted = narrow.predicted_agreement
    if narrow.is_closed and predicted is not None and predicted.high < LEARNABLE and not _tuning_helps(narrow):
        return Signal(True, _unlearnable(narrow, predicted))
    return ABSENT


def _tuning_helps(narrow: Narrowness) -> bool:
    """Is a fine-tuned student likely to learn what a head cannot? Then it is the head that falls short."""
    tuned = narrow.predicted_fine_tuned_agreement
    return tuned is not None and tuned.value >= LEARNABLE


def _unlearnable(narrow: Narrowness, predicted: Interval) -> str:
    return (
        f"A classifier trained on the teacher's own answers foretells only {predicted.value:.0%} of its answers to "
        f"new requests ({_range(predicted)}; {narrow.labels} possible answers): the teacher is often wrong or "
        "guesses. Have 200 answers checked by hand."
    )


def _drifting(narrow: Narrowness | None) -> Signal:
    if narrow is None or narrow.drift is None or not narrow.drift.is_real:
        return ABSENT
    sentence = f"{drifting(narrow)} Train again when it does, and watch the share that is handed back."
    return Signal(narrow.drift.divergence >= MATERIAL_BITS, sentence)


def _low_volume(profile: TaskProfile) -> Signal:
    spend = profile.recent_monthly_spend_usd
    if spend is None or spend > SEED_RULE_USD:
        return ABSENT
    rule = f"below ${SEED_RULE_USD:,.0f} a student of its own does not pay at default assumptions"
    return Signal(True, f"It costs ${spend:,.0f} a month; {rule}.")


def measured_assumptions(
    base: Assumptions, profile: TaskProfile, latency_ms_p50: float, levers: Mapping[str, float] | None = None
) -> Assumptions:
    """The case of this task: what the log says goes above the defaults, what the user says above both.

    levers: what measured_levers found.
    """
    values: dict[str, Any] = {"monthly_spend_usd": profile.recent_monthly_spend_usd or 0.0}
    if profile.spend_usd and profile.calls:
        values["call_cost_usd"] = max(1e-7, profile.spend_usd / profile.calls)
    if profile.monthly_growth is not None:
        values["monthly_growth"] = _held_growth(profile.monthly_growth)
    narrow = profile.narrowness
    if narrow is not None and narrow.predicted_coverage is not None:
        values["fallback_share"] = min(max(_handed_back(narrow), FALLBACK_RANGE[0]), FALLBACK_RANGE[1])
    if profile.repeat_spend_share is not None:
        values["exact_repeat_share"] = profile.repeat_spend_share
        values |= _alike(narrow, profile.repeat_spend_share)
    if profile.arrivals is not None:
        values |= _arriving(profile.arrivals)
    values |= levers or {}
    said = f"your log, to {profile.last_at[:10]}"
    measured = base.with_values(values, "measured", said, profile.last_at[:10])
    case = for_cpu_student(measured, latency_ms_p50, "default")
    case = case.with_values(CORRELATIONS, "default")
    chosen = {name: setting for name, setting in base.settings.items() if setting.origin == "user-set"}
    return Assumptions({**case.settings, **chosen})


def _handed_back(narrow: Narrowness) -> float:
    """Share that goes to the teacher: what the student is not sure of, and never less than what is strange to it."""
    strange = narrow.predicted_ood_share.value if narrow.predicted_ood_share else 0.0
    return max(1 - (narrow.predicted_coverage or 0.0), strange)


def _alike(narrow: Narrowness | None, repeated: float) -> dict[str, Any]:
    """Share of all spend that a cache of alike requests would answer beyond exact repeats, and its errors."""
    if narrow is None or not narrow.cache_hit_share or narrow.cache_wrong_share is None:
        return {}
    return {
        "semantic_cache_share": narrow.cache_hit_share * (1 - repeated),
        "semantic_cache_error": narrow.cache_wrong_share * (1 - repeated),
    }


def _arriving(arrivals: Arrivals) -> dict[str, Any]:
    found = {"peak_to_mean": min(100.0, arrivals.peak_to_mean), "arrival_scv": min(1_000.0, arrivals.scv)}
    return found | ({"awake_share": arrivals.awake_share} if arrivals.awake_share is not None else {})


def _held_growth(growth: Interval) -> list[float]:
    """Low, value and high, held within what may be carried on for two years: it compounds."""
    low, high = GROWTH_RANGE
    return [min(max(part, low), high) for part in (growth.low, growth.value, growth.high)]


def licence_ok(models: list[str]) -> bool | None:
    """False when a teacher's terms forbid it, True when all permit it, None when a person must confirm."""
    classes = {_licence_class(model) for model in models}
    if "forbids" in classes:
        return False
    return True if classes == {"permits"} else None


def _licence_class(model: str) -> str:
    from analytics.importers.openai_pairs import provider_of

    vendor = provider_of(model.rsplit("/", 1)[-1]) or ""
    return str(teacher_terms().get(vendor, {}).get("class", "unknown"))


@cache
def teacher_terms() -> Mapping[str, Mapping[str, Any]]:
    """What each vendor's terms say, from data/licences/teachers.toml."""
    import tomllib

    found: Mapping[str, Mapping[str, Any]] = tomllib.loads((SHIPPED / "licences" / "teachers.toml").read_text())
    return found


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.0%}"


def _range(interval: Interval) -> str:
    return f"{interval.covers}: {interval.low:.0%} to {interval.high:.0%}"
