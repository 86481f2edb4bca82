"""A verdict put aside until something happens: said in words, checked against the world, woken by it."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from analytics.actors import Actor, log_action, require
from analytics.errors import DataMissing, InputError
from analytics.kept_tasks import find_row
from analytics.prices import PriceBook
from analytics.record import Record, snoozes, utc_now, utc_today
from analytics.workspace import Workspace
from pipeline.reevaluation.world import KnownBase, TaskState, bases_now, rows_now, task_state

Kind = Literal["teacher-below", "volume-above", "volume-below", "spend-above", "model-released", "day"]
HOW = (
    '"teacher below $2" (per million tokens; or "$2 per 1000 calls"), "volume above 50000" or "volume below 9000" '
    '(calls a month), "spend above $5000" (a month), "model NAME released", "day 2027-01-31"'
)
NUMBER = r"\$?\s*([\d.,]+)\s*([km]?)"
PATTERNS: Mapping[str, str] = {
    "teacher-below": rf"teacher (?:price )?below {NUMBER}(?: (?:per|a|/) ?(million tokens|1[ ,]?000 calls))?",
    "volume-above": rf"volume above {NUMBER}(?: calls)?(?: (?:per|a) month)?",
    "volume-below": rf"volume below {NUMBER}(?: calls)?(?: (?:per|a) month)?",
    "spend-above": rf"spend above {NUMBER}(?: (?:per|a) month)?",
}
SCALE = {"": 1.0, "k": 1e3, "m": 1e6}


@dataclass(frozen=True)
class Condition:
    """What wakes a verdict."""

    kind: Kind
    value: float | None = None  # of the kinds with a number
    name: str | None = None  # of the model; or the ISO day
    per: str | None = None  # of a price: million tokens, 1000 calls

    @property
    def sentence(self) -> str:
        """In words, as it can be given again."""
        if self.kind == "model-released":
            return f"model {self.name} released"
        if self.kind == "day":
            return f"day {self.name}"
        subject, _, how = self.kind.partition("-")
        amount = _money(self.value) if subject in ("teacher", "spend") else f"{self.value:,.10g}"
        unit = {"teacher": f"per {self.per}", "volume": "calls a month", "spend": "a month"}[subject]
        return f"{subject} {how} {amount} {unit}"


@dataclass(frozen=True)
class Known:
    """The world as conditions look at it."""

    bases: Mapping[str, KnownBase]
    priced: frozenset[str]  # models of the price lists
    today: date


def condition_of(given: str | Mapping[str, Any]) -> Condition:
    """The condition that words or a mapping mean. InputError lists what can be said."""
    if not isinstance(given, str):
        try:
            return condition_of(Condition(**given).sentence)
        except (TypeError, KeyError) as error:
            raise InputError(f"a condition has kind, value, name and per; this one does not fit: {error}") from error
    text = " ".join(given.strip().rstrip(".").split())
    if found := re.fullmatch(r"model (\S+) (?:is )?released", text, re.IGNORECASE):
        return Condition("model-released", name=found[1])
    if found := re.fullmatch(r"(?:day|until) (\d{4}-\d{2}-\d{2})", text, re.IGNORECASE):
        return Condition("day", name=_day(found[1]))
    for kind, pattern in PATTERNS.items():
        if found := re.fullmatch(pattern, text, re.IGNORECASE):
            per = _per(found[3]) if kind == "teacher-below" else None
            return Condition(kind, _number(found[1], found[2]), per=per)  # type: ignore[arg-type]
    raise InputError(f"{given!r} is no condition; say one of: {HOW}")


def is_met(condition: Condition, task: TaskState, known: Known) -> str | None:
    """Why the condition holds, in a sentence; None while it does not, or while what it asks for is unknown."""
    if condition.kind == "day":
        return f"{condition.name} has come" if date.fromisoformat(str(condition.name)) <= known.today else None
    if condition.kind == "model-released":
        return _released(str(condition.name).lower(), known)
    value, now = condition.value, _figure(condition, task)
    if now is None or value is None:
        return None
    holds = now > value if condition.kind.endswith("above") else now < value
    shown = _money(float(f"{now:.4g}")) if condition.kind in ("teacher-below", "spend-above") else f"{now:,.0f}"
    return f"it is now {shown}, {condition.sentence} was waited for" if holds else None


def _figure(condition: Condition, task: TaskState) -> float | None:
    if condition.kind == "teacher-below":
        return task.usd_per_million_tokens if condition.per == "million tokens" else task.usd_per_1000_calls
    return task.monthly_spend_usd if condition.kind == "spend-above" else task.monthly_calls


def _released(name: str, known: Known) -> str | None:
    """A base or a priced model of that name, or whose name starts with it."""
    for base, facts in known.bases.items():
        if base.lower().startswith(name) and (facts.released or "") <= known.today.isoformat():
            return f"{base} is among the base models"
    listed = next((model for model in sorted(known.priced) if model.startswith(name)), None)
    return f"{listed} is in the price list" if listed else None


def _money(value: float | None) -> str:
    """As a person would type it, nothing rounded away."""
    return f"${value:,.10g}"


def _per(unit: str | None) -> str:
    return "1000 calls" if unit and "calls" in unit else "million tokens"


def _number(text: str, scale: str) -> float:
    try:
        return float(text.replace(",", "")) * SCALE[scale.lower()]
    except ValueError:
        raise InputError(f"{text!r} is no number") from None


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InputError(f"{text!r} is no day; write it as YYYY-MM-DD") from None


def known_now(workspace: Workspace) -> Known:
    """Bases and priced models of this workspace today."""
    book = PriceBook.of(workspace)
    priced = frozenset(name.lower() for provider in book.providers() for name in book.models(provider))
    return Known(bases_now(workspace), priced, utc_today())


def snooze(
    workspace: Workspace, actor: Actor, task: str, given: str | Mapping[str, Any], reason: str
) -> dict[str, Any]:
    """Put the verdict on a task aside until the condition holds. InputError where it holds already."""
    task_id, condition = find_row(workspace, task)["task_id"], condition_of(given)
    row = next(one for one in rows_now(workspace) if one["task_id"] == task_id)
    if met := is_met(condition, task_state(row), known_now(workspace)):
        raise InputError(f"{condition.sentence!r} holds already: {met}")
    _write(workspace, actor, row["task_id"], condition, reason)
    return next(one for one in snoozed(workspace) if one["task_id"] == row["task_id"])


def wake(workspace: Workspace, actor: Actor, task: str, reason: str) -> dict[str, Any]:
    """Look at a task again from now on. DataMissing where it is not snoozed."""
    row = find_row(workspace, task)
    now = next((one for one in snoozed(workspace) if one["task_id"] == row["task_id"]), None)
    if now is None:
        raise DataMissing(f"{row['name']} is not snoozed")
    _write(workspace, actor, row["task_id"], None, reason)
    return now | {"is_awake": True, "why": f"woken by {actor.name}: {reason.strip()}"}


def snoozed(workspace: Workspace) -> list[dict[str, Any]]:
    """Every task whose newest snooze was not taken back, each with whether its condition holds by now."""
    rows = _newest(workspace)
    if not rows:
        return []
    states, known = {row["task_id"]: task_state(row) for row in rows_now(workspace)}, known_now(workspace)
    return [_shown(row, states.get(row["task_id"]), known) for row in rows]


def _shown(row: Mapping[str, Any], task: TaskState | None, known: Known) -> dict[str, Any]:
    condition = Condition(**json.loads(row["condition"]))
    met = is_met(condition, task, known) if task else None
    waiting = f"waits for {condition.sentence}" if task else "its task is no longer in the log"
    return {
        "task_id": row["task_id"],
        "task": task.name if task else row["task_id"],
        "condition": asdict(condition),
        "said": condition.sentence,
        **{name: row[name] for name in ("actor", "reason", "created_at")},
        "is_awake": met is not None,
        "why": met or waiting,
    }


def _newest(workspace: Workspace) -> list[dict[str, Any]]:
    if not workspace.control.exists():
        return []
    last = sa.select(sa.func.max(snoozes.c.snooze_id)).group_by(snoozes.c.task_id)
    query = sa.select(snoozes).where(snoozes.c.snooze_id.in_(last), snoozes.c.condition.is_not(None))
    with Record(workspace).read() as connection:
        return [dict(row._mapping) for row in connection.execute(query.order_by(snoozes.c.snooze_id))]


def _write(workspace: Workspace, actor: Actor, task_id: str, condition: Condition | None, reason: str) -> None:
    action = "snooze" if condition else "wake"
    require(actor, "operator", action)
    if not reason.strip():
        raise InputError(f"{action} needs a reason, for whoever asks later")
    text = json.dumps(asdict(condition), sort_keys=True) if condition else None
    row = {"task_id": task_id, "condition": text, "actor": actor.name, "reason": reason.strip()}
    with Record(workspace).write() as connection:
        connection.execute(snoozes.insert().values(**row, created_at=utc_now()))
        log_action(connection, actor, action, task_id, reason.strip(), asdict(condition) if condition else None)
