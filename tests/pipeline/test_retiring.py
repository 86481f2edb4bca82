"""A student is flagged with the day on which what it rests on goes."""

import pytest

from analytics import kept_tasks
from pipeline.retiring import Retirement, retirements, with_retirements


@pytest.fixture
def task_models(monkeypatch):
    """What the newest analysis says of the models behind a task."""

    def say(*models):
        row = {"task_id": "task-1", "profile": {"models": list(models)}}
        monkeypatch.setattr(kept_tasks, "task_rows", lambda workspace: [row, row | {"task_id": "other"}])

    return say


def test_teacher_and_base_are_flagged_soonest_first(workspace, task_models):
    task_models("gpt-4o-2024-08-06", "a-model-without-a-date")
    card = {"task_id": "task-1", "base": {"name": "own", "retires": "2026-12-31"}}
    assert retirements(workspace, card) == [
        Retirement("base", "own", "2026-12-31"),
        Retirement("teacher", "gpt-4o-2024-08-06", "2027-01-14"),
    ]
    assert with_retirements(workspace, card)["retirements"][0]["on"] == "2026-12-31"


def test_nothing_known_is_nothing_flagged(workspace, task_models):
    task_models("gpt-6-sol")
    assert retirements(workspace, {"task_id": "task-1", "base": {"name": "open", "retires": None}}) == []
    assert retirements(workspace, {"task_id": None, "base": None}) == []


def test_without_an_analysis_the_base_alone_is_known(workspace):
    card = {"task_id": "task-1", "plan_id": "plan_none", "base": {"name": "own", "retires": "2027-05-01"}}
    assert [one.what for one in retirements(workspace, card)] == ["base"]
