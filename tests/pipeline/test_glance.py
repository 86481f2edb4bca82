"""Runs, students and their answers at a glance, made by the pipeline itself."""

import csv
import random

import pytest

from analytics.actors import Actor
from analytics.api import audit_trail
from analytics.errors import InputError, UnknownName
from analytics.workspace import Workspace
from pipeline import api, lease, operating_points, run, run_lines, side_by_side
from pipeline.contracts import PairsSource
from pipeline.worker import execute

OTTO, VERA = Actor("otto", "operator"), Actor("vera", "viewer")
WORDS = {
    "bill": ["invoice", "charge", "refund"],
    "lost": ["parcel", "package", "missing"],
    "login": ["password", "account"],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two students of the same pairs: a head and a lookup."""
    folder = tmp_path_factory.mktemp("glance")
    draw, file = random.Random(5), folder / "asks.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["q", "a"])
        for number in range(1500):
            label = draw.choice(sorted(WORDS))
            writer.writerow([f"my {draw.choice(WORDS[label])} of order {draw.randrange(9_999)} {number}", label])
    workspace = Workspace(folder / "home")
    ids = []
    for kind in ("head", "lookup"):
        plan = api.plan(workspace, api.Recipe(student=kind, alpha=0.2), pairs=PairsSource(str(file), "q", "a"))
        started = run.launch(workspace, plan.plan_id, lambda home, run_id: lease.this_process(), actor=OTTO)
        execute(workspace, started.run_id)
        ids.append(str(api.show_run(workspace, started.run_id).student_id))
    return workspace, ids


def test_a_line_of_each_run_says_who_asked_and_what_came_of_it(made):
    workspace, ids = made
    lines = run_lines.run_lines(workspace)
    assert [line.student_id for line in lines] == ids[::-1]
    for line in lines:
        view = api.show_run(workspace, line.run_id)
        assert (line.state, line.task, line.spent_usd) == (view.state, view.task, view.spent_usd)
        assert line.owner == "otto" and line.progress == 1.0 and line.stage is None
        assert line.agreement == api.student(workspace, line.student_id)["agreement"]["value"]


def test_a_line_of_each_student_is_that_of_its_card(made):
    workspace, ids = made
    found = run_lines.student_lines(workspace)
    assert [one.student_id for one in found] == ids[::-1]
    assert {one.kind for one in found} == {"head", "lookup"}


def test_the_difference_of_two_students_is_that_of_their_agreements(made):
    workspace, (head, lookup) = made
    whole = side_by_side.differences(workspace, head, lookup)[0]
    first, second = (api.student(workspace, one)["agreement"]["value"] for one in (head, lookup))
    assert whole.difference["value"] == pytest.approx(first - second)
    assert whole.difference["low"] <= whole.difference["value"] <= whole.difference["high"]
    mirrored = side_by_side.differences(workspace, lookup, head)[0]
    assert mirrored.difference["value"] == pytest.approx(-whole.difference["value"])


def test_a_small_slice_has_no_figure(made):
    workspace, (head, lookup) = made
    for one in side_by_side.differences(workspace, head, lookup):
        assert (one.difference is None) == (one.n < 30)


def test_answers_stand_beside_each_other_without_their_requests(made):
    workspace, ids = made
    rows = side_by_side.answers(workspace, ids, only_apart=True, limit=5)
    assert 0 < len(rows) <= 5
    for row in rows:
        assert set(row.answers) == set(ids) and len({row.teacher, *row.answers.values()}) > 1
        assert "order" not in str(row)


def test_a_text_is_read_by_operators_alone_and_kept_in_the_log(made):
    workspace, ids = made
    row = side_by_side.answers(workspace, ids, only_apart=False, limit=1)[0]
    with pytest.raises(InputError, match="needs the role operator"):
        side_by_side.reveal(workspace, VERA, ids[0], row.call_id)
    assert side_by_side.reveal(workspace, OTTO, ids[0], row.call_id).startswith("my ")
    newest = audit_trail(workspace)[0]
    assert (newest.action, newest.subject, newest.actor, newest.role) == ("reveal", row.call_id, "otto", "operator")
    with pytest.raises(UnknownName):
        side_by_side.reveal(workspace, OTTO, ids[0], "no-such-call")


def test_nobody_that_is_beaten_in_both_is_called_unbeaten(made):
    workspace, _ = made
    merits = side_by_side.merits(workspace)
    known = [one for one in merits if one.usd_per_1000 is not None and one.agreement is not None]
    for one in known:
        better = [
            two for two in known
            if two.usd_per_1000 <= one.usd_per_1000 and two.agreement >= one.agreement
            and (two.usd_per_1000, two.agreement) != (one.usd_per_1000, one.agreement)
        ]  # fmt: skip
        assert one.is_pareto == (not better)


def test_the_range_of_a_student_meets_its_own_card(made):
    workspace, (head, _) = made
    found, card = operating_points.operating_range(workspace, head), api.student(workspace, head)
    assert found.threshold == card["threshold"]
    exact = [one for one in found.points if one.threshold >= (found.threshold or 1.0)]
    assert not exact or max(one.coverage for one in exact) <= card["coverage"]["value"] + 1e-9


def test_more_than_four_are_too_many(made):
    workspace, ids = made
    with pytest.raises(InputError, match="from 1 to 4"):
        side_by_side.answers(workspace, [ids[0]] * 5, only_apart=True, limit=5)
