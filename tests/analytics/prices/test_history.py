"""Synced snapshots: changed prices get a new first day, and what was in force stays as it was."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import InputError, UnknownName
from analytics.price_diff import compare
from analytics.price_history import find_snapshot, folded, read_files, snapshots, sync
from analytics.price_snapshot import find_sources
from analytics.prices import SNAPSHOT, Asked, PriceBook
from analytics.workspace import Workspace

GENAI = [
    {
        "id": "openai", "name": "OpenAI", "model_match": {"starts_with": "gpt-"},
        "models": [
            {
                "id": "gpt-4o", "match": {"starts_with": "gpt-4o"},
                "prices": {"input_mtok": 1.25, "output_mtok": 10, "cache_read_mtok": 1.25},
            },
            {
                "id": "o3", "match": {"equals": "o3"},
                "prices": [
                    {"prices": {"input_mtok": 10, "output_mtok": 40, "cache_read_mtok": 0.5}},
                    {"constraint": {"start_date": "2025-06-10"}, "prices": {"input_mtok": 2, "output_mtok": 8}},
                    {"constraint": {"start_date": "2026-12-01"}, "prices": {"input_mtok": 1, "output_mtok": 4}},
                    {"constraint": {"start_date": "2027-03-01"}, "prices": {"input_mtok": 0.5, "output_mtok": 4}},
                ],
            },
            {"id": "gpt-new", "match": {"equals": "gpt-new"}, "prices": {"input_mtok": {"base": 1, "tiers": [{"start": 128000, "price": 2}]}, "output_mtok": 3}},
        ],
    }
]  # fmt: skip
LITELLM = {
    "daybreak-blue-latest": {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 8e-7, "output_cost_per_token": 4e-7},
}  # fmt: skip


@pytest.fixture
def synced(tmp_path):
    for name, value in (("genai.json", GENAI), ("litellm.json", LITELLM)):
        (tmp_path / name).write_text(json.dumps(value))
    workspace = Workspace(tmp_path / "home")
    sources = find_sources(tmp_path / "genai.json", tmp_path / "litellm.json")
    return workspace, sync(workspace, sources, date(2026, 12, 20)), sources


def starts(book, model):
    rows = book.rows_for([("openai", model)]).to_pylist()
    return [
        (row["priced_from"].date().isoformat(), float(row["in_usd"] * 1_000_000))
        for row in rows
        if row["input_above_tokens"] < 0
    ]


def test_a_changed_price_holds_from_the_day_of_the_snapshot_or_the_day_that_the_list_names(synced):
    book = PriceBook.of(synced[0])
    assert synced[1].snapshot == "2026-12-20" and synced[1].is_new
    assert starts(book, "gpt-4o") == [("1970-01-01", 2.5), ("2026-12-20", 1.25)]
    assert starts(book, "o3") == [("1970-01-01", 10), ("2025-06-10", 2), ("2026-12-01", 1), ("2027-03-01", 0.5)]
    assert starts(book, "daybreak-blue-latest") == [("1970-01-01", 4), ("2026-12-20", 0.8)]
    assert starts(book, "gpt-new") == [("1970-01-01", 1)]
    assert starts(book, "gpt-4.1") == [("1970-01-01", 2)]  # vanished: old calls keep their price
    assert PriceBook.load().snapshot_date == date(2026, 11, 24)


def test_the_same_lists_again_add_nothing(synced):
    workspace, first, sources = synced
    again = sync(workspace, sources, date(2026, 12, 27))
    assert not again.is_new and again.snapshot == first.snapshot
    assert list(snapshots(workspace)) == ["shipped", "2026-12-20"]


def test_history_is_not_written_backwards(synced):
    with pytest.raises(InputError, match="rewrite history"):
        sync(synced[0], synced[2], date(2026, 12, 1))
    with pytest.raises(UnknownName, match="shipped"):
        find_snapshot(synced[0], "2020-01-01")


def test_what_changed_appeared_and_vanished(synced):
    changes = compare(SNAPSHOT, find_snapshot(synced[0], "2026-12-20"))
    by_model = {(one.model, one.tier, one.rate): one for one in changes}
    assert by_model["openai/gpt-4o", "standard", "in"].percent == -50
    assert by_model["openai/o3", "standard", "in"].percent == -50
    assert by_model["openai/gpt-new", None, "in"].change == "appeared"
    assert by_model["openai/gpt-4.1", None, "in"].change == "vanished"
    assert compare(SNAPSHOT, SNAPSHOT) == []


@pytest.mark.parametrize("text", ["{}", "[1]", "no json"])
def test_a_file_that_is_no_price_list_is_named(tmp_path, text):
    file = tmp_path / "list.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"list\.json"):
        find_sources(genai=file, litellm=file)


prices = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(["2026-10-01", "2026-11-10", "2026-12-10", "2027-02-01"])), max_size=4
)


@settings(deadline=None)
@given(before=prices, after=prices)
def test_rows_that_were_in_force_are_never_rewritten(before, after):
    def file(listed):
        rows = [{"from": None, "in": "100", "out": "1"}]
        rows += [
            {"from": day, "in": str(usd), "out": "1"} for day, usd in sorted({day: usd for usd, day in listed}.items())
        ]
        return {"p": {"index": {}, "models": [{"id": "m", "match": {"equals": "m"}, "prices": rows}]}}

    earlier, day = date(2026, 11, 24), date(2026, 12, 20)
    merged = folded(file(before), file(after), earlier, day)["p"]["models"][0]["prices"]
    old = [row for row in file(before)["p"]["models"][0]["prices"] if (row["from"] or "") <= earlier.isoformat()]
    assert merged[: len(old)] == old
    days = [row["from"] or "" for row in merged]
    assert days == sorted(set(days))
    current = [row for row in file(after)["p"]["models"][0]["prices"] if (row["from"] or "") <= day.isoformat()][-1]
    assert [row for row in merged if (row["from"] or "") <= day.isoformat()][-1]["in"] == current["in"]


def test_every_shipped_file_folds_with_itself_to_itself():
    files = read_files(SNAPSHOT)
    again = folded(files, files, date(2026, 11, 24), date(2026, 12, 1))
    assert {name: file.get("models") for name, file in again.items()} == {
        name: file.get("models") or [] for name, file in files.items()
    }
    assert Asked("openai", "o3").tier_key == "standard"
