"""The rows on which candidates are compared: newer than, and unlike, all that any of them or the student learned from.

They are chosen once for a task's data and a size of probe, and frozen: asked again, the same rows come back under the
same hash, and the correction for many comparisons counts everyone who was ever compared on them.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from analytics.errors import DataMissing
from analytics.workspace import Workspace
from pipeline.artifacts import read_json, write_json
from pipeline.evaluated import stage_folder
from pipeline.evaluation.compared import Compared
from pipeline.examples import ROWS, read_table, texts
from pipeline.groups import near_duplicate_groups
from pipeline.registry import Card

FOLDER = "confirmation"
LEAST, MOST = 60, 1_500  # rows


@dataclass(frozen=True)
class ConfirmationSet:
    """Frozen rows."""

    call_ids: list[str]  # oldest first
    sha256: str  # of ids, inputs and the teacher's answers
    from_at: str
    to_at: str
    left_out: dict[str, int]  # rows of the probe's test period that could not be used, by reason

    @property
    def facts(self) -> dict[str, Any]:
        """What a report says of them."""
        return {"rows": len(self.call_ids), "sha256": self.sha256, "from": self.from_at, "to": self.to_at,
                "left_out": self.left_out}  # fmt: skip


def frozen(
    workspace: Workspace, task_id: str, version: str, rows: int, compared: Compared, student: Card | None
) -> ConfirmationSet:
    """The set of this task, these data and this size; chosen from ``compared`` the first time.

    Raises DataMissing where too few rows are fresh, or where the kept set is not what was chosen.
    """
    path = workspace.reports / FOLDER / f"{task_id}-{version}-{rows}.json"
    if path.exists():
        found: dict[str, Any] = dict(read_json(path))
        kept = ConfirmationSet(**found)
        if sha256_of(compared, places_of(compared, kept)) != kept.sha256:
            raise DataMissing(f"{path} is not what was chosen; remove it, and the next probe chooses anew")
        return kept
    chosen = _choose(workspace, compared, student)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_json(path, vars(chosen))
    return chosen


def places_of(compared: Compared, kept: ConfirmationSet) -> list[int]:
    """Where the frozen rows stand. Raises DataMissing where one was learned from, or is not there."""
    fresh = {call_id: place for place, call_id in enumerate(compared.call_ids) if compared.is_new[place]}
    missing = [call_id for call_id in kept.call_ids if call_id not in fresh]
    if missing:
        raise DataMissing(f"{len(missing)} rows of the confirmation set are no unseen test rows of this run")
    return [fresh[call_id] for call_id in kept.call_ids]


def sha256_of(compared: Compared, places: Sequence[int]) -> str:
    """A hash of the rows' ids, inputs and answers."""
    rows = [[compared.call_ids[at], compared.inputs[at], compared.teacher[at]] for at in places]
    return hashlib.sha256("\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()).hexdigest()


def _choose(workspace: Workspace, compared: Compared, student: Card | None) -> ConfirmationSet:
    new = [place for place, fresh in enumerate(compared.is_new) if fresh]
    after = [place for place in new if _is_later(compared.times[place], student)]
    unlike = _unlike(workspace, compared, after, student)
    if len(unlike) < LEAST:
        raise DataMissing(
            f"{len(unlike)} calls are newer than all that the student and the candidates learned from and unlike it; "
            f"{LEAST} are needed: import a newer log, or probe with more rows"
        )
    places = unlike[-MOST:]
    left_out = {
        "like rows that a candidate learned from": len(compared.is_new) - len(new),
        "older than the end of the student's calibration": len(new) - len(after),
        "like rows that the student learned from": len(after) - len(unlike),
        "older than the newest that are used": len(unlike) - len(places),
    }
    days = [compared.times[place].isoformat() for place in places]
    ids = [compared.call_ids[place] for place in places]
    return ConfirmationSet(ids, sha256_of(compared, places), days[0], days[-1], left_out)


def _is_later(at: datetime, student: Card | None) -> bool:
    until = student and (student.get("calibrated_until") or student.get("trained_until"))
    return not until or at > datetime.fromisoformat(until)


def _unlike(workspace: Workspace, compared: Compared, places: Sequence[int], student: Card | None) -> list[int]:
    """Those whose near-duplicates the student did not learn from; all of them where its rows are gone."""
    learned = _learned_forms(workspace, student)
    if not learned or not places:
        return list(places)
    groups = near_duplicate_groups([*learned, *(compared.forms[place] for place in places)])
    known = set(groups[: len(learned)])
    return [place for place, group in zip(places, groups[len(learned) :], strict=True) if group not in known]


def _learned_forms(workspace: Workspace, student: Card | None) -> list[str]:
    if student is None:
        return []
    try:
        split: Path = stage_folder(workspace, student["run_id"], "split")
    except DataMissing:
        return []
    parts = ("train", "tune", "calibrate")
    return [form for part in parts for form in texts(read_table(split / f"{part}.parquet", ROWS), "form")]
