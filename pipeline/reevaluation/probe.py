"""A probe of one task: short trainings of candidates beside the present configuration, compared on frozen rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.brief import JudgedTask
from analytics.contracts import Interval
from analytics.errors import DataMissing
from analytics.statistics import wilson
from analytics.workspace import Workspace
from pipeline.contracts import Answer, PlanSpec
from pipeline.evaluated import Evaluated, open_evaluated
from pipeline.loaded import open_student
from pipeline.plan import load_spec
from pipeline.reevaluation import kept
from pipeline.reevaluation.candidates import Candidate, Effort, present_of
from pipeline.reevaluation.confirmation import ConfirmationSet, frozen, places_of
from pipeline.reevaluation.migration import Migration, Terms, costs_per_row, gain_per_month, migration, surest
from pipeline.reevaluation.probing import Caps, Follow, Tried, follow_run, rent_usd_per_hour, try_candidate
from pipeline.reevaluation.ranking import Against, against, is_pareto
from pipeline.registry import Card

WORST = 10
MIGRATION_WEEKS = 1.0  # engineering of a move: templates, evaluation, rollout, watching it
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Sheet:
    """What one answerer did on the frozen rows."""

    said: list[str]
    right: Flags
    confidence: NDArray[np.float64]


@dataclass(frozen=True)
class Probed:
    """One candidate of a probe."""

    name: str
    state: str
    why: str | None
    is_present: bool  # the configuration of the student that stands, under the probe's effort
    plan_id: str | None = None
    run_id: str | None = None
    student_id: str | None = None
    seconds: float = 0.0
    cost_usd: float = 0.0
    agreement: Interval | None = None  # on the frozen rows
    against_present: Against | None = None
    against_student: Against | None = None  # the student as it stands, with all of its lessons
    latency_ms: float | None = None
    usd_per_1000: float | None = None
    migration: Migration | None = None
    is_pareto: bool = False


@dataclass(frozen=True)
class Probe:
    """What a probe of one task found."""

    task_id: str
    task: str
    effort: Effort
    candidates: list[Probed]  # the best first; those without figures last
    student_id: str | None
    student_agreement: Interval | None  # of the student that stands, on the frozen rows
    confirmation: dict[str, Any] | None
    family: int  # everyone ever compared on these rows
    spent_usd: float
    seconds: float
    regressions: list[dict[str, Any]]  # rows that the student had right and the best candidate has not
    not_probed: dict[str, str]
    error: str | None = None  # why nothing could be compared

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        found = asdict(self)
        for row, one in zip(found["candidates"], self.candidates, strict=True):
            for name in ("against_present", "against_student"):
                part: Against | None = getattr(one, name)
                row[name] = (
                    None
                    if part is None
                    else {**part._asdict(), "difference": vars(part.difference), "is_better": part.is_better}
                )
        return found


def probe(
    workspace: Workspace, judged: JudgedTask, student: Card | None, candidates: Sequence[Candidate], effort: Effort,
    not_probed: dict[str, str] | None = None, follow: Follow = follow_run,
) -> Probe:  # fmt: skip
    """Train each briefly, compare all on the frozen rows, rank them. Failures of candidates are part of the result."""
    task_id, name = judged.profile.task_id, judged.profile.name
    spec = load_spec(workspace, student["plan_id"]) if student else None
    present = present_of(spec)
    limits = (spec.alpha, spec.delta) if spec else (PlanSpec.alpha, PlanSpec.delta)
    caps = Caps(effort, rent_usd_per_hour(workspace))
    wanted = [present, *(one for one in candidates if one.name != present.name)]
    tried = [try_candidate(workspace, task_id, one, effort, limits, caps, follow) for one in wanted]
    plain, student_id = [_plain(one, present) for one in tried], student["student_id"] if student else None
    empty = Probe(
        task_id, name, effort, plain, student_id, None, None, 0, caps.spent_usd,
        sum(one.seconds for one in tried), [], not_probed or {},
    )  # fmt: skip
    try:
        return _compared(workspace, judged, student, tried, present, empty)
    except DataMissing as error:
        return Probe(**{**vars(empty), "error": str(error)})


def _plain(one: Tried, present: Candidate) -> Probed:
    return Probed(
        one.candidate.name, one.state, one.why, one.candidate.name == present.name, one.plan_id, one.run_id,
        one.student_id, one.seconds, one.cost_usd,
    )  # fmt: skip


def _compared(
    workspace: Workspace,
    judged: JudgedTask,
    student: Card | None,
    tried: Sequence[Tried],
    present: Candidate,
    empty: Probe,
) -> Probe:
    opened = {one.candidate.name: open_evaluated(workspace, one.student_id) for one in tried if one.student_id}
    if not opened:
        raise DataMissing("no candidate came to its end; see why of each")
    first = opened.get(present.name) or next(iter(opened.values()))
    rows = frozen(workspace, empty.task_id, first.spec.data_version, empty.effort.rows, first.compared, student)
    places = places_of(first.compared, rows)
    groups = [first.compared.groups[at] for at in places]
    sheets = {name: _sheet(found, rows) for name, found in opened.items()}
    standing = _standing(workspace, student, first, places) if student else None
    family = _family(workspace, rows, [one.candidate.name for one in tried if one.candidate.name != present.name])
    ranks = _Ranks(sheets, sheets.get(present.name), standing, groups, family)
    found = [_probed(one, ranks, judged, opened, empty) for one in empty.candidates]
    ordered = sorted(_on_front(found), key=lambda one: -(one.agreement.value if one.agreement else -1.0))
    best = next((one for one in ordered if not one.is_present and one.agreement), None)
    before = standing or sheets.get(present.name)
    worst = _regressions(before, sheets[best.name], first, places) if best and before else []
    agreement = _agreement(standing.right) if standing else None
    changed = {"candidates": ordered, "confirmation": rows.facts, "family": family, "regressions": worst}
    return Probe(**{**vars(empty), **changed, "student_agreement": agreement})


class _Ranks:
    """Everyone against the present configuration, and against the student as it stands."""

    def __init__(
        self, sheets: dict[str, Sheet], present: Sheet | None, standing: Sheet | None, groups: list[int], family: int
    ) -> None:
        self.sheets, self.present, self.standing, self.groups = sheets, present, standing, groups
        others = {name: list(one.right) for name, one in sheets.items() if one is not present}
        self.to_present = against(others, list(present.right), groups, family) if present and others else {}
        everyone = {name: list(one.right) for name, one in sheets.items()}
        self.to_student = against(everyone, list(standing.right), groups, family + 1) if standing else {}


def _probed(one: Probed, ranks: _Ranks, judged: JudgedTask, opened: dict[str, Evaluated], empty: Probe) -> Probed:
    sheet = ranks.sheets.get(one.name)
    if sheet is None:
        return one
    card = opened[one.name].card
    cost = ((card.get("cost_per_1000") or {}).get("student") or {}).get("usd")
    moved = None
    if ranks.present is not None and not one.is_present:
        moved = _migration(judged, ranks.present, sheet, ranks.groups, opened[one.name].spec.alpha)
    changed: dict[str, Any] = {
        "agreement": _agreement(sheet.right),
        "against_present": ranks.to_present.get(one.name),
        "against_student": ranks.to_student.get(one.name),
        "latency_ms": card["latency_ms"]["p50"],
        "usd_per_1000": cost,
        "migration": moved,
    }
    return Probed(**{**vars(one), **changed})


def _sheet(found: Evaluated, rows: ConfirmationSet) -> Sheet:
    """A candidate's answers, as its run kept them."""
    places = places_of(found.compared, rows)
    return sheet_of([found.compared.answers[at] for at in places], [found.compared.teacher[at] for at in places])


def _standing(workspace: Workspace, student: Card, first: Evaluated, places: Sequence[int]) -> Sheet:
    """The student that stands, asked the same."""
    routed = open_student(workspace, student["student_id"]).route([first.compared.inputs[at] for at in places])
    return sheet_of([one.answer for one in routed], [first.compared.teacher[at] for at in places])


def sheet_of(answers: Sequence[Answer], teacher: Sequence[str]) -> Sheet:
    """What was said, whether it is what the teacher said, and how surely."""
    said = [one.output for one in answers]
    right = np.array([one == other for one, other in zip(said, teacher, strict=True)], dtype=np.bool_)
    return Sheet(said, right, np.array([one.confidence for one in answers], dtype=np.float64))


def _agreement(right: Flags) -> Interval | None:
    return wilson(int(right.sum()), len(right))


def _family(workspace: Workspace, rows: ConfirmationSet, names: list[str]) -> int:
    """How many were ever compared with a present configuration on these rows, those at hand among them."""
    known = set(names)
    for summary in kept.listed(workspace):
        for earlier in kept.read(workspace, summary["report_id"])["probes"]:
            if (earlier["confirmation"] or {}).get("sha256") == rows.sha256:
                known |= {one["name"] for one in earlier["candidates"] if not one["is_present"] and one["agreement"]}
    return len(known)


def _migration(judged: JudgedTask, before: Sheet, after: Sheet, groups: list[int], alpha: float) -> Migration | None:
    """What the move pays if each serves the surest answers among which the share of wrong ones stays at alpha."""
    terms = terms_of(judged)
    costs = [costs_per_row(surest(one.confidence, ~one.right, alpha), ~one.right, terms) for one in (before, after)]
    gain = gain_per_month(costs[0] - costs[1], np.array(groups, dtype=np.int64), terms.spend_usd)
    return migration(gain, migration_usd(judged), terms) if gain else None


def terms_of(judged: JudgedTask) -> Terms:
    """The task's own case, on what the cheapest API configuration leaves."""
    case = judged.student
    return Terms(
        spend_usd=case.value("monthly_spend_usd"),
        handed_back_ratio=case.value("fallback_cost_ratio"),
        audit_ratio=case.value("shadow_share") * (1 + case.value("judge_cost_share")),
        error_cost_calls=case.value("error_cost_calls"),
        monthly_growth=case.value("monthly_growth"),
        yearly_price_decline=case.value("yearly_price_decline"),
        yearly_discount=case.value("yearly_discount"),
    )


def migration_usd(judged: JudgedTask) -> float:
    """One-off cost of a move: a training, an evaluation and a week of engineering; labels are there already."""
    case = judged.student
    work = MIGRATION_WEEKS * case.value("engineer_week_usd")
    return case.value("training_usd") + case.value("evaluation_usd") + work


def _on_front(found: Sequence[Probed]) -> list[Probed]:
    """Marks those that nobody beats in agreement and latency at once."""
    merits = [(one.agreement.value, one.latency_ms) for one in found if one.agreement and one.latency_ms is not None]
    return [
        Probed(**{**vars(one), "is_pareto": is_pareto(one.agreement.value, one.latency_ms, merits)})
        if one.agreement and one.latency_ms is not None
        else one
        for one in found
    ]


def _regressions(before: Sheet, after: Sheet, first: Evaluated, places: Sequence[int]) -> list[dict[str, Any]]:
    """Right before and wrong after, the surest mistakes first. Ids and answers; no input is quoted."""
    lost = [row for row in np.argsort(-after.confidence, kind="stable") if before.right[row] and not after.right[row]]
    return [
        {
            "call_id": first.compared.call_ids[places[row]],
            "teacher": first.compared.teacher[places[row]],
            "old": before.said[row],
            "new": after.said[row],
            "confidence": float(after.confidence[row]),
        }
        for row in lost[:WORST]
    ]
