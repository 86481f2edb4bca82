"""Distinct prompts to nodes: an explicit key first, then the masked system prompt with its schema and tools."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from analytics.tasks.draft import Draft
from analytics.tasks.model import KnownWording, TaskModel, node_id
from analytics.tasks.templates import mask
from analytics.tasks.wording import Wording, WordingIndex, find_wordings, words_of

Row = Mapping[str, Any]

LEAST_VARIANTS = 12  # distinct system prompts that must share a wording before the rest of them is an insert
MOST_WORDS = 1500  # of a system prompt that are compared
LIGHT = 20  # calls a variant, on average, up to which variants are inserts without further proof
COVERS = 0.5  # of a variant's words that the wording must make up where variants are called more often


def frame_of(row: Row) -> str:
    """Schema and tools that a prompt comes with: different ones never are one wording."""
    schema = row["response_schema"] or ""
    return f"{schema if schema.startswith('json_schema:') else ''}:{row['tool_names'] or ''}"


def scope_of(row: Row) -> str:
    """Among which nodes the user's text decides, where no system prompt tells the task."""
    return f"bare:{frame_of(row)}"


def reads(row: Row) -> str:
    """What tells the task of a prompt's calls: the prompt, the user's text, or only the record of the call."""
    if row["app"] is not None or row["system_prompt"] is not None:
        return "prompt"
    return "text" if row["operation"] == "chat" and row["has_text"] else "blind"


def exact_key(row: Row) -> str:
    """What a prompt's own node is recognised by."""
    if row["app"] is not None:
        return f"key:{row['app']}"
    return f"system:{frame_of(row)}:{mask(row['system_prompt'])}"


def place_prompts(draft: Draft, prompts: Sequence[Row]) -> None:
    """Give each prompt that tells its task a node; remember those whose node does not follow from the prompt alone."""
    fresh: dict[str, list[Row]] = defaultdict(list)
    known = PromptLookup(draft.model)
    for row in prompts:
        if reads(row) != "prompt":
            continue
        found = known.find(row)
        if found is not None:
            node = draft.model.nodes[found]
            draft.node(node.key, node.found_by, node.text, row)
        elif row["app"] is not None:
            draft.node(exact_key(row), "key", row["app"], row)
        else:
            fresh[frame_of(row)].append(row)
    for frame, rows in sorted(fresh.items()):
        _place_fresh(draft, frame, rows)


def _place_fresh(draft: Draft, frame: str, rows: Sequence[Row]) -> None:
    by_mask: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_mask[mask(row["system_prompt"])].append(row)
    inserted = _inserts(by_mask)
    for text, own in by_mask.items():
        wording = inserted.get(text)
        key = f"wording:{frame}:{wording.text}" if wording else f"system:{frame}:{text}"
        for row in own:
            node = draft.node(key, "template", wording.text if wording else text, row)
            if wording:
                draft.model.prompts[row["prompt_key"]] = node.node_id
        if wording:
            known = KnownWording(frame, wording.first, wording.last, node_id(key))
            if known not in draft.model.system_wordings:
                draft.model.system_wordings.append(known)


def _inserts(by_mask: Mapping[str, Sequence[Row]]) -> dict[str, Wording]:
    """Templates that are one wording with something inserted: a document, a name, a customer's record."""
    texts = list(by_mask)
    words = [words_of(text)[:MOST_WORDS] for text in texts]
    found = find_wordings(words, words, LEAST_VARIANTS) if len(texts) >= LEAST_VARIANTS else [None] * len(texts)
    members: dict[Wording, list[int]] = defaultdict(list)
    for index, wording in enumerate(found):
        if wording is not None:
            members[wording].append(index)
    return {
        texts[index]: wording
        for wording, own in members.items()
        if _is_insert(wording, [words[i] for i in own], [sum(r["calls"] for r in by_mask[texts[i]]) for i in own])
        for index in own
    }


def _is_insert(wording: Wording, words: Sequence[Sequence[str]], calls: Sequence[int]) -> bool:
    """Many variants, each called little; or variants that are mostly the wording."""
    fixed = len(wording.first) + len(wording.last)
    covered = sorted(fixed / max(1, len(one)) for one in words)[len(words) // 2]
    return sum(calls) <= LIGHT * len(calls) or covered >= COVERS


class PromptLookup:
    """The node of a prompt, from a model alone."""

    def __init__(self, model: TaskModel) -> None:
        self.model = model
        self.by_frame: dict[str, list[KnownWording]] = defaultdict(list)
        for known in model.system_wordings:
            self.by_frame[known.scope].append(known)
        self.index = {
            frame: WordingIndex([Wording(known.first, known.last, ()) for known in own])
            for frame, own in self.by_frame.items()
        }

    def find(self, row: Row) -> str | None:
        """The known node of a prompt that tells its task; None where it is new."""
        exact = self.model.prompts.get(row["prompt_key"]) or node_id(exact_key(row))
        if exact in self.model.nodes:
            return exact
        frame = frame_of(row)
        if row["app"] is not None or frame not in self.index:
            return None
        words = words_of(mask(row["system_prompt"]))[:MOST_WORDS]
        place = self.index[frame].find(words, words)
        return None if place is None else self.by_frame[frame][place].node_id
