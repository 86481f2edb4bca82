"""Every filter keeps and drops what its sample says; a filter without a sample fails."""

import json
from pathlib import Path

import pytest

from pipeline.examples import Rows
from pipeline.filters import discover, run_filters

HERE = Path(__file__).parent
COLUMNS = {
    "outputs": "output",
    "labels": "label",
    "inputs": "input",
    "forms": "form",
    "groups": "group",
    "statuses": "status",
    "truncated": "truncated",
    "retries": "retry",
    "finish_reasons": "finish_reason",
    "users": "user",
    "roles": "role",
    "top_logprobs": "top_logprobs",
    "sample_agreements": "sample_agreement",
}


def sample(name: str) -> tuple[Rows, list[str | None]]:
    """The rows of a filter's sample, and the reason expected for each."""
    path = HERE / name / "sample.json"
    assert path.exists(), f"filter {name} needs a sample in {path}"
    entries = [entry for entry in json.loads(path.read_text()) for _ in range(entry.get("times", 1))]
    rows = {column: [entry.get(key, entry["input"]) for entry in entries] for column, key in COLUMNS.items()}
    return Rows(**rows, answer_kind=entries[0].get("answer_kind", "label")), [entry["reason"] for entry in entries]


def test_filters_are_found():
    assert list(discover()) == [
        "errors",
        "truncated",
        "malformed",
        "out_of_vocabulary",
        "conflicting",
        "near_duplicates",
    ]


@pytest.mark.parametrize("name", list(discover()))
def test_a_filter_does_what_its_sample_says(name):
    rows, expected = sample(name)
    assert discover()[name].drop(rows) == expected
    assert None in expected, "a sample shows a row that stays"
    assert any(expected), "a sample shows a row that goes"


@pytest.mark.parametrize("name", list(discover()))
def test_a_filter_takes_no_rows(name):
    rows, _ = sample(name)
    assert discover()[name].drop(rows.take([])) == []


def test_a_row_is_dropped_once_and_every_drop_is_counted():
    rows, _ = sample("malformed")
    filtered = run_filters(rows, "trainable")
    dropped = [reason for reason in filtered.reasons if reason is not None]
    assert sum(sum(step.reasons.values()) for step in filtered.funnel) == len(dropped)
    assert filtered.funnel[0].rows_in == len(rows)
    assert filtered.funnel[-1].rows_out == len(rows) - len(dropped)
    for before, after in zip(filtered.funnel, filtered.funnel[1:], strict=False):
        assert before.rows_out == after.rows_in
