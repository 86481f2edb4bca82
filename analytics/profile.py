"""One task as measured: volume, spend, tokens, latency, outcome and narrowness. Facts only, no judgement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from analytics.answers import shows_reasoning
from analytics.arrivals import CACHE_LIFETIME_S, SLEEP_AFTER_S, Arrivals, arrivals_of
from analytics.contracts import Interval
from analytics.engine import Engine
from analytics.forecast_summary import WORTH_USD_A_MONTH, ForecastSummary, summarise
from analytics.growth import DAYS_A_MONTH, monthly_growth
from analytics.kept_narrowness import Measured
from analytics.measured_levers import TokenMix
from analytics.narrowness import Narrowness
from analytics.store import Store
from analytics.task_narrowness import measure_narrowness
from analytics.task_series import task_series
from analytics.tasks.portfolio import FoundTask

SAMPLE_REQUESTS = 3000
RECENT_DAYS = 28


@dataclass(frozen=True)
class TaskProfile:
    """What the log says about one task. Money in USD of calls (rows times their weight)."""

    task_id: str
    name: str
    found_by: str
    versions: int
    models: list[str]
    first_at: str
    last_at: str
    rows: int  # rows of the log
    calls: float  # calls they stand for
    monthly_calls: float  # per 30.4 days over the whole log
    spend_usd: float | None  # of the whole log; null when nothing has a price
    monthly_spend_usd: float | None  # per 30.4 days over the whole log
    recent_monthly_spend_usd: float | None  # the newest 28 days, per 30.4: what a decision starts from
    unpriced_share: float  # calls whose price is unknown
    cost_disagreement: float | None  # (priced - logged) / logged, where the log has a cost
    monthly_growth: Interval | None
    failure_share: float
    retry_share: float
    gateway_cache_share: float
    cache_read_share: float | None  # input tokens read from the provider's prompt cache
    mean_input_tokens: float | None
    mean_output_tokens: float | None
    latency_ms_p50: float | None
    latency_ms_p95: float | None
    trainable_rows: int
    distinct_inputs: int  # exact while each node has at most 4,096; estimated beyond, to 1.6 % (one standard error)
    distinct_outputs: int  # likewise
    duplicate_share: float | None  # calls whose request the log had already seen
    repeat_spend_share: float | None  # spend on requests answered within the last day, which a cache would keep
    tool_call_share: float | None
    multi_turn_share: float | None
    reasoning_share: float | None  # answers that work their way to a result
    users_known: bool
    gold_rows: int
    teacher_accuracy_gold: Interval | None
    narrowness: Narrowness | None
    narrowness_as_of: str | None  # newest call of the task when it was measured
    daily: list[tuple[str, float, float | None]]  # UTC day, calls, USD
    arrivals: Arrivals | None = None  # how its calls arrive
    token_mixes: list[TokenMix] = field(default_factory=list)  # of the newest 28 days, the dearest model first
    forecast: ForecastSummary | None = None  # of the coming 90 days; none made where the task costs little

    def __post_init__(self) -> None:
        """Parts that come as JSON mappings become what they were."""
        set_part = object.__setattr__  # the class is frozen to everyone else
        if isinstance(self.forecast, Mapping):
            set_part(self, "forecast", ForecastSummary(**self.forecast))
        if isinstance(self.arrivals, Mapping):
            set_part(self, "arrivals", Arrivals(**self.arrivals))
        set_part(
            self, "token_mixes", [TokenMix(**one) if isinstance(one, Mapping) else one for one in self.token_mixes]
        )


def profile_tasks(
    store: Store, tasks: Sequence[FoundTask], alpha: float, engine: Engine, earlier: Mapping[str, Measured]
) -> tuple[list[TaskProfile], dict[str, Measured]]:
    """Profiles of every task, dearest first, and the narrowness with the samples that it rests on.

    The store shows what the analysis counted. earlier: narrowness by task that may still be good.
    """
    periods = {row["task_id"]: row for row in store.rows("list_task_periods")}
    lengths = _lengths(store.rows("measure_lengths"))
    answers = {row["task_id"]: row["distinct_outputs"] for row in store.rows("measure_answers")}
    repeats = {row["task_id"]: row for row in store.rows("measure_repeats")}
    gold = {row["task_id"]: row for row in store.rows("measure_gold")}
    caching = {row["task_id"]: row for row in store.rows("measure_cache_hits")}
    days = _days(store.rows("list_task_days"))
    arriving = store.rows("measure_arrivals", timeout_s=SLEEP_AFTER_S, ttl_s=CACHE_LIFETIME_S)
    arrivals = {row["task_id"]: arrivals_of(row) for row in arriving}
    mixes = _mixes(store.rows("list_task_models", days=RECENT_DAYS))
    samples = _samples(store)
    window = _window(periods.values())
    measured = measure_narrowness(engine, samples, periods, lengths, repeats, earlier, alpha)
    found = [
        _profile(task, periods[task.task_id], lengths[task.task_id], answers.get(task.task_id, 0),
                 repeats.get(task.task_id), gold.get(task.task_id), caching.get(task.task_id),
                 days[task.task_id], samples.get(task.task_id), window, measured.get(task.task_id),
                 arrivals.get(task.task_id), mixes[task.task_id])
        for task in tasks
    ]  # fmt: skip
    found = _with_forecasts(store, engine, found)
    return sorted(found, key=lambda profile: -(profile.monthly_spend_usd or 0)), measured


def _with_forecasts(store: Store, engine: Engine, profiles: Sequence[TaskProfile]) -> list[TaskProfile]:
    """Forecasts of those tasks that cost enough for growth to matter; theirs is then the growth that counts."""
    dear = [one for one in profiles if (one.recent_monthly_spend_usd or 0) >= WORTH_USD_A_MONTH]
    made = engine.run(summarise, [task_series(store, one.task_id) for one in dear])
    forecasts = dict(zip((one.task_id for one in dear), made, strict=True))
    return [_grown(one, forecasts.get(one.task_id)) for one in profiles]


def _grown(profile: TaskProfile, forecast: ForecastSummary | None) -> TaskProfile:
    growth = forecast.monthly_growth if forecast and not forecast.is_short else None
    return replace(profile, forecast=forecast, monthly_growth=growth or profile.monthly_growth)


def _window(periods: Any) -> tuple[date, date]:
    rows = list(periods)
    return min(row["first_at"] for row in rows).date(), max(row["last_at"] for row in rows).date()


def _lengths(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, tuple[float, float]]]:
    """Median and 95th percentile by task and measure."""
    lengths: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for row in rows:
        lengths[row["task_id"]][row["measure"]] = (row["p50"], row["p95"])
    return lengths


def _days(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[date, float, float | None]]]:
    days: dict[str, list[tuple[date, float, float | None]]] = defaultdict(list)
    for row in rows:
        days[row["task_id"]].append((row["requested_date"], row["calls"], row["cost_usd"]))
    return days


def _mixes(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[TokenMix]]:
    mixes: dict[str, list[TokenMix]] = defaultdict(list)
    for row in rows:
        mixes[row["task_id"]].append(TokenMix.of(row))
    return mixes


def _samples(store: Store) -> dict[str, Mapping[str, list[Any]]]:
    table = store.query("sample_task_requests", requests=SAMPLE_REQUESTS)
    samples: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in table.to_pylist():
        samples[row["task_id"]]["inputs"].append(row["input_text"])
        samples[row["task_id"]]["outputs"].append(row["output_text"])
        samples[row["task_id"]]["requested_at"].append(row["requested_at"])
        samples[row["task_id"]]["request_keys"].append(row["request_key"])
    return dict(samples)


def _profile(
    task: FoundTask,
    period: Mapping[str, Any],
    lengths: Mapping[str, tuple[float, float]],
    distinct_outputs: int,
    repeats: Mapping[str, Any] | None,
    gold: Mapping[str, Any] | None,
    caching: Mapping[str, Any] | None,
    days: list[tuple[date, float, float | None]],
    sample: Mapping[str, list[Any]] | None,
    window: tuple[date, date],
    measured: Measured | None,
    arrivals: Arrivals | None,
    mixes: list[TokenMix],
) -> TaskProfile:
    daily = _filled(days, window)
    trainable, distinct = period["trainable_rows"], repeats["distinct_inputs"] if repeats else 0.0
    return TaskProfile(
        task_id=task.task_id,
        name=task.name,
        found_by=task.found_by,
        versions=task.versions,
        recent_monthly_spend_usd=_recent(daily),
        monthly_growth=monthly_growth([day[1] for day in daily]),
        latency_ms_p50=_at(lengths.get("latency_ms"), 0),
        latency_ms_p95=_at(lengths.get("latency_ms"), 1),
        trainable_rows=trainable,
        distinct_inputs=round(distinct),
        distinct_outputs=distinct_outputs,
        duplicate_share=1 - distinct / trainable if trainable else None,
        repeat_spend_share=_ratio(caching["repeat_cost_usd"], caching["cost_usd"]) if caching else None,
        reasoning_share=_reasoning_share(sample),
        gold_rows=gold["rows"] if gold else 0,
        teacher_accuracy_gold=_gold_accuracy(gold),
        narrowness=measured.narrowness if measured else None,
        narrowness_as_of=measured.as_of if measured else None,
        daily=[(day.isoformat(), count, usd) for day, count, usd in daily],
        arrivals=arrivals,
        token_mixes=mixes,
        **_of_period(period, window),
    )


def _of_period(period: Mapping[str, Any], window: tuple[date, date]) -> dict[str, Any]:
    """What the sums over all calls of a task say; months are those of the log."""
    calls, spend = period["calls"], period["cost_usd"]
    months = ((window[1] - window[0]).days + 1) / DAYS_A_MONTH
    return {
        "models": period["models"],
        "first_at": period["first_at"].isoformat(),
        "last_at": period["last_at"].isoformat(),
        "rows": period["rows"],
        "calls": calls,
        "monthly_calls": calls / months,
        "spend_usd": spend,
        "monthly_spend_usd": spend / months if spend is not None else None,
        "unpriced_share": period["unpriced_calls"] / calls,
        "cost_disagreement": _disagreement(spend, period["logged_cost_usd"]),
        "failure_share": period["failed_calls"] / calls,
        "retry_share": period["retried_calls"] / calls,
        "gateway_cache_share": period["cached_calls"] / calls,
        "cache_read_share": _ratio(period["cache_read_tokens"], period["input_tokens"]),
        "mean_input_tokens": period["mean_input_tokens"],
        "mean_output_tokens": period["mean_output_tokens"],
        "tool_call_share": period["tool_call_share"],
        "multi_turn_share": period["multi_turn_share"],
        "users_known": period["rows_with_user"] > 0,
    }


def _filled(
    days: list[tuple[date, float, float | None]], window: tuple[date, date]
) -> list[tuple[date, float, float | None]]:
    """Every day from the task's first to the log's last; a day without calls had none and cost nothing."""
    known = {day: (calls, usd) for day, calls, usd in days}
    first = min(known)
    span = [first + timedelta(days=offset) for offset in range((window[1] - first).days + 1)]
    return [(day, *known.get(day, (0.0, 0.0))) for day in span]


def _recent(daily: list[tuple[date, float, float | None]]) -> float | None:
    newest = [usd for _, _, usd in daily[-RECENT_DAYS:]]
    priced = [usd for usd in newest if usd is not None]
    return sum(priced) / len(newest) * DAYS_A_MONTH if priced else None


def _disagreement(spend: float | None, logged: float | None) -> float | None:
    return (spend - logged) / logged if spend is not None and logged else None


def _ratio(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _at(values: Sequence[float] | None, index: int) -> float | None:
    return values[index] if values else None


def _gold_accuracy(gold: Mapping[str, Any] | None) -> Interval | None:
    from analytics.statistics import wilson

    return wilson(gold["right_rows"], gold["rows"]) if gold else None


def _reasoning_share(sample: Mapping[str, list[Any]] | None) -> float | None:
    if not sample:
        return None
    newest = sample["outputs"][-1000:]
    return sum(map(shows_reasoning, newest)) / len(newest)
