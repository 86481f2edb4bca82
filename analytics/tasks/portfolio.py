"""Step (c): which task each node belongs to. Small, so joins and people's edits act without reading a call again."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from analytics.tasks.draft import Joins
from analytics.tasks.edits import Edit
from analytics.tasks.model import LOOP_SHARE, Node, TaskModel
from analytics.tasks.names import name_tasks

EXCERPT = 160  # characters of a wording that a version shows
NamePrompt = Callable[[Sequence[tuple[str, str, Sequence[str]]]], list[str]]


@dataclass(frozen=True)
class NodeUsage:
    """What the calls of one node were: exact, where partials know it."""

    calls: int
    first_at: datetime
    last_at: datetime
    models: tuple[str, ...]


@dataclass(frozen=True)
class Version:
    """One wording of a task and when it was in use."""

    node_id: str
    wording: str  # its beginning
    found_by: str
    models: tuple[str, ...]
    first_at: datetime
    last_at: datetime
    calls: int


@dataclass(frozen=True)
class FoundTask:
    """A task as the ladder found it and people left it."""

    task_id: str
    name: str
    found_by: str
    versions: int  # wordings that were joined
    history: tuple[Version, ...] = ()  # oldest first
    is_agent_loop: bool = False
    is_pinned: bool = False


@dataclass(frozen=True)
class Portfolio:
    """The tasks, and the task of each node."""

    tasks: list[FoundTask]
    task_of: dict[str, str]


def portfolio(
    model: TaskModel,
    edits: Sequence[Edit] = (),
    usage: Mapping[str, NodeUsage] | None = None,
    namer: NamePrompt = name_tasks,
) -> Portfolio:
    """Tasks of a model. usage: exact counts by node, else those of the evidence; a node without calls is left out.

    namer: gives each (found_by, wording, samples) a name; another one may ask a model.
    """
    task_of = apply_edits(model, edits)
    members: dict[str, list[str]] = defaultdict(list)
    for name, task in task_of.items():
        members[task].append(name)
    versions = {task: _versions(model, names, usage) for task, names in members.items()}
    used = [task for task, found in versions.items() if found]
    leads = [_lead(model, versions[task]) for task in used]
    names = namer([(lead.found_by, lead.text, lead.samples) for lead in leads])
    renamed = {edit.task: edit.other for edit in edits if edit.kind == "rename"}
    pinned = {edit.task for edit in edits if edit.kind == "pin"}
    tasks = [
        FoundTask(
            task_id=task,
            name=renamed.get(task, name),
            found_by=lead.found_by,
            versions=len({version.wording for version in versions[task]}),
            history=tuple(versions[task]),
            is_agent_loop=_is_loop(model, versions[task]),
            is_pinned=task in pinned,
        )
        for task, name, lead in zip(used, names, leads, strict=True)
    ]
    return Portfolio(tasks, task_of)


def base_tasks(model: TaskModel) -> dict[str, str]:
    """Task of each node before people's edits. A set of nodes keeps the id that most of its calls had before."""
    joins = Joins(model.joins)
    sets: dict[str, list[Node]] = defaultdict(list)
    for name, node in model.nodes.items():
        sets[joins.find(name)].append(node)
    claims: list[tuple[int, str, str]] = []
    for root, group in sets.items():
        held: Counter[str] = Counter()
        for node in group:
            if node.task_id:
                held[node.task_id] += max(1, node.calls)
        claims += [(-calls, task, root) for task, calls in held.items()]
    kept: dict[str, str] = {}
    for _, task, root in sorted(claims):
        if root not in kept and task not in kept.values():
            kept[root] = task
    return {node.node_id: kept.get(root) or _task_id(group) for root, group in sets.items() for node in group}


def apply_edits(model: TaskModel, edits: Sequence[Edit]) -> dict[str, str]:
    """Task of each node, and of each part of a node that people split."""
    task_of = base_tasks(model)
    for edit in edits:
        own = [name for name, task in task_of.items() if task == edit.task]
        if edit.kind == "merge":
            task_of.update({name: edit.task for name, task in task_of.items() if task == edit.other})
        elif edit.kind == "split":
            task_of.update(_split(model, own, edit))
    return task_of


def splits_of(model: TaskModel, edits: Sequence[Edit]) -> dict[str, str]:
    """Nodes whose calls step (b) must tell apart by model or key."""
    splits: dict[str, str] = {}
    for place, edit in enumerate(edits):
        if edit.kind == "split" and edit.other in ("model", "key"):
            before = apply_edits(model, edits[:place])
            splits.update({name: edit.other for name, task in before.items() if task == edit.task and "@" not in name})
    return splits


def _split(model: TaskModel, own: Sequence[str], edit: Edit) -> dict[str, str]:
    """New tasks for the parts; the part with most calls keeps the id."""
    if edit.other in ("model", "key"):
        parts = {
            f"{name}@{edit.other}={value}": (value, calls)
            for name in own
            if name in model.nodes
            for value, calls in (
                model.nodes[name].model_calls if edit.other == "model" else model.nodes[name].key_calls
            ).items()
        }
    elif edit.other in own:
        return {edit.other: _hashed(f"{edit.task}|{edit.other}")}
    else:
        parts = {name: (name, model.nodes[name].calls) for name in own if name in model.nodes}
    sizes: Counter[str] = Counter()
    for value, calls in parts.values():
        sizes[value] += calls
    largest = sizes.most_common(1)[0][0] if sizes else ""
    return {
        name: edit.task if value == largest else _hashed(f"{edit.task}|{value}") for name, (value, _) in parts.items()
    }


def _versions(model: TaskModel, names: Sequence[str], usage: Mapping[str, NodeUsage] | None) -> list[Version]:
    found: list[Version] = []
    for name in names:
        node = model.nodes[name.split("@")[0]]
        used = usage.get(name) if usage is not None else None
        if usage is None and node.calls and "@" not in name:
            used = NodeUsage(node.calls, node.first_at, node.last_at, tuple(sorted(node.model_calls)))
        if used is not None:
            shown = Version(
                name, node.text[:EXCERPT], node.found_by, used.models, used.first_at, used.last_at, used.calls
            )
            found.append(shown)
    return sorted(found, key=lambda version: (version.first_at, version.node_id))


def _lead(model: TaskModel, versions: Sequence[Version]) -> Node:
    """The node that a task is named by: an explicit key, else a wording, else the one with the most calls."""
    nodes = [replace(model.nodes[one.node_id.split("@")[0]], calls=one.calls) for one in versions]
    return max(nodes, key=lambda node: (node.found_by == "key", node.found_by != "meaning", node.calls))


def _is_loop(model: TaskModel, versions: Sequence[Version]) -> bool:
    nodes = [model.nodes[one.node_id.split("@")[0]] for one in versions]
    calls = sum(node.calls for node in nodes)
    return sum(node.loop_share * node.calls for node in nodes) >= LOOP_SHARE * max(1, calls)


def _task_id(group: Sequence[Node]) -> str:
    """The hash of an explicit key, else of the earliest node: later versions join it and change nothing."""
    ordered = sorted(group, key=lambda node: (node.found_by != "key", node.first_at, node.key))
    return _hashed(ordered[0].key)


def _hashed(text: str) -> str:
    return "t-" + hashlib.blake2b(text.encode(), digest_size=5).hexdigest()
