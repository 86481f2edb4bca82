"""What asking a teacher will cost and take, from the lengths of the task's own inputs and answers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.statistics import quantile
from analytics.tokenizers import ANOTHER
from analytics.workspace import Workspace
from pipeline.contracts import Teaching
from pipeline.teaching.jobs import in_order, job
from pipeline.teaching.prices import find_price
from pipeline.teaching.quality import GOLD_ROWS, OWN_ROWS, OWN_SAMPLES
from pipeline.teaching.tokens import AROUND_A_MESSAGE, AROUND_ALL, count_tokens, worst_ratio

READ = 400  # rows whose tokens are counted
DRAWS = 400
USUAL_LATENCY_S = 1.5  # of a call, where the log does not tell
BATCH_S = 3_600.0  # a batch is promised within a day and is mostly there within the hour


@dataclass(frozen=True)
class Known:
    """One row of the task, as far as an estimate needs it."""

    input_text: str
    system_prompt: str | None
    output_text: str | None
    has_gold: bool
    latency_ms: float | None


@dataclass(frozen=True)
class TeachEstimate:
    """The teach stage of a plan before anything is sent."""

    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_p50_usd: float
    cost_p90_usd: float
    seconds: float
    price: str


def estimate(workspace: Workspace, teaching: Teaching, rows: Sequence[Known], seed: int) -> TeachEstimate:
    """Tokens, money and time. Raises InputError where the price is unknown.

    The range comes from drawing the rows anew, and for models of another tokenizer the number of tokens as well.
    """
    price = find_price(workspace, teaching.model, use_batch=teaching.use_batch)
    draw = random.Random(seed)
    lengths = _lengths(rows, teaching, draw)
    totals = [_total(teaching, rows, _drawn(lengths, draw), _ratio(teaching.model, draw)) for _ in range(DRAWS)]
    costs = [price.micros(round(asked), round(said)) / 1e6 for _, asked, said in totals]
    calls, asked, said = _total(teaching, rows, lengths, 1.0)
    return TeachEstimate(
        teaching.model,
        calls,
        round(asked),
        round(said),
        quantile(costs, 0.5) or 0.0,
        quantile(costs, 0.9) or 0.0,
        _seconds(teaching, rows, calls),
        price.source,
    )


def _lengths(rows: Sequence[Known], teaching: Teaching, draw: random.Random) -> list[tuple[float, float]]:
    """Tokens of question and answer of some rows; an unanswered one takes the middle of the others."""
    read = list(rows) if len(rows) <= READ else draw.sample(list(rows), READ)
    known = [count_tokens(row.output_text) for row in read if row.output_text]
    usual = quantile(known, 0.5) or teaching.max_output_tokens / 2
    around = AROUND_ALL + 2 * AROUND_A_MESSAGE
    return [
        (
            around + count_tokens(row.input_text) + count_tokens(row.system_prompt or ""),
            float(count_tokens(row.output_text)) if row.output_text else usual,
        )
        for row in read
    ] or [(0.0, 0.0)]


def _drawn(lengths: list[tuple[float, float]], draw: random.Random) -> list[tuple[float, float]]:
    return draw.choices(lengths, k=len(lengths))


def _ratio(model: str, draw: random.Random) -> float:
    return 1.0 if worst_ratio(model) == 1.0 else draw.uniform(float(ANOTHER.low), float(ANOTHER.high))


def _total(
    teaching: Teaching, rows: Sequence[Known], lengths: Sequence[tuple[float, float]], ratio: float
) -> tuple[int, float, float]:
    """Calls and their tokens, over the check of the teacher and all jobs."""
    asked = ratio * sum(length for length, _ in lengths) / len(lengths)
    said = ratio * sum(length for _, length in lengths) / len(lengths)
    unanswered = sum(not (row.output_text or "").strip() for row in rows)
    calls = _quality_calls(rows)
    total_in, total_out = calls * asked, calls * said
    for name in in_order(teaching.jobs):
        one = job(name)
        count = one.calls(teaching, len(rows), unanswered)
        each_in, each_out = one.tokens(teaching, asked, said)
        calls, total_in, total_out = calls + count, total_in + count * each_in, total_out + count * each_out
    return calls, total_in, total_out


def _quality_calls(rows: Sequence[Known]) -> int:
    gold = sum(row.has_gold for row in rows)
    return min(gold, GOLD_ROWS) if gold else min(len(rows), OWN_ROWS) * OWN_SAMPLES


def _seconds(teaching: Teaching, rows: Sequence[Known], calls: int) -> float:
    if teaching.use_batch:
        return BATCH_S * (1 + len(teaching.jobs))  # one batch after another, the check of the teacher first
    latency_ms = quantile([row.latency_ms for row in rows if row.latency_ms], 0.5)
    return calls * (latency_ms / 1000 if latency_ms else USUAL_LATENCY_S) / teaching.concurrency
