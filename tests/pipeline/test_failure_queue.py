"""The failure queue: read, grouped, labelled, taken away."""

import csv
import json

import pytest
import sqlalchemy as sa
from cyclopts import App

from analytics.actors import Actor
from analytics.errors import InputError, UnknownName
from analytics.record import Record, audit_log
from pipeline import api, cli
from pipeline.cli_failures import guarded
from tests.support.traffic import APPROVER, Traffic, promote, register


@pytest.fixture
def traffic(workspace):
    register(workspace)
    made = Traffic(workspace, promote(workspace))
    for number in range(4):
        made.failure(f"call-{number}", "unsure", cluster="a" if number < 3 else "b")
    made.failure("call-9", "complaint", teacher=None, detail='{"comment": "wrong"}', input_text="=cmd|' /c calc'!A0")
    made.settle()
    return made


def test_failures_wait_until_somebody_says_who_was_right(workspace, traffic):
    assert len(api.failures(workspace)) == 5 and len(api.failures(workspace, reason="complaint")) == 1
    made = api.label_failure(workspace, Actor("bo", "operator"), "failure-0", "teacher", note="clear")
    assert made["label"] | {"created_at": ""} == {
        "right": "teacher", "answer": None, "note": "clear", "actor": "bo", "created_at": "",
    }  # fmt: skip
    assert "failure-0" not in [row["failure_id"] for row in api.failures(workspace)]
    api.label_failure(workspace, APPROVER, "failure-0", "neither", "maybe")
    (again,) = [row for row in api.failures(workspace, unlabelled=False) if row["failure_id"] == "failure-0"]
    assert (again["label"]["right"], again["label"]["answer"]) == ("neither", "maybe")
    with Record(workspace).read() as connection:
        rows = connection.execute(sa.select(audit_log).where(audit_log.c.action == "label")).mappings().all()
    assert [(row["actor"], row["subject"]) for row in rows] == [("bo", "failure-0"), ("ada", "failure-0")]


def test_groups_are_the_largest_first_with_their_share(workspace, traffic):
    api.label_failure(workspace, APPROVER, "failure-1", "both")
    first = api.failure_groups(workspace)[0]
    assert (first["reason"], first["cluster"], first["failures"], first["labelled"]) == ("unsure", "a", 3, 1)
    assert first["share"] == pytest.approx(3 / 5) and first["example"].startswith("what of")


@pytest.mark.parametrize(
    ("failure", "right", "answer", "why"),
    [
        ("failure-4", "teacher", None, "gave no answer"),
        ("failure-0", "teacher", "x", "--right neither"),
        ("failure-0", "neither", " ", "empty"),
    ],
)
def test_a_label_that_cannot_be_is_refused(workspace, traffic, failure, right, answer, why):
    with pytest.raises(InputError, match=why):
        api.label_failure(workspace, APPROVER, failure, right, answer)


def test_who_may_not_and_what_is_not_there(workspace, traffic):
    with pytest.raises(InputError, match="operator"):
        api.label_failure(workspace, Actor("eve", "viewer"), "failure-0", "teacher")
    with pytest.raises(UnknownName, match="failure"):
        api.label_failure(workspace, APPROVER, "nothing", "teacher")
    with pytest.raises(UnknownName, match="student, teacher"):
        api.label_failure(workspace, APPROVER, "failure-0", "nobody")
    with pytest.raises(UnknownName, match="reason"):
        api.failures(workspace, reason="weather")
    with pytest.raises(UnknownName, match="task"):
        api.failures(workspace, task="nobody")
    assert len(api.failures(workspace, task="task-1", limit=2)) == 2


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "  =1"])
def test_a_spreadsheet_runs_no_cell(cell):
    assert guarded(cell) == f"'{cell}"


def test_the_command_line_lists_labels_and_exports(workspace, traffic, capsys, tmp_path):
    def call(*arguments):
        app = App(name="spiritsafe", result_action="return_value")
        cli.mount(app)
        capsys.readouterr()
        app([*map(str, arguments), "--home", str(workspace.home), "--json"], exit_on_error=False)
        return json.loads(capsys.readouterr().out)

    assert len(call("failures", "list")) == 5
    assert call("failures", "label", "failure-2", "--right", "student")["label"]["right"] == "student"
    assert call("failures", "groups")[0]["labelled"] == 1
    sheet, lines = tmp_path / "out.csv", tmp_path / "out.jsonl"
    assert call("failures", "export", "--to", sheet) == {"file": str(sheet), "failures": 5, "labelled": 1}
    rows = list(csv.DictReader(sheet.read_text().splitlines()))
    assert next(row for row in rows if row["reason"] == "complaint")["input_text"].startswith("'=cmd")
    call("failures", "export", "--to", lines, "--unlabelled")
    assert len([json.loads(line) for line in lines.read_text().splitlines()]) == 4
    with pytest.raises(InputError, match=r"\.jsonl or \.csv"):
        call("failures", "export", "--to", tmp_path / "out.xls")
