"""What people say of one task counts for it alone, above the file and the defaults, and is remembered with who and why."""

import json

import pytest

from analytics.assumptions import defaults
from analytics.errors import DataMissing, InputError, UnknownName
from analytics.explain import ALIASES, FIGURES, MEASURED_BY, trace
from analytics.settings import FILE, task_assumptions, user_assumptions
from analytics.task_settings import said_of, say
from analytics.workspace import SQL, Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home")


def case(workspace, task_id="t-1", name="triage"):
    return task_assumptions(workspace, user_assumptions(workspace), task_id, name)


def test_what_is_said_of_one_task_counts_for_it_alone(workspace):
    say(workspace, "t-1", {"error_cost_calls": "4"}, "support lead", by="ann")
    mine, other = case(workspace), case(workspace, "t-2", "other")
    assert mine.assumptions.value("error_cost_calls") == 4 and mine.error_cost_confirmed
    assert other.assumptions.value("error_cost_calls") == 10 and not other.error_cost_confirmed
    setting = mine.assumptions.settings["error_cost_calls"]
    assert (setting.origin, setting.source) == ("user-set", "ann: support lead")
    assert len(setting.as_of) == 10


def test_the_newest_statement_counts_and_can_be_taken_back(workspace):
    say(workspace, "t-1", {"error_cost_calls": 4})
    say(workspace, "t-1", {"error_cost_calls": (2.0, 5.0, 9.0)})
    assert case(workspace).assumptions.value("error_cost_calls") == 5
    say(workspace, "t-1", {"error_cost_calls": None})
    assert said_of(workspace, "t-1") == {}
    assert case(workspace).assumptions.value("error_cost_calls") == 10
    assert len(json.loads((workspace.home / "assumptions.json").read_text())) == 3


def test_nothing_is_kept_of_a_statement_that_is_wrong(workspace):
    with pytest.raises(InputError, match=r"engineer_weeks .* \[weeks\]"):
        say(workspace, "t-1", {"error_cost_calls": 4, "engineer_weeks": -1})
    assert said_of(workspace, "t-1") == {}
    with pytest.raises(UnknownName, match="engineer_week"):
        say(workspace, "t-1", {"engineer_weekz": 1})


def test_a_damaged_file_is_named(workspace):
    workspace.home.mkdir()
    (workspace.home / "assumptions.json").write_text("{")
    with pytest.raises(DataMissing, match=r"assumptions\.json"):
        said_of(workspace, "t-1")


def test_the_settings_file_has_tables_for_tasks(workspace):
    workspace.home.mkdir()
    (workspace.home / FILE).write_text(
        "[assumptions]\nengineer_weeks = 4\n[tasks.triage]\nerror_cost_calls = 7\n[tasks.t-1]\nengineer_weeks = 2\n"
    )
    mine = case(workspace)
    assert mine.error_cost_confirmed
    assert [mine.assumptions.value(name) for name in ("error_cost_calls", "engineer_weeks")] == [7, 2]
    assert case(workspace, "t-2", "other").assumptions.value("engineer_weeks") == 4
    say(workspace, "t-1", {"engineer_weeks": 3})
    assert case(workspace).assumptions.value("engineer_weeks") == 3


def test_the_general_table_confirms_no_task(workspace):
    workspace.home.mkdir()
    (workspace.home / FILE).write_text("[assumptions]\nerror_cost_calls = 7\n")
    assert not case(workspace).error_cost_confirmed


def test_a_question_counts_once(workspace):
    tried = case(workspace).but({"error_cost_calls": "3"})
    assert tried.error_cost_confirmed and tried.assumptions.value("error_cost_calls") == 3
    assert not case(workspace).error_cost_confirmed


def rows():
    return [
        {"name": name, "value": one.value, "unit": "x", "origin": "measured" if name == "peak_to_mean" else one.origin,
         "source": one.source, "as_of": one.as_of}
        for name, one in defaults().settings.items()
    ]  # fmt: skip


@pytest.mark.parametrize("name", [*FIGURES, *ALIASES])
def test_every_figure_is_traced_to_inputs_that_exist(name):
    found = trace(name, {FIGURES.get(name, FIGURES[ALIASES.get(name, name)]).key: 1.5}, rows())
    assert found.value == 1.5 and found.inputs
    assert all(row["source"] and row["as_of"] for row in found.inputs if row["origin"] == "default")


def test_measured_inputs_come_first_and_name_their_sql():
    first = trace("net_12m", {}, rows()).inputs[0]
    assert (first["name"], first["sql"]) == ("peak_to_mean", ["sql/queries/measure_arrivals.sql"])
    assert all((SQL / path).exists() for paths in MEASURED_BY.values() for path in paths)


def test_an_unknown_figure_lists_those_there_are():
    with pytest.raises(UnknownName, match="npv_24m"):
        trace("npv", {}, rows())


def test_the_next_step_has_an_owner(workspace):
    assert case(workspace).owner == "ML engineering"
    workspace.home.mkdir(parents=True, exist_ok=True)
    (workspace.home / FILE).write_text('[tasks.triage]\nowner = "Support platform"\nerror_cost_calls = 3\n')
    mine = case(workspace)
    assert mine.owner == mine.but({"engineer_weeks": 4}).owner == "Support platform"
    assert mine.assumptions.value("error_cost_calls") == 3
    assert case(workspace, "t-2", "other").owner == "ML engineering"


@pytest.mark.parametrize("given", ["3", '""', "[1]"])
def test_an_owner_is_a_name(workspace, given):
    workspace.home.mkdir(parents=True, exist_ok=True)
    (workspace.home / FILE).write_text(f"[tasks.triage]\nowner = {given}\n")
    with pytest.raises(InputError, match=r'owner of \[tasks."triage"\]'):
        case(workspace)
