"""What people decided about tasks: merged, split, renamed, pinned. Kept in one readable file, applied in order."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from analytics.errors import InputError
from analytics.segments import write_whole
from analytics.workspace import Workspace

Kind = Literal["merge", "split", "rename", "pin"]
By = Literal["prompt", "model", "key"]
FILE = "tasks.toml"
HEAD = "# What people decided about tasks, in order. `spiritsafe tasks undo` takes back the last one.\n"


@dataclass(frozen=True)
class Edit:
    """One decision."""

    kind: Kind
    task: str  # id of the task that keeps its id
    other: str = ""  # merge: the task that joins it; split: by, or the node that leaves; rename: the new name
    at: str = ""  # when, ISO

    @property
    def said(self) -> str:
        """The decision as a sentence would have it."""
        object_of = {"merge": f" with {self.other}", "split": f" by {self.other}", "rename": f" to {self.other}"}
        return f"{self.kind} {self.task}{object_of.get(self.kind, '')}"


def edits_file(workspace: Workspace) -> Path:
    """Where the decisions are."""
    return workspace.home / FILE


def read_edits(workspace: Workspace) -> list[Edit]:
    """Every decision, oldest first."""
    file = edits_file(workspace)
    if not file.exists():
        return []
    try:
        return [Edit(**one) for one in tomllib.loads(file.read_text()).get("edit", [])]
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise InputError(f"{file} cannot be read ({error}); repair or remove it") from error


def write_edits(workspace: Workspace, edits: Sequence[Edit]) -> None:
    """Replace the file as a whole, so that it is never half written."""
    write_whole(edits_file(workspace), HEAD + "".join(_table(edit) for edit in edits))


def add_edit(workspace: Workspace, edit: Edit) -> None:
    """Append one decision."""
    write_edits(workspace, [*read_edits(workspace), edit])


def undo(workspace: Workspace) -> Edit:
    """Take back the last decision and return it."""
    edits = read_edits(workspace)
    if not edits:
        raise InputError("there is nothing to undo")
    write_edits(workspace, edits[:-1])
    return edits[-1]


def _table(edit: Edit) -> str:
    """A TOML table; a JSON string is a TOML string."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in vars(edit).items() if value]
    return "\n[[edit]]\n" + "\n".join(lines) + "\n"
