import shutil

import pytest

from analytics import api, shard_work
from analytics.contracts import Verdict
from analytics.errors import CheckFailed, DataMissing, InputError, UnknownName
from analytics.gold import add_gold
from analytics.ingest import import_files
from analytics.workspace import Workspace
from tests.loglines import START, spend_row, write_jsonl


@pytest.fixture
def home(mail_home, tmp_path):
    shutil.copytree(mail_home, tmp_path / "home")
    return Workspace(tmp_path / "home")


def test_an_empty_workspace_has_a_status_and_no_tasks(tmp_path):
    empty = Workspace(tmp_path / "none")
    assert not api.status(empty).has_calls
    with pytest.raises(DataMissing):
        api.tasks(empty)


def test_status_sums_what_is_stored(home):
    status = api.status(home)
    assert status.rows == 3_000 and status.calls == pytest.approx(6_000_000)
    assert status.unpriced_share == 0 and not status.is_stale


def test_an_analysis_is_stale_once_more_calls_are_stored(home, tmp_path):
    import_files(home, [str(write_jsonl(tmp_path / "more.jsonl", [spend_row(99_999, START)]))])
    assert api.status(home).is_stale


def test_the_same_data_gives_the_same_snapshot(home):
    before = api.status(home).snapshot_id
    assert api.analyze(home).snapshot == before


def test_spend_of_the_tasks_is_the_spend_of_the_calls(home):
    total = api.run_sql(home, "select sum(cost_usd * weight)::double as usd from calls")[0]["usd"]
    days = api.run_sql(home, "select date_diff('day', min(requested_at), max(requested_at)) + 1 as n from calls")[0][
        "n"
    ]
    assert sum(task.monthly_spend_usd for task in api.tasks(home)) == pytest.approx(total / days * 30.4)


def test_a_task_is_found_by_id_name_or_the_start_of_either(home):
    (task,) = api.tasks(home)
    assert {api.find_task(home, key).task_id for key in (task.task_id, task.name, task.task_id[:5])} == {task.task_id}
    with pytest.raises(UnknownName, match=task.name):
        api.find_task(home, "nothing of the kind")


def test_a_brief_has_a_verdict_its_reasons_and_what_would_turn_it(home):
    (task,) = api.tasks(home)
    brief = api.brief(home, task.task_id)
    assert brief.verdict in Verdict and brief.headline.startswith(brief.title)
    assert brief.reasons and all(reason["code"] and reason["sentence"] for reason in brief.reasons)
    assert len(brief.drivers) == 3 and len(brief.flip_values) == 3
    assert brief.alternatives[0]["name"] == "do nothing"
    assert [point.month for point in brief.fan] == list(range(25))
    assert {row["origin"] for row in brief.assumptions} >= {"default", "measured"}


def test_settings_of_the_organisation_enter_the_brief(home):
    (task,) = api.tasks(home)
    (home.home / "spiritsafe.toml").write_text("[assumptions]\nengineer_week_usd = 9000\n")
    changed = [row for row in api.brief(home, task.task_id).assumptions if row["origin"] == "user-set"]
    assert [(row["name"], row["value"]) for row in changed] == [("engineer_week_usd", 9000)]


def test_a_mistake_in_the_settings_names_the_file(home):
    (home.home / "spiritsafe.toml").write_text("[assumptions]\nengineer_month_usd = 1\n")
    with pytest.raises(InputError, match=r"spiritsafe\.toml.*engineer_month_usd"):
        api.brief(home, api.tasks(home)[0].task_id)


def test_calls_of_a_task_come_oldest_first_with_what_training_needs(home):
    table = api.task_calls(home, api.tasks(home)[0].task_id)
    assert table.num_rows == 3_000
    assert {"input_text", "output_text", "gold", "cost_usd", "weight"} <= set(table.column_names)
    times = table.column("requested_at").to_pylist()
    assert times == sorted(times)


def test_gold_answers_measure_the_teacher(home, tmp_path):
    rows = [{"call_id": f"call-{n}", "gold": "refund"} for n in range(200)]
    report = add_gold(home, write_jsonl(tmp_path / "gold.jsonl", rows), "call_id", "gold")
    assert (report.rows, report.matched) == (200, 200)
    api.analyze(home)
    brief = api.brief(home, api.tasks(home)[0].task_id)
    assert brief.profile.gold_rows == 200
    assert brief.verdict is Verdict.DO_NOT_DISTILL and brief.reasons[0]["code"] == "teacher-unreliable"


def test_gold_without_its_column_names_those_there_are(home, tmp_path):
    with pytest.raises(InputError, match="call_id, answer"):
        add_gold(home, write_jsonl(tmp_path / "gold.jsonl", [{"call_id": "x", "answer": "y"}]), "call_id", "gold")


VIEWS = ("calls", "tasks", "call_tasks", "quarantine", "runs", "students", "decisions", "audits", "ledger")


@pytest.mark.parametrize("view", VIEWS)
def test_every_promised_view_can_be_read(home, view):
    assert isinstance(api.run_sql(home, f"select * from {view} limit 3"), list)


@pytest.mark.parametrize(
    "text",
    [
        "drop view calls", "copy calls to '/tmp/x.csv'", "select * from read_csv('/etc/passwd')", "attach '/tmp/x.db'",
        "select 1; select 2", "selec 1", "set enable_external_access = true", "select * from read_text('/proc/self/environ')",
    ],
)  # fmt: skip
def test_a_user_query_cannot_leave_the_views(home, text):
    with pytest.raises(InputError, match="sql"):
        api.run_sql(home, text)


def test_a_segment_that_is_gone_is_named(home):
    next(home.calls.rglob("*.parquet")).unlink()
    with pytest.raises(DataMissing, match="restore"):
        api.task_calls(home, "t")


def test_errors_form_one_tree():
    assert CheckFailed.exit_code == 1 and DataMissing.exit_code == 3 and InputError.exit_code == 2


def test_an_analysis_whose_claims_do_not_hold_is_not_stored(home, monkeypatch):
    real = shard_work.assign_calls
    monkeypatch.setattr(shard_work, "assign_calls", lambda store, model: real(store, model).slice(5))
    shutil.rmtree(home.partials)
    before = api.status(home).snapshot_id
    with pytest.raises(CheckFailed, match="assert_every_call_has_one_node"):
        api.analyze(home)
    assert api.status(home).snapshot_id == before


def test_a_bar_of_a_benchmark_is_not_called_measured(home):
    origins = {row["name"]: row["origin"] for row in api.brief(home, api.tasks(home)[0].task_id).assumptions}
    assert origins["monthly_spend_usd"] == "measured" and origins["cpu_capacity_rps"] == "default"
