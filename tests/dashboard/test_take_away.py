"""The briefs that can be taken away from the dashboard: the same as those of the command."""

import json

import pytest

from analytics import api
from analytics.reports.documents import brief_document
from analytics.terminal import to_json
from dashboard import data


@pytest.mark.parametrize("to", ["html", "md"])
def test_the_document_of_the_page_is_that_of_the_command(full, monkeypatch, to):
    monkeypatch.setenv("SPIRITSAFE_HOME", str(full.workspace.home))
    made = data.document(api.status(full.workspace).snapshot_id, full.task_id, to).decode()
    assert made == brief_document(api.brief(full.workspace, full.task_id), to).decode()
    assert "None" not in made and "nan" not in made.replace("Finance", "")


def test_the_json_is_the_brief_of_the_command(full):
    found = api.brief(full.workspace, full.task_id)
    document = json.loads(to_json(found))
    assert document["verdict"] == found.verdict
    assert {"figures", "reasons", "flip_values", "alternatives", "changes", "promise", "step"} <= document.keys()


def test_a_missing_library_disables_its_button_and_says_what_to_install(open_page, full, monkeypatch):
    from dashboard.pages import BRIEF
    from dashboard.parts import take_away

    monkeypatch.setattr(take_away, "missing", lambda needs: "install it" if "weasyprint" in needs else None)
    page = open_page(full.workspace, BRIEF.script, task=full.task_id)
    buttons = {one.proto.label: one.proto.disabled for one in page.get("download_button")}
    assert buttons == {"HTML": False, "PDF": True, "Markdown": False, "JSON": False}
