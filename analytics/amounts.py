"""Values with their units, as a person would write them."""


def amount(value: float, unit: str) -> str:
    """A value with its unit, as a person would write it.

    >>> amount(0.4553, "share / year"), amount(15808.9, "USD / month"), amount(6, "weeks")
    ('45.5%', '$15,809', '6 weeks')
    >>> amount(0.00108, "USD / call"), amount(1.3, "ratio")
    ('$0.00108', '1.3×')
    """
    if unit == "ratio":
        return f"{value:.3g}×"
    if unit.startswith("share") or unit == "errors / call":
        return f"{100 * value:.3g}%"
    if unit.startswith("USD") and 0 < abs(value) < 10:
        return f"{'-' if value < 0 else ''}${abs(value):.3g}"
    return usd(value) if unit.startswith("USD") else f"{value:.3g} {unit}"


def usd(value: float) -> str:
    """Dollars for a sentence: whole, with the sign in front.

    >>> usd(-1234.5), usd(17230.86)
    ('-$1,234', '$17,231')
    """
    return f"{'-' if value <= -0.5 else ''}${abs(value):,.0f}"


SAID = {
    "fallback_share": "share of calls handed back",
    "fallback_cost_ratio": "price of a handed-back call",
    "error_delta": "rate of extra errors",
    "error_cost_calls": "cost of an extra error",
    "teacher_generation_usd": "cost of the training set",
    "gold_labels_usd": "cost of labels",
    "engineer_weeks": "engineering effort",
    "build_months": "time to build",
    "peak_to_mean": "peak against mean traffic",
    "ops_usd_per_month": "cost of operations",
    "gpu_price_multiplier": "GPU rent against list",
    "capacity_multiplier": "GPU capacity against plan",
    "monthly_growth": "monthly growth of calls",
    "call_cost_usd": "cost of a call",
    "arrival_scv": "scatter of arrivals",
    "exact_repeat_share": "spend on exact repeats",
    "semantic_cache_share": "spend that a cache of alike requests saves",
    "semantic_cache_error": "errors of such a cache",
    "prompt_cache_share": "spend that a prompt cache saves",
    "prompt_cut_share": "spend that a shorter prompt saves",
    "small_model_price_ratio": "price of the vendor's smaller model",
    "open_weights_price_ratio": "price of open weights at a host",
    "vendor_tuned_price_ratio": "price of a model tuned at the vendor",
}


def said(name: str) -> str:
    """An input of the decision as one says it to somebody who has not read the code.

    >>> said("fallback_share"), said("yearly_price_decline"), said("training_usd")
    ('share of calls handed back', 'yearly price decline', 'training')
    """
    return SAID.get(name) or name.removesuffix("_usd").replace("_usd_", " ").replace("_", " ")
