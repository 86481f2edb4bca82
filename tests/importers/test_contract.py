"""What holds of every importer: a new one fails here until it has a sample and a row to count tokens on."""

import json
from pathlib import Path

import pytest

from analytics.contracts import CALLS
from analytics.importers import importers
from analytics.importers.decode import expand
from analytics.importers.fields import RowError
from analytics.importers.nesting import repeats
from analytics.ingest import import_files
from analytics.store import open_store
from analytics.workspace import Workspace

SAMPLES = Path(__file__).parent
WITHOUT_MODEL = ("openpipe", "tensorzero")  # data sets name none, and unknown stays unknown
WITHOUT_TOKENS = ("openpipe", "tensorzero")
WITHOUT_PROMPT = ("anthropic_batches", "claude_code", "codex", "openai_batch")  # it lies elsewhere, or was left out


def sample_rows(name):
    return [json.loads(line) for line in (SAMPLES / name / "sample.jsonl").read_text().splitlines()]


def read_sample(name):
    """Fields of the calls, and the reasons for the rows that are none."""
    importer = importers()[name]
    rows = [row for record in sample_rows(name) for row in expand(record, importer)]
    rows = list(importer.gather(rows)) if importer.gather else rows
    links = [link for row in rows if importer.link and (link := importer.link(row))]
    again = repeats(links)
    calls, reasons = [], []
    for row in rows:
        if importer.link and (link := importer.link(row)) and link.id in again:
            reasons.append("not a model call: repeated")
            continue
        try:
            calls.append(importer.read(row))
        except RowError as error:
            reasons.append(str(error))
    return calls, reasons


def test_there_are_importers():
    assert len(importers()) >= 17


@pytest.mark.parametrize("name", importers())
def test_every_importer_reads_its_sample_into_the_contract(name):
    calls, reasons = read_sample(name)
    importer = importers()[name]
    assert calls
    assert all(reason.startswith("not a model call") for reason in reasons), reasons
    for fields in calls:
        assert set(fields) <= set(CALLS.names)
        assert fields.get("model") or name in WITHOUT_MODEL
        assert fields.get("requested_at") or not importer.has_times
        assert fields["status"] in ("success", "failure")
    assert any(fields.get("output_text") or fields.get("tool_calls") for fields in calls) or name in (
        "claude_code",
        "codex",
    )
    assert any(fields.get("input_text") for fields in calls) or name in WITHOUT_PROMPT
    assert any(fields.get("in_uncached") for fields in calls) or name in WITHOUT_TOKENS


@pytest.mark.parametrize("name", importers())
def test_every_importer_knows_its_own_rows_and_is_surer_of_them_than_any_other(name):
    rows = sample_rows(name)
    scores = {other: sum(map(each.recognise, rows)) / len(rows) for other, each in importers().items()}
    own = scores.pop(name)
    assert own >= 0.5
    assert own - max(scores.values()) >= 0.2


@pytest.mark.parametrize("name", importers())
def test_every_sample_is_detected_imported_and_accounted_for(name, tmp_path):
    workspace = Workspace(tmp_path / "home")
    report = import_files(workspace, [str(SAMPLES / name / "sample.jsonl")])
    (file,) = report.files
    assert (file.format, file.error) == (name, None) and file.confidence >= 0.5
    assert report.calls > 0 and report.rows_in == report.calls + report.duplicates + report.quarantined
    assert report.duplicates == 0
    with open_store(workspace) as store:
        dated = store.connection.sql("select count(*), count(requested_at), any_value(token_convention) from calls")
        assert dated.fetchall() == [(report.calls, report.calls, importers()[name].token_convention)]


@pytest.mark.parametrize("name", importers())
def test_the_same_sample_in_another_file_adds_nothing(name, tmp_path):
    workspace = Workspace(tmp_path / "home")
    text = (SAMPLES / name / "sample.jsonl").read_text()
    (tmp_path / "again.jsonl").write_text(text + "\n")  # other bytes, the same rows
    first = import_files(workspace, [str(SAMPLES / name / "sample.jsonl")])
    second = import_files(workspace, [str(tmp_path / "again.jsonl")])
    assert (second.calls, second.duplicates, second.quarantined) == (0, first.calls, first.quarantined)


@pytest.mark.parametrize("name", importers())
def test_every_importer_describes_itself_in_the_docs(name):
    page = (SAMPLES.parent.parent / "docs" / "importing.md").read_text()
    assert f"`{name}`" in page
