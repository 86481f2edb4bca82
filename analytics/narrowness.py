"""How narrow a task is: what a student could reach, measured before anyone trains one.

Everything comes from a fixed sample of the task's distinct requests and from counts over the whole log. The
share of repeated requests and their agreement come from all calls; what a student does on new requests is tried
with two cheap stand-ins, the nearest earlier neighbour and a linear probe, on the newest fifth of the sample.
"""

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.answers import as_json_object, canonical_answers
from analytics.contracts import Interval
from analytics.stand_ins import Trial, try_out
from analytics.statistics import wilson

MOST_LABELS = 500
LABEL_SUPPORT = 3  # answers of a closed set come back at least this often
CLOSED_RATE = 0.9
LABEL_CHARACTERS = 120  # an answer in the median; longer ones are text, however often they come back


@dataclass(frozen=True)
class Repeats:
    """Counts over every call of a task; see sql/queries/measure_repeats.sql."""

    new_rows: int
    repeated_rows: int
    agreeing_rows: int
    novelty: float
    self_consistency: float | None
    repeated_pairs: int


@dataclass(frozen=True)
class Narrowness:
    """The components, each a share in 0..1 unless it says otherwise, and what they predict."""

    sample_requests: int
    template_share: float | None  # constant characters / prompt characters
    closed_label_rate: float  # answers that belong to a set whose members come back
    labels: int  # members of that set
    schema_rate: float | None  # JSON answers with the commonest key set; null when answers are not JSON
    output_concentration: float  # 1 - entropy of the answers / log n
    neighbour_agreement: Interval | None  # A: newest requests whose nearest earlier one has the same answer
    novelty: float | None  # M0: Good-Turing n1/n, expected share of requests never seen before
    answer_characters: float  # median length of an answer
    answer_novelty: float | None  # new requests whose answer was never given before
    self_consistency: float | None  # chance that two answers to one request agree
    repeated_pairs: int  # pairs of answers behind that
    repeated_share: float | None  # newest requests that the log had seen before
    repeat_agreement: float | None  # of those, answered as before
    input_spread: float | None  # p95 / p50 of input tokens
    output_spread: float | None  # p95 / p50 of output tokens
    predicted_agreement: Interval | None  # of a student with the teacher, on requests it has not seen
    predicted_traffic_agreement: Interval | None  # the same on traffic as it comes, repeats included
    predicted_coverage: float | None  # share it could serve at the allowed disagreement
    composite: float | None  # geometric mean of the shares that are known

    @property
    def is_closed(self) -> bool:
        """Are the answers a closed set that a classifier can learn?"""
        return is_closed_set(self.closed_label_rate, self.labels, self.answer_characters)


@dataclass(frozen=True)
class Sample:
    """Distinct trainable requests of one task with their first answer, oldest first."""

    inputs: Sequence[str]
    outputs: Sequence[str]


def measure(
    sample: Sample,
    repeats: Repeats | None,
    *,
    template_share: float | None,
    input_spread: float | None,
    output_spread: float | None,
    alpha: float,
) -> Narrowness | None:
    """Every component of one task; None when it has no answer to look at."""
    if not sample.outputs:
        return None
    answers = canonical_answers(sample.outputs)
    counts = Counter(answers)
    in_set = {answer for answer, times in counts.items() if times >= LABEL_SUPPORT}
    closed_rate = sum(counts[answer] for answer in in_set) / len(answers)
    characters = statistics.median(len(answer) for answer in answers)
    trial = try_out(sample.inputs, answers, learnable=is_closed_set(closed_rate, len(in_set), characters))
    on_new = wilson(int(trial.right.sum()), len(trial.right))
    repeated = repeats.repeated_rows / repeats.new_rows if repeats and repeats.new_rows else None
    agreeing = repeats.agreeing_rows / repeats.repeated_rows if repeats and repeats.repeated_rows else None
    concentration = _concentration(counts)
    shares = {
        "template_share": template_share,
        "schema_rate": _schema_rate(sample.outputs),
        "novelty": repeats.novelty if repeats else None,
        "answer_novelty": trial.answer_novelty,
        "self_consistency": repeats.self_consistency if repeats else None,
    }
    return Narrowness(
        sample_requests=len(answers),
        closed_label_rate=closed_rate,
        output_concentration=concentration,
        labels=len(in_set),
        answer_characters=characters,
        neighbour_agreement=trial.neighbour,
        repeated_pairs=repeats.repeated_pairs if repeats else 0,
        repeated_share=repeated,
        repeat_agreement=agreeing,
        input_spread=input_spread,
        output_spread=output_spread,
        predicted_agreement=on_new,
        predicted_traffic_agreement=on_traffic(on_new, repeats),
        predicted_coverage=coverage(trial, repeats, alpha),
        composite=_composite({**shares, "closed": closed_rate, "concentration": concentration}, trial.neighbour),
        **shares,
    )


def is_closed_set(closed_rate: float, labels: int, answer_characters: float) -> bool:
    """Short answers, nearly all of which come back for other requests, and not too many different ones."""
    return closed_rate >= CLOSED_RATE and 1 < labels <= MOST_LABELS and answer_characters <= LABEL_CHARACTERS


def _schema_rate(outputs: Sequence[str]) -> float | None:
    """Share of answers with the commonest set of JSON keys; null unless most answers are JSON."""
    keys = Counter(tuple(sorted(found)) for output in outputs if (found := as_json_object(output.strip())) is not None)
    if keys.total() < len(outputs) / 2:
        return None
    return keys.most_common(1)[0][1] / len(outputs)


def _concentration(counts: Counter[str]) -> float:
    total = counts.total()
    if total < 2:
        return 0.0
    entropy = -sum(times / total * math.log(times / total) for times in counts.values())
    return 1 - entropy / math.log(total)


def on_traffic(on_new: Interval | None, repeats: Repeats | None) -> Interval | None:
    """Agreement on traffic as it comes: repeats as the log answered them, new requests as predicted.

    r·a_repeat + (1 - r)·a_new, where r and a_repeat are counted over the newest fifth of the whole log.
    """
    if on_new is None or repeats is None or not repeats.new_rows:
        return on_new
    new_share = 1 - repeats.repeated_rows / repeats.new_rows
    kept = repeats.agreeing_rows / repeats.new_rows
    value, low, high = (kept + new_share * part for part in (on_new.value, on_new.low, on_new.high))
    return Interval(value, low, high, "95% Wilson on new requests, repeats counted", on_new.n)


def coverage(trial: Trial, repeats: Repeats | None, alpha: float) -> float | None:
    """Largest share of traffic that could be served with at most alpha of it wrong.

    Repeated requests and new ones by falling confidence, whichever mix allows most. This is what the stand-in
    reaches with the best cut in hindsight; a guarantee costs some of it.
    """
    if not len(trial.right):
        return None
    rows = repeats.new_rows if repeats else 0
    repeated = repeats.repeated_rows / rows if repeats and rows else 0.0
    wrong = (repeats.repeated_rows - repeats.agreeing_rows) / rows if repeats and rows else 0.0
    order = np.argsort(-trial.confidence, kind="stable")
    each = (1 - repeated) / len(order)
    served = np.concatenate([[0.0], each * np.arange(1, len(order) + 1)])
    errors = np.concatenate([[0.0], each * np.cumsum(~trial.right[order])])
    mixes = [(served, errors), (served + repeated, errors + wrong)]
    return max(float(share[bad <= alpha * share].max(initial=0.0)) for share, bad in mixes)


def _composite(shares: dict[str, float | None], neighbour: Interval | None) -> float | None:
    """Geometric mean of what speaks for narrowness; novelty counts against it."""
    novel = shares["answer_novelty"]
    form = max(shares["closed"] or 0.0, shares["schema_rate"] or 0.0)
    known = [
        shares["template_share"],
        form,
        shares["concentration"],
        neighbour.value if neighbour else None,
        1 - novel if novel is not None else None,
    ]
    values = [max(value, 1e-3) for value in known if value is not None]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None
