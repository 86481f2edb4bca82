"""Which task a request belongs to: named by the application, else as the analysis of its log recognises it."""

from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.errors import DataMissing
from analytics.kept_tasks import snapshot_folder, task_rows
from analytics.tasks.assign import Assigner, part_id
from analytics.tasks.model import TaskModel
from analytics.workspace import Workspace
from pipeline.router.asked import Asked

KEPT = 4_096  # distinct prompts whose task is remembered
HEAD, TAIL = 1_000, 300  # characters of an opening text, as sql/queries/list_text_calls.sql cuts them


class Recogniser:
    """The tasks of one analysis; read once, answers from memory."""

    def __init__(self, workspace: Workspace) -> None:
        """Raises DataMissing where nothing was analysed yet."""
        self._workspace, self._folder = workspace, (folder := snapshot_folder(workspace))
        model = TaskModel.load(folder / "task_model") if folder else None
        if folder is None or model is None:
            raise DataMissing(f"no tasks are known in {workspace.home}; run: spiritsafe analyze")
        self._assigner = Assigner(model)
        nodes = pq.read_table(folder / "node_tasks.parquet").to_pydict()
        self._tasks: dict[str, str] = dict(zip(nodes["node_id"], nodes["task_id"], strict=True))
        self._named = {name: row["task_id"] for row in task_rows(workspace) for name in (row["name"], row["task_id"])}
        self._prompt = lru_cache(maxsize=KEPT)(self._look_up)

    def newest(self) -> "Recogniser":
        """This one, or another where the log was analysed again: a student of a task found since must get requests."""
        return self if snapshot_folder(self._workspace) == self._folder else Recogniser(self._workspace)

    def find(self, asked: Asked) -> str | None:
        """The task's id; None where no task is recognised."""
        if asked.task is not None:
            return self._named.get(asked.task)
        fields = asked.fields
        names = ("app", "system_prompt", "response_schema", "tool_names")
        found, scope = self._prompt(*(fields[name] for name in names))
        node = found if scope is None else self._by_text(scope, fields)
        splits = self._assigner.model.splits
        if node in splits and splits[node] == "model":
            node = part_id(node, "model", asked.model)
        return self._tasks.get(node) if node else None

    def _look_up(self, app: str | None, system: str | None, schema: str | None, tools: str | None) -> Any:
        row = {"prompt_key": 0, "app": app, "system_prompt": system, "response_schema": schema, "tool_names": tools}
        table = pa.Table.from_pylist([row | {"operation": "chat", "has_text": True}])
        found = self._assigner.prompts(table).to_pylist()[0]
        return found["node_id"], found["scope"]

    def _by_text(self, scope: str, fields: dict[str, Any]) -> str | None:
        """The node of a known wording. Free-form texts are told apart by their answers too, which nobody has yet."""
        opening = fields["first_user_text"] or fields["input_text"] or ""
        row = {"scope": scope, "opening_head": opening[:HEAD], "opening_tail": opening[-TAIL:]}
        return self._assigner.worded(row)
