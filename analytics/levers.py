"""The levers that the assumptions know a share of, and which of them may decide.

A lever that keeps the answers as they are counts as soon as its share was measured or stated; one that changes them
counts only when somebody has stated or measured its extra errors, and these pass the quality gate.
"""

from dataclasses import replace

from analytics.alternatives import DO_NOTHING, Alternative, batch, cascade, exact_cache, prompt_cache, smaller_model
from analytics.assumptions import Assumptions, Origin

TOLERATED_ERRORS = 0.01  # extra errors a call that still pass the quality gate: one point


def from_assumptions(assumptions: Assumptions) -> tuple[Alternative, ...]:
    """Every lever that the assumptions know a share of, those that keep the answers as they are first."""

    def value(name: str) -> float:
        return assumptions.value(name)

    def told(*names: str) -> bool:
        return all(assumptions.settings[name].origin != "default" for name in names)

    def basis(name: str, tested: bool) -> str:
        return _basis(assumptions.settings[name].origin, tested)

    ratio, extra = value("small_model_price_ratio"), value("small_model_error_delta")
    small_tested = told("small_model_error_delta") and extra <= TOLERATED_ERRORS
    cascade_tested = told("cascade_acceptance")
    meaning_errors = value("semantic_cache_error")
    meaning_tested = told("semantic_cache_share", "semantic_cache_error") and meaning_errors <= TOLERATED_ERRORS
    levers = (
        ("prompt_cache_share", prompt_cache(value("prompt_cache_share"), is_measured=told("prompt_cache_share"))),
        ("exact_repeat_share", exact_cache(value("exact_repeat_share"), is_measured=told("exact_repeat_share"))),
        ("semantic_cache_share", Alternative("semantic cache", value("semantic_cache_share"), 8_000, 100, 1,
                                             meaning_errors, meaning_tested, saves_calls=True)),
        ("batchable_share", batch(value("batchable_share"), is_measured=told("batchable_share"))),
        ("prompt_cut_share", Alternative("shorter prompt", value("prompt_cut_share"), 6_000, 0, 1)),
        ("reasoning_spend_share", Alternative("less reasoning", value("reasoning_spend_share"), 6_000, 0, 1)),
        ("small_model_price_ratio", smaller_model(ratio, extra, is_measured=small_tested)),
        ("cascade_acceptance", cascade(value("cascade_acceptance"), ratio, is_measured=cascade_tested)),
        ("open_weights_price_ratio", Alternative("open weights at a host", 1 - value("open_weights_price_ratio"),
                                                 16_000, 300, 1.5, 0.005, is_model=True)),
        ("vendor_tuned_price_ratio", Alternative("fine-tuned at the vendor", 1 - value("vendor_tuned_price_ratio"),
                                                 25_000, 0, 2, 0.002, is_model=True)),
    )  # fmt: skip
    known = (replace(lever, basis=basis(name, lever.is_measured)) for name, lever in levers if lever.saved_share > 0)
    return (DO_NOTHING, *known)


def _basis(origin: Origin, tested: bool) -> str:
    if tested:
        return "measured on this log" if origin == "measured" else "as you set it"
    return "priced on this log, quality untested" if origin == "measured" else "price alone, quality untested"
