"""Filters and splits on a made-up support desk: nothing leaks, nothing is lost, and refusals say why."""

from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpus import TOPICS, examples, run_stages, spec

from analytics.errors import DataMissing, QualityGateFailed
from pipeline.examples import EXAMPLES

NAMES = ("train", "tune", "calibrate", "test", "traffic")


def split(folder, table, plan=None):
    inputs = run_stages(folder, table, plan or spec(), "filter", "split")
    return {name: pq.read_table(inputs.folders["split"] / f"{name}.parquet") for name in NAMES}


def changed(table, places, **values):
    rows = table.to_pylist()
    for place in places:
        rows[place] |= values
    return pa.Table.from_pylist(rows, schema=EXAMPLES)


def test_every_row_is_kept_or_dropped_with_a_reason(tmp_path):
    table = changed(examples(), range(0, 50), status="failure", output_text=None)
    inputs = run_stages(tmp_path, table, spec(), "filter")
    rows = pq.read_table(inputs.folders["filter"] / "rows.parquet")
    dropped = pq.read_table(inputs.folders["filter"] / "dropped.parquet").to_pylist()
    unusable = [row for row in dropped if row["scope"] == "usable"]
    assert len(rows) + len(unusable) == len(table)
    assert {row["reason"] for row in unusable} == {"failed_call"}
    flagged = sum(reason is not None for reason in rows["drop_reason"].to_pylist())
    assert flagged == len(dropped) - len(unusable) > 0


def test_only_learning_rows_are_kept_from_training(tmp_path):
    inputs = run_stages(tmp_path, examples(), spec(), "filter")
    rows = pq.read_table(inputs.folders["filter"] / "rows.parquet").to_pylist()
    assert {row["period"] for row in rows if row["drop_reason"]} <= {"train", "tune"}


def test_what_trains_does_not_depend_on_the_future(tmp_path):
    table = examples()
    last = range(len(table) - 100, len(table))
    other = changed(table, last, output_text="address")
    one, two = split(tmp_path / "one", table), split(tmp_path / "two", other)
    assert one["train"].drop_columns("group").equals(two["train"].drop_columns("group"))


def test_periods_follow_one_another(tmp_path):
    parts = split(tmp_path, examples())
    ends = [parts[name]["requested_at"].to_pylist() for name in ("train", "tune", "calibrate", "traffic")]
    for earlier, later in pairwise(ends):
        assert max(earlier) < min(later)


def test_no_near_duplicate_of_an_earlier_row_is_in_the_test(tmp_path):
    parts = split(tmp_path, examples())
    earlier = {group for name in ("train", "tune", "calibrate") for group in parts[name]["group"].to_pylist()}
    assert not earlier & set(parts["test"]["group"].to_pylist())
    assert earlier & set(parts["traffic"]["group"].to_pylist()), "traffic keeps its repeats"


def test_calls_of_one_instant_stay_together(tmp_path):
    table = examples()
    moment = table["requested_at"][720]
    parts = split(tmp_path, changed(table, range(700, 740), requested_at=moment.as_py()))
    times = {name: set(parts[name]["requested_at"].to_pylist()) for name in ("train", "tune", "calibrate", "traffic")}
    assert sum(moment.as_py() in found for found in times.values()) == 1


def pairs(table, role="pairs-train"):
    return changed(table, range(len(table)), requested_at=None, role=role)


def test_pairs_are_dealt_out_by_whole_groups(tmp_path):
    parts = split(tmp_path, pairs(examples()))
    groups = [set(parts[name]["group"].to_pylist()) for name in ("train", "tune", "calibrate", "traffic")]
    assert sum(map(len, groups)) == len(set().union(*groups))
    assert 0.1 < len(parts["traffic"]) / 900 < 0.3


def test_a_test_set_of_ones_own_is_kept_as_it_is(tmp_path):
    own = pairs(examples(200, seed=8), role="pairs-test")
    inputs = run_stages(tmp_path, pa.concat_tables([pairs(examples()), own]), spec(), "filter", "split")
    parts = {name: pq.read_table(inputs.folders["split"] / f"{name}.parquet") for name in NAMES}
    assert len(parts["test"]) == len(parts["traffic"]) == 200
    tested = set(parts["test"]["form"].to_pylist())
    assert all(not tested & set(parts[name]["form"].to_pylist()) for name in ("train", "tune", "calibrate"))


def test_the_same_rows_give_the_same_files(tmp_path):
    table = examples()
    for name in ("one", "two"):
        run_stages(tmp_path / name, table, spec(), "filter", "split")
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert files
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in files)


def test_slips_are_compared_in_plain_form_and_never_train(tmp_path):
    table = changed(examples(), range(5, 25), output_text="Category: refund")
    rows = pq.read_table(run_stages(tmp_path, table, spec(), "filter").folders["filter"] / "rows.parquet").to_pylist()
    slips = [row for row in rows if row["output_text"].startswith("Category")]
    assert {(row["label"], row["drop_reason"]) for row in slips} == {("refund", "malformed_answer")}


def test_no_usable_row_is_data_missing(tmp_path):
    with pytest.raises(DataMissing, match="none of 900 rows"):
        run_stages(tmp_path, examples(status="failure"), spec(), "filter")


def test_too_few_rows_are_refused_with_numbers(tmp_path):
    with pytest.raises(QualityGateFailed, match=r"train: \d+ rows, 100 needed"):
        split(tmp_path, examples(60))


def test_free_text_is_refused(tmp_path):
    rows = [row | {"output_text": f"Dear customer {place}"} for place, row in enumerate(examples().to_pylist())]
    with pytest.raises(QualityGateFailed, match="answers of kind 'text'"):
        split(tmp_path, pa.Table.from_pylist(rows, schema=EXAMPLES))


def test_one_answer_for_everything_is_refused(tmp_path):
    with pytest.raises(QualityGateFailed, match="nothing to learn"):
        split(tmp_path, examples(output_text="refund"))


def test_the_desk_has_all_its_topics():
    assert set(examples()["output_text"].to_pylist()) == set(TOPICS)
