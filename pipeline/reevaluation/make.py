"""One re-evaluation: compare, probe where asked, decide for every task, write the report."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

from analytics import api, record
from analytics.brief import JudgedTask
from analytics.briefs import judge_row
from analytics.errors import DataMissing, InputError, SpiritsafeError
from analytics.kept_tasks import find_row, latest
from analytics.price_diff import end_of
from analytics.price_effects import effects
from analytics.price_history import find_snapshot, snapshot_day
from analytics.prices import PriceBook, newest_snapshot
from analytics.terminal import plain
from analytics.workspace import Workspace
from pipeline.artifacts import canonical, short_hash
from pipeline.code import code_version
from pipeline.reevaluation import kept, snoozed
from pipeline.reevaluation.actions import Facts, Winner, decide
from pipeline.reevaluation.candidates import Candidate, Effort, of_new_bases
from pipeline.reevaluation.changes import Change, Effect, Evidence, Routed, changes
from pipeline.reevaluation.due import Due, next_due
from pipeline.reevaluation.fresh import fresh
from pipeline.reevaluation.probe import Probe, probe
from pipeline.reevaluation.probing import Follow, follow_run
from pipeline.reevaluation.reference import world_before
from pipeline.reevaluation.routed import routed_since
from pipeline.reevaluation.standing import alarm_of, coverage_of, kept_worth, standing, students_of
from pipeline.reevaluation.world import World, rows_now, world_now
from pipeline.registry import Card
from pipeline.retiring import with_retirements
from pipeline.views import ENDED, list_runs

Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """What is to be looked at."""

    since: date | None = None  # None: the last report, else the last verdict
    task: str | None = None  # name or id; None: all
    probe: bool = False
    candidates: tuple[Candidate, ...] = ()  # beside the new bases
    effort: Effort = field(default_factory=Effort)

    @property
    def command(self) -> str:
        """How to ask the same again."""
        parts = [f"--since {self.since}" if self.since else "", f"--task {self.task!r}" if self.task else ""]
        if self.probe:
            parts += [
                "--probe",
                *(f"--candidate {one.name}" for one in self.candidates),
                f"--cap {self.effort.cap_usd:g}",
            ]
        return " ".join(["spiritsafe reeval", *(part for part in parts if part)])


@dataclass(frozen=True)
class _Case:
    """One task with everything that is known of it."""

    row: dict[str, Any]
    judged: JudgedTask
    student: Card | None
    others: Sequence[Card]


def reevaluate(workspace: Workspace, asked: Asked, follow: Follow = follow_run, say: Say = print) -> dict[str, Any]:
    """Make, keep and return a report. Raises DataMissing without an analysis, UnknownName for an unknown task."""
    _analyse_where_stale(workspace, say)
    before, rows = world_before(workspace, asked.since), rows_now(workspace)
    assert before is not None  # there is an analysis
    after, cases = world_now(workspace, rows), _cases(workspace, rows, asked.task)
    found = changes(before, after, _evidence(workspace, before, cases))
    naps = snoozed.snoozed(workspace)
    found += [
        Change("snooze", one["task"], f"The snooze of {one['task']} ends: {one['why']}.", (one["task_id"],))
        for one in naps if one["is_awake"]
    ]  # fmt: skip
    probes = _probes(workspace, asked, cases, found, follow, say) if asked.probe else []
    asleep = {one["task_id"]: one["said"] for one in naps if not one["is_awake"]}
    running = {view.task_id: view.run_id for view in list_runs(workspace) if view.state not in ENDED}
    tasks = []
    for case in cases:
        say(f"deciding on {case.row['name']}")
        task_id = case.row["task_id"]
        mine = [one for one in found if task_id in one.tasks]
        tried = next((one for one in probes if one.task_id == task_id), None)
        facts = Facts(before.tasks.get(task_id), after.tasks[task_id], mine, asleep=asleep.get(task_id),
                      runs=(running[task_id],) if task_id in running else ())  # fmt: skip
        tasks.append(_decided(workspace, case, facts, tried))
    shown = [one for one in found if asked.task is None or not one.tasks or cases[0].row["task_id"] in one.tasks]
    report = _report(workspace, asked, before, after, shown, tasks, probes, naps)
    return _kept(workspace, report)


def _analyse_where_stale(workspace: Workspace, say: Say) -> None:
    """Calls or prices that came after the newest analysis are taken in first."""
    if not workspace.control.exists():
        raise DataMissing(f"no workspace at {workspace.home}; import a log first: spiritsafe import PATH")
    newest = latest(workspace)
    if newest is None:
        raise DataMissing(f"nothing analysed yet in {workspace.home}; run: spiritsafe analyze")
    made_s = datetime.fromisoformat(newest.created_at).timestamp()
    prices = [workspace.prices, newest_snapshot(workspace) / "index.json"]
    is_repriced = any(
        path.exists() and path.stat().st_mtime > made_s for path in prices if path.is_relative_to(workspace.home)
    )
    if is_repriced or newest.data_version != api.data_version(workspace):
        say("calls or prices came after the newest analysis: analysing")
        api.analyze(workspace)


def _cases(workspace: Workspace, rows: Sequence[dict[str, Any]], task: str | None) -> list[_Case]:
    if task:
        wanted = find_row(workspace, task)["task_id"]
        rows = [row for row in rows if row["task_id"] == wanted]
    students = students_of(workspace)
    found = []
    for row in rows:
        cards = students.get(row["task_id"], [])
        found.append(_Case(row, judge_row(workspace, row), standing(workspace, row["task_id"], cards), cards))
    return found


def _evidence(workspace: Workspace, before: World, cases: Sequence[_Case]) -> Evidence:
    since = datetime.fromisoformat(before.at)
    rests = {
        one.row["task_id"]: one.student["base"]["name"] for one in cases if one.student and one.student.get("base")
    }
    return Evidence(record.utc_today(), _prices(workspace, before), _routed(workspace, since), rests)


def _prices(workspace: Workspace, before: World) -> dict[str, Effect]:
    """The newest month of each task at the prices that were known then and at those known now."""
    newest, older = newest_snapshot(workspace), find_snapshot(workspace, before.price_snapshot)
    then = datetime.fromisoformat(before.at).date()
    user = kept.user_prices(workspace, before.report_id) if before.report_id else workspace.prices
    sides = (
        (PriceBook.load(user, older), end_of(max(then, snapshot_day(older)))),
        (PriceBook.load(workspace.prices, newest), end_of(max(record.utc_today(), snapshot_day(newest)))),
    )
    found = effects(workspace, *sides)
    return {one.task_id: Effect(one.before_usd_per_month, one.after_usd_per_month) for one in found}


def _routed(workspace: Workspace, since: datetime) -> dict[str, Routed]:
    return routed_since(workspace, since if since.tzinfo else since.replace(tzinfo=UTC))


def _probes(
    workspace: Workspace, asked: Asked, cases: Sequence[_Case], found: Sequence[Change], follow: Follow, say: Say
) -> list[Probe]:
    """Of the task that was named; else of every task that has a student, the money shared out evenly."""
    new, left = of_new_bases(workspace, found)
    wanted = list({one.name: one for one in (*asked.candidates, *new)}.values())
    if not wanted:
        raise InputError(
            "there is nothing to probe: no new base is on this machine"
            + (f" ({', '.join(left)} are elsewhere)" if left else "")
            + "; name one: --candidate head:sentence, encoder or causal:BASE"
        )
    chosen = cases if asked.task else [case for case in cases if case.student]
    if not chosen:
        raise DataMissing("no task has a student yet; name the task to probe: --task TASK")
    shares = replace(
        asked.effort, cap_usd=asked.effort.cap_usd / len(chosen), cap_seconds=asked.effort.cap_seconds / len(chosen)
    )
    probes = []
    for case in chosen:
        say(f"probing {', '.join(one.name for one in wanted)} for {case.row['name']}")
        probes.append(probe(workspace, case.judged, case.student, wanted, shares, left, follow))
    return probes


def _decided(workspace: Workspace, case: _Case, facts: Facts, tried: Probe | None) -> dict[str, Any]:
    """One task of the report."""
    missed: list[dict[str, Any]] = []
    if case.student:
        coverage, newer, broken = coverage_of(case.student), None, None
        try:
            newer, missed = fresh(workspace, case.student)
        except SpiritsafeError as error:  # damaged, or made by another version: the others are looked at all the same
            broken = str(error)
        worth = kept_worth(workspace, case.row, case.judged, coverage) if coverage is not None else None
        student_id = case.student["student_id"]
        facts = replace(facts, student_id=student_id, serves_share=coverage, kept=worth, fresh=newer)
        facts = replace(facts, alarm=alarm_of(workspace, student_id), broken=broken)
    facts = replace(facts, winner=_winner(tried))
    action = decide(facts)
    return {
        "task_id": case.row["task_id"],
        "name": case.row["name"],
        "action": action.action,
        "action_why": action.why,
        "is_touched": bool(facts.changes) or action.action != "keep",
        "why": [one.sentence for one in facts.changes],
        "old": asdict(facts.old) if facts.old else None,
        "new": asdict(facts.new),
        "student": _student(workspace, case.student) if case.student else None,
        "other_students": [one["student_id"] for one in case.others if one is not case.student],
        "kept": facts.kept._asdict() if facts.kept else None,
        "fresh": asdict(facts.fresh) if facts.fresh else None,
        "missed": missed,
        "asleep": facts.asleep,
    }


def _student(workspace: Workspace, card: Card) -> dict[str, Any]:
    names = ("student_id", "kind", "base", "agreement", "agreement_traffic", "threshold", "coverage", "created_at",
             "test_period", "latency_ms")  # fmt: skip
    return {name: card.get(name) for name in names} | {"retirements": with_retirements(workspace, card)["retirements"]}


def _winner(tried: Probe | None) -> Winner | None:
    """The best that is shown to be better than the present configuration and whose move pays."""
    for one in tried.candidates if tried else ():
        if (
            one.against_present
            and one.against_present.is_better
            and one.migration
            and one.migration.npv_24m_usd.value > 0
        ):
            return Winner(one.name, one.against_present.difference, one.migration.npv_24m_usd.value)
    return None


def _report(
    workspace: Workspace, asked: Asked, before: World, after: World, found: Sequence[Change],
    tasks: list[dict[str, Any]], probes: Sequence[Probe], naps: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    created_at = record.utc_now()
    due = _due(found, tasks, naps)
    content = {
        "created_at": created_at,
        "trigger": trigger(found),
        "since": before.at,
        "compared_with": {"at": before.at, "data_version": before.data_version, "snapshot_id": before.snapshot_id},
        "changes": [asdict(one) for one in found],
        "tasks": tasks,
        "probes": [one.as_json() for one in probes],
        "snoozes": naps,
        "hashes": _hashes(workspace, after),
        "next_due": due.on,
        "next_due_why": due.why,
        "command": asked.command,
        "world": after.as_json(),
    }
    return plain({"report_id": f"reeval-{created_at[:10]}-{short_hash(plain(content), 8)}", **content})  # type: ignore[no-any-return]


def trigger(found: Sequence[Change]) -> str:
    """What kinds of change there are, in words."""
    kinds = dict.fromkeys(one.kind.replace("-", " ") for one in found)
    return ", ".join(kinds) if kinds else "nothing changed"


def _due(found: Sequence[Change], tasks: Sequence[dict[str, Any]], naps: Sequence[dict[str, Any]]) -> Due:
    events = [(one.on, f"{one.subject} leaves") for one in found if one.on and one.kind != "new-base"]
    for task in tasks:
        for going in (task["student"] or {}).get("retirements", ()):
            events.append((going["on"], f"{going['name']} leaves"))
    waits = [one["condition"]["name"] for one in naps if one["condition"]["kind"] == "day" and not one["is_awake"]]
    due = next_due(record.utc_today(), events)
    return min([due, *(Due(day, "a snooze ends") for day in waits)], key=lambda one: one.on)


def _hashes(workspace: Workspace, after: World) -> dict[str, str]:
    """Of everything that the report rests on."""
    bases = hashlib.sha256(canonical({name: asdict(one) for name, one in after.bases.items()}).encode()).hexdigest()
    return {
        "data": after.data_version,
        "analysis": after.snapshot_id,
        "prices": after.price_snapshot,
        "settings": api.settings_version(workspace),
        "bases": bases,
        "code": code_version(),
        "version": version("spiritsafe"),
    }


def _kept(workspace: Workspace, report: dict[str, Any]) -> dict[str, Any]:
    from pipeline.reevaluation.documents import documents

    summary = kept.keep(workspace, report, documents(report))
    return report | {"files": summary["files"]}
