"""A re-evaluation as one page object, built once from its data: every document renders this and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.reports import present
from analytics.reports.blocks import Dated, Fact, Table
from analytics.reports.looks import look
from pipeline.reevaluation.page_probe import ProbePart, probe_part, worst_table

Json = Mapping[str, Any]
ACTIONS = {
    "keep": "Keep", "retrain": "Retrain", "switch-base": "Switch base", "retire": "Retire", "distil-now": "Distil now",
    "stop": "Stop",
}  # fmt: skip


@dataclass(frozen=True)
class ReportPage:
    """What a re-evaluation says, in the order in which it says it."""

    title: str
    sentence: str
    facts: tuple[Fact, ...]
    changes: tuple[Dated, ...]
    actions: Table
    verdicts: Table  # old against new
    students: Table
    probes: tuple[ProbePart, ...]
    missed: tuple[Table, ...]  # of a student that is to be retrained: its surest mistakes on newer calls
    snoozes: Table
    footer: tuple[Fact, ...]


def report_page(found: Json) -> ReportPage:
    """The page of a report."""
    touched = [one for one in found["tasks"] if one["is_touched"]]
    return ReportPage(
        title=f"Re-evaluation of {present.day_and_year(found['created_at'])}",
        sentence=_sentence(found),
        facts=_facts(found, touched),
        changes=tuple(
            Dated(one["on"] and present.day_and_year(one["on"]), one["sentence"]) for one in found["changes"]
        ),
        actions=_actions(found["tasks"]),
        verdicts=_verdicts(touched or found["tasks"]),
        students=_students([one for one in found["tasks"] if one["student"]]),
        probes=tuple(probe_part(one, number) for number, one in enumerate(found["probes"])),
        missed=tuple(_missed(one) for one in found["tasks"] if one["action"] == "retrain" and one["missed"]),
        snoozes=_snoozes(found["snoozes"]),
        footer=_footer(found),
    )


def _sentence(found: Json) -> str:
    """What to do, in one sentence."""
    counts: dict[str, list[str]] = {}
    for one in found["tasks"]:
        counts.setdefault(one["action"], []).append(one["name"])
    acts = [f"{ACTIONS[action].lower()} {', '.join(names)}" for action, names in counts.items() if action != "keep"]
    kept = present.plural(len(counts.get("keep", ())), "task")
    if not acts:
        return f"Nothing is to be done: keep all of {kept} as decided."
    told = "; ".join([*acts, *([f"keep {kept} as decided"] if "keep" in counts else [])])
    return f"{told[:1].upper()}{told[1:]}."


def _facts(found: Json, touched: Sequence[Json]) -> tuple[Fact, ...]:
    return (
        Fact("Trigger", found["trigger"], present.plural(len(found["changes"]), "change")),
        Fact(
            "Compared with", present.day_and_year(found["since"]), f"analysis {found['compared_with']['snapshot_id']}"
        ),
        Fact("Touched", present.plural(len(touched), "task"), f"of {len(found['tasks'])}"),
        Fact("Next due", present.day_and_year(found["next_due"]), found["next_due_why"]),
    )


def _actions(tasks: Sequence[Json]) -> Table:
    rows = tuple((one["name"], ACTIONS[one["action"]], one["action_why"]) for one in tasks)
    return Table("What to do", ("task", "action", "because"), rows)


def _verdicts(tasks: Sequence[Json]) -> Table:
    """Old against new, figure by figure."""
    rows = []
    for one in tasks:
        old, new = one["old"], one["new"]
        rows += [(one["name"], "before", *_figures(old)), ("", "now", *_figures(new))]
    header = ("task", "", "verdict", "spent a month", "calls a month", "a student's worth, 24 months", "pays from")
    note = "Worth: median, 5th to 95th percentile. Pays from: spend at which a student breaks even within 12 months."
    return Table("Verdicts, old and new", header, tuple(rows), note)


def _figures(task: Json | None) -> tuple[str, ...]:
    if task is None:
        return ("not known", *[present.MISSING] * 4)
    worth = task["npv_24m_usd"]
    between = present.usd_range(worth["p5"], worth["p95"])
    return (
        look(task["verdict"]).text.replace(" ", "\u00a0"), present.usd(task["monthly_spend_usd"]),
        present.count(task["monthly_calls"]), f"{present.usd(worth['p50'])} ({between})",
        present.usd(task["break_even_spend_12m_usd"]),
    )  # fmt: skip


def _students(tasks: Sequence[Json]) -> Table:
    rows = tuple(_student(one) for one in tasks)
    header = ("student", "task", "base", "promised", "on newer calls", "going on is worth", "will go")
    note = (
        "Promised: agreement with the teacher on the traffic that it was tested on. Going on: over 24 months, its "
        "making paid, 5th to 95th percentile."
    )
    return Table("Students", header, rows, note)


def _student(task: Json) -> tuple[str, ...]:
    card, fresh, worth = task["student"], task["fresh"], task["kept"]
    base = (card["base"] or {}).get("name", "none")
    goes = "; ".join(f"{one['what']} {one['name']} on {present.day_and_year(one['on'])}" for one in card["retirements"])
    newer = (
        f"{interval(fresh['agreement'])} of {present.count(fresh['calls'])} calls" if fresh else "too few newer calls"
    )
    paid = (
        f"{present.usd(worth['npv_24m_usd'])} ({present.usd_range(worth['p5_usd'], worth['p95_usd'])})"
        if worth
        else None
    )
    return (card["student_id"], task["name"], base, interval(card["agreement_traffic"]), newer,
            paid or present.MISSING, goes or "nothing known")  # fmt: skip


def _missed(task: Json) -> Table:
    return worst_table(task["missed"], f"Surest mistakes of {task['student']['student_id']} on newer calls")


def interval(found: Json | None, digits: int = 1) -> str:
    """A share with its range."""
    if not found:
        return present.MISSING
    return f"{present.percent(found['value'], digits)} ({present.percent_range(found['low'], found['high'], digits)})"


def _snoozes(rows: Sequence[Json]) -> Table:
    shown = tuple((one["task"], one["said"], "awake" if one["is_awake"] else "asleep", one["why"], one["reason"])
                  for one in rows)  # fmt: skip
    return Table("Snoozed verdicts", ("task", "until", "now", "why", "reason given"), shown)


def _footer(found: Json) -> tuple[Fact, ...]:
    hashes = found["hashes"]
    return (
        Fact("Report", found["report_id"]),
        Fact("Made", present.moment(found["created_at"])),
        Fact(
            "Data", f"{hashes['data']}, analysis {hashes['analysis']}; before: {found['compared_with']['data_version']}"
        ),
        Fact("Prices", hashes["prices"]),
        Fact("Settings", hashes["settings"]),
        Fact("Bases", hashes["bases"][:16]),
        Fact("Code", f"spiritsafe {hashes['version']}, {hashes['code']}"),
        Fact("Again", found["command"]),
    )
