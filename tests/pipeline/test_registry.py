"""Students are kept whole, once, and refused when damaged."""

import json

import pytest

from analytics.errors import DataMissing, UnknownName
from analytics.record import Record
from pipeline import registry


@pytest.fixture
def assemble(workspace, tmp_path):
    """Assembles a student in a folder of its own."""

    def make(name="one", run_id="run_1", p50_ms=1.0, **more):
        weights = tmp_path / f"weights-{name}"
        weights.mkdir(exist_ok=True)
        (weights / "weights.json").write_text('{"bias": 1}')
        folder = tmp_path / f"assembled-{name}-{run_id}"
        folder.mkdir()
        card = {"kind": "head", "task_id": "task-1", "run_id": run_id, "latency_ms": {"p50": p50_ms}} | more
        registry.assemble(folder, card, {"student": weights})
        return folder

    return make


def enrol(workspace, folder):
    with Record(workspace).write() as connection:
        return registry.enrol(connection, workspace, folder)


def test_a_registered_student_shows_its_card(workspace, assemble):
    student_id = enrol(workspace, assemble())
    card = registry.show_student(workspace, student_id)
    assert (card["student_id"], card["kind"], list(card["files"])) == (student_id, "head", ["student/weights.json"])
    assert card["bytes"] == len('{"bias": 1}')
    assert [row["student_id"] for row in registry.list_students(workspace)] == [student_id]


def test_the_name_is_of_the_content_and_not_of_the_execution(workspace, assemble):
    first = enrol(workspace, assemble("one", "run_1", p50_ms=1.0))
    again = enrol(workspace, assemble("one", "run_2", p50_ms=2.0))
    other = enrol(workspace, assemble("one", "run_3", seed=5))
    assert first == again != other
    assert registry.show_student(workspace, first)["latency_ms"] == {"p50": 1.0}  # the card is immutable


@pytest.mark.parametrize("damage", ["changed", "missing", "added", "card"])
def test_a_damaged_student_is_refused_and_made_whole_by_enrolling_again(workspace, assemble, damage):
    folder = assemble()
    student_id = enrol(workspace, folder)
    kept = workspace.students / student_id
    weights = kept / "student" / "weights.json"
    if damage == "missing":
        weights.unlink()
    elif damage == "added":
        (kept / "student" / "more.json").write_text("{}")
    else:
        path = kept / "card.json" if damage == "card" else weights
        path.write_text(path.read_text().replace("1", "2"))
    with pytest.raises(DataMissing, match="is refused"):
        registry.show_student(workspace, student_id)
    assert enrol(workspace, folder) == student_id
    assert registry.show_student(workspace, student_id)["student_id"] == student_id


def test_the_previous_student_is_the_newest_of_the_task_before_the_run(workspace, assemble):
    first = enrol(workspace, assemble("one", "run_1"))
    second = enrol(workspace, assemble("one", "run_2", seed=2))
    with Record(workspace).read() as connection:
        made_at = registry._find(connection, second).created_at
        assert registry.previous_student(connection, "task-1", made_at).student_id == first
        assert registry.previous_student(connection, "task-1", "9999").student_id == second
        assert registry.previous_student(connection, "task-2", "9999") is None
        assert registry.previous_student(connection, None, "9999") is None


def test_an_unknown_student_lists_the_known(workspace, assemble):
    known = enrol(workspace, assemble())
    with pytest.raises(UnknownName, match=known):
        registry.show_student(workspace, "head-nothing")


def test_a_card_survives_json(workspace, assemble):
    student_id = enrol(workspace, assemble())
    card = registry.show_student(workspace, student_id)
    assert json.loads(json.dumps(card)) == card
