import json
from datetime import timedelta

import pyarrow as pa
import pytest

from analytics.ingest import import_files
from analytics.store import open_store
from analytics.tasks.assign import Assigner, assign_calls
from analytics.tasks.discover import discover_with
from analytics.tasks.evidence import Evidence, gather, merge
from analytics.tasks.learn import learn
from analytics.tasks.model import TaskModel
from analytics.tasks.portfolio import portfolio
from analytics.workspace import Workspace
from tests.analytics.tasks.test_discover import math_and_chat
from tests.loglines import START, answer, chat, shop_mail, spend_row, write_jsonl

pytestmark = pytest.mark.usefixtures("one_key")  # workspaces are compared


def mixed(rows=600):
    """A prompted task, two free-form ones, embeddings, and calls without text."""
    yield from shop_mail(rows // 2)
    for row in math_and_chat(rows):
        yield {**row, "request_id": f"m-{row['request_id']}"}
    for number in range(20):
        yield spend_row(9000 + number, START, call_type="aembedding", messages="{}", response="{}")
        yield spend_row(9100 + number, START, messages="{}", response="{}")


def stored(tmp_path, rows, name="log"):
    workspace = Workspace(tmp_path / f"home-{name}")
    import_files(workspace, [str(write_jsonl(tmp_path / f"{name}.jsonl", rows))])
    return workspace


def nodes_of(store, model):
    table = assign_calls(store, model)
    return dict(zip(table["call_id"].to_pylist(), table["node_id"].to_pylist(), strict=True))


def test_a_model_that_was_saved_answers_as_before(tmp_path):
    with open_store(stored(tmp_path, mixed())) as store:
        model = learn(gather(store))
        model.save(tmp_path / "model")
        loaded = TaskModel.load(tmp_path / "model")
        assert loaded is not None and loaded.version == model.version
        assert nodes_of(store, loaded) == nodes_of(store, model)
        assert portfolio(loaded).tasks == portfolio(model).tasks


def test_there_is_no_model_in_an_empty_folder_and_none_of_another_format(tmp_path):
    assert TaskModel.load(tmp_path) is None
    (tmp_path / "model.json").write_text('{"format": 0}')
    assert TaskModel.load(tmp_path) is None


def test_segments_are_assigned_without_each_other(tmp_path):
    rows = list(mixed())
    with open_store(stored(tmp_path, rows)) as store:
        model = learn(gather(store))
        whole = nodes_of(store, model)
    parts = {}
    for half in (0, 1):
        with open_store(stored(tmp_path, rows[half::2], f"half{half}")) as store:
            parts.update(nodes_of(store, model))
    assert parts == whole


def test_evidence_of_segments_adds_up_to_that_of_the_whole(tmp_path):
    rows = list(mixed())
    with open_store(stored(tmp_path, rows)) as store:
        whole = gather(store)
    halves = []
    for half in (0, 1):
        with open_store(stored(tmp_path, rows[half::2], f"half{half}")) as store:
            halves.append(gather(store))
    both = merge(halves)
    for name in ("prompts", "texts", "blind"):
        one, other = getattr(whole, name), getattr(both, name)
        assert one.num_rows == other.num_rows and one.column_names == other.column_names
        assert sum(one["calls"].to_pylist()) == sum(other["calls"].to_pylist())
    tasks = {task.task_id for task in portfolio(learn(whole)).tasks}
    assert {task.task_id for task in portfolio(learn(both)).tasks} == tasks


def test_no_evidence_gives_no_tasks(tmp_path):
    with open_store(stored(tmp_path, shop_mail(10))) as store:
        found = gather(store)
    empty = Evidence(found.prompts.slice(0, 0), found.texts.slice(0, 0), found.blind.slice(0, 0))
    assert portfolio(learn(empty)).tasks == []


def test_an_unseen_prompt_gets_the_node_that_it_would_be_learned_as(tmp_path):
    with open_store(stored(tmp_path, shop_mail(50))) as store:
        model, prompts = learn(gather(store)), store.query("list_prompts")
    fresh = prompts.slice(0, 1).set_column(
        prompts.column_names.index("system_prompt"), "system_prompt", pa.array(["You mend shoes and tell how."])
    ).set_column(0, "prompt_key", pa.array([1], pa.uint64()))  # fmt: skip
    (row,) = Assigner(model).prompts(fresh).to_pylist()
    assert row["reads"] == "prompt" and row["node_id"] not in model.nodes


def test_a_log_that_grows_leaves_every_known_call_in_its_task(tmp_path):
    rows = sorted(mixed(), key=lambda row: row["startTime"])
    early = rows[: len(rows) * 8 // 10]
    with open_store(stored(tmp_path, early, "early")) as store:
        _, before, model = discover_with(store, None)
    with open_store(stored(tmp_path, rows, "late")) as store:
        _, after, later = discover_with(store, model)
    new = dict(zip(after["call_id"].to_pylist(), after["task_id"].to_pylist(), strict=True))
    old = zip(before["call_id"].to_pylist(), before["task_id"].to_pylist(), strict=True)
    assert all(new[call] == task for call, task in old)
    assert later.version == model.version


def test_an_application_that_is_new_gets_a_task_of_its_own(tmp_path):
    old = list(math_and_chat(600))
    new = [
        spend_row(
            5000 + n, START + timedelta(days=200, minutes=n), api_key="school",
            messages=chat(None, f"{['oak', 'elm', 'fir'][n % 3]} board {n} cm by {n * 7} cm, {['planed', 'raw'][n % 2]} edge {n}"),
            response=answer(json_fields(n)),
        )
        for n in range(200)
    ]  # fmt: skip
    with open_store(stored(tmp_path, old, "old")) as store:
        _, before, model = discover_with(store, None)
    with open_store(stored(tmp_path, [*old, *new], "new")) as store:
        _, after, later = discover_with(store, model)
    task_of = dict(zip(after["call_id"].to_pylist(), after["task_id"].to_pylist(), strict=True))
    assert len({task_of[f"call-{5000 + n}"] for n in range(200)}) == 1
    assert task_of["call-5000"] not in set(before["task_id"].to_pylist())
    assert later.version != model.version


def json_fields(number):
    return json.dumps({"wood": "oak", "length_cm": number})


def test_an_agent_loop_is_recognised(tmp_path):
    rows = []
    for trip in range(30):
        messages = [
            {"role": "system", "content": "You book trips and use tools."},
            {"role": "user", "content": f"book trip {trip}"},
        ]
        for step in range(4):
            call = {"id": f"c{step}", "type": "function", "function": {"name": "look", "arguments": "{}"}}
            reply = {"role": "assistant", "content": None, "tool_calls": [call]}
            rows.append(
                spend_row(
                    trip * 10 + step, START + timedelta(minutes=trip * 10 + step), messages=json.dumps(messages),
                    response=json.dumps({"choices": [{"index": 0, "finish_reason": "tool_calls", "message": reply}]}),
                )
            )  # fmt: skip
            messages += [reply, {"role": "tool", "tool_call_id": f"c{step}", "content": "done"}]
    with open_store(stored(tmp_path, rows)) as store:
        tasks, _, _ = discover_with(store, None)
    assert [task.is_agent_loop for task in tasks] == [True]


def test_a_task_shows_its_versions_oldest_first(tmp_path):
    from tests.analytics.tasks.test_discover import rewritten

    with open_store(stored(tmp_path, rewritten(400, model="gpt-4o-mini"))) as store:
        (task,), _, _ = discover_with(store, None)
    assert [version.models for version in task.history] == [("gpt-4o",), ("gpt-4o-mini",)]
    assert task.history[0].last_at < task.history[1].first_at
    assert [version.calls for version in task.history] == [200, 200]
