"""How narrow a task is: what a student could reach, measured before anyone trains one.

Everything comes from a fixed sample of the task's distinct requests and from counts over the whole log. The share of
repeated requests and their agreement come from all calls; what a student does on new requests is foretold from
stand-ins that learn from the sample (analytics/stand_ins.py, analytics/prediction.py).
"""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from analytics.answers import canonical_answers, concentration, json_fields, schema_rate
from analytics.contracts import Interval
from analytics.narrowness_drift import Drift, drift
from analytics.narrowness_shares import composite, is_closed_set, no_prediction
from analytics.narrowness_strangers import ood_share
from analytics.narrowness_traffic import Repeats, coverage, on_traffic
from analytics.prediction import CurvePoint, field_agreement, head_agreement, learning_curve, tuned_agreement
from analytics.stand_ins import Trial, try_out

__all__ = ["Narrowness", "Repeats", "Sample", "measure"]

LABEL_SUPPORT = 3  # answers of a closed set come back at least this often
LEARNING_SHARE = 0.65  # of a log's requests: a plan keeps 20 % for the test and 15 % for the threshold


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
    predicted_agreement: Interval | None  # of a head student with the teacher, on requests it has not seen
    predicted_traffic_agreement: Interval | None  # the same on traffic as it comes, repeats included
    predicted_coverage: float | None  # share it could serve at the allowed disagreement
    composite: float | None  # geometric mean of the shares that are known
    majority_share: float | None = None  # the commonest answer's; what a student that never reads reaches
    predicted_fine_tuned_agreement: Interval | None = None  # of a fine-tuned student, on requests it has not seen
    predicted_ood_share: Interval | None = None  # coming requests unlike any that the log has answers for
    unpredicted_because: str | None = None  # a sentence where there is no prediction
    lessons: int | None = None  # distinct requests that a plan of this log would train on
    learning_curve: list[CurvePoint] = field(default_factory=list)  # predicted agreement by lessons
    field_agreement: dict[str, Interval | None] = field(default_factory=dict)  # JSON answers, key by key
    drift: Drift | None = None  # largest step between two months
    cache_hit_share: float | None = None  # new requests that a cache of alike ones would answer
    cache_wrong_share: float | None = None  # of new requests, those it would answer wrongly: upper end of 95 %

    @property
    def is_closed(self) -> bool:
        """Are the answers a closed set that a classifier can learn?"""
        return is_closed_set(self.closed_label_rate, self.labels, self.answer_characters)

    def __post_init__(self) -> None:
        """Parts that come as JSON mappings become what they were."""
        set_part = object.__setattr__  # the class is frozen to everyone else
        for name in INTERVALS:
            set_part(self, name, _interval(getattr(self, name)))
        set_part(self, "field_agreement", {key: _interval(one) for key, one in self.field_agreement.items()})
        points = [CurvePoint(**one) if isinstance(one, Mapping) else one for one in self.learning_curve]
        set_part(self, "learning_curve", points)
        if isinstance(self.drift, Mapping):
            set_part(self, "drift", Drift(**self.drift))

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Narrowness":
        """A narrowness read back from JSON, of this version or another; what it does not know is left out."""
        return cls(**{name: value for name, value in found.items() if name in cls.__dataclass_fields__})


INTERVALS = (
    "neighbour_agreement",
    "predicted_agreement",
    "predicted_traffic_agreement",
    "predicted_fine_tuned_agreement",
    "predicted_ood_share",
)


def _interval(found: Interval | Mapping[str, Any] | None) -> Interval | None:
    return Interval(**found) if isinstance(found, Mapping) else found


@dataclass(frozen=True)
class Sample:
    """Distinct trainable requests of one task with their first answer, oldest first."""

    inputs: Sequence[str]
    outputs: Sequence[str]
    requested_at: Sequence[datetime | None] | None = None  # of the first call; without it no drift is looked for


def measure(
    sample: Sample,
    repeats: Repeats | None,
    *,
    template_share: float | None,
    input_spread: float | None,
    output_spread: float | None,
    alpha: float,
    distinct_requests: int | None = None,
) -> Narrowness | None:
    """Every component of one task; None when it has no answer to look at.

    distinct_requests: of the whole log, where that is more than the sample; a student would learn from all of them.
    """
    if not sample.outputs:
        return None
    answers = canonical_answers(sample.outputs)
    counts = Counter(answers)
    in_set = {answer for answer, times in counts.items() if times >= LABEL_SUPPORT}
    closed_rate = sum(counts[answer] for answer in in_set) / len(answers)
    characters = statistics.median(len(answer) for answer in answers)
    is_closed = is_closed_set(closed_rate, len(in_set), characters)
    schema = schema_rate(sample.outputs)
    trial = try_out(sample.inputs, answers, {} if schema is None else json_fields(sample.outputs))
    because = no_prediction(trial, counts, characters, has_schema=schema is not None, is_closed=is_closed)
    lessons = int(LEARNING_SHARE * max(distinct_requests or 0, len(set(sample.inputs))))
    shares = _shares(template_share, schema, repeats, trial)
    spread = concentration(counts)
    return Narrowness(
        sample_requests=len(answers),
        closed_label_rate=closed_rate,
        output_concentration=spread,
        labels=len(in_set),
        answer_characters=characters,
        majority_share=max(counts.values()) / len(answers),
        neighbour_agreement=trial.neighbour,
        input_spread=input_spread,
        output_spread=output_spread,
        predicted_coverage=coverage(trial, repeats, alpha),
        predicted_ood_share=ood_share(trial, is_closed=is_closed),
        field_agreement=field_agreement(trial, lessons),
        drift=drift(sample.inputs, answers, sample.requested_at),
        cache_hit_share=trial.cache.hit_share if trial.cache else None,
        cache_wrong_share=trial.cache.wrong_share if trial.cache else None,
        composite=composite({**shares, "closed": closed_rate, "concentration": spread}, trial.neighbour),
        **_foretold(trial, repeats, lessons, because),
        **_repeated(repeats),
        **shares,
    )


def _shares(template: float | None, schema: float | None, repeats: Repeats | None, trial: Trial) -> dict[str, Any]:
    """Components that are shares of the sample; None where nothing was there to look at."""
    return {
        "template_share": template,
        "schema_rate": schema,
        "novelty": repeats.novelty if repeats else None,
        "answer_novelty": trial.answer_novelty,
        "self_consistency": repeats.self_consistency if repeats else None,
    }


def _foretold(trial: Trial, repeats: Repeats | None, lessons: int, because: str | None) -> dict[str, Any]:
    """What students are foretold to reach; nothing where a sentence says why not."""
    on_new = None if because else head_agreement(trial, lessons)
    return {
        "predicted_agreement": on_new,
        "predicted_traffic_agreement": on_traffic(on_new, repeats),
        "predicted_fine_tuned_agreement": None if because else tuned_agreement(trial, lessons),
        "learning_curve": [] if because else learning_curve(trial, lessons),
        "unpredicted_because": because,
        "lessons": lessons,
    }


def _repeated(repeats: Repeats | None) -> dict[str, Any]:
    """What all calls say about requests that come back."""
    if repeats is None:
        return {"repeated_pairs": 0, "repeated_share": None, "repeat_agreement": None}
    return {
        "repeated_pairs": repeats.repeated_pairs,
        "repeated_share": repeats.repeated_rows / repeats.new_rows if repeats.new_rows else None,
        "repeat_agreement": repeats.agreeing_rows / repeats.repeated_rows if repeats.repeated_rows else None,
    }
