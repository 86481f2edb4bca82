"""Every filter keeps and drops what its sample says; a filter without a sample fails."""

import json
from pathlib import Path

import pytest
from made_up import desk

from pipeline.examples import Known, Rows
from pipeline.filters import discover, run_filters

HERE = Path(__file__).parent
USUAL = {"status": "success", "truncated": False, "retry": False, "finish_reason": "stop"}
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
    "response_schemas": "response_schema",
}


def sample(name: str) -> tuple[Rows, list[str | None]]:
    """The rows of a filter's sample, and the reason expected for each."""
    path = HERE / name / "sample.json"
    assert path.exists(), f"filter {name} needs a sample in {path}"
    entries = [entry for written in json.loads(path.read_text()) for entry in expand(written)]
    usual = {"form": "input", "label": "output"}
    rows = {column: [entry.get(key, entry.get(usual.get(key))) for entry in entries] for column, key in COLUMNS.items()}
    kind = entries[0].get("answer_kind", "label")
    return Rows(**rows, answer_kind=kind, known=known()), [entry["reason"] for entry in entries]


def expand(entry):
    """A sample's entry as rows: so many times, or so many made-up calls of some topics."""
    if "desk" not in entry:
        return [entry] * entry.get("times", 1)
    calls = zip(*desk(entry["desk"], tuple(entry["topics"]), entry.get("seed", 0)), strict=True)
    own = [{"input": text + entry.get("ending", ""), "output": topic} for text, topic in calls]
    return [USUAL | row | {"group": place} | entry for place, row in enumerate(own)]


def known():
    return Known(tuple(desk(900, ("pin", "fees"))[0]), frozenset({"asked in the test"}), 1)


def test_filters_are_found_cheapest_first_but_for_what_says_which_task_this_is():
    assert list(discover()) == [
        "errors",
        "truncated",
        "in_test_set",
        "redaction",
        "refusals",
        "malformed",
        "foreign",
        "off_schema",
        "length",
        "out_of_vocabulary",
        "low_confidence",
        "conflicting",
        "language",
        "near_duplicates",
        "backdoor",
        "label_noise",
        "user_share",
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
