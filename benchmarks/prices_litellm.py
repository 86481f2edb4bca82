"""LiteLLM's own cost of usages given as JSON lines on standard input; runs in a process of its own, importing it is slow."""

import json
import os
import sys
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # otherwise importing it calls the network


def cost(one: dict[str, Any], litellm: Any, calculator: Any, types: Any) -> float | str:
    """The cost of one usage, or the name of the error."""
    written = one["in_cache_write_5m"] + one["in_cache_write_1h"]
    usage = types.Usage(
        prompt_tokens=one["in_uncached"] + one["in_cache_read"] + written,
        completion_tokens=one["out_visible"] + one["out_reasoning"],
        total_tokens=sum(one[name] for name in one if name.startswith(("in_", "out_"))),
        prompt_tokens_details=types.PromptTokensDetailsWrapper(
            cached_tokens=one["in_cache_read"],
            cache_creation_tokens=written,
            cache_creation_token_details=types.CacheCreationTokenDetails(
                ephemeral_5m_input_tokens=one["in_cache_write_5m"], ephemeral_1h_input_tokens=one["in_cache_write_1h"]
            ),
        ),
        completion_tokens_details=types.CompletionTokensDetailsWrapper(reasoning_tokens=one["out_reasoning"]),
    )
    tier, provider = one["tier"], one["provider"]
    if tier == "fast" and provider == "anthropic":
        usage.speed = "fast"
    try:
        if tier == "batch":
            _, found, _, _ = litellm.get_llm_provider(model=one["model"], custom_llm_provider=provider)
            litellm.get_model_info(one["model"], found)  # the batch calculator gives 0 for what it does not find
            parts = calculator.batch_cost_calculator(usage, one["model"], provider)
        else:
            _, found, _, _ = litellm.get_llm_provider(model=one["model"], custom_llm_provider=provider)
            litellm.get_model_info(one["model"], found)  # the batch calculator gives 0 for what it does not find
            parts = calculator.cost_per_token(
                model=one["model"],
                custom_llm_provider=provider,
                usage_object=usage,
                service_tier=None if tier == "standard" else tier,
            )
        return sum(parts)
    except Exception as error:  # whatever it cannot cost is counted, never dropped
        return f"{type(error).__name__}: {error}"[:200]


def main() -> None:
    """Answer every line of standard input with one number or error."""
    from datetime import UTC, datetime

    import litellm
    from litellm import cost_calculator, types
    from litellm.litellm_core_utils.llm_cost_calc import utils

    litellm.suppress_debug_info = True
    utils.current_billing_time = lambda: datetime(2026, 11, 24, 12, 45, tzinfo=UTC)
    lines = [json.loads(line) for line in sys.stdin]
    print(json.dumps([cost(one, litellm, cost_calculator, types.utils) for one in lines]))


if __name__ == "__main__":
    main()
