import pytest

from analytics.errors import InputError
from analytics.store import open_store
from analytics.tasks.discover import discover, discover_with
from analytics.tasks.edits import Edit, add_edit, edits_file, read_edits, undo
from analytics.workspace import Workspace
from tests.analytics.tasks.test_discover import rewritten
from tests.analytics.tasks.test_model import mixed, stored


def tasks_after(workspace, *edits):
    for edit in edits:
        add_edit(workspace, edit)
    with open_store(workspace) as store:
        tasks, call_tasks = discover(store)
    return tasks, dict(zip(call_tasks["call_id"].to_pylist(), call_tasks["task_id"].to_pylist(), strict=True))


def test_decisions_are_kept_as_text_that_people_can_read_and_undone_one_by_one(tmp_path):
    workspace = Workspace(tmp_path)
    assert read_edits(workspace) == []
    first, second = Edit("merge", "t-1", "t-2", "2026-01-01"), Edit("rename", "t-1", 'a "quoted" ünit', "2026-01-02")
    add_edit(workspace, first)
    add_edit(workspace, second)
    assert read_edits(workspace) == [first, second]
    assert "[[edit]]" in edits_file(workspace).read_text()
    assert undo(workspace) == second and read_edits(workspace) == [first]
    undo(workspace)
    with pytest.raises(InputError, match="nothing to undo"):
        undo(workspace)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "tasks.toml").write_text("[[edit]]\nkind = ")
    with pytest.raises(InputError, match=r"tasks\.toml"):
        read_edits(Workspace(tmp_path))


def test_merging_moves_every_call_of_one_task_to_the_other(tmp_path):
    workspace = stored(tmp_path, mixed())
    tasks, before = tasks_after(workspace)
    one, other = sorted(task.task_id for task in tasks)[:2]
    merged, after = tasks_after(workspace, Edit("merge", one, other))
    assert len(merged) == len(tasks) - 1
    assert after == {call: one if task == other else task for call, task in before.items()}
    undo(workspace)
    assert tasks_after(workspace)[1] == before


def test_a_new_name_is_shown(tmp_path):
    workspace = stored(tmp_path, rewritten(200))
    (task,), _ = tasks_after(workspace)
    (renamed,), _ = tasks_after(workspace, Edit("rename", task.task_id, "post room"))
    assert (renamed.task_id, renamed.name) == (task.task_id, "post room")


@pytest.mark.parametrize(("by", "parts"), [("model", 2), ("key", 1), ("prompt", 2)])
def test_splitting_keeps_the_id_for_the_largest_part(tmp_path, by, parts):
    workspace = stored(tmp_path, rewritten(300, model="gpt-4o-mini"))
    (task,), _ = tasks_after(workspace)
    found, after = tasks_after(workspace, Edit("split", task.task_id, by))
    assert len(found) == len(set(after.values())) == parts
    assert task.task_id in set(after.values())
    late = {after[f"call-{n}"] for n in range(150, 300)}
    assert len(late) == 1 and (parts == 1 or after["call-0"] not in late)


def test_one_version_can_leave_alone(tmp_path):
    workspace = stored(tmp_path, rewritten(300))
    (task,), _ = tasks_after(workspace)
    found, _ = tasks_after(workspace, Edit("split", task.task_id, task.history[0].node_id))
    assert len(found) == 2


def test_decisions_survive_a_new_analysis_and_a_pinned_task_its_neighbours(tmp_path):
    workspace = stored(tmp_path, mixed())
    with open_store(workspace) as store:
        tasks, _, model = discover_with(store, None)
        for task in tasks:
            add_edit(workspace, Edit("pin", task.task_id))
        again, _, later = discover_with(store, model)
    assert {task.task_id for task in again} == {task.task_id for task in tasks}
    assert all(task.is_pinned for task in again) and later.version == model.version
