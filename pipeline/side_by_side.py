"""Students beside each other: what each costs and agrees, how they differ on the same rows, and what each said."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analytics.actors import Actor, log_action, require
from analytics.contracts import Interval
from analytics.errors import InputError, UnknownName
from analytics.record import Record
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.evaluated import Evaluated, open_evaluated
from pipeline.evaluation.paired import effective_rows, newcombe_paired, pairs
from pipeline.evaluation.slices import LEAST_ROWS, cuts

MOST = 4  # students at once
CLOSED = ("label", "labels")  # kinds of answer that quote nothing of a request


@dataclass(frozen=True)
class Merit:
    """One student, or the teacher, in the plane of cost and quality."""

    name: str
    student_id: str | None  # None: the teacher
    task_id: str | None
    task: str
    kind: str
    usd_per_1000: float | None  # None: not known, so it has no place in the plane
    agreement: float | None
    low: float | None
    high: float | None
    p50_ms: float | None
    is_pareto: bool = False  # no other of the same task agrees as often and costs as little, and is better in one


@dataclass(frozen=True)
class Difference:
    """One student less another on rows that both were tested on: share of answers that agree with the teacher."""

    slice: str
    value: str
    difference: dict[str, Any] | None  # None: fewer than ``LEAST_ROWS`` rows
    n: int


@dataclass(frozen=True)
class Said:
    """One request of the test weeks with what everybody answered. The request itself is not in it."""

    call_id: str
    teacher: str
    gold: str | None
    answers: dict[str, str]  # by student
    confidence: dict[str, float]


def merits(workspace: Workspace) -> list[Merit]:
    """Every student by its card, and the teacher of each task, newest first."""
    found: list[Merit] = []
    for card in registry.list_students(workspace):
        found.append(_merit(card))
        if not any(one.student_id is None and one.task == card["task"] for one in found):
            found.append(_teacher(card))
    return [_marked(one, found) for one in found]


def differences(workspace: Workspace, student_id: str, other_id: str) -> list[Difference]:
    """The first student less the second, on all new inputs and on each part of the traffic (Newcombe, paired).

    Only rows that both were tested on count. Raises InputError where there are none.
    """
    one, other = open_evaluated(workspace, student_id), open_evaluated(workspace, other_id)
    mine, theirs = _right(one), _right(other)
    shared = [place for place, call_id in enumerate(one.compared.call_ids) if call_id in theirs]
    if not shared:
        raise InputError(f"{student_id} and {other_id} were tested on no request in common; compare two of one task")
    parts = {("new inputs", "all"): [place for place in shared if one.compared.is_new[place]]}
    for name, values in cuts(one.compared).items():
        for value in sorted({values[place] for place in shared}):
            parts[name, value] = [place for place in shared if values[place] == value]
    ids, groups = one.compared.call_ids, one.compared.groups
    return [
        Difference(name, value, _difference([(mine[ids[p]], theirs[ids[p]]) for p in places],
                                            [groups[p] for p in places]), len(places))
        for (name, value), places in parts.items()
    ]  # fmt: skip


def answers(workspace: Workspace, student_ids: Sequence[str], *, only_apart: bool, limit: int) -> list[Said]:
    """What each said to requests that all were tested on, newest first; ``only_apart``: where they are not of one mind.

    Answers of an open form may quote the request, so they are left out until somebody asks for them by ``reveal``.
    """
    if not 1 <= len(student_ids) <= MOST:
        raise InputError(f"compare from 1 to {MOST} students, not {len(student_ids)}")
    all_ = [open_evaluated(workspace, student_id) for student_id in student_ids]
    places = [{call_id: at for at, call_id in enumerate(one.compared.call_ids)} for one in all_]
    found: list[Said] = []
    for call_id in reversed(all_[0].compared.call_ids):
        if len(found) == limit:
            break
        if all(call_id in place for place in places):
            said = _said(call_id, student_ids, all_, [place[call_id] for place in places])
            if not only_apart or len({said.teacher, *said.answers.values()}) > 1:
                found.append(said)
    return found


def is_closed(workspace: Workspace, student_id: str) -> bool:
    """Whether its answers are of a closed set, and quote no request."""
    return registry.show_student(workspace, student_id).get("answer_kind", "label") in CLOSED


def reveal(workspace: Workspace, actor: Actor, student_id: str, call_id: str) -> str:
    """The text of one request; who read it, and which, is kept. Raises InputError for a viewer, UnknownName."""
    require(actor, "operator", "reading a request")
    compared = open_evaluated(workspace, student_id).compared
    if call_id not in compared.call_ids:
        raise UnknownName("request", call_id, compared.call_ids[:10])
    with Record(workspace).write() as connection:
        log_action(connection, actor, "reveal", call_id, detail={"student_id": student_id})
    return compared.inputs[compared.call_ids.index(call_id)]


def _merit(card: registry.Card) -> Merit:
    agreement = card["agreement"] or {}
    cost = ((card.get("cost_per_1000") or {}).get("student") or {}).get("usd")
    return Merit(
        f"{card['task']} · {card['kind']}", card["student_id"], card["task_id"], card["task"], card["kind"], cost,
        agreement.get("value"), agreement.get("low"), agreement.get("high"), (card.get("latency_ms") or {}).get("p50"),
    )  # fmt: skip


def _teacher(card: registry.Card) -> Merit:
    """Whom they are held against: it agrees with itself, and its price is that of the log."""
    cost = ((card.get("cost_per_1000") or {}).get("teacher") or {}).get("usd")
    return Merit(f"{card['task']} · teacher", None, card["task_id"], card["task"], "teacher", cost, 1.0, 1.0, 1.0, None)


def _marked(one: Merit, all_: Sequence[Merit]) -> Merit:
    mine = _plane(one)
    if mine is None:
        return one
    others = [_plane(other) for other in all_ if other is not one and other.task == one.task]
    beaten = any(
        other is not None and other != mine and other[0] <= mine[0] and other[1] >= mine[1] for other in others
    )
    return Merit(**(asdict(one) | {"is_pareto": not beaten}))


def _plane(one: Merit) -> tuple[float, float] | None:
    return None if one.usd_per_1000 is None or one.agreement is None else (one.usd_per_1000, one.agreement)


def _right(found: Evaluated) -> dict[str, bool]:
    """By request: did the student say what the teacher said?"""
    compared = found.compared
    rows = zip(compared.call_ids, compared.said, compared.teacher, strict=True)
    return {call_id: said == wanted for call_id, said, wanted in rows}


def _difference(both: Sequence[tuple[bool, bool]], groups: Sequence[int]) -> dict[str, Any] | None:
    if len(both) < LEAST_ROWS:
        return None
    counts = pairs([first for first, _ in both], [second for _, second in both])
    found: Interval | None = newcombe_paired(counts.worth(effective_rows(groups)))
    return asdict(found) if found else None


def _said(call_id: str, ids: Sequence[str], all_: Sequence[Evaluated], at: Sequence[int]) -> Said:
    first = all_[0].compared
    rows = list(zip(ids, all_, at, strict=True))
    return Said(
        call_id, first.teacher[at[0]], first.gold[at[0]],
        {student_id: one.compared.answers[place].output for student_id, one, place in rows},
        {student_id: one.compared.answers[place].confidence for student_id, one, place in rows},
    )  # fmt: skip
