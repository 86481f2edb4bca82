"""Narrowness of every task of an analysis: measured where it must be, taken over where the sample is as it was."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from analytics.engine import Engine, Inline
from analytics.kept_narrowness import Measured, is_still_good
from analytics.narrowness import Narrowness, Repeats, Sample, measure

WORTH_A_PROCESS = 6_000  # sampled requests; starting processes takes about two seconds
TaskSamples = Mapping[str, Mapping[str, list[Any]]]  # task, then inputs, outputs, requested_at and request_keys
Row = Mapping[str, Any]


class NarrownessJob(NamedTuple):
    """What the narrowness of one task is measured from."""

    sample: Sample
    repeats: Repeats | None
    measures: dict[str, float | None]  # template_share, input_spread, output_spread
    distinct_requests: int | None
    alpha: float


def measure_narrowness(
    engine: Engine,
    samples: TaskSamples,
    periods: Mapping[str, Row],
    lengths: Mapping[str, Mapping[str, tuple[float, float]]],
    repeats: Mapping[str, Row],
    earlier: Mapping[str, Measured],
    alpha: float,
) -> dict[str, Measured]:
    """Narrowness by task, for those with answers to look at."""
    good = {
        task: earlier[task] for task, one in samples.items() if is_still_good(one["request_keys"], earlier.get(task))
    }
    jobs = {
        task: narrowness_job(sample, repeats.get(task), periods[task], lengths[task], alpha)
        for task, sample in samples.items()
        if task not in good
    }
    is_much = sum(len(job.sample.inputs) for job in jobs.values()) >= WORTH_A_PROCESS
    found = (engine if is_much else Inline()).run(measure_one, list(jobs.values()))
    fresh = {
        task: Measured(frozenset(samples[task]["request_keys"]), narrowness, periods[task]["last_at"].isoformat())
        for task, narrowness in zip(jobs, found, strict=True)
        if narrowness is not None
    }
    return {**good, **fresh}


def measure_one(job: NarrownessJob) -> Narrowness | None:
    """The narrowness of one task; it may run in a process of its own."""
    return measure(
        job.sample,
        job.repeats,
        template_share=job.measures["template_share"],
        input_spread=job.measures["input_spread"],
        output_spread=job.measures["output_spread"],
        alpha=job.alpha,
        distinct_requests=job.distinct_requests,
    )


def narrowness_job(
    sample: Mapping[str, list[Any]],
    repeats: Row | None,
    period: Row,
    lengths: Mapping[str, tuple[float, float]],
    alpha: float,
) -> NarrownessJob:
    """Rows of the queries as what ``measure`` asks."""
    constant, varying = period["system_characters"] or 0.0, period["input_characters"] or 0.0
    counted = {name: repeats[name] for name in Repeats.__dataclass_fields__} if repeats else None
    return NarrownessJob(
        Sample(sample["inputs"], sample["outputs"], sample["requested_at"]),
        Repeats(**counted) if counted else None,
        {
            "template_share": constant / (constant + varying) if constant + varying else None,
            "input_spread": _spread(lengths.get("input_tokens")),
            "output_spread": _spread(lengths.get("output_tokens")),
        },
        round(repeats["distinct_inputs"]) if repeats else None,
        alpha,
    )


def _spread(quantiles: tuple[float, float] | None) -> float | None:
    return quantiles[1] / quantiles[0] if quantiles and quantiles[0] else None
