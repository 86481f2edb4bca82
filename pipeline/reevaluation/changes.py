"""What changed between two moments, and which tasks each change touches. Pure: no clock, no files."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, variance
from typing import Literal, NamedTuple

from analytics.reports import present
from analytics.statistics import wilson
from pipeline.reevaluation.world import TaskState, World

VOLUME_STEP = 0.2  # share by which the calls of a month must move before anybody looks again
PRICE_STEP = 0.02  # share by which the same calls must cost more or less
FAILURE_STEP = 0.01  # points of failing calls
NOISE = 2.0  # standard errors of a difference of weekly totals
WEEK = 7
HORIZON_DAYS = 180  # a retirement nearer than this is acted upon


class Effect(NamedTuple):
    """The newest month of a task at the prices of two moments [USD / month]."""

    before_usd: float | None
    after_usd: float | None


class Routed(NamedTuple):
    """What a student's own traffic left behind since the last report."""

    failures: int  # requests that it could not or should not have answered
    audited: int
    wrong: int  # audits in which it differed from the teacher


Kind = Literal[
    "new-base", "base-changed", "base-gone", "base-retires", "prices", "teacher-retires", "volume", "drift", "failures",
    "inputs", "verdict", "task", "snooze",
]  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One thing that is no longer as it was."""

    kind: Kind
    subject: str  # the base, the model or the task
    sentence: str
    tasks: tuple[str, ...]  # ids of those that it touches; empty: none by itself
    on: str | None = None  # ISO day, of what has one


@dataclass(frozen=True)
class Evidence:
    """What two worlds alone do not say."""

    today: date
    prices: Mapping[str, Effect]  # by task
    routed: Mapping[str, Routed]  # by task
    rests_on: Mapping[str, str]  # base of the student of a task


def changes(before: World, after: World, found: Evidence) -> list[Change]:
    """Everything that changed: bases, prices, teachers, volume, drift, failures, inputs, verdicts."""
    shared = [(before.tasks[name], task) for name, task in after.tasks.items() if name in before.tasks]
    return [
        *_bases(before, after, found),
        *_prices(after, found),
        *_teachers(before, after, found.today),
        *(one for old, new in shared for one in _of_task(old, new)),
        *_routed(after, found),
        *_tasks(before, after),
    ]


def _bases(before: World, after: World, found: Evidence) -> Iterable[Change]:
    for name, base in after.bases.items():
        users = tuple(task for task, rests in found.rests_on.items() if rests == name)
        if name not in before.bases:
            came = f", released {base.released}" if base.released else ""
            yield Change("new-base", name, f"{name} is new among the base models{came}.", (), base.released)
        elif base.version != before.bases[name].version:
            yield Change("base-changed", name, f"{name} is now at {base.version or 'no pinned version'}, it was at "
                         f"{before.bases[name].version or 'none'}.", users)  # fmt: skip
        if base.retires and _is_near(base.retires, found.today) and users:
            yield Change("base-retires", name, f"{name} is to be taken away; students rest on it.", users, base.retires)
    for name in before.bases.keys() - after.bases.keys():
        users = tuple(task for task, rests in found.rests_on.items() if rests == name)
        yield Change("base-gone", name, f"{name} is no longer among the base models.", users)


def _prices(after: World, found: Evidence) -> Iterable[Change]:
    for task_id, effect in found.prices.items():
        if task_id not in after.tasks or not effect.before_usd or effect.after_usd is None:
            continue
        step = effect.after_usd / effect.before_usd - 1
        if abs(step) >= PRICE_STEP:
            sentence = (
                f"The same calls of {after.tasks[task_id].name} cost {present.usd(effect.after_usd)} a month at the "
                f"prices in force, {present.usd(effect.before_usd)} at those before ({step:+.0%})."
            )
            yield Change("prices", after.tasks[task_id].name, sentence, (task_id,))


def _teachers(before: World, after: World, today: date) -> Iterable[Change]:
    """A day that was not known, or that has come near since."""
    days: dict[tuple[str, str], list[TaskState]] = {}
    for task in after.tasks.values():
        for model, day in task.models.items():
            if day and _is_news(before, task, model, day, today):
                days.setdefault((model, day), []).append(task)
    for (model, day), tasks in sorted(days.items()):
        gone = "has left" if day <= today.isoformat() else "leaves"
        names = ", ".join(task.name for task in tasks)
        ids = tuple(task.task_id for task in tasks)
        yield Change("teacher-retires", model, f"{model} {gone} its vendor's API: it answers {names}.", ids, day)


def _is_news(before: World, task: TaskState, model: str, day: str, today: date) -> bool:
    known = before.tasks.get(task.task_id)
    return _is_near(day, today) or (known is None or known.models.get(model) != day)


def _is_near(day: str, today: date) -> bool:
    return date.fromisoformat(day) <= today + timedelta(days=HORIZON_DAYS)


def _of_task(old: TaskState, new: TaskState) -> Iterable[Change]:
    """Volume, drift, failures, inputs and verdict of one task."""
    sentences: tuple[tuple[Kind, str | None], ...] = (
        ("volume", _volume(old, new)),
        ("drift", _drift(old, new)),
        ("failures", _failures(old, new)),
        ("inputs", _inputs(old, new)),
        ("verdict", _verdict(old, new)),
    )
    for kind, sentence in sentences:
        if sentence:
            yield Change(kind, new.name, sentence, (new.task_id,))


def _volume(old: TaskState, new: TaskState) -> str | None:
    """Beyond a fifth, and beyond what its weeks differ by anyway."""
    if not old.monthly_calls or abs(new.monthly_calls / old.monthly_calls - 1) < VOLUME_STEP:
        return None
    if not is_step(weeks(old.recent_daily_calls), weeks(new.recent_daily_calls)):
        return None
    step = new.monthly_calls / old.monthly_calls - 1
    return (
        f"{new.name} has {present.count(new.monthly_calls)} calls a month, it had {present.count(old.monthly_calls)} "
        f"({step:+.0%})."
    )


def weeks(daily: Sequence[float]) -> list[float]:
    """Totals of whole weeks, the newest last; days before the oldest whole week are left out."""
    first = len(daily) % WEEK
    return [sum(daily[start : start + WEEK]) for start in range(first, len(daily), WEEK)]


def is_step(before: Sequence[float], after: Sequence[float]) -> bool:
    """Whether means of weekly totals differ by more than two standard errors (Welch); True where weeks are too few.

    >>> is_step([10, 11, 9, 10], [10, 10, 11, 12]), is_step([10, 11, 9, 10], [20, 21, 19, 20])
    (False, True)
    """
    if len(before) < 2 or len(after) < 2:
        return True
    error = math.sqrt(variance(before) / len(before) + variance(after) / len(after))
    return abs(fmean(after) - fmean(before)) > NOISE * error


def _drift(old: TaskState, new: TaskState) -> str | None:
    """A step between months that is more than chance, and was not known before."""
    drift = new.drift
    if not drift or drift["divergence"] <= drift["by_chance"]:
        return None
    if old.drift and old.drift["between"] == drift["between"] and old.drift["of"] == drift["of"]:
        return None
    return (
        f"The {drift['of']} of {new.name} changed from {drift['between']}: {drift['divergence']:.3f} bits, where "
        f"chance alone gives {drift['by_chance']:.3f}."
    )


def _failures(old: TaskState, new: TaskState) -> str | None:
    """The share among calls that came since, where its interval lies above all that came before."""
    since = new.calls - old.calls
    failed = new.failure_share * new.calls - old.failure_share * old.calls
    if since < 1:
        return None
    now = wilson(min(max(round(failed), 0), round(since)), round(since))
    if now is None or now.low < old.failure_share + FAILURE_STEP:
        return None
    return (
        f"{present.percent(now.value, 1)} of the newest {present.count(since)} calls of {new.name} failed "
        f"({present.percent_range(now.low, now.high, 1)}, {now.covers}), "
        f"{present.percent(old.failure_share, 1)} before."
    )


def _inputs(old: TaskState, new: TaskState) -> str | None:
    names = sorted(
        name for name in old.inputs.keys() | new.inputs.keys() if old.inputs.get(name) != new.inputs.get(name)
    )
    if not names:
        return None
    told = ", ".join(f"{present.words(name)} {_value(old, name)} to {_value(new, name)}" for name in names)
    return f"People changed inputs of {new.name}: {told}."


def _value(task: TaskState, name: str) -> str:
    return f"{task.inputs[name]:g}" if name in task.inputs else "not set"


def _verdict(old: TaskState, new: TaskState) -> str | None:
    if old.verdict == new.verdict:
        return None
    return f"The verdict on {new.name} is {new.verdict}, it was {old.verdict}: {new.reason}"


def _routed(after: World, found: Evidence) -> Iterable[Change]:
    for task_id, routed in found.routed.items():
        if task_id in after.tasks and (routed.failures or routed.audited):
            name = after.tasks[task_id].name
            audits = f"; {routed.wrong} of {routed.audited} audits differed from the teacher" if routed.audited else ""
            yield Change(
                "failures", name, f"The student of {name} left {routed.failures} failures{audits}.", (task_id,)
            )


def _tasks(before: World, after: World) -> Iterable[Change]:
    for name, task in after.tasks.items():
        if name not in before.tasks:
            yield Change("task", task.name, f"{task.name} is new in the log.", (name,))
    for name, task in before.tasks.items():
        if name not in after.tasks:
            yield Change("task", task.name, f"{task.name} is no longer a task of the log.", ())
