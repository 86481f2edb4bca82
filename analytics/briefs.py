"""Briefs decided afresh: of one task, and of the portfolio; and what people keep about a task."""

import hashlib
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from analytics import record, task_settings
from analytics.analyze import judge, measured_case
from analytics.assumptions import Assumptions, Given
from analytics.brief import TITLES, Brief, JudgedTask, Provenance, make_brief
from analytics.configuration import cheapest, with_levers
from analytics.errors import InputError
from analytics.kept_tasks import find_row, latest, profile_of, snapshot_folder, task_rows
from analytics.levers import from_assumptions
from analytics.portfolio_brief import WEEKS_A_QUARTER, PortfolioBrief, TaskLine, limits_of, portfolio_brief
from analytics.portfolio_plan import make_plan
from analytics.portfolio_projects import TaskCase, projects_of
from analytics.prices import PriceBook
from analytics.profile import TaskProfile
from analytics.settings import settings_file, task_assumptions, user_assumptions
from analytics.store import open_store
from analytics.task_settings import Said
from analytics.workspace import Workspace


def brief(workspace: Workspace, name_or_id: str, values: Mapping[str, Given] | None = None) -> Brief:
    """The whole page of one task, decided afresh with the settings in force now.

    values: assumptions to try, above all others. InputError names one outside its range.
    """
    row = find_row(workspace, name_or_id)
    judged = judge_row(workspace, row, values, in_full=True)
    provenance = _provenance(workspace, judged.profile, values or {})
    failures = _failures(workspace, provenance.snapshot_id).get(row["task_id"], ())
    return make_brief(judged, provenance, failures)


@lru_cache(maxsize=4)
def _failures(workspace: Workspace, snapshot_id: str) -> dict[str, list[dict[str, Any]]]:
    """Kinds of failure by task; read once an analysis, since it looks at every call."""
    found: dict[str, list[dict[str, Any]]] = {}
    with open_store(workspace, snapshot_folder(workspace)) as store:
        for row in store.rows("list_failures"):
            found.setdefault(row["task_id"], []).append(row)
    return found


def plan_portfolio(
    workspace: Workspace,
    engineers: float | None = None,
    weeks: float = WEEKS_A_QUARTER,
    budget_usd: float | None = None,
) -> PortfolioBrief:
    """What to do over all tasks under limits of engineering and money. InputError names a limit below zero.

    engineers: each for so many weeks; None: no limit. budget_usd: paid once, engineering included; None: no limit.
    """
    for name, given in (("--engineers", engineers), ("--weeks", weeks), ("--budget", budget_usd)):
        if given is not None and not 0 <= given < math.inf:
            raise InputError(f"{name} is a number from 0, not {given:g}")
    judged = [judge_row(workspace, row) for row in task_rows(workspace)]
    cases = [
        TaskCase(one.profile.task_id, one.profile.name, one.assumptions, one.student, one.decision) for one in judged
    ]
    plan = make_plan(projects_of(cases), limits_of(engineers, weeks, budget_usd))
    lines = [_task_line(one) for one in judged]
    spend = sum(line.monthly_spend_usd or 0.0 for line in lines)
    return portfolio_brief(plan, lines, spend, _of_all(workspace, judged, engineers, weeks, budget_usd))


def _task_line(judged: JudgedTask) -> TaskLine:
    decision = judged.decision
    reason = decision.reasons[0].sentence if decision.reasons else ""
    spend = judged.profile.monthly_spend_usd
    return TaskLine(judged.profile.name, decision.verdict.value, TITLES[decision.verdict], spend, reason)


def _of_all(
    workspace: Workspace, judged: list[JudgedTask], engineers: float | None, weeks: float, budget_usd: float | None
) -> Provenance:
    options = f" --engineers {engineers:g} --weeks {weeks:g}" if engineers is not None else ""
    options += f" --budget {budget_usd:g}" if budget_usd is not None else ""
    first, last = (min(one.profile.first_at for one in judged), max(one.profile.last_at for one in judged))
    command = f"spiritsafe report --portfolio{options} --out portfolio.html"
    return _made(workspace, first[:10], last[:10], command)


def judge_row(
    workspace: Workspace, row: Mapping[str, Any], values: Mapping[str, Given] | None = None, *, in_full: bool = False
) -> JudgedTask:
    """One row of the tasks, decided afresh. values: assumptions to try, above all others."""
    book = PriceBook.of(workspace)
    given = task_assumptions(workspace, user_assumptions(workspace), row["task_id"], row["name"]).but(values or {})
    return judge(profile_of(row["profile"]), given, book, record.utc_today(), in_full=in_full)


def student_case(workspace: Workspace, row: Mapping[str, Any]) -> Assumptions:
    """The student's case of one row of the tasks, on what the cheapest API configuration leaves; nothing simulated."""
    given = task_assumptions(workspace, user_assumptions(workspace), row["task_id"], row["name"])
    case = measured_case(profile_of(row["profile"]), given, PriceBook.of(workspace), record.utc_today())
    levers = from_assumptions(case)
    return with_levers(case, cheapest(case, levers), levers)


def settings_version(workspace: Workspace) -> str:
    """A hash of everything that people set: settings file, assumptions of tasks, prices; and of the day."""
    files = (settings_file(workspace), workspace.home / task_settings.FILE, workspace.prices)
    parts = [file.read_bytes() if file and file.is_file() else b"" for file in files]
    return hashlib.sha256(b"\0".join([*parts, record.utc_today().isoformat().encode()])).hexdigest()[:16]


def keep_assumptions(workspace: Workspace, task_id: str, values: Mapping[str, Given | None], why: str) -> None:
    """Keep what a person says of one task, with who, when and why; None takes it back.

    InputError names a value outside its range.
    """
    task_settings.say(workspace, task_id, values, why)


def kept_assumptions(workspace: Workspace, task_id: str) -> list[Said]:
    """What people said of one task and still counts."""
    return list(task_settings.said_of(workspace, task_id).values())


def _provenance(workspace: Workspace, profile: TaskProfile, values: Mapping[str, Given]) -> Provenance:
    tried = "".join(f" --set {name}={value}" for name, value in values.items())
    command = f"spiritsafe report {profile.task_id}{tried} --out brief.html"
    return _made(workspace, profile.first_at[:10], profile.last_at[:10], command)


def _made(workspace: Workspace, data_from: str, data_to: str, command: str) -> Provenance:
    newest = latest(workspace)
    return Provenance(
        made_on=record.utc_today().isoformat(),
        snapshot_id=str(newest.snapshot_id) if newest else "",
        data_version=str(newest.data_version) if newest else "",
        data_from=data_from,
        data_to=data_to,
        price_date=PriceBook.of(workspace).snapshot_date.isoformat(),
        code_version=version("spiritsafe"),
        command=command,
    )
