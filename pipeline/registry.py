"""The students that were made: one folder and one immutable card each, verified whenever one is opened.

The card lists the hash of every file, the record holds the hash of the card: damage anywhere is seen.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from analytics.errors import DataMissing, UnknownName
from analytics.record import Record, students, utc_now
from analytics.workspace import Workspace
from pipeline import artifacts
from pipeline.contracts import PROBE_SEED

CARD = "card.json"
# Facts of one execution; two executions of a run make the same student in spite of them.
OF_THE_EXECUTION = frozenset(
    {
        "student_id",
        "run_id",
        "latency_ms",
        "throughput_per_s",
        "cost_per_1000",
        "evaluate_seconds",
        "train_seconds",
        "cost_paid_usd",
        "training_resources",
        "environment",
    }
)

Card = dict[str, Any]


@dataclass(frozen=True)
class StudentRow:
    """A registered student."""

    student_id: str
    task_id: str | None
    run_id: str
    kind: str
    path: str  # relative to the workspace
    card_sha256: str
    created_at: str

    def folder(self, workspace: Workspace) -> Path:
        """Its files."""
        return workspace.home / self.path


def student_id_of(card: Card) -> str:
    """A name that is the hash of what the student is, so that the same work gives the same name."""
    content = {name: value for name, value in card.items() if name not in OF_THE_EXECUTION}
    return f"{card['kind']}-{artifacts.short_hash(content)}"


def assemble(folder: Path, card: Card, parts: dict[str, Path]) -> Card:
    """Copy a student's parts into ``folder`` and write its card beside them. Returns the card with its name."""
    for name, source in parts.items():
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copyfile(source, folder / name)
    hashes = artifacts.file_hashes(folder)
    files = {name: digest for name, digest in hashes.items() if name not in artifacts.VOLATILE}
    complete = card | {"files": files, "bytes": sum((folder / name).stat().st_size for name in files)}
    complete["student_id"] = student_id_of(complete)
    artifacts.write_json(folder / CARD, complete)
    return complete


def enrol(connection: sa.Connection, workspace: Workspace, assembled: Path) -> str:
    """Register the student in ``assembled``, once however often it is asked for. Returns its name.

    An intact registered student is never touched; a damaged one is made whole from ``assembled``.
    """
    card = read_card(assembled)
    known = _find(connection, card["student_id"])
    if known is None or _damage(workspace, known) is not None:
        _install(workspace, assembled, card["student_id"])
        connection.execute(students.delete().where(students.c.student_id == card["student_id"]))
        _insert(connection, workspace, card, known.created_at if known else utc_now())
    return str(card["student_id"])


def _install(workspace: Workspace, assembled: Path, student_id: str) -> None:
    """Copy aside, sync, rename; without its row in the record the folder is garbage."""
    workspace.students.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = workspace.students / f".part-{student_id}"
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(assembled, aside, ignore=shutil.ignore_patterns(artifacts.MANIFEST, *artifacts.VOLATILE))
    for path in [*aside.rglob("*"), aside]:
        artifacts.sync(path)
    artifacts.publish(aside, workspace.students / student_id)


def _insert(connection: sa.Connection, workspace: Workspace, card: Card, created_at: str) -> None:
    folder = workspace.students / card["student_id"]
    text = (folder / CARD).read_text("utf-8")
    row = {name: card[name] for name in ("student_id", "task_id", "run_id", "kind")}
    row |= {"path": str(folder.relative_to(workspace.home)), "created_at": created_at}
    row |= {"card": text, "card_sha256": hashlib.sha256(text.encode()).hexdigest()}
    connection.execute(students.insert().values(**row))


def read_card(folder: Path) -> Card:
    """The card in a folder."""
    return artifacts.read_json(folder / CARD)


def list_students(workspace: Workspace) -> list[Card]:
    """Every card, newest first, as it was registered."""
    with Record(workspace).read() as connection:
        query = sa.select(students.c.card, students.c.created_at).order_by(students.c.created_at.desc())
        return [json.loads(row.card) | {"created_at": row.created_at} for row in connection.execute(query)]


def is_damaged(connection: sa.Connection, workspace: Workspace, student_id: str) -> bool:
    """Whether a registered student's files are not what they were."""
    row = _find(connection, student_id)
    return row is None or _damage(workspace, row) is not None


def find_student(workspace: Workspace, student_id: str) -> StudentRow:
    """A registered student whose files are all as they were; DataMissing says which one is not."""
    with Record(workspace).read() as connection:
        row = _find(connection, student_id)
        if row is None:
            known = connection.execute(sa.select(students.c.student_id)).scalars().all()
            raise UnknownName("student", student_id, known)
    damage = _damage(workspace, row)
    if damage is not None:
        raise DataMissing(
            f"student {student_id} is refused: {damage}; make it again: spiritsafe runs resume {row.run_id}"
        )
    return row


def show_student(workspace: Workspace, student_id: str) -> Card:
    """The card of an intact student."""
    row = find_student(workspace, student_id)
    return read_card(row.folder(workspace)) | {"created_at": row.created_at}


def previous_student(connection: sa.Connection, task_id: str | None, before: str) -> StudentRow | None:
    """The newest student of this task that was there when a run was made, probes left out; pairs have none."""
    if task_id is None:
        return None
    older = (students.c.task_id == task_id) & (students.c.created_at < before)
    query = sa.select(*_COLUMNS, students.c.card).where(older).order_by(students.c.created_at.desc())
    rows = (row for row in connection.execute(query) if not is_probe(json.loads(row.card)))
    return next((StudentRow(*row[:-1]) for row in rows), None)


def is_probe(card: Card) -> bool:
    """Whether a student is a short training that only compared bases; it never stands for its task."""
    return card.get("seed") == PROBE_SEED


def _find(connection: sa.Connection, student_id: str) -> StudentRow | None:
    row = connection.execute(sa.select(*_COLUMNS).where(students.c.student_id == student_id)).one_or_none()
    return StudentRow(*row) if row else None


def _damage(workspace: Workspace, row: StudentRow) -> str | None:
    """What is wrong with a student's files, or None."""
    folder = row.folder(workspace)
    card_path = folder / CARD
    if not card_path.is_file():
        return f"{card_path} is missing"
    if artifacts.file_sha256(card_path) != row.card_sha256:
        return f"{card_path} is not what was registered"
    listed: dict[str, str] = read_card(folder)["files"]
    found = {name: digest for name, digest in artifacts.file_hashes(folder).items() if name != CARD}
    changed = sorted(name for name in listed.keys() | found.keys() if listed.get(name) != found.get(name))
    return f"{folder / changed[0]} is damaged, missing or new" if changed else None


_COLUMNS = [students.c[name] for name in StudentRow.__dataclass_fields__]
