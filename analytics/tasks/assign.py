"""Step (b): the node of each call, from the model alone, for any part of the log."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.store import Store
from analytics.tasks.evidence import show_generic_prompts
from analytics.tasks.freeform import marked_tokens
from analytics.tasks.marks import joined, named
from analytics.tasks.model import TaskModel, node_id
from analytics.tasks.prompts import PromptLookup, exact_key, reads, scope_of
from analytics.tasks.traffic import form_of
from analytics.tasks.user_texts import END_WORDS, choose
from analytics.tasks.wording import Wording, WordingIndex, words_of

Row = Mapping[str, Any]
START_CHARACTERS = 150  # of a text's start and end that are enough to see which wording it may have
BATCH = 20_000

PROMPT_NODES = pa.schema(
    [("prompt_key", pa.uint64()), ("node_id", pa.string()), ("scope", pa.string()), ("reads", pa.string())]
)
CALL_NODES = pa.schema([("call_id", pa.string()), ("node_id", pa.string())])


class Assigner:
    """Answers from a model; holds no call."""

    def __init__(self, model: TaskModel) -> None:
        self.model = model
        self.lookup = PromptLookup(model)
        self.scopes = {scope: _index(model, scope) for scope in {known.scope for known in model.user_wordings}}

    def prompts(self, table: pa.Table) -> pa.Table:
        """For rows of ``list_prompts``: their node, or the scope in which the user's text decides.

        Columns prompt_key, node_id, scope, reads (prompt, text or blind). A prompt that the model does not know
        gets the node that it would be recognised by.
        """
        rows = [self._prompt(row) for row in table.to_pylist()]
        return pa.Table.from_pylist(rows, schema=PROMPT_NODES)

    def texts(self, table: pa.Table) -> pa.Table:
        """For rows of ``list_text_calls``: call_id and node_id."""
        nodes: list[str] = []
        for start in range(0, table.num_rows, BATCH):
            nodes += self._texts(table.slice(start, BATCH))
        return pa.table({"call_id": table.column("call_id"), "node_id": pa.array(nodes, pa.string())})

    def blind(self, table: pa.Table) -> pa.Table:
        """For rows of ``list_blind_calls``: call_id and node_id."""
        told = self.model.blind.assign(table)
        told[np.asarray(pc.not_equal(table["operation"], "chat"))] = -1
        kinds = joined("", named(table["operation"]), named(table["key_hash"]))
        rest = [blind_node_id(*kind.split("|", 1)) for kind in kinds.words]
        names = np.array([*self.model.blind.classifier.nodes, *rest], dtype=object)
        places = np.where(told >= 0, told, kinds.codes + len(names) - len(rest))
        nodes = pa.DictionaryArray.from_arrays(pa.array(places), pa.array(names, pa.string())).cast(pa.string())
        return pa.table({"call_id": table["call_id"], "node_id": nodes})

    def _prompt(self, row: Row) -> dict[str, Any]:
        kind, found, scope = reads(row), None, None
        if kind == "prompt":
            found = self.lookup.find(row) or node_id(exact_key(row))
            if found in self.model.deciding:
                kind, scope = "text", f"node:{found}"
        elif kind == "text":
            scope = scope_of(row)
        return {"prompt_key": row["prompt_key"], "node_id": found, "scope": scope, "reads": kind}

    def _texts(self, table: pa.Table) -> list[str]:
        rows = table.to_pylist()
        found = [self.worded(row) for row in rows]
        free = [at for at, node in enumerate(found) if node is None]
        if free:
            for at, node in zip(free, self._free(table.take(pa.array(free))), strict=True):
                found[at] = node
        return [str(node) for node in found]

    def worded(self, row: Row) -> str | None:
        """The node of a wording that the text has: looked for in its first words, then followed to the end."""
        known = self.scopes.get(row["scope"])
        if known is None or row["opening_head"] is None:
            return None
        index, nodes = known
        end = words_of(row["opening_tail"][-START_CHARACTERS:])[-END_WORDS:] if index.end_widths else ()
        place = index.find(words_of(row["opening_head"][:START_CHARACTERS]), end)
        if place is not None and index.is_forked(place):
            place = index.find(words_of(row["opening_head"]), end)
        return None if place is None else nodes[place]

    def _free(self, table: pa.Table) -> list[str]:
        names = (
            "scope",
            "key_hash",
            "model",
            "user_hash",
            "answer_length",
            "input_tokens",
            "turns",
            "answer_head",
            "calls_tool",
        )
        columns = {name: table.column(name).to_pylist() for name in names}
        columns["key_hash"] = [
            f"{scope}|{key}" for scope, key in zip(columns["scope"], columns["key_hash"], strict=True)
        ]
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        tokens = marked_tokens(table.column("opening_head"), columns, [form_of(row) for row in rows])
        return [node or free_node_id(row) for node, row in zip(choose(self.model, rows, tokens), rows, strict=True)]


def _index(model: TaskModel, scope: str) -> tuple[WordingIndex, list[str]]:
    known = [one for one in model.user_wordings if one.scope == scope]
    return WordingIndex([Wording(one.first, one.last, ()) for one in known]), [one.node_id for one in known]


def blind_node_id(operation: str, key_hash: str) -> str:
    """The node of calls of one operation and key that only their record tells of."""
    return node_id(f"operation:{operation}:{key_hash}")


def free_node_id(row: Row) -> str:
    """The node of free-form texts while the model knows none."""
    return node_id(f"meaning:{row['key_hash']}")


def assign_calls(store: Store, model: TaskModel) -> pa.Table:
    """call_id and node_id of every call that the store shows: the whole log, or one segment."""
    show_generic_prompts(store)
    assigner = Assigner(model)
    store.register("prompt_nodes", assigner.prompts(store.query("list_prompts")))
    store.register("text_nodes", assigner.texts(store.query("list_text_calls")))
    store.register("blind_nodes", assigner.blind(store.query("list_blind_calls")))
    table = store.query("assign_nodes")
    return split_nodes(table, model.splits)


def split_nodes(table: pa.Table, splits: Mapping[str, str]) -> pa.Table:
    """Nodes that people split by model or key get the value's name behind theirs."""
    if not splits:
        return table.select(CALL_NODES.names)
    columns = {name: table.column(name).to_pylist() for name in ("node_id", "key_hash", "model")}
    nodes: Sequence[str] = [
        part_id(node, splits[node], key if splits[node] == "key" else model) if node in splits else node
        for node, key, model in zip(columns["node_id"], columns["key_hash"], columns["model"], strict=True)
    ]
    return pa.table({"call_id": table.column("call_id"), "node_id": pa.array(nodes, pa.string())})


def part_id(node: str, by: str, value: str) -> str:
    """One part of a node that people split."""
    return f"{node}@{by}={value}"
