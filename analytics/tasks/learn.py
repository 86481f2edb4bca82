"""Step (a): from evidence to a model. The ladder, cheapest rung first: key, wording of the prompt, wording of the
user's text, meaning and traffic, and for calls without text the shape of their records.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from analytics.tasks.blind import learn_blind
from analytics.tasks.draft import Draft, Joins
from analytics.tasks.edits import Edit
from analytics.tasks.evidence import Evidence
from analytics.tasks.model import TaskModel, node_id
from analytics.tasks.portfolio import base_tasks, splits_of
from analytics.tasks.prompts import PromptLookup, place_prompts, scope_of
from analytics.tasks.traffic import answers_contradict, distance
from analytics.tasks.user_texts import instructions_decide, place_texts
from analytics.tasks.versions import join_versions, same_texts

KEY_SHARE = 0.9  # of a node's tagged calls that must agree before its untagged calls follow
ALIKE = 0.2  # bits
NEW_SHARE = 0.01  # of the sampled calls
Row = Mapping[str, Any]


def learn(evidence: Evidence, previous: TaskModel | None = None, edits: Sequence[Edit] = ()) -> TaskModel:
    """The model of all evidence so far. What ``previous`` knew keeps its node; only what is new is placed."""
    draft = _start(previous)
    before = set(draft.model.nodes)
    prompts, texts = evidence.prompts.to_pylist(), evidence.texts.to_pylist()
    place_prompts(draft, prompts)
    scopes = _share_out(draft, prompts, texts)
    place_texts(draft, scopes)
    fresh = set(draft.model.nodes) - before
    join_versions(draft, fresh)
    _follow_keys(draft, prompts, texts)
    _join_bare_with_prompted(draft, fresh)
    _learn_blind(draft, evidence.blind.to_pylist(), fresh)
    draft.keep_samples()
    return _finish(draft, edits, max((str(row["last_at"].isoformat()) for row in prompts), default=""))


def _start(previous: TaskModel | None) -> Draft:
    model = deepcopy(previous) if previous else TaskModel()
    for node in model.nodes.values():
        node.calls = 0  # evidence counts everything anew
    return Draft(model, Joins(model.joins))


def _share_out(draft: Draft, prompts: Sequence[Row], texts: Sequence[Row]) -> dict[str, list[Row]]:
    """Sampled texts to the nodes of their prompts; those whose text decides to the scope they are decided in."""
    lookup = PromptLookup(draft.model)
    node_of = {
        prompt["prompt_key"]: lookup.find({**prompt, "app": None}) or lookup.find(prompt)
        for prompt in prompts
        if prompt["system_prompt"] is not None
    }
    scope = {prompt["prompt_key"]: scope_of(prompt) for prompt in prompts if prompt["system_prompt"] is None}
    scopes: dict[str, list[Row]] = defaultdict(list)
    for row in texts:
        if row["prompt_key"] in scope:
            scopes[scope[row["prompt_key"]]].append(row)
        else:
            draft.rows[str(node_of[row["prompt_key"]])].append(row)
    for name, rows in list(draft.rows.items()):
        if name in draft.model.deciding or (name in draft.model.nodes and instructions_decide(draft, rows)):
            draft.model.deciding = sorted({*draft.model.deciding, name})
            scopes[f"node:{name}"] = draft.rows.pop(name)
    return scopes


def _follow_keys(draft: Draft, prompts: Sequence[Row], texts: Sequence[Row]) -> None:
    """Untagged calls follow the key that nearly all tagged calls of the same node carry."""
    app_of = {row["prompt_key"]: row["app"] for row in prompts}
    tagged: dict[str, Counter[str]] = defaultdict(Counter)
    lookup = PromptLookup(draft.model)
    for row in prompts:
        if row["app"] is not None and row["system_prompt"] is not None:
            untagged = lookup.find({**row, "app": None, "prompt_key": None})
            if untagged:
                tagged[draft.joins.find(untagged)][row["app"]] += row["calls"]
    for name, rows in draft.rows.items():
        for row in rows if draft.model.nodes[name].found_by in ("user-template", "meaning") else ():
            if app_of[row["prompt_key"]] is not None:
                tagged[draft.joins.find(name)][app_of[row["prompt_key"]]] += row["calls"]
    for name, apps in tagged.items():
        app, calls = apps.most_common(1)[0]
        if calls >= KEY_SHARE * apps.total():
            draft.joins.join(name, node_id(f"key:{app}"))


def _join_bare_with_prompted(draft: Draft, fresh: set[str]) -> None:
    """One application that sends its system prompt only sometimes: both sides are asked the same things."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for name, rows in draft.rows.items():
        if rows:
            by_kind[draft.model.nodes[name].found_by].append(name)
    for bare in by_kind["meaning"]:
        for prompted in by_kind["template"]:
            if not {bare, prompted} & fresh or draft.key_of(bare) != draft.key_of(prompted):
                continue
            mine, theirs = draft.profile(bare), draft.profile(prompted)
            one, other = draft.model.nodes[bare], draft.model.nodes[prompted]
            if (
                not answers_contradict(mine, theirs)
                and distance(mine, theirs) <= ALIKE
                and same_texts(draft, one, other)
            ):
                draft.joins.join(bare, prompted)


def _learn_blind(draft: Draft, blind: Sequence[Row], fresh: set[str]) -> None:
    """Shapes of records by task; learned again only when new nodes carry a share of the calls that matters."""
    for row in blind:
        draft.node(*blind_node(row), row)
    silent = [row for row in blind if row["operation"] == "chat"]
    told = [(name, row) for name, rows in sorted(draft.rows.items()) for row in rows if row["output_tokens"]]
    new = sum(1 for name, _ in told if name in fresh)
    if not silent or (draft.model.blind.classifier.nodes and new < NEW_SHARE * len(told)):
        return
    leads: dict[str, str] = {}
    for name, _ in told:
        leads.setdefault(draft.joins.find(name), name)
    nodes = [leads[draft.joins.find(name)] for name, _ in told]
    draft.model.blind = learn_blind([row for _, row in told], nodes, silent)


def blind_node(row: Row) -> tuple[str, str, str]:
    """Key, found_by and wording of the node of calls that only their record tells of."""
    text = f"{row['operation']} calls" + (" without text" if row["operation"] == "chat" else "")
    return f"operation:{row['operation']}:{row['key_hash']}", "operation", text


def _finish(draft: Draft, edits: Sequence[Edit], seen_until: str) -> TaskModel:
    model = draft.model
    model.joins = [pair for pair in draft.joins.pairs if _may_join(model, pair, edits)]
    model.seen_until = max(seen_until, model.seen_until)
    for name, task_id in base_tasks(model).items():
        model.nodes[name].task_id = task_id
    model.splits = splits_of(model, edits)
    model.version = _version(model)
    return model


def _may_join(model: TaskModel, pair: tuple[str, str], edits: Sequence[Edit]) -> bool:
    """A pinned task takes in what is new, but never another task that people have seen."""
    pinned = {edit.task for edit in edits if edit.kind == "pin"}
    one, other = (model.nodes[name].task_id for name in pair)
    return one is None or other is None or one == other or not pinned & {one, other}


def _version(model: TaskModel) -> str:
    """A hash of what decides about texts and records. Prompts are left out: a new one changes no old answer."""
    parts = {
        "deciding": model.deciding,
        "wordings": sorted((one.scope, one.first, one.last, one.node_id) for one in model.user_wordings),
        "frames": model.frames,
        "splits": model.splits,
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
    for classifier in (model.classifier, model.blind.classifier):
        digest.update("|".join((*classifier.nodes, *classifier.words)).encode())
        digest.update(classifier.weights.tobytes())
    return digest.hexdigest()[:16]
