"""What a model's tokens cost: by our own price list, else by litellm's map on this disk, else the call is refused."""

import importlib.util
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from analytics.errors import InputError
from analytics.prices import PriceBook
from analytics.workspace import Workspace
from pipeline.teaching.request import Request, Usage
from pipeline.teaching.tokens import input_tokens, most_input_tokens, text_tokens

BATCH_SHARE = Decimal("0.5")  # what batch services charge, where no batch price is listed
LITELLM_MAP = "model_prices_and_context_window_backup.json"
LEAST_CREDIBLE = 0.5  # of the tokens that we count; a usage below that is not believed


@dataclass(frozen=True)
class TeacherPrice:
    """Rates of one model, as they were when the run began [USD per token]."""

    input_usd: Decimal
    output_usd: Decimal
    source: str
    most_input_tokens: int | None = None  # longer inputs have another price and are not sent

    def micros(self, tokens_in: int, tokens_out: int) -> int:
        """Cost in whole micro-dollars, rounded up."""
        return math.ceil((tokens_in * self.input_usd + tokens_out * self.output_usd) * 1_000_000)

    def worst_micros(self, request: Request, model: str) -> int:
        """The most that one call can cost. Raises InputError for an input too long for this price."""
        tokens = most_input_tokens(request, model)
        if self.most_input_tokens is not None and tokens > self.most_input_tokens:
            raise InputError(
                f"an input of up to {tokens:,} tokens costs {model} more than its usual price; leave it out"
            )
        return self.micros(tokens, request.max_tokens)

    def expected_micros(self, request: Request) -> int:
        """What one call should cost."""
        return self.micros(input_tokens(request), min(request.expected_tokens, request.max_tokens))

    def settled_micros(self, request: Request, usage: Usage | None, answer_tokens: int, worst: int) -> int:
        """The cost by the provider's usage; at worst case where that is missing or cannot be."""
        if usage is None or usage.input_tokens < LEAST_CREDIBLE * text_tokens(request):
            return worst
        if usage.output_tokens < LEAST_CREDIBLE * answer_tokens:
            return worst
        return self.micros(usage.input_tokens, usage.output_tokens)

    def as_json(self) -> str:
        """For the ledger, which keeps the prices that a run began with."""
        rates = {"in": str(self.input_usd), "out": str(self.output_usd)}
        return json.dumps(rates | {"source": self.source, "most_input_tokens": self.most_input_tokens})

    @classmethod
    def of_json(cls, text: str) -> "TeacherPrice":
        """What ``as_json`` wrote."""
        data = json.loads(text)
        return cls(Decimal(data["in"]), Decimal(data["out"]), data["source"], data["most_input_tokens"])


def find_price(workspace: Workspace, model: str, *, use_batch: bool) -> TeacherPrice:
    """The price of today. Raises InputError where none is known: a call whose cost is unknown is not made."""
    provider, _, name = model.partition("/")
    if not name:
        raise InputError(f"a teacher is named PROVIDER/MODEL, e.g. openai/gpt-4o-mini, not {model!r}")
    return _ours(workspace, provider, name, use_batch) or _litellms(model, name, use_batch) or _refuse(model)


def _refuse(model: str) -> TeacherPrice:
    raise InputError(
        f"no price is known for {model}, so no call is made; set it in USD per million tokens (0 for your own server): "
        f"spiritsafe prices set {model} --input USD --output USD"
    )


def _ours(workspace: Workspace, provider: str, name: str, use_batch: bool) -> TeacherPrice | None:
    now = datetime.now(UTC)
    known = [price for price in PriceBook.of(workspace).prices_for(provider, name) if price.effective_from <= now]
    if not known:
        return None
    price = known[-1]
    listed = use_batch and "batch" in price.tiers
    tier = "batch" if listed else "standard"
    share = BATCH_SHARE if use_batch and not listed else Decimal(1)
    longer = [above for above in price.thresholds(tier) if above > 0]  # longer inputs cost another rate
    rates = (price.rate("in", tier=tier) * share, price.rate("out", tier=tier) * share)
    return TeacherPrice(*rates, f"{price.source}: {price.listed_as}", min(longer, default=None))


def _litellms(model: str, name: str, use_batch: bool) -> TeacherPrice | None:
    found = importlib.util.find_spec("litellm")
    if found is None or found.origin is None:
        return None
    listed = json.loads((Path(found.origin).parent / LITELLM_MAP).read_text("utf-8"))
    entry = listed.get(model) or listed.get(name)
    if not entry or entry.get("input_cost_per_token") is None or entry.get("output_cost_per_token") is None:
        return None
    share = BATCH_SHARE if use_batch else Decimal(1)
    rates = [Decimal(str(entry[f"{side}_cost_per_token"])) * share for side in ("input", "output")]
    return TeacherPrice(rates[0], rates[1], f"litellm's map: {model}")
