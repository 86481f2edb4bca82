"""The students in force, one a task, and how they are exchanged while requests come in.

A request takes its student from the shelf once and keeps it to the end; an exchange puts a new tuple of students on
the shelf in one assignment. The old student answers what it was asked before and is then let go.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from analytics.errors import SpiritsafeError
from analytics.workspace import Workspace
from pipeline.breaker import Breaker
from pipeline.contracts import Answer, Student
from pipeline.loaded import Loaded
from pipeline.router import deployments
from pipeline.router.batching import Batcher
from pipeline.router.deployments import Deployment
from pipeline.router.opening import open_for
from pipeline.router.policy import Policy
from pipeline.router.token_rates import TokenRates, measure
from pipeline.students.parts.steady import stay_steady

RARE = 0.01  # share of served answers below which a cluster is rare
REST_S = 5.0  # that a student which failed is left alone
FEW = 30  # served answers of a cluster, below which it is rare as well


@dataclass
class Clusters:
    """How often each cluster was served, so that rare ones are audited more. Counted before each draw, never after."""

    counts: Counter[str] = field(default_factory=Counter)

    def is_rare(self, name: str) -> bool:
        """By what was served so far."""
        seen = self.counts[name]
        return seen < FEW or seen < RARE * self.counts.total()


@dataclass(frozen=True)
class Serving:
    """One student at work."""

    policy: Policy
    policy_id: str
    loaded: Loaded
    batcher: Batcher
    tokens: TokenRates
    breaker: Breaker = field(default_factory=lambda: Breaker(REST_S))
    clusters: Clusters = field(default_factory=Clusters)
    dice: random.Random = field(default_factory=random.SystemRandom)

    def cluster_of(self, answer: Answer) -> str | None:
        """Like requests by what the student says, where that is a label; else by how strange the input is."""
        if self.loaded.calibration.answer_kind == "label":
            return f"says {answer.output}"
        cutoff = self.policy.ood_cutoff
        return f"strangeness {min(4, int(5 * answer.ood_score / cutoff))} of 4" if cutoff > 0 else None

    def audit_chance(self, cluster: str | None) -> float:
        """The chance with which this answer goes to the teacher as well."""
        is_rare = cluster is not None and self.clusters.is_rare(cluster)
        return max(self.policy.audit_share, self.policy.rare_audit_share if is_rare else 0.0)


Opener = Callable[[Workspace, Policy], Loaded]


class Shelf:
    """What serves each task now."""

    def __init__(self, workspace: Workspace, opener: Opener = open_for) -> None:
        self.workspace, self._opener = workspace, opener
        self.by_task: Mapping[str, Serving] = {}
        self._newest = -1
        self._times: tuple[int, ...] = ()

    def is_touched(self) -> bool:
        """Whether the record was written to since the last look: two file times, so that it can be asked often."""
        files = (self.workspace.control, self.workspace.control.with_name(f"{self.workspace.control.name}-wal"))
        now = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
        before, self._times = self._times, now
        return now != before

    def newest(self) -> int:
        """The id of the newest deployment; another one than before asks for ``refresh``."""
        rows = deployments.history(self.workspace)
        return rows[0].deployment_id if rows else 0

    def refresh(self) -> list[str]:
        """Open what came into force, keep what stays, drop the rest. Returns what changed, for the log.

        Takes as long as opening a student does, so it runs beside the requests, not between them.
        """
        newest = self.newest()
        if newest == self._newest:
            return []
        fresh: dict[str, Serving] = {}
        changes = []
        for row, policy in deployments.in_force(self.workspace):
            before = self.by_task.get(row.task_id)
            try:
                fresh[row.task_id] = self._serving(row, policy, before)
            except (
                SpiritsafeError
            ) as error:  # a damaged student must not keep the others, and the teacher, from serving
                changes.append(f"{row.task_id}: {row.student_id} cannot serve, the teacher does: {error}")
                continue
            if before is None or before.policy_id != row.policy_id:
                changes.append(f"{row.task_id}: {row.student_id} ({row.action})")
        gone = [task for task in self.by_task if task not in fresh and not any(task in line for line in changes)]
        old, self.by_task, self._newest = self.by_task, fresh, newest
        kept = {id(serving.batcher) for serving in fresh.values()}
        for serving in old.values():
            if id(serving.batcher) not in kept:
                serving.batcher.close()
        return changes + [f"{task}: everything to the teacher" for task in gone]

    def _serving(self, row: Deployment, policy: Policy, before: Serving | None) -> Serving:
        assert row.policy_id is not None
        if before is not None and before.policy_id == row.policy_id:
            return before
        if before is not None and _asks_alike(before.policy, policy):  # only the rule is another
            return Serving(
                policy, row.policy_id, before.loaded, before.batcher, before.tokens, before.breaker, before.clusters
            )
        loaded = self._opener(self.workspace, policy)
        batcher = Batcher(
            steady(loaded.student, policy.ood_cutoff if policy.order == "gate" else None), policy.student_id
        )
        return Serving(policy, row.policy_id, loaded, batcher, measure(self.workspace, row.task_id))


def _asks_alike(one: Policy, other: Policy) -> bool:
    asks = [(policy.student_id, policy.student_url, policy.order, policy.ood_cutoff) for policy in (one, other)]
    return asks[0] == asks[1]


def steady(student: Student, cutoff: float | None = None) -> Callable[[list[str]], list[Answer]]:
    """The student with one thread for sums: answers come out as they were evaluated, and requests keep their core.

    cutoff: inputs stranger than this are not asked about, where the student can tell without answering.
    """
    stay_steady()
    strangeness = getattr(student, "strangeness", None)
    if cutoff is None or strangeness is None:
        return student.answer
    return lambda texts: _familiar_only(student, texts, list(strangeness(texts)), cutoff)


def _familiar_only(student: Student, texts: list[str], far: list[float], cutoff: float) -> list[Answer]:
    asked = [text for text, distance in zip(texts, far, strict=True) if distance <= cutoff]
    said = iter(student.answer(asked))
    return [next(said) if distance <= cutoff else Answer("", 0.0, float(distance)) for distance in far]
