"""The ladder: explicit key, system-prompt template, user-message template, meaning. Cheapest rung first.

Each distinct prompt becomes a node; evidence joins nodes; a task is what hangs together. Its id is the hash of
its earliest node, so it stays when the log grows.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from analytics.embed import embed
from analytics.store import Store
from analytics.tasks.freeform import Traffic, follow_trait, group_by_meaning
from analytics.tasks.names import name_tasks
from analytics.tasks.nodes import Joins, Node
from analytics.tasks.successors import join_successors
from analytics.tasks.templates import mask, merge_near, prefix_templates, says_nothing

KEY_SHARE = 0.9  # of a template's tagged calls that must agree before its untagged calls follow
SHARED_TEXTS = 0.5  # of a bare group's texts that a system prompt must also have been asked
LEAST_SHARED = 20
OPENING_CHARACTERS = 2000  # of a user message: a shared wording shows in its start
TRAITS = ("key_hash", "model", "turns", "output_size")


@dataclass(frozen=True)
class FoundTask:
    """A task as the ladder found it."""

    task_id: str
    name: str
    found_by: str
    versions: int  # distinct templates that were joined


def discover(store: Store) -> tuple[list[FoundTask], pa.Table]:
    """The tasks of everything stored, and the table ``call_tasks``."""
    _set_generic_prompts(store)
    prompts = store.rows("list_prompts")
    nodes: dict[str, Node] = {}
    joins = Joins()
    prompt_keys = [_prompt_node(prompt, nodes) for prompt in prompts]
    _join_near_templates(nodes, joins)
    join_successors(nodes, _answers(store, prompts), joins)
    _follow_keys(prompts, joins)
    bare_rows = store.rows("list_bare_texts")
    bare_texts, bare_keys = _bare_nodes(bare_rows, nodes)
    _join_user_templates(nodes, joins)
    _follow_bare_keys(bare_rows, dict(zip(bare_texts, bare_keys, strict=True)), joins)
    _join_bare_with_prompted(store, bare_texts, bare_keys, prompts, joins)
    tasks, task_of = _tasks(nodes, joins)
    prompt_tasks = [task_of[key] for key in prompt_keys]
    call_tasks = _assign(store, prompts, prompt_tasks, bare_texts, [task_of[key] for key in bare_keys])
    used = set(call_tasks.column("task_id").unique().to_pylist())
    return [task for task in tasks if task.task_id in used], call_tasks


def _set_generic_prompts(store: Store) -> None:
    prompts = [row["system_prompt"] for row in store.rows("list_system_prompts")]
    generic = [prompt for prompt in prompts if says_nothing(prompt)]
    store.register("generic_prompts", pa.table({"system_prompt": pa.array(generic, pa.string())}))


def _answers(store: Store, prompts: Sequence[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Short answers by node of the system prompt."""
    node_of = {prompt["system_prompt"]: _prompt_node(prompt, {}) for prompt in prompts if prompt["app"] is None}
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for row in store.rows("list_short_answers"):
        answers[node_of[row["system_prompt"]]][row["answer"]] += row["calls"]
    return answers


def _prompt_node(prompt: dict[str, Any], nodes: dict[str, Node]) -> str:
    """The node of one distinct prompt; a bare chat call's node here only serves when its text has none."""
    if prompt["app"] is not None:
        key, found_by, text = f"key:{prompt['app']}", "key", prompt["app"]
    elif prompt["system_prompt"] is not None:
        text = mask(prompt["system_prompt"])
        schema = prompt["response_schema"] or ""
        named = schema if schema.startswith("json_schema:") else ""
        key, found_by = f"system:{named}:{prompt['tool_names'] or ''}:{text}", "template"
    else:
        bare = prompt["operation"] == "chat" and not prompt["has_text"]
        text = f"{prompt['operation']} calls" + (" without text" if bare else "")
        key, found_by = f"operation:{text}", "operation"
    node = nodes.setdefault(key, Node(key, found_by, text, prompt["first_at"]))
    node.calls += prompt["calls"]
    node.first_at = min(node.first_at, prompt["first_at"])
    node.last_at = max(node.last_at or prompt["last_at"], prompt["last_at"])
    node.key_hash = prompt["key_hash"]
    return key


def _join_near_templates(nodes: dict[str, Node], joins: Joins) -> None:
    """Versions of one system prompt, where schema and tools do not contradict."""
    by_frame: dict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        if node.found_by == "template":
            by_frame[node.key.removesuffix(node.text)].append(node)
    for alike in by_frame.values():
        for node, first in zip(alike, merge_near([node.text for node in alike]), strict=True):
            joins.join(node.key, alike[first].key)


def _follow_keys(prompts: Sequence[dict[str, Any]], joins: Joins) -> None:
    """Untagged calls follow the key that the tagged calls of the same template carry."""
    tagged: dict[str, Counter[str]] = defaultdict(Counter)
    for prompt in prompts:
        if prompt["app"] is not None and prompt["system_prompt"] is not None:
            untagged = _prompt_node({**prompt, "app": None}, {})
            tagged[joins.find(untagged)][prompt["app"]] += prompt["calls"]
    _join_agreed(tagged, joins)


def _follow_bare_keys(rows: list[dict[str, Any]], key_of: dict[str, str], joins: Joins) -> None:
    """The same for texts without a system prompt."""
    tagged: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["app"] is not None:
            tagged[joins.find(key_of[row["opening_text"]])][row["app"]] += row["calls"]
    _join_agreed(tagged, joins)


def _join_agreed(tagged: dict[str, Counter[str]], joins: Joins) -> None:
    for node, apps in tagged.items():
        app, calls = apps.most_common(1)[0]
        if calls >= KEY_SHARE * apps.total():
            joins.join(node, f"key:{app}")


def _bare_nodes(rows: list[dict[str, Any]], nodes: dict[str, Node]) -> tuple[list[str], list[str]]:
    """Distinct texts without a system prompt, and the node of each: a shared wording, else a shared meaning."""
    texts = list(dict.fromkeys(row["opening_text"] for row in rows))
    if not texts:
        return [], []
    masked = [mask(text[:OPENING_CHARACTERS]) for text in texts]
    distinct = list(dict.fromkeys(masked))
    template_of = dict(zip(distinct, prefix_templates(distinct), strict=True))
    templates = [template_of[text] for text in masked]
    free = [index for index, template in enumerate(templates) if template is None]
    groups = dict(zip(free, _meaning_groups(rows, texts, free), strict=True))
    keys = [
        f"user:{template}" if template is not None else f"meaning:{groups[i]}" for i, template in enumerate(templates)
    ]
    _fill_bare_nodes(rows, texts, keys, nodes)
    return texts, keys


def _meaning_groups(rows: list[dict[str, Any]], texts: list[str], free: list[int]) -> list[int]:
    if not free:
        return []
    place = {texts[index]: position for position, index in enumerate(free)}
    carrying = [row for row in rows if row["opening_text"] in place]
    traffic = Traffic(
        text=np.array([place[row["opening_text"]] for row in carrying]),
        traits=[np.unique([str(row[trait]) for row in carrying], return_inverse=True)[1] for trait in TRAITS],
        calls=np.array([float(row["calls"]) for row in carrying]),
    )
    groups = group_by_meaning(embed([texts[index] for index in free]), traffic)
    return [int(group) for group in follow_trait(groups, traffic, traffic.traits[0])]


def _fill_bare_nodes(rows: list[dict[str, Any]], texts: list[str], keys: list[str], nodes: dict[str, Node]) -> None:
    """Give each bare node its size, wording and start. A meaning node is known by its earliest text."""
    key_of = dict(zip(texts, keys, strict=True))
    for row in rows:  # in order of first_at
        key = key_of[row["opening_text"]]
        found_by = "user-template" if key.startswith("user:") else "meaning"
        text = key.removeprefix("user:") if found_by == "user-template" else mask(row["opening_text"])
        node = nodes.setdefault(key, Node(key, found_by, text, row["first_at"]))
        node.calls += row["calls"]
        if len(node.samples) < 400:
            node.samples.append(row["opening_text"])


def _join_user_templates(nodes: dict[str, Node], joins: Joins) -> None:
    """Versions of one instruction put before the input."""
    alike = [node for node in nodes.values() if node.found_by == "user-template"]
    for node, first in zip(alike, merge_near([node.text for node in alike]), strict=True):
        joins.join(node.key, alike[first].key)


def _join_bare_with_prompted(
    store: Store, texts: list[str], keys: list[str], prompts: Sequence[dict[str, Any]], joins: Joins
) -> None:
    """One application that sends its system prompt only sometimes: both sides are asked the same things."""
    free = [(text, key) for text, key in zip(texts, keys, strict=True) if key.startswith("meaning:")]
    if not free:
        return
    store.register(
        "bare_groups", pa.table({"opening_text": [text for text, _ in free], "node": [key for _, key in free]})
    )
    sizes = Counter(key for _, key in free)
    node_of = {prompt["system_prompt"]: _prompt_node(prompt, {}) for prompt in prompts if prompt["app"] is None}
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for row in store.rows("count_shared_texts"):
        shared[row["node"], joins.find(node_of[row["system_prompt"]])] += row["shared_texts"]
    for (bare, prompted), count in sorted(shared.items()):
        if count >= max(LEAST_SHARED, SHARED_TEXTS * sizes[bare]):
            joins.join(bare, prompted)


def _tasks(nodes: dict[str, Node], joins: Joins) -> tuple[list[FoundTask], dict[str, str]]:
    sets: dict[str, list[Node]] = defaultdict(list)
    for key in list(nodes):
        sets[joins.find(key)].append(nodes[key])
    members = [sorted(group, key=lambda node: (node.first_at, node.key)) for group in sets.values()]
    members = [group for group in members if any(node.calls for node in group)]
    leads = [_lead(group) for group in members]
    names = name_tasks([(lead.found_by, lead.text, lead.samples) for lead in leads])
    tasks: list[FoundTask] = []
    task_of: dict[str, str] = {}
    for group, lead, name in zip(members, leads, names, strict=True):
        task_id = _task_id(group)
        tasks.append(FoundTask(task_id, name, lead.found_by, len(group)))
        task_of.update({node.key: task_id for node in group})
    return tasks, task_of


def _lead(group: list[Node]) -> Node:
    """The node that a task is named by: an explicit key, else a wording, else the one with the most calls."""
    return max(group, key=lambda node: (node.found_by == "key", node.found_by != "meaning", node.calls))


def _task_id(group: list[Node]) -> str:
    """The hash of an explicit key, else of the earliest node: later versions join it and change nothing."""
    first = next((node for node in group if node.found_by == "key"), group[0])
    identity = first.key if first.found_by != "meaning" else f"meaning:{first.text}"
    return "t-" + hashlib.blake2b(identity.encode(), digest_size=5).hexdigest()


def _assign(
    store: Store, prompts: list[dict[str, Any]], prompt_tasks: list[str], texts: list[str], text_tasks: list[str]
) -> pa.Table:
    strings = ("operation", "app", "system_prompt", "response_schema", "tool_names")
    columns = {name: pa.array([prompt[name] for prompt in prompts], pa.string()) for name in strings}
    columns["has_text"] = pa.array([prompt["has_text"] for prompt in prompts], pa.bool_())
    store.register("prompt_tasks", pa.table({**columns, "task_id": pa.array(prompt_tasks, pa.string())}))
    store.register(
        "bare_tasks",
        pa.table({"opening_text": pa.array(texts, pa.string()), "task_id": pa.array(text_tasks, pa.string())}),
    )
    return store.query("assign_tasks")
