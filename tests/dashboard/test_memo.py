"""The brief that can be taken away."""

import json

from analytics import api
from analytics.terminal import to_json
from dashboard import memo


def test_the_markdown_has_verdict_ranges_options_and_the_command(full):
    found = api.brief(full.workspace, full.task_id)
    text = memo.markdown(found)
    assert text.startswith(f"# {found.name}: {found.title}\n")
    assert found.headline in text
    assert "| do nothing | $0 |" in text
    assert f"spiritsafe brief {full.task_id}" in text
    assert "None" not in text and "nan" not in text


def test_the_json_is_the_brief_of_the_command(full):
    found = api.brief(full.workspace, full.task_id)
    document = json.loads(to_json(found))
    assert document["verdict"] == found.verdict
    assert {"figures", "reasons", "flip_values", "alternatives"} <= document.keys()
