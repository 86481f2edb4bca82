"""Tasks are learned again when a log has grown or shows something new, and not before."""

import pytest

from analytics import analyze as module
from analytics import learning, task_narrowness
from analytics.analyze import analyze
from analytics.ingest import import_files
from analytics.tasks.edits import Edit, add_edit
from analytics.workspace import Workspace
from tests.loglines import START, answer, chat, shop_mail, spend_row, write_jsonl


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr("analytics.shards.ROWS_A_SHARD", 2_000)
    workspace = Workspace(tmp_path / "home")
    import_files(workspace, [str(write_jsonl(tmp_path / "log.jsonl", shop_mail(2_000)))])
    analyze(workspace)
    return workspace


@pytest.fixture
def lessons(monkeypatch):
    """How often tasks were learned."""
    found, real = [], learning.learn
    monkeypatch.setattr(learning, "learn", lambda *arguments: found.append(1) or real(*arguments))
    return found


def more(home, folder, rows, name="more.jsonl"):
    import_files(home, [str(write_jsonl(folder / name, rows))])
    return analyze(home)


def mail(first, count, system=None):
    rows = list(shop_mail(first + count))[first:]
    return [{**row, "messages": chat(system, f"mail {at}")} if system else row for at, row in enumerate(rows)]


def test_a_hundredth_more_of_the_same_teaches_nothing(home, lessons, tmp_path):
    assert more(home, tmp_path, mail(2_000, 20)).calls == 2_020
    assert not lessons


def test_a_tenth_more_is_learned_from(home, lessons, tmp_path):
    more(home, tmp_path, mail(2_000, 200))
    assert lessons


def test_growth_adds_up(home, lessons, tmp_path):
    for step in range(3):
        more(home, tmp_path, mail(2_000 + 18 * step, 18), f"{step}.jsonl")
    assert len(lessons) == 1


def test_a_prompt_that_was_never_seen_is_learned_at_once(home, lessons, tmp_path):
    found = more(
        home, tmp_path, mail(2_000, 10, "Translate the sentence of the user into Dutch and explain each verb.")
    )
    assert lessons and found.tasks == 2


def test_calls_of_a_kind_that_was_never_seen_get_a_task(home, lessons, tmp_path):
    row = spend_row(9_999, START, call_type="aembedding", messages="[]", response=answer(""), api_key="k9")
    assert more(home, tmp_path, [row]).tasks == 2
    assert lessons


def test_what_people_decide_is_learned(home, lessons):
    (task,) = [
        row["task_id"] for row in module.pq.read_table(next(home.snapshots.glob("s-*")) / "tasks.parquet").to_pylist()
    ]
    add_edit(home, Edit("rename", task, "mail"))
    analyze(home)
    assert lessons


@pytest.fixture
def measured(monkeypatch):
    """How often narrowness was measured."""
    found, real = [], task_narrowness.measure
    monkeypatch.setattr(task_narrowness, "measure", lambda *given, **named: found.append(1) or real(*given, **named))
    return found


def test_narrowness_is_measured_again_when_its_sample_is_another(home, measured, tmp_path):
    analyze(home)
    more(home, tmp_path, mail(2_000, 20), "few.jsonl")
    assert not measured
    more(home, tmp_path, mail(2_020, 200), "many.jsonl")
    assert len(measured) == 1
