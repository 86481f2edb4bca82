"""One student at work as the ledger sees it: its days with money and quality, what is booked and what is to be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa

from analytics.assumptions import Assumptions
from analytics.kept_tasks import snapshot_folder
from analytics.production.drift import DriftTest, drift_tests
from analytics.production.money import (
    Bills,
    DayMoney,
    Estimated,
    OneOff,
    Terms,
    TokenRatio,
    day_money,
)
from analytics.production.quality import Quality, Rule, quality
from analytics.production.rows import (
    StoredAudit,
    TrafficDay,
    drift_windows,
    stored_audits,
    traffic_days,
)
from analytics.record import Record, policies, utc_today
from analytics.store import Store, open_store
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.ledger_book import Booked, Entry, booked, evidence_of
from pipeline.ledger_terms import Judged, OneOffTerms, case_of, day_terms, decisions_of, in_force, one_off
from pipeline.router import deployments
from pipeline.router.deployments import Deployment
from pipeline.router.policy import Policy
from pipeline.router.policy import find as find_policy
from pipeline.traffic import settle


@dataclass(frozen=True)
class Day:
    """One day of one student."""

    traffic: TrafficDay
    audits: tuple[StoredAudit, ...]  # answered on it
    ratio: TokenRatio
    money: DayMoney
    terms: Terms
    entry: Entry  # as it would be booked
    booked: Booked | None

    @property
    def saving_usd(self) -> float:
        """What it saved."""
        return self.money.saving_micros / 1e6


@dataclass(frozen=True)
class Student:
    """Everything about one student that ever served."""

    student_id: str
    task_id: str | None
    card: registry.Card
    events: tuple[Deployment, ...]  # of its task, newest first
    policy: Policy | None  # the newest that it served under; None: written by nobody's deployment
    days: tuple[Day, ...]
    audits: tuple[StoredAudit, ...]
    quality: Quality
    drift: tuple[DriftTest, ...]
    once: Entry  # what was paid once
    case: Assumptions
    judged: tuple[Judged, ...]

    @property
    def promised(self) -> float:
        """Error rate of served answers that was promised [share]."""
        return self.policy.alpha if self.policy else float(self.card["alpha"])

    @property
    def delta(self) -> float:
        """Chance that the promise is broken."""
        return self.policy.delta if self.policy else float(self.card["delta"])

    @property
    def one_off(self) -> OneOff:
        """What was paid once."""
        assert isinstance(self.once.money, OneOff)
        return self.once.money

    @property
    def entries(self) -> list[Entry]:
        """What is to be booked: days that are over, and what was paid once."""
        today = utc_today()
        over = [day.entry for day in self.days if day.traffic.day < today]
        return [self.once, *over] if over else []


def read_students(workspace: Workspace, student_id: str | None = None) -> list[Student]:
    """Every student that ever served, or one of them, in the order in which they began."""
    settle(workspace)
    rows = booked(workspace)
    with open_store(workspace, snapshot_folder(workspace, required=False)) as store:
        audits = stored_audits(store)
        traffic = traffic_days(store, audits)
        firsts = _firsts(traffic)
        wanted = [name for name in sorted(traffic, key=lambda name: traffic[name][0].day) if student_id in (None, name)]
        return [
            _student(workspace, store, traffic[name], audits.get(name, []), rows, is_first=name in firsts)
            for name in wanted
        ]


def _firsts(traffic: Mapping[str, list[TrafficDay]]) -> set[str]:
    """The first student of each task."""
    first: dict[str | None, str] = {}
    for name in sorted(traffic, key=lambda name: (traffic[name][0].day, name)):
        first.setdefault(traffic[name][0].task_id, name)
    return set(first.values())


def _student(
    workspace: Workspace,
    store: Store,
    traffic: list[TrafficDay],
    audits: list[StoredAudit],
    rows: Mapping[tuple[str, str, date], Booked],
    *,
    is_first: bool,
) -> Student:
    student_id, task_id = traffic[0].student_id, traffic[0].task_id
    card = registered_card(workspace, student_id)
    known = _policies(workspace, student_id)
    events = _events(workspace, task_id)
    policy = _policy(known, events, student_id)
    case, judged = case_of(workspace, task_id, card["task"]), decisions_of(workspace, task_id)
    days = _days(traffic, audits, rows, card, case, judged)
    once = rows.get((student_id, "one-off", traffic[0].day))
    terms = OneOffTerms(**once.detail["terms"]) if once else OneOffTerms.of(card["kind"], case, is_first=is_first)
    found = quality(
        audits, [day.day for day in traffic], _rule_of(known, events), policy.alpha if policy else card["alpha"]
    )
    windows = drift_windows(store, student_id, traffic)
    return Student(
        student_id, task_id, card, tuple(events), policy, tuple(days), tuple(audits), found,
        tuple(drift_tests(*windows)) if windows else (), _once(traffic[0], one_off(card, terms), terms), case,
        tuple(judged),
    )  # fmt: skip


def registered_card(workspace: Workspace, student_id: str) -> registry.Card:
    """The card as registered; its files are not read. UnknownName lists the students."""
    found = [card for card in registry.list_students(workspace) if card["student_id"] == student_id]
    if found:
        return found[0]
    return dict(registry.show_student(workspace, student_id))


def _policies(workspace: Workspace, student_id: str) -> dict[str, Policy]:
    with Record(workspace).read() as connection:
        query = sa.select(policies.c.policy_id).where(policies.c.student_id == student_id)
        ids = connection.execute(query.order_by(policies.c.created_at)).scalars().all()
        return {policy_id: find_policy(connection, policy_id) for policy_id in ids}


def _events(workspace: Workspace, task_id: str | None) -> list[Deployment]:
    return [] if task_id is None else deployments.history(workspace, task_id)


def _policy(known: Mapping[str, Policy], events: Sequence[Deployment], student_id: str) -> Policy | None:
    newest = (one.policy_id for one in events if one.student_id == student_id and one.policy_id in known)
    return next((known[name] for name in newest if name), None)


def _rule_of(known: Mapping[str, Policy], events: Sequence[Deployment]) -> Callable[[StoredAudit], Rule]:
    """The rule that an answer was served under; one that was put back to work begins with a clean slate."""
    promoted: dict[tuple[float | None, float], list[str]] = {}
    for event in reversed(events):
        policy = known.get(event.policy_id or "")
        if policy and event.action == "promote":
            promoted.setdefault((policy.threshold, policy.ood_cutoff), []).append(event.created_at)

    def rule_of(audit: StoredAudit) -> Rule:
        policy = known.get(audit.policy_id or "")
        if policy is None:
            return None, None, 0
        rule = policy.threshold, policy.ood_cutoff
        again = sum(at <= audit.audited_at.isoformat() for at in promoted.get(rule, [])[1:])
        return (*rule, again)

    return rule_of


def _days(
    traffic: Sequence[TrafficDay],
    audits: Sequence[StoredAudit],
    rows: Mapping[tuple[str, str, date], Booked],
    card: registry.Card,
    case: Assumptions,
    judged: list[Judged],
) -> list[Day]:
    found, until, bills, ids, before = [], 0, Bills(), list[str](), Estimated()
    for day in traffic:
        start = until
        while until < len(audits) and audits[until].day <= day.day:
            until += 1
        mine = tuple(audits[start:until])
        bills.add(one.bills for one in mine if one.bills)
        ids += [one.audit_id for one in mine]
        row, ratio, analysis = (
            rows.get((day.student_id, "day", day.day)),
            bills.ratio(),
            in_force(judged, day.day),
        )
        terms = _terms(row, ratio) if row else day_terms(day, card["kind"], analysis, ratio, case)
        paid = day.paid(mine)
        money, before = day_money(paid, terms, before), before.after(paid, terms)
        detail = {
            "terms": {name: str(value) for name, value in asdict(terms).items()},
            "audits": len(ids),
            "unpriced": day.unpriced,
            "snapshot_id": row.detail.get("snapshot_id") if row else analysis.snapshot_id if analysis else None,
        }
        evidence = evidence_of(day.fingerprint, ids)
        entry = Entry(day.student_id, day.task_id, "day", day.day, evidence, day.calls, day.served, money, detail)
        found.append(Day(day, mine, ratio, money, terms, entry, row))
    return found


def _terms(row: Booked, ratio: TokenRatio) -> Terms:
    """Settings as they were when the day was booked; what raw rows say is worked out afresh."""
    kept = row.terms
    return Terms(kept.kept_share, ratio.value, kept.serving_usd, kept.operations_usd)


def _once(first: TrafficDay, paid: OneOff, terms: OneOffTerms) -> Entry:
    detail = {"terms": asdict(terms)}
    return Entry(first.student_id, first.task_id, "one-off", first.day, "once", 0, 0, paid, detail)
