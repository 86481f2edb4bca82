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
    assert {name: buttons[name] for name in ("HTML", "PDF", "Markdown", "JSON")} == {
        "HTML": False, "PDF": True, "Markdown": False, "JSON": False
    }  # fmt: skip


def test_a_chart_gives_its_rows_and_its_picture(full, monkeypatch):
    from dashboard.parts import take_away

    monkeypatch.setenv("SPIRITSAFE_HOME", str(full.workspace.home))
    drawn = data.case_drawings(api.status(full.workspace).snapshot_id, full.task_id, is_dark=False)
    rows = take_away.rows_of(drawn.fan)
    assert {"month", "p50"} <= set(rows.columns) and len(rows) > 12
    assert take_away.picture(drawn.fan).startswith(b"<svg")


def test_every_table_and_chart_has_its_download(open_page, full):
    from dashboard.pages import COMPARE, DATA, ROUTER, STUDENTS

    for page_file in (DATA, COMPARE, STUDENTS, ROUTER):
        page = open_page(full.workspace, page_file.script)
        labels = [one.proto.label for one in page.get("download_button")]
        assert labels.count("SVG") == len(page.get("vega_lite_chart")) > 0, page_file.title
        assert labels.count("CSV") >= labels.count("SVG"), page_file.title
